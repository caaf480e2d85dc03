"""Opening, writing, closing, handing over. Conversations are named by their external id."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.utils.translation import gettext as _

from agents.errors import Conflict, Refused
from agents.models import Shop, SubAccount
from conversations.answering import Answers
from conversations.errors import MessageRefused
from conversations.images import check_image
from conversations.models import Conversation, Message, Rating
from conversations.selectors import answers_of, asks_for_answers
from conversations.services.blocks import (
    asks_for_block,
    asks_for_blocks,
    refuse_blocked_buyer,
    refuse_blocked_writer,
)
from conversations.services.files import staged_image
from conversations.services.messages import add_message, check_message, check_time, find_message, find_repeated
from conversations.services.ratings import rate_conversation as keep_rating
from conversations.states import ClosedBy, Kind, Sender, State, Unwritten
from core.uploads import CleanImage
from core.uploads.files import StagedFile
from routing.engine import events
from routing.engine.types import Decision
from routing.services.answering import begin_wait, converse, greet, respond, robot_answers
from routing.services.lane import Work, check_known, in_lane
from routing.services.writing import unchanged


@dataclass(frozen=True)
class Opened:
    """`created` is false where the conversation was there: the same id again, or the buyer's open one (G18)."""

    conversation: Conversation
    created: bool
    decisions: tuple[Decision, ...]


def open_conversation(
    *,
    shop: Shop,
    buyer: str,
    external_id: str | None = None,
    entry: str | None = None,
    question: str | None = None,
    order_status: str | None = None,
    robot: bool | None = None,
    message: bool = True,
    again: bool = False,
    now: datetime | None = None,
) -> Opened:
    """A buyer opens a conversation (CONTRACT 2, `open`); it is decided at once unless the robot answers first.

    `robot`: whether it does; None: as the shop has set. A new conversation is greeted if the shop greets.
    `message`: opening is also the buyer's first message. `again`: an id opened before answers with its
    conversation and changes nothing, instead of Refused `duplicate_conversation`; Conflict `external_id_taken` where
    that one is another buyer's. Other refusals: `unknown_entry`, `unknown_order_status`, `buyer_blocked`.
    """
    name = external_id or uuid4().hex
    also = [asks_for_answers(shop), asks_for_block(shop, buyer)]
    with in_lane(shop, now, conversation=name, opens_for=buyer, also=also) as work:
        if again and (known := work.state.find(name)) is not None:
            _check_buyer(known.buyer, buyer)
            return Opened(work.row(known.id), created=False, decisions=())
        refuse_blocked_buyer(shop, buyer, work.at, work.ahead)
        answers = answers_of(shop, work.ahead)
        robot = robot_answers(work, answers) if robot is None else robot
        opening = events.Open(name, buyer, entry, question, order_status, robot, message)
        decisions = work.happen(opening)
        conversation = work.state.find(name)
        if conversation is None:
            raise AssertionError("an opened conversation is there")
        row, created = work.row(conversation.id), conversation.id == name
        if created:
            greet(work, row, answers)
        return Opened(row, created=created, decisions=tuple(decisions))


def _check_buyer(known: str, given: str) -> None:
    """Raise Conflict unless a conversation that is there under the id is with the buyer who opens it."""
    if known != given:
        words = _("Another buyer's conversation has this id.")
        raise Conflict("external_id_taken", words, field="external_id")


def ask_human(*, shop: Shop, conversation: str, now: datetime | None = None) -> list[Decision]:
    """The buyer asks the robot for a human, and waits for one from now on. Refused: `not_with_robot`."""
    with in_lane(shop, now, conversation=conversation) as work:
        decisions = work.happen(events.AskHuman(conversation))
        begin_wait(work, _row_of(work, conversation), Unwritten.ASK_HUMAN)
        return decisions


def _row_of(work: Work, conversation: str) -> Conversation:
    """The row of a conversation that an event has just been about, under any of its names."""
    found = work.state.find(conversation)
    if found is None:
        raise AssertionError("a conversation that something happened in is there")
    return work.row(found.id)


