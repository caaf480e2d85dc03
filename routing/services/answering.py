"""What a shop answers by itself, live: automatic messages in the transaction of what called for them, the robot after.

The robot is asked outside the lane, when the buyer's message is safe: it may be slow, and the shop goes on. What it
said is written in the lane again, if the buyer is still with it. `hand_over_forgotten` finds whom a crash in between
left without an answer.
"""

import logging
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from agents.models import Shop
from agents.shifts import keeps_plan, on_duty
from conversations.answering import Answers, Automatic, Part, When, asks_for_human
from conversations.models import AnswerPart, Conversation, Message
from conversations.robots import Question, Reply, RobotFailed, ask
from conversations.selectors import earlier_turns
from conversations.services.messages import add_message, pass_on
from conversations.states import UNWRITTEN_TEXTS, Kind, Sender, State, Unwritten
from routing.engine import events
from routing.services.lane import Work, in_lane

logger = logging.getLogger(__name__)

FORGOTTEN = timedelta(minutes=2)
"""After so long without an answer a buyer who is with our robot is given to a person."""


def robot_answers(work: Work, answers: Answers) -> bool:
    """Whether the shop's own robot is the one to answer now."""
    robot = answers[Part.ROBOT]
    if not robot.on:
        return False
    return robot.when == When.ALWAYS or not staffed(work)


def staffed(work: Work) -> bool:
    """Whether it is a staffed hour: by the shop's plan of shifts where it keeps one, else by who is online."""
    if keeps_plan(work.shop):
        return bool(on_duty(work.shop, work.at))
    return bool(work.state.online)


def greet(work: Work, row: Conversation, answers: Answers) -> None:
    """The greeting, once an opening; that our robot is to answer is noted."""
    if row.state == State.ROBOT and robot_answers(work, answers):
        row.robot_misses = 0
        row.save(update_fields=["robot_misses"])
    if answers.greeting is not None:
        _say(work, row, answers.greeting)


def respond(work: Work, row: Conversation, message: Message, answers: Answers) -> bool:
    """What a buyer's message brings at once; whether the robot is to be asked about it.

    With our robot, a person takes over if the buyer asks for one, or if it is not the robot's hour any more. Its own
    rules come before the hot questions and the menu there: its answers may count, theirs never do (M13).
    """
    with_robot = row.state == State.ROBOT and row.robot_misses is not None
    if with_robot and (_wants_human(message, answers) or not robot_answers(work, answers)):
        _hand_over(work, row, message)
        with_robot = False
    if message.kind == Kind.ORDER_CARD and answers.menu is not None:
        _say(work, row, answers.menu)
        return False
    if with_robot:
        return True
    fitting = answers.to_text(message.text) if message.kind == Kind.TEXT else None
    if fitting is not None:
        _say(work, row, fitting)
    return False


def _wants_human(message: Message, answers: Answers) -> bool:
    return message.kind == Kind.TEXT and asks_for_human(answers[Part.ROBOT], message.text)


def converse(shop: Shop, message: Message, answers: Answers, now: datetime | None) -> None:
    """Ask the robot about a message that is written already, and write what comes of it."""
    row = Conversation.objects.select_related("buyer").get(shop=shop, pk=message.conversation_id)
    question = Question(
        shop=shop.slug,
        conversation=row.external_id,
        buyer=row.buyer.external_id,
        text=message.text,
        kind=message.kind,
        rules=answers[Part.ROBOT].items,
        earlier=earlier_turns(row, message),
    )
    try:
        reply = ask(question)
    except RobotFailed:
        logger.exception("The robot of shop %s failed; a person takes over", shop.slug)
        reply = Reply(hand_over=True)
    with in_lane(shop, now) as work:
        found = work.state.find(row.external_id)
        if found is not None and found.state == State.ROBOT:
            _take_up(work, work.row(found.id), message, answers, reply)


def _take_up(work: Work, row: Conversation, message: Message, answers: Answers, reply: Reply | None) -> None:
    fitting = answers.to_text(message.text) if reply is None and message.kind == Kind.TEXT else None
    if fitting is not None:
        _say(work, row, fitting)
        return
    robot = answers[Part.ROBOT]
    misses = (row.robot_misses or 0) + 1 if reply is None else 0
    row.robot_misses = misses
    row.save(update_fields=["robot_misses"])
    said = reply.text if reply is not None else robot.text if misses < robot.misses else ""
    if said:
        _say(work, row, Automatic(Part.ROBOT, said))
    if misses >= robot.misses or (reply is not None and reply.hand_over):
        _hand_over(work, row, message)


def _hand_over(work: Work, row: Conversation, message: Message) -> None:
    """To the people, by the rules; the message that brought it waits for one of them from now on."""
    work.happen(events.AskHuman(row.external_id))
    pass_on(message=message, seq=work.state.event)


def begin_wait(work: Work, row: Conversation, how: Unwritten) -> None:
    """Write the buyer's message that waits for a person where no words of theirs do (METRICS 2, "Robot to human").

    It belongs to the event that has just taken the conversation from the robot, and counts like any other question.
    """
    message = add_message(
        conversation=row,
        sender=Sender.BUYER,
        author=None,
        kind=Kind.TEXT,
        text=UNWRITTEN_TEXTS[how],
        sent_at=work.at,
        received_at=work.at,
        seq=work.state.event,
        automatic=how.value,
    )
    work.said(row, message)


def _say(work: Work, row: Conversation, automatic: Automatic) -> None:
    """Write a message of ours and its event."""
    sender = Sender.ROBOT if automatic.part == Part.ROBOT else Sender.AUTO
    work.happen(events.Message(row.external_id, sender))
    message = add_message(
        conversation=row,
        sender=sender,
        author=None,
        kind=Kind.TEXT,
        text=automatic.text,
        sent_at=work.at,
        received_at=work.at,
        seq=work.state.event,
        automatic=automatic.part,
    )
    work.said(row, message)


def forgotten(shop: Shop, now: datetime | None = None) -> QuerySet[Message]:
    """What our robot owes an answer to for too long: the process that asked it is gone, or nobody ever asked it."""
    later = Message.objects.filter(conversation=OuterRef("conversation"), seq__gt=OuterRef("seq"))
    with_robot = Conversation.objects.for_shop(shop).filter(state=State.ROBOT, robot_misses__isnull=False)
    rows = Message.objects.filter(conversation__in=with_robot, sender=Sender.BUYER)
    overdue = rows.filter(received_at__lte=(now or timezone.now()) - FORGOTTEN)
    return overdue.exclude(Exists(later)).select_related("conversation")


def hand_over_forgotten(*, shop: Shop, now: datetime | None = None) -> int:
    """Give them to a person; how many. Safe to run twice: it looks inside the lane."""
    given = 0
    with in_lane(shop, now) as work:
        for message in forgotten(shop, work.at):
            found = work.state.find(message.conversation.external_id)
            if found is not None and found.state == State.ROBOT:
                _hand_over(work, work.row(found.id), message)
                given += 1
    return given


def shops_with_robot() -> list[int]:
    """Keys of the shops that have ever set a robot up."""
    return list(AnswerPart.objects.filter(part=Part.ROBOT).values_list("shop_id", flat=True))
