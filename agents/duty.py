"""Who is on duty when: the arithmetic of shifts. Pure.

A span is two minutes counted from midnight of the day it begins on; its end may lie in the next day (16:00–24:00 ends
at 1440, 22:00–06:00 at 1800). Coverage and gaps are told by the clock on the wall; what is done at a moment goes by
instants in the shop's zone.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = 24 * 60
MOST_SPANS = 4
LOOK_BACK = 35
"""Days within which a boundary is found; who has been on duty without a break for longer has none."""


class Span(NamedTuple):
    start: int
    end: int

    def __str__(self) -> str:
        return f"{clock(self.start)}–{clock(self.end)}"

    @property
    def told_end(self) -> str:
        return clock(self.end)


COUNTED = Span(8 * 60, 23 * 60)
"""The hours whose questions count for the reply rate (METRICS M11)."""

PEAK = Span(20 * 60, 22 * 60)
"""When most buyers write (S3)."""

Shift = tuple[Span, ...]
"""The spans of one shift 班次, in order; a split shift has two."""


class Step(NamedTuple):
    """So many on duty from `start` to `end`."""

    start: int
    end: int
    people: int


class Boundary(NamedTuple):
    """Where a person last came on duty or went off it; `at` is None where there is no such place within LOOK_BACK."""

    at: datetime | None
    on: bool


@dataclass(frozen=True)
class Plan:
    """A shop's plan. What an exception says of a date comes before the weekly pattern; else one is free."""

    shifts: Mapping[int, Shift]
    pattern: Mapping[str, Mapping[int, int]] = field(default_factory=dict)
    """Account name → weekday (Monday is 0) → shift."""
    exceptions: Mapping[str, Mapping[date, int | None]] = field(default_factory=dict)
    """Account name → date → shift, or None: free 休."""

    def shift_on(self, who: str, day: date) -> int | None:
        said = self.exceptions.get(who, {})
        return said[day] if day in said else self.pattern.get(who, {}).get(day.weekday())

    def spans_on(self, who: str, day: date) -> Shift:
        shift = self.shift_on(who, day)
        return self.shifts.get(shift, ()) if shift is not None else ()


# Reading and writing


def clock(minute: int) -> str:
    """510 → "08:30"; 1440 → "24:00"; 1800 → "06:00", of the next day."""
    hours, minutes = divmod(minute if minute <= DAY else minute - DAY, 60)
    return f"{hours:02}:{minutes:02}"


_SPAN = re.compile(r"\s*(\d{1,2})[:：.](\d{2})\s*(?:-|–|—|~|～|至|到|to)\s*(\d{1,2})[:：.](\d{2})\s*", re.ASCII)


def read_span(text: str) -> Span:
    """ "22:00–06:00" → Span(1320, 1800). Raises ValueError for what is none, and for one without length."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(text)
    start_hour, start_minute, end_hour, end_minute = (int(number) for number in found.groups())
    start, end = start_hour * 60 + start_minute, end_hour * 60 + end_minute
    if start >= DAY or end > DAY or start_minute > 59 or end_minute > 59 or start == end:
        raise ValueError(text)
    return Span(start, end if end > start else end + DAY)


def read_spans(text: str) -> list[Span]:
    """ "08:00–12:00、18:00–23:00" → two spans, in order. Raises ValueError with the part that is none."""
    parts = [part for part in re.split(r"[,，、;；\n]", text) if part.strip()]
    if not parts:
        raise ValueError(text.strip())
    return sorted(read_span(part) for part in parts)


def fit(spans: Iterable[Span]) -> bool:
    """Whether the spans make a shift: one to four, none over another, all within 24 hours: days do not run together."""
    ordered = sorted(spans)
    if not 1 <= len(ordered) <= MOST_SPANS or any(not 0 <= s.start < DAY or s.end <= s.start for s in ordered):
        return False
    apart = all(before.end <= after.start for before, after in pairwise(ordered))
    return apart and ordered[-1].end - ordered[0].start <= DAY


# By the clock on the wall


def merged(spans: Iterable[Span]) -> list[Span]:
    """The union of the spans, in order, none touching another."""
    union: list[Span] = []
    for span in sorted(spans):
        if union and span.start <= union[-1].end:
            union[-1] = Span(union[-1].start, max(union[-1].end, span.end))
        else:
            union.append(span)
    return union


def within_day(plan: Plan, who: str, day: date) -> list[Span]:
    """When somebody is on duty on this day, from 0:00 to 24:00: what yesterday's shift leaves over is today's."""
    today = [Span(span.start, min(span.end, DAY)) for span in plan.spans_on(who, day)]
    left = [
        Span(max(0, s.start - DAY), s.end - DAY) for s in plan.spans_on(who, day - timedelta(days=1)) if s.end > DAY
    ]
    return merged(left + today)


def duty_of(plan: Plan, people: Iterable[str], day: date) -> list[Span]:
    """All spans of all people on this day, one person's never over each other."""
    return [span for who in people for span in within_day(plan, who, day)]


