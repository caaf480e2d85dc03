"""One conversation's thread, in pieces: messages with what each answer took, decisions between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery

from agents.models import Shop
from conversations.models import Conversation, Message
from conversations.states import Sender
from metrics.formulas.days import day_of
from metrics.formulas.definitions import Definition
from metrics.selectors.clocks import Took, answer_times
from routing.models import Decision
from routing.selectors import decisions_of, thread

PIECE = 50
"""Messages of a thread that are drawn at once; older ones come on scrolling."""

WINDOW = 300
"""So many at the most are drawn again with each new one, however far somebody has let the thread grow."""

BEFORE = 30
"""Messages looked at before a piece, so that its first answer knows since when its buyer had waited."""


@dataclass(frozen=True, slots=True)
class ThreadItem:
    """A message with what it took, or a decision, in order of time; `day` where a new shop day begins."""

    at: datetime
    message: Message | None = None
    took: Took | None = None
    decision: Decision | None = None
    new_day: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """Items in order; `first`: the key of the first message, `more`: whether there are older ones."""

    items: list[ThreadItem]
    first: int | None
    more: bool


def whole_thread(conversation: Conversation, definition: Definition | None) -> Piece:
    """Every message and decision: for the record."""
    return _piece(conversation, definition, list(thread(conversation)), shown=None)


def latest_piece(conversation: Conversation, definition: Definition | None, first: int | None = None) -> Piece:
    """The end of the thread: the last PIECE messages, or all from `first` on where a page already shows those."""
    rows = thread(conversation)
    shown = PIECE
    if first is not None:
        shown = min(max(PIECE, rows.filter(~_before(first)).count()), WINDOW)
    messages = list(rows.order_by("-sent_at", "-pk")[: shown + BEFORE])[::-1]
    return _piece(conversation, definition, messages, shown)


def earlier_piece(conversation: Conversation, definition: Definition | None, before: int) -> Piece:
    """The PIECE messages before the message with this key."""
    rows = thread(conversation).filter(_before(before))
    messages = list(rows.order_by("-sent_at", "-pk")[: PIECE + BEFORE])[::-1]
    until = Message.objects.filter(conversation=conversation, pk=before).values_list("sent_at", flat=True).first()
    return _piece(conversation, definition, messages, PIECE, until)


def _before(pk: int) -> Q:
    """The messages that stand before one in the order of a thread."""
    at = Subquery(Message.objects.filter(pk=pk).values("sent_at"))
    return Q(sent_at__lt=at) | Q(sent_at=at, pk__lt=pk)


def _piece(
    conversation: Conversation,
    definition: Definition | None,
    messages: Sequence[Message],
    shown: int | None,
    until: datetime | None = None,
) -> Piece:
    times = answer_times(conversation.shop, messages, definition)
    kept = messages if shown is None else messages[-shown:]
    more = len(kept) < len(messages)
    items = [ThreadItem(m.sent_at, message=m, took=times.get(m.pk)) for m in kept]
    items += [ThreadItem(d.at, decision=d) for d in _decisions(conversation, kept[0].sent_at if more else None, until)]
    items = _with_days(sorted(items, key=lambda i: (i.at, i.decision is None)), conversation.shop)
    return Piece(items, kept[0].pk if kept else None, more)


def _decisions(conversation: Conversation, since: datetime | None, until: datetime | None) -> QuerySet[Decision]:
    rows = decisions_of(conversation)
    if since is not None:
        rows = rows.filter(at__gte=since)
    return rows if until is None else rows.filter(at__lt=until)


def _with_days(items: Sequence[ThreadItem], shop: Shop) -> list[ThreadItem]:
    found, day = [], None
    for item in items:
        own = day_of(item.at, shop.zone)
        found.append(ThreadItem(item.at, item.message, item.took, item.decision, own != day))
        day = own
    return found


@dataclass(frozen=True, slots=True)
class Visits:
    """How often the buyer has come to this shop, since when, and the conversations before this one, the latest first,
    each with its first words as `asked`."""

    count: int
    first_at: datetime | None
    earlier: list[Conversation]


MOST_EARLIER = 5


def visits_of(conversation: Conversation) -> Visits:
    rows = Conversation.objects.for_shop(conversation.shop).filter(buyer=conversation.buyer)
    found = rows.aggregate(count=Count("pk"), first=Min("opened_at"))
    asked = Message.objects.filter(conversation=OuterRef("pk"), sender=Sender.BUYER, automatic="")
    asked = asked.order_by("sent_at", "pk")
    earlier = rows.filter(opened_at__lt=conversation.opened_at).select_related("holder__account").order_by("-opened_at")
    earlier = earlier.annotate(asked=Subquery(asked.values("text")[:1]))
    return Visits(found["count"], found["first"], list(earlier[:MOST_EARLIER]))
