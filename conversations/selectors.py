"""Reading a shop's automatic answers, for the lane, the screens and the buyer's chat."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise

from agents.models import Shop
from config.statements import Ahead, Question, Rows
from conversations.answering import EMPTY, Answers, Content, How, Item, Part, When
from conversations.labels import ANSWER_PARTS
from conversations.models import AnswerItem, AnswerPart, Block, Buyer, BuyerAddress, Conversation, Message
from conversations.robots import Turn
from conversations.states import Kind, Sender

ORDER_BY_CARD = Q(order_status__in=("", "none")) & Exists(
    Message.objects.filter(conversation=OuterRef("pk"), sender=Sender.BUYER, kind=Kind.ORDER_CARD).order_by()
)
"""An annotation of conversations: it was opened about no order, and the buyer has sent one since."""

TURNS = 20
"""How much of what was said before a robot is told."""


def asks_for_answers(shop: Shop) -> Question:
    """What `answers_of` asks first, for who asks other things with it."""
    return _parts, shop.pk


def answers_of(shop: Shop, ahead: Ahead | None = None) -> Answers:
    """All four parts: one query for a shop that has set nothing, else two; one fewer if asked `ahead`."""
    rows = _parts(shop.pk) if ahead is None else ahead.all(_parts, shop.pk)
    if not rows:
        return Answers()
    items: dict[int, list[Item]] = {row.pk: [] for row in rows}
    for item in AnswerItem.objects.filter(shop=shop).order_by("part", "position"):
        items[item.part_id].append(Item(item.ask, item.answer, How(item.how), item.on, item.pk))
    return Answers(dict(EMPTY) | {Part(row.part): content_of(row, tuple(items[row.pk])) for row in rows})


_parts = Rows(AnswerPart, lambda shop: AnswerPart.objects.filter(shop=shop).order_by())


def content_of(row: AnswerPart, items: tuple[Item, ...]) -> Content:
    return Content(row.on, row.text, items, When(row.robot_when), row.robot_misses, row.robot_human_words)


def part_rows(shop: Shop) -> dict[Part, AnswerPart]:
    """Who saved which part last, and the token that a form of it carries."""
    rows = AnswerPart.objects.filter(shop=shop).select_related("saved_by")
    return {Part(row.part): row for row in rows}


@dataclass(frozen=True, slots=True)
class PartState:
    """`count`: how many questions, labels or rules answer (a rule that is off does not)."""

    part: Part
    on: bool
    count: int
    when: When | None = None
    """Of the robot alone."""

    @property
    def label(self) -> str | Promise:
        return ANSWER_PARTS[self.part]


def answers_overview(shop: Shop) -> list[PartState]:
    """Greeting, hot questions, menu and robot, in this order: what is on, and with how much in it."""
    return states_of(answers_of(shop))


def states_of(answers: Answers) -> list[PartState]:
    return [
        PartState(
            part,
            answers[part].on,
            sum(item.on for item in answers[part].items),
            answers[part].when if part == Part.ROBOT else None,
        )
        for part in Part
    ]


def hot_questions(shop: Shop) -> list[Item]:
    """What the buyer's chat offers to tap; empty while they are off. Posted as `hot_question`: the item's `pk`."""
    hot = answers_of(shop)[Part.HOT_QUESTIONS]
    return list(hot.items) if hot.on else []


def earlier_turns(conversation: Conversation, before: Message) -> tuple[Turn, ...]:
    """What was said before a message, the oldest first."""
    rows = Message.objects.filter(conversation=conversation, pk__lt=before.pk).order_by("-pk")
    said = list(rows.values_list("sender", "text")[:TURNS])
    return tuple(Turn(sender, text) for sender, text in reversed(said))


def blocks_of(shop: Shop, *, addresses: bool) -> QuerySet[Block]:
    """The shop's blocks, run out or not, the newest first; `addresses`: also those of addresses."""
    rows = Block.objects.select_related("shop", "buyer", "by").filter(shop=shop)
    return rows if addresses else rows.filter(buyer__isnull=False)


def block_of(buyer: Buyer, now: datetime) -> Block | None:
    """The block that keeps this buyer out now."""
    return in_force(now).filter(buyer=buyer).first()


def in_force(now: datetime) -> QuerySet[Block]:
    """Blocks that hold at this time, of all shops."""
    return Block.objects.filter(Q(until=None) | Q(until__gt=now))


def network_of_buyer(buyer: Buyer) -> str:
    """The network from which the buyer last opened a conversation in the chat; empty where none is known any more."""
    return BuyerAddress.objects.filter(buyer=buyer).values_list("network", flat=True).first() or ""
