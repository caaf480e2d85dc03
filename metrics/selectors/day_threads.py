"""The messages of a shop day as the formulas want them, a few hundred conversations at a time: for counting and for the
day's detail. Reads only."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Q, Subquery

from agents.models import Shop
from conversations.models import Conversation, Message
from conversations.states import Sender
from metrics.formulas.days import day_end, day_start
from metrics.formulas.definitions import Definition
from metrics.formulas.holders import Holding, charged_moment, holder_at
from metrics.formulas.streaks import Said, Streak, find_streaks, in_order
from metrics.formulas.units import Wait
from routing.models import Decision

CHUNK = 400
"""Conversations in memory at once; more only where one buyer has more on a day."""

FIELDS = ("conversation_id", "sent_at", "sender", "identity", "author_id", "to_robot")


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation as far as the day needs it: messages in order, and its decisions if it has any."""

    conversation: int
    buyer: int
    ordered: Sequence[Said]
    holdings: Sequence[Holding]


def day_chunks(shop: Shop, day: date, now: datetime) -> Iterator[dict[int, int]]:
    """{conversation: buyer} of those in which a buyer wrote on `day`; a buyer's are never parted."""
    pairs = (
        Message.objects.filter(
            shop=shop,
            sender=Sender.BUYER,
            sent_at__gte=day_start(day, shop.zone),
            sent_at__lt=day_end(day, shop.zone),
            sent_at__lte=now,
        )
        .order_by("conversation__buyer_id", "conversation_id")
        .values_list("conversation__buyer_id", "conversation_id")
        .distinct()
    )
    chunk: dict[int, int] = {}
    last_buyer = None
    for buyer, conversation in pairs.iterator(chunk_size=2000):
        if len(chunk) >= CHUNK and buyer != last_buyer:
            yield chunk
            chunk = {}
        chunk[conversation] = buyer
        last_buyer = buyer
    if chunk:
        yield chunk


def day_threads(
    shop: Shop, day: date, chunk: dict[int, int], definitions: Sequence[Definition], now: datetime
) -> list[Thread]:
    start = day_start(day, shop.zone)
    longest = timedelta(seconds=max(d.threshold_seconds for d in definitions))
    horizon = day_end(day, shop.zone) + longest
    said = _said(Q(conversation_id__in=chunk, sent_at__gte=start, sent_at__lte=min(horizon, now)))
    unsettled = [c for c in chunk if not _answered_at_end(said[c])]
    for conversation, more in _said(Q(pk__in=_neighbours(unsettled, start, horizon, now))).items():
        said[conversation].extend(more)
    holdings = _holdings(shop, chunk)
    return [Thread(c, buyer, in_order(said[c]), holdings.get(c, [])) for c, buyer in chunk.items()]


def _said(which: Q) -> dict[int, list[Said]]:
    said: dict[int, list[Said]] = defaultdict(list)
    for conversation, sent_at, sender, identity, author, to_robot in Message.objects.filter(which).values_list(*FIELDS):
        said[conversation].append(Said(sent_at, sender, identity, author, to_robot))
    return said


def _answered_at_end(messages: list[Said]) -> bool:
    """Whether a person's answer is the last word, so that nothing outside can settle or own a streak of the day."""
    talk = [m for m in in_order(messages) if m.sender in (Sender.BUYER, Sender.AGENT)]
    return bool(talk) and talk[-1].sender == Sender.AGENT


def _neighbours(conversations: list[int], start: datetime, horizon: datetime, now: datetime) -> list[int]:
    """Keys of the messages outside the loaded time that settle whose a streak is, or when it was answered at last:
    the agent's before, the agent's and the robot's after."""
    here = Message.objects.filter(conversation=OuterRef("pk"))
    later = here.filter(sent_at__gt=horizon, sent_at__lte=now).order_by("sent_at", "identity")
    rows = (
        Conversation.objects.filter(pk__in=conversations)
        .annotate(
            before=Subquery(
                here.filter(sender=Sender.AGENT, sent_at__lt=start).order_by("-sent_at", "-identity").values("pk")[:1]
            ),
            person=Subquery(later.filter(sender=Sender.AGENT).values("pk")[:1]),
            robot=Subquery(later.filter(sender=Sender.ROBOT).values("pk")[:1]),
        )
        .order_by()
        .values_list("before", "person", "robot")
    )
    return [pk for row in rows for pk in row if pk is not None]


def _holdings(shop: Shop, chunk: dict[int, int]) -> dict[int, list[Holding]]:
    found: dict[int, list[Holding]] = defaultdict(list)
    decisions = Decision.objects.filter(shop=shop, conversation_id__in=chunk).order_by("conversation_id", "number")
    for conversation, at, outcome, agent in decisions.values_list("conversation_id", "at", "outcome", "agent_id"):
        found[conversation].append(Holding(at, agent if outcome in ("assigned", "offline") else None))
    return found


def day_waits(
    threads: Sequence[Thread], day: date, definition: Definition, now: datetime, zone: ZoneInfo
) -> Iterator[Wait]:
    threshold = timedelta(seconds=definition.threshold_seconds)
    for thread in threads:
        for streak in find_streaks(thread.ordered, definition, zone):
            if streak.day == day:
                yield Wait(streak, thread.buyer, thread.conversation, _charged(thread, streak, threshold, now))


def _charged(thread: Thread, streak: Streak, threshold: timedelta, now: datetime) -> int | None:
    return holder_at(thread.ordered, thread.holdings, charged_moment(streak, threshold, now))
