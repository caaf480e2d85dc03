"""Penalty windows from day assessments (P1-P5, P8): the same days always give the same windows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from metrics.formulas.assessment import Assessment
from metrics.formulas.days import day_end, day_start
from metrics.formulas.kinds import TERMS, Kind

Failed = tuple[Assessment, ...]
"""The assessments that brought something about; empty where a person said so."""


@dataclass(frozen=True, slots=True)
class Prolongation:
    """A failing day inside a window, and the first 00:00 at which the window may now end."""

    day: date
    until: datetime
    because: Failed


@dataclass(frozen=True, slots=True)
class Window:
    """A penalty in force from `starts_at` to `ends_at` (None: not known yet, P3), opened by the day `opened_on`.

    `not_before` is the earliest end; `run` the days in a row that have passed on their own since the last fail (P3).
    """

    kind: Kind
    opened_on: date
    starts_at: datetime
    not_before: datetime
    ends_at: datetime | None
    because: Failed
    prolongations: tuple[Prolongation, ...] = ()
    run: int = 0


@dataclass(frozen=True, slots=True)
class Spoken:
    """What people said: days of windows that the platform announced or confirmed (P4, P8), and when windows, by
    kind and the day that opened them, were dismissed (P8)."""

    entered: frozenset[tuple[Kind, date]] = frozenset()
    dismissed: Mapping[tuple[Kind, date], datetime] = field(default_factory=dict)


@dataclass(slots=True)
class _Current:
    """The window in force while the days are gone through."""

    kind: Kind
    opened_on: date
    starts_at: datetime
    not_before: datetime
    ends_at: datetime | None
    because: Failed
    prolongations: list[Prolongation] = field(default_factory=list)
    run: int = 0

    def done(self, ends_at: datetime | None) -> Window:
        return Window(
            self.kind,
            self.opened_on,
            self.starts_at,
            self.not_before,
            ends_at,
            self.because,
            tuple(self.prolongations),
            self.run,
        )


def _until(kind: Kind, day: date, zone: ZoneInfo) -> datetime:
    """00:00 after the whole days that a fail on `day` costs: of d+4 for three days (P1)."""
    return day_start(day + timedelta(days=TERMS[kind].days + 1), zone)


def _opened(kind: Kind, day: date, because: Failed, zone: ZoneInfo) -> _Current:
    until = _until(kind, day, zone)
    ends_at = None if TERMS[kind].passing_run else until
    return _Current(kind, day, day_end(day, zone), until, ends_at, because)


def _prolong(current: _Current, day: date, because: Failed, zone: ZoneInfo) -> None:
    """A failing day whose own rate is below the line too moves the end to its own d+4 (P2)."""
    current.not_before = max(current.not_before, _until(current.kind, day, zone))
    current.prolongations.append(Prolongation(day, current.not_before, because))
    current.run = 0
    if current.ends_at is not None:
        current.ends_at = current.not_before


def _count_run(current: _Current, today: Iterable[Assessment], boundary: datetime) -> None:
    """P3: a day counts when it was assessed and every assessed metric passed on its own; a fail begins anew."""
    own = [a.own_passes for a in today if a.assessed]
    if not TERMS[current.kind].passing_run or not own:
        return
    current.run = current.run + 1 if all(own) else 0
    if current.run >= TERMS[current.kind].passing_run and boundary >= current.not_before:
        current.ends_at = boundary


def _is_over(current: _Current, boundary: datetime, dismissed_at: datetime | None) -> bool:
    """Whether it ended before `boundary`, the end of the day in question. One that would end exactly then is still
    in force: that day may prolong it (P2)."""
    if dismissed_at is not None and dismissed_at <= boundary:
        return True
    return current.ends_at is not None and current.ends_at < boundary


def _end_of(current: _Current, dismissed_at: datetime | None) -> datetime | None:
    if dismissed_at is None or (current.ends_at is not None and current.ends_at <= dismissed_at):
        return current.ends_at
    return dismissed_at


def _windows_of(kind: Kind, days: Mapping[date, list[Assessment]], spoken: Spoken, zone: ZoneInfo) -> list[Window]:
    found: list[Window] = []
    current: _Current | None = None
    entered = {day for k, day in spoken.entered if k is kind}
    for day in sorted(days.keys() | entered):
        boundary = day_end(day, zone)
        if current is not None:
            dismissed_at = spoken.dismissed.get((kind, current.opened_on))
            if _is_over(current, boundary, dismissed_at):
                found.append(current.done(_end_of(current, dismissed_at)))
                current = None
        today = days.get(day, [])
        failed = tuple(a for a in today if a.fails and kind in a.penalties)
        worse = tuple(a for a in failed if a.own_passes is False)
        if current is None:
            if failed or day in entered:
                current = _opened(kind, day, failed, zone)
        elif worse or day in entered:
            _prolong(current, day, worse, zone)
        else:
            _count_run(current, today, boundary)
    if current is not None:
        found.append(current.done(_end_of(current, spoken.dismissed.get((kind, current.opened_on)))))
    return found


def penalty_windows(assessments: Iterable[Assessment], spoken: Spoken, zone: ZoneInfo) -> list[Window]:
    """Every window that the days bring about, by opening day and kind.

    The days must be over; the first must lie where no window is in force. One window of a kind is in force at a time
    (P2); a metric's fail opens those of its kinds that are not (P1).
    """
    days: dict[date, list[Assessment]] = defaultdict(list)
    for assessment in assessments:
        days[assessment.day].append(assessment)
    found = [window for kind in Kind for window in _windows_of(kind, days, spoken, zone)]
    return sorted(found, key=lambda w: (w.opened_on, list(Kind).index(w.kind)))