def post_message(
    *,
    shop: Shop,
    conversation: str,
    sender: Sender,
    author: SubAccount | None = None,
    kind: str = Kind.TEXT,
    text: str = "",
    image: bytes | CleanImage | None = None,
    sent_at: datetime | None = None,
    message_id: str | None = None,
    namespace: str = "",
    hot_question: int | None = None,
    now: datetime | None = None,
) -> tuple[Message, bool]:
    """Write a message into a conversation; (message, whether it is new). The same id again changes nothing.

    `namespace`: whose ids `message_id` is one of, by default programs' (conversations.identities). `author`: who wrote
    an agent's message, by default the holder. `sent_at`: the time on the message, at most its arrival's (METRICS 2).
    `hot_question`: the one that the buyer tapped. The shop's answers follow at once, the robot's apart.
    Refused: `unknown_conversation`, `conversation_closed`, `kind_refused` (PDD11), `message_id_taken`, `buyer_blocked`,
    …. An image is decoded and staged before the lane is entered; Overloaded: too many are at once.
    """
    check_time(sent_at, shop.kept_since)
    read, ask_robot, answers = _decoded(shop, image, message_id, namespace), False, Answers()
    text = text if hot_question is None else _tapped(answers_of(shop), hot_question)
    asks = [asks_for_answers(shop), asks_for_blocks(shop)] if sender == Sender.BUYER else []
    with _staged(read) as staged, in_lane(shop, now, conversation=conversation, also=asks) as work:
        before = work.state.find(conversation)
        found, holder = (None, None) if before is None else (work.row(before.id), before.agent)
        known = find_repeated(conversation=found, sender=sender, message_id=message_id, namespace=namespace)
        if known is not None:
            return known, False
        event = events.Message(conversation, sender, None if author is None else author.name, kind)
        _check(work, event, text=text, image=read)
        work.happen(event)
        row = work.row(before.id if before else conversation)
        if sender == Sender.BUYER:
            refuse_blocked_writer(row, work.at, work.ahead)
        message = add_message(
            conversation=row,
            sender=sender,
            author=author or _holder(shop, sender, holder),
            kind=kind,
            text=text,
            sent_at=sent_at or work.at,
            received_at=work.at,
            seq=work.state.event,
            message_id=message_id,
            namespace=namespace,
            image=staged,
        )
        work.said(row, message)
        if sender == Sender.BUYER:
            answers = answers_of(shop, work.ahead)
            ask_robot = respond(work, row, message, answers)
    if ask_robot:
        converse(shop, message, answers, now)
    return message, True


def _decoded(
    shop: Shop, image: bytes | CleanImage | None, message_id: str | None, namespace: str
) -> CleanImage | MessageRefused | None:
    """Decode the image, but not one that went in before: whose that is, is looked at in the lane."""
    if image is None or find_message(shop_id=shop.pk, message_id=message_id, namespace=namespace) is not None:
        return None
    return _read_image(image)


def _holder(shop: Shop, sender: Sender, holder: str | None) -> SubAccount | None:
    """Who wrote an agent's message of which nobody says so: whoever held the conversation."""
    if sender != Sender.AGENT or holder is None:
        return None
    return SubAccount.objects.for_shop(shop).get(name=holder)


def _tapped(answers: Answers, hot_question: int) -> str:
    found = answers.hot_question(hot_question)
    if found is None:
        raise Refused("unknown_hot_question", f"no hot question {hot_question}", field="hot_question", status=422)
    return found.ask


def _read_image(image: bytes | CleanImage) -> CleanImage | MessageRefused:
    """Decode the image before the lane is entered; a refusal is kept, as the conversation's own come first."""
    if isinstance(image, CleanImage):
        return image
    try:
        return check_image(image)
    except MessageRefused as refused:
        return refused


def _staged(image: CleanImage | MessageRefused | None) -> AbstractContextManager[StagedFile | None]:
    """The image on disk, written before the lane is entered: a slow disk holds up no other event of the shop."""
    return staged_image(image) if isinstance(image, CleanImage) else nullcontext()


def _check(work: Work, event: events.Message, *, text: str, image: CleanImage | MessageRefused | None) -> None:
    """Raise what is wrong with the message. What is wrong with the conversation is said first, by the engine; so is a
    kind that nobody takes."""
    found = work.state.find(event.conversation)
    if event.kind not in set(Kind) or found is None or found.closed_at is not None:
        return
    check_message(kind=event.kind, text=text, has_image=image is not None)
    if isinstance(image, MessageRefused):
        raise image


def close_conversation(*, shop: Shop, conversation: str, by: ClosedBy, now: datetime | None = None) -> Conversation:
    """End a conversation; its place is free at once (G7)."""
    with in_lane(shop, now, conversation=conversation) as work:
        work.happen(events.Close(conversation, by))
        return _row_of(work, conversation)


def rate_conversation(
    *, conversation: Conversation, satisfied: bool, word: str = "", now: datetime | None = None
) -> Rating:
    """A buyer's rating of a conversation that is over, with an event for the screens; no rule looks at it. Refusals as
    `conversations.services.ratings.rate_conversation`."""
    with in_lane(conversation.shop, now) as work:
        rating = keep_rating(conversation=conversation, satisfied=satisfied, word=word, now=work.at)
        told = {"conversation": conversation.pk, "satisfied": satisfied}
        changed = [unchanged(rating.conversation)]
        work.announce("rating", {"conversations": changed, "agents": [], "rating": told})
        return rating


def transfer_conversation(
    *, shop: Shop, conversation: str, by: str, to: str, reason: str | None = None, now: datetime | None = None
) -> Decision:
    """Hand a conversation over, a waiting one too, over the cap too (G8). `by` and `to` are account names.

    Taken from the robot while its buyer waits for an answer, it waits for a person from now on (METRICS 2).
    Refused: `forbidden`, `target_not_agent`, `target_offline`, `already_holder`, `unknown_agent`.
    """
    with in_lane(shop, now, conversation=conversation) as work:
        check_known(work, by=by, to=to)
        before = work.state.find(conversation)
        waits = before is not None and before.state == State.ROBOT and before.unanswered_since is not None
        decisions = work.happen(events.Transfer(conversation, by, to, reason))
        if waits:
            begin_wait(work, _row_of(work, conversation), Unwritten.TAKEN_OVER)
        return decisions[0]
