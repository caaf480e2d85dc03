"""Before the fact (P7): what brings a window's rate to the line, and where the day ends at its present pace."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from math import ceil
from zoneinfo import ZoneInfo

from metrics.formulas.days import ONE_DAY, day_start
from metrics.formulas.definitions import Definition
from metrics.formulas.units import Figures


@dataclass(frozen=True, slots=True)
class Forecast:
    """`needed`: so many further units in a row must pass, 0 when the line is met, None when no number is enough.

    `rate`: the window's rate at the end of the day's counted hours if it goes on as it went, None before anything is
    decided today; `passes`: whether that meets the line.
    """

    needed: int | None
    rate: Fraction | None
    passes: bool | None


def units_to_line(figures: Figures, line: Fraction) -> int | None:
    """The smallest x >= 0 with (k + x) / (n + x) >= p; None where p is 1 and something has failed already."""
    passed, decided = figures.passed, figures.decided
    if passed >= line * decided:
        return 0
    return None if line >= 1 else ceil((line * decided - passed) / (1 - line))


def at_present_pace(window: Figures, own: Figures, gone: Fraction) -> Fraction | None:
    """The window's rate once the whole day has gone as the part `gone` (0 to 1) of its counted hours has.

    `own` is today's part of `window`. None while nothing is decided today or none of the hours is over.
    """
    if not own.decided or gone <= 0:
        return None
    more = (1 - gone) / gone
    passed = window.passed + own.passed * more
    return passed / (window.decided + own.decided * more)


def part_gone(definition: Definition, day: date, now: datetime, zone: ZoneInfo) -> Fraction:
    """How much of the day's counted hours is over at `now`, 0 to 1. Hours over midnight count as the whole day."""
    start, end = _counted(definition, day, zone)
    if now <= start:
        return Fraction(0)
    return min(Fraction(1), Fraction((now - start) // _SECOND, max((end - start) // _SECOND, 1)))


_SECOND = timedelta(seconds=1)


def _counted(definition: Definition, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    if definition.service_from >= definition.service_to:
        return day_start(day, zone), day_start(day + ONE_DAY, zone)
    first = datetime.combine(day, definition.service_from, zone)
    last = datetime.combine(day, definition.service_to, zone)
    return first.astimezone(UTC), last.astimezone(UTC)


def forecast(
    definition: Definition, window: Figures, own: Figures, day: date, now: datetime, zone: ZoneInfo
) -> Forecast | None:
    """What is to be expected of `day`, which is running at `now`; None where there is no line."""
    line = definition.pass_line
    if line is None:
        return None
    rate = at_present_pace(window, own, part_gone(definition, day, now, zone))
    return Forecast(units_to_line(window, line), rate, None if rate is None else rate >= line)
