"""The messages, decisions and ratings of shop days as the formulas want them, a few hundred buyers at a time."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from django.db.models import Case, F, Field, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Length

from agents.models import Shop
from conversations.models import Conversation, Message, Rating
from conversations.states import Sender, State
from metrics.formulas.days import day_end, day_start
from metrics.formulas.streaks import Said, in_order
from metrics.formulas.threads import Thread, Turn
from routing.engine.telling import by_recent_contact
from routing.models import Decision

CHUNK = 1000
"""Buyers in memory at once."""


@dataclass(frozen=True, slots=True)
class Span:
    """Shop days one after the other, as instants. `horizon`: as far as an answer can be in time."""

    shop: Shop
    first: date
    last: date
    now: datetime
    longest: timedelta

    @property
    def start(self) -> datetime:
        return day_start(self.first, self.shop.zone)

    @property
    def end(self) -> datetime:
        return day_end(self.last, self.shop.zone)

    @property
    def horizon(self) -> datetime:
        return self.end + self.longest


@dataclass(slots=True)
class Raw:
    """A buyer's conversations that something happened in; `next_at`: when something dated later than now comes due."""

    threads: list[Thread] = field(default_factory=list)
    next_at: datetime | None = None


def active_buyers(span: Span) -> Iterator[list[int]]:
    """The keys of all who wrote, were written to, dealt out or rated within the days, in pieces."""
    shop, of_days = span.shop, {"at__gte": span.start, "at__lt": span.end}
    said = Message.objects.filter(shop=shop, sent_at__gte=span.start, sent_at__lt=span.end)
    decided, rated = Decision.objects.filter(shop=shop, **of_days), Rating.objects.filter(shop=shop, **of_days)
    # Their conversations first, then the buyers of those: a join row by row takes seven times as long.
    active, *more = (rows.order_by().values_list("conversation", flat=True) for rows in (said, decided, rated))
    conversations = Conversation.objects.filter(shop=shop, pk__in=active.union(*more))
    found = conversations.order_by("buyer").values_list("buyer", flat=True).distinct()
    rows = found.iterator(chunk_size=2000)
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def raw_days(span: Span, buyers: Sequence[int]) -> dict[int, Raw]:
    """By buyer, all that the figures of the span's days follow from; what is dated later than now is left out."""
    within = Q(sent_at__gte=span.start, sent_at__lte=span.horizon)
    said, later = _said(within & Q(shop=span.shop, conversation__buyer__in=buyers), span)
    of_buyers = Q(shop=span.shop, conversation__buyer__in=buyers, at__gte=span.start, at__lt=span.end)
    wanted = {*said, *later}
    wanted |= set(Decision.objects.filter(of_buyers).order_by().values_list("conversation_id", flat=True))
    rated = Rating.objects.filter(of_buyers, at__lte=span.now).values_list("conversation_id", "at", "satisfied")
    ratings = {conversation: (at, satisfied) for conversation, at, satisfied in rated}
    wanted |= ratings.keys()
    ordered = {pk: in_order(said[pk]) for pk in wanted}
    unsettled = [pk for pk, messages in ordered.items() if not _answered_at_end(messages)]
    more, more_later = _said(Q(pk__in=_neighbours(unsettled, span)), span)
    for conversation, messages in more.items():
        ordered[conversation] = in_order([*ordered[conversation], *messages])
    for conversation, at in more_later.items():
        later[conversation] = min(at, later.get(conversation, at))
    turns = _turns(span, wanted)
    found: dict[int, Raw] = defaultdict(Raw)
    for row in _conversations(wanted):
        pk, buyer, entry, status, state, closed_at, imported, holder = row
        closed = closed_at if state == State.CLOSED and not imported and closed_at and closed_at <= span.now else None
        found[buyer].threads.append(
            Thread(pk, buyer, entry, status, ordered[pk], turns.get(pk, ()), closed, holder, ratings.get(pk))
        )
        if pk in later:
            found[buyer].next_at = min(later[pk], found[buyer].next_at or later[pk])
    return found


CONVERSATION = ("pk", "buyer_id", "entry", "order_status", "state", "closed_at", "imported", "holder_id")


def _conversations(wanted: set[int]) -> Iterator[tuple[Any, ...]]:
    rows = Conversation.objects.filter(pk__in=wanted).order_by("pk").values_list(*CONVERSATION)
    return iter(rows)


def _said(which: Q, span: Span) -> tuple[defaultdict[int, list[Said]], dict[int, datetime]]:
    """The messages up to now by conversation, and when the first later one comes due."""
    said: defaultdict[int, list[Said]] = defaultdict(list)
    later: dict[int, datetime] = {}
    # A plain field: of a number that says so, Django has Python look at every single one.
    length = Case(When(sender=Sender.AGENT, then=Length("text")), default=Value(0), output_field=Field())
    rows = (
        Message.objects.filter(which)
        .order_by()
        .values_list("conversation_id", "sent_at", "sender", "identity", "author_id", "to_robot", length)
    )
    now, made = span.now, Said._make
    for row in rows.iterator(chunk_size=5000):
        conversation, sent_at = row[:2]
        if sent_at <= now:
            said[conversation].append(made(row[1:]))
        else:
            later[conversation] = min(sent_at, later.get(conversation, sent_at))
    return said, later


def _answered_at_end(ordered: list[Said]) -> bool:
    """Whether a person's answer is the last word, so that nothing outside can settle or own a streak of the days."""
    talk = (said.sender for said in reversed(ordered) if said.sender in (Sender.BUYER, Sender.AGENT))
    return next(talk, None) == Sender.AGENT


def _neighbours(conversations: list[int], span: Span) -> list[int]:
    """Keys of the messages outside the loaded time that settle whose a streak is, or when it was answered at last:
    the agent's before, the agent's and the robot's after."""
    here = Message.objects.filter(conversation=OuterRef("pk"))
    later = here.filter(sent_at__gt=span.horizon).order_by("sent_at", "identity")
    earlier = here.filter(sender=Sender.AGENT, sent_at__lt=span.start).order_by("-sent_at", "-identity")
    rows = (
        Conversation.objects.filter(pk__in=conversations)
        .annotate(
            before=Subquery(earlier.values("pk")[:1]),
            person=Subquery(later.filter(sender=Sender.AGENT).values("pk")[:1]),
            robot=Subquery(later.filter(sender=Sender.ROBOT).values("pk")[:1]),
        )
        .order_by()
        .values_list("before", "person", "robot")
    )
    return [pk for row in rows for pk in row if pk is not None]


def _turns(span: Span, conversations: set[int]) -> dict[int, list[Turn]]:
    found: dict[int, list[Turn]] = defaultdict(list)
    # The trace is long: it is read only where the rule's id does not say whether it was recent contact (KS1).
    trace = Case(When(rule="KS1", then=F("trace")), default=Value(None))
    rows = (
        Decision.objects.filter(shop=span.shop, conversation_id__in=conversations, at__lte=span.now)
        .order_by("conversation_id", "number")
        .values_list("conversation_id", "at", "trigger", "outcome", "agent_id", "rule", trace)
    )
    for conversation, at, trigger, outcome, agent, rule, steps in rows:
        found[conversation].append(Turn(at, trigger, outcome, agent, by_recent_contact(rule, steps)))
    return found
