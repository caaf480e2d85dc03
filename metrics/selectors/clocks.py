"""Countdowns of open questions, and how long each answer took: the strictest assessed metric, for the screens."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.models import Shop
from conversations.models import Conversation, Message
from conversations.states import Sender, State
from metrics.formulas.days import day_of
from metrics.formulas.definitions import Definition
from metrics.formulas.streaks import Said, Streak, find_streaks, in_order, is_reply
from metrics.selectors.definitions import shop_definitions

LATENESS = timedelta(hours=1)
"""How much older than its arrival a message may be: routing goes by the arrival, the clock by the message."""


@dataclass(frozen=True, slots=True)
class Clock:
    """An open question: when its counted time began, and the whole seconds left of `total` (negative: too late)."""

    asked_at: datetime
    total: int
    left: int

    @property
    def late(self) -> bool:
        return self.left < 0

    @property
    def over(self) -> int:
        """Seconds past the threshold."""
        return max(0, -self.left)


@dataclass(frozen=True, slots=True)
class Took:
    """What an answer was: the seconds that the buyer waited for it (None: nobody waited), whether the metric counts
    it (None: the shop has no assessed metric), and whether it came in time."""

    seconds: int | None
    counted: bool | None
    in_time: bool | None


def strictest(shop: Shop, now: datetime) -> Definition | None:
    """The assessed metric with the least time to answer, today; None where the platform has none yet."""
    assessed = [d for d in shop_definitions(shop).on(day_of(now, shop.zone)) if d.pass_line is not None]
    return min(assessed, key=lambda d: d.threshold_seconds, default=None)


def reply_clocks(
    shop: Shop, conversations: Collection[Conversation], definition: Definition | None, now: datetime
) -> dict[int, Clock]:
    """The countdown of each unanswered conversation with a counted question; one query for all of them.

    A question outside the counted hours has none (M11).
    """
    waiting = {
        row.pk: row.unanswered_since for row in conversations if row.unanswered_since and row.state != State.CLOSED
    }
    if definition is None or not waiting:
        return {}
    messages = _said(waiting.keys(), min(waiting.values()) - LATENESS)
    found = {}
    for pk, since in waiting.items():
        # Opening is the buyer's first message too, and its words may be still on their way (CONTRACT 2).
        said = messages[pk]
        if not any(one.sender == Sender.BUYER for one in said):
            said.append(Said(since, Sender.BUYER, ""))
        clock = _clock(find_streaks(in_order(said), definition, shop.zone), definition, now)
        if clock is not None:
            found[pk] = clock
    return found


def _said(conversations: Iterable[int], since: datetime) -> dict[int, list[Said]]:
    found: dict[int, list[Said]] = defaultdict(list)
    rows = Message.objects.filter(conversation__in=list(conversations), sent_at__gte=since).order_by("sent_at")
    fields = ("conversation_id", "sent_at", "sender", "identity", "author_id", "to_robot")
    for pk, *said in rows.values_list(*fields):
        found[pk].append(Said(*said))
    return found


def _clock(streaks: Sequence[Streak], definition: Definition, now: datetime) -> Clock | None:
    """Of the streak that can still be saved and began first; where all are lost, of the last one."""
    open_ones = [streak.asked_at for streak in streaks if streak.answered_at is None]
    if not open_ones:
        return None
    total = definition.threshold_seconds
    in_time = [at for at in open_ones if (now - at).total_seconds() <= total]
    asked_at = min(in_time) if in_time else max(open_ones)
    return Clock(asked_at, total, total - round((now - asked_at).total_seconds()))


def answer_times(shop: Shop, messages: Sequence[Message], definition: Definition | None) -> dict[int, Took]:
    """For each of our messages of one conversation, by key: how long its buyer had waited, and whether it counts."""
    by_identity = {m.identity: m for m in messages}
    ordered = in_order(Said(m.sent_at, m.sender, m.identity, m.author_id, m.to_robot) for m in messages)
    counted = _counted(ordered, definition, shop)
    found: dict[int, Took] = {}
    asked_at: datetime | None = None
    for said in ordered:
        if said.sender == Sender.BUYER:
            asked_at = asked_at or said.sent_at
            continue
        pk = by_identity[said.identity].pk
        if not _answers(said, definition):
            found[pk] = Took(None, False if definition else None, None)
            continue
        found[pk] = _took(said, asked_at, counted.get(said.sent_at), definition)
        asked_at = None
    return found


def _answers(said: Said, definition: Definition | None) -> bool:
    return said.sender == Sender.AGENT if definition is None else is_reply(said, definition)


def _counted(ordered: Sequence[Said], definition: Definition | None, shop: Shop) -> dict[datetime, datetime]:
    """{when answered: when asked} of the counted streaks; of several that one answer ended, the first asked."""
    found: dict[datetime, datetime] = {}
    for streak in find_streaks(ordered, definition, shop.zone) if definition else ():
        if streak.answered_at is not None:
            found[streak.answered_at] = min(streak.asked_at, found.get(streak.answered_at, streak.asked_at))
    return found


def _took(said: Said, asked_at: datetime | None, counted_from: datetime | None, definition: Definition | None) -> Took:
    if asked_at is None:
        return Took(None, None, None)
    if definition is None:
        return Took(round((said.sent_at - asked_at).total_seconds()), None, None)
    if counted_from is None:
        return Took(round((said.sent_at - asked_at).total_seconds()), False, None)
    seconds = round((said.sent_at - counted_from).total_seconds())
    return Took(seconds, True, seconds <= definition.threshold_seconds)