def gaps(spans: Iterable[Span], window: Span) -> list[Span]:
    """Where in the window nobody is."""
    free, at = [], window.start
    for span in merged(spans):
        if span.start >= window.end:
            break
        if span.start > at:
            free.append(Span(at, span.start))
        at = max(at, span.end)
    if at < window.end:
        free.append(Span(at, window.end))
    return free


def within(spans: Iterable[Span], window: Span) -> list[Span]:
    """The parts of the spans that lie in the window."""
    cut = [Span(max(span.start, window.start), min(span.end, window.end)) for span in spans]
    return [span for span in cut if span.start < span.end]


def headcount(spans: Iterable[Span]) -> list[Step]:
    """How many are on duty, from 0:00 to 24:00, as few steps as it takes."""
    change: dict[int, int] = {0: 0}
    for span in spans:
        change[span.start] = change.get(span.start, 0) + 1
        change[span.end] = change.get(span.end, 0) - 1
    steps: list[Step] = []
    count, places = 0, sorted(place for place in change if place < DAY)
    for place, following in zip(places, [*places[1:], DAY], strict=True):
        count += change[place]
        if steps and steps[-1].people == count:
            steps[-1] = Step(steps[-1].start, following, count)
        else:
            steps.append(Step(place, following, count))
    return steps


def by_hour(spans: Iterable[Span]) -> list[float]:
    """How many are on duty in each of the 24 hours; who is there for half of one counts as half."""
    minutes = [0] * 24
    for span in spans:
        for hour in range(span.start // 60, (span.end - 1) // 60 + 1):
            minutes[hour] += min(span.end, hour * 60 + 60) - max(span.start, hour * 60)
    return [found / 60 for found in minutes]


def next_gap(
    plan: Plan, people: Iterable[str], at: datetime, zone: ZoneInfo, window: Span, days: int = 8
) -> tuple[date, Span] | None:
    """The next time from `at` on, within so many days, that nobody is on duty in the window of the day."""
    people, here = list(people), at.astimezone(zone)
    for n in range(days):
        day = here.date() + timedelta(days=n)
        start = max(window.start, here.hour * 60 + here.minute) if n == 0 else window.start
        if start < window.end and (free := gaps(duty_of(plan, people, day), Span(start, window.end))):
            return day, free[0]
    return None


# By instants


def instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The moment at which the wall shows so many minutes after midnight of `day`, in UTC.

    A time that comes twice is its first; one that the clock jumps over is the moment of the jump: what follows on the
    wall follows in truth.
    """
    days, rest = divmod(minute, DAY)
    wall = datetime.combine(day + timedelta(days=days), time()) + timedelta(minutes=rest)
    found = wall.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall:
        return found
    before = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    while found - before > timedelta(seconds=1):
        middle = before + (found - before) // 2
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            before = middle
        else:
            found = middle
    return found.replace(microsecond=0)


def on_duty(plan: Plan, people: Iterable[str], at: datetime, zone: ZoneInfo) -> set[str]:
    """Who of the people is on duty at that moment."""
    today = at.astimezone(zone).date()
    days = (today - timedelta(days=1), today)
    return {
        who
        for who in people
        if any(
            instant(day, span.start, zone) <= at < instant(day, span.end, zone)
            for day in days
            for span in plan.spans_on(who, day)
        )
    }


def last_boundary(plan: Plan, who: str, at: datetime, zone: ZoneInfo) -> Boundary:
    """Where somebody last came on duty or went off it, up to and with `at`. Spans that touch are one."""
    today = at.astimezone(zone).date()
    ran: list[tuple[datetime, datetime]] = []
    for n in range(LOOK_BACK):
        day = today - timedelta(days=n)
        times = [(instant(day, s.start, zone), instant(day, s.end, zone)) for s in plan.spans_on(who, day)]
        ran += [(start, end) for start, end in times if start <= at and start < end]
        if not ran:
            continue
        began, ended = _last_run(ran)
        if began >= instant(day, DAY, zone):  # what began before this day ended before the next
            return Boundary(began, on=True) if at < ended else Boundary(ended, on=False)
    return Boundary(None, on=bool(ran))


def _last_run(ran: Iterable[tuple[datetime, datetime]]) -> tuple[datetime, datetime]:
    """The last of the times, with all that touch it before."""
    ordered = sorted(ran)
    began, ended = ordered[0]
    for start, end in ordered[1:]:
        began, ended = (began, max(ended, end)) if start <= ended else (start, end)
    return began, ended
