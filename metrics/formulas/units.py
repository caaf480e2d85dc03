"""Units of a shop day, and figures pooled from them (METRICS section 2).

The definition names its unit; a unit is how streaks are put together and when such a group passes.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

from metrics.formulas.days import day_end
from metrics.formulas.definitions import Definition
from metrics.formulas.streaks import Streak


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class Figures:
    """How many units passed, failed and are pending. Pending ones stand in neither part of the rate."""

    passed: int = 0
    failed: int = 0
    pending: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(self.passed + other.passed, self.failed + other.failed, self.pending + other.pending)

    @property
    def decided(self) -> int:
        return self.passed + self.failed

    @property
    def exact_rate(self) -> Fraction | None:
        return Fraction(self.passed, self.decided) if self.decided else None

    @property
    def rate(self) -> float | None:
        """passed / decided, 0 to 1; None ("—", not 0 %) when nothing is decided."""
        return self.passed / self.decided if self.decided else None


def pool(figures: Iterable[Figures]) -> Figures:
    """The figures of several days together: units are pooled, rates are not averaged."""
    return sum(figures, Figures())


class Wait(NamedTuple):
    """A streak with whose it is: the buyer, the conversation, and the agent that it is charged to (None: nobody)."""

    streak: Streak
    buyer: int
    conversation: int
    agent: int | None

    def took(self, now: datetime) -> timedelta:
        """How long it took, or has taken until now."""
        return (self.streak.answered_at or now) - self.streak.asked_at


class View(NamedTuple):
    """What a verdict depends on beside the streaks: the threshold T, the moment of asking, the shop's zone."""

    threshold: timedelta
    now: datetime
    zone: ZoneInfo


def streak_verdict(streak: Streak, view: View) -> Verdict:
    """In time when answered within T, exactly T included; pending while unanswered and not older than T."""
    until = streak.answered_at or view.now
    if until - streak.asked_at > view.threshold:
        return Verdict.FAILED
    return Verdict.PASSED if streak.answered_at else Verdict.PENDING


def _worst(verdicts: Iterable[Verdict]) -> Verdict:
    worst = Verdict.PASSED
    for verdict in verdicts:
        if verdict is Verdict.FAILED:
            return verdict
        if verdict is Verdict.PENDING:
            worst = verdict
    return worst


def _buyer_day(streaks: Sequence[Streak], view: View) -> Verdict:
    return _worst(streak_verdict(streak, view) for streak in streaks)


def _round(streaks: Sequence[Streak], view: View) -> Verdict:
    """One streak, answered within T and on its own shop day: at midnight an unanswered one has failed."""
    [streak] = streaks
    if (streak.answered_at or view.now) >= day_end(streak.day, view.zone):
        return Verdict.FAILED
    return streak_verdict(streak, view)


def _session(streaks: Sequence[Streak], view: View) -> Verdict:
    open_ones = [s for s in streaks if s.answered_at is None]
    if any(streak_verdict(s, view) is Verdict.FAILED for s in open_ones):
        return Verdict.FAILED
    if open_ones:
        return Verdict.PENDING
    total = sum((s.answered_at - s.asked_at for s in streaks if s.answered_at), timedelta())
    return Verdict.PASSED if total <= view.threshold * len(streaks) else Verdict.FAILED


@dataclass(frozen=True, slots=True)
class Unit:
    """`key` says which streaks of a day make one unit, `judge` whether it passed."""

    key: Callable[[int, Wait], Hashable]
    judge: Callable[[Sequence[Streak], View], Verdict]


UNITS: dict[str, Unit] = {
    "buyer_day": Unit(lambda _, wait: wait.buyer, _buyer_day),
    "round": Unit(lambda number, _: number, _round),
    "session": Unit(lambda _, wait: wait.conversation, _session),
}


class Judged(NamedTuple):
    """One unit: what tells it apart (a buyer, a conversation, a number), its streaks, its verdict."""

    key: Hashable
    waits: Sequence[Wait]
    verdict: Verdict


def judge(waits: Sequence[Wait], definition: Definition, now: datetime, zone: ZoneInfo) -> list[Judged]:
    """The units of one shop day as of `now`. Every streak of a unit must be among `waits`."""
    unit = UNITS[definition.unit]
    view = View(timedelta(seconds=definition.threshold_seconds), now, zone)
    if len(waits) == 1:
        return [Judged(unit.key(0, waits[0]), waits, unit.judge([waits[0].streak], view))]
    groups: dict[Hashable, list[Wait]] = defaultdict(list)
    for number, wait in enumerate(waits):
        groups[unit.key(number, wait)].append(wait)
    return [Judged(key, theirs, unit.judge([wait.streak for wait in theirs], view)) for key, theirs in groups.items()]


def deciding(waits: Sequence[Wait], now: datetime) -> Wait:
    """The streak that a unit is told by: an unanswered one before all, else the longest wait."""
    if len(waits) == 1:
        return waits[0]
    return max(waits, key=lambda wait: (wait.streak.answered_at is None, wait.took(now)))


def count(waits: Sequence[Wait], definition: Definition, now: datetime, zone: ZoneInfo) -> Figures:
    """The figures of streaks of one shop day as of `now`. Every streak of a unit must be among `waits`."""
    verdicts = [unit.verdict for unit in judge(waits, definition, now, zone)]
    return Figures(*(verdicts.count(v) for v in (Verdict.PASSED, Verdict.FAILED, Verdict.PENDING)))
