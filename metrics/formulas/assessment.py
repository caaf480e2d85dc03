"""Whether a metric is assessed on a shop day, and passes (P1, M10)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from metrics.formulas.definitions import Definition
from metrics.formulas.kinds import Kind
from metrics.formulas.units import Figures, pool


@dataclass(frozen=True, slots=True)
class Assessment:
    """A metric on a shop day. `passes` is the window's rate against the line, `own_passes` the day's own rate;
    both None where the metric is not assessed on the day."""

    day: date
    metric: str
    own: Figures
    window: Figures
    assessed: bool
    passes: bool | None
    own_passes: bool | None
    penalties: tuple[Kind, ...] = ()

    @property
    def fails(self) -> bool:
        return self.passes is False


def meets(figures: Figures, line: Fraction) -> bool:
    """Whether the rate is at or above `line`, without rounding: exactly the line passes (M10)."""
    rate = figures.exact_rate
    return rate is not None and rate >= line


def window_of(day: date, definition: Definition, figures: Mapping[date, Figures]) -> Figures:
    """The pooled figures of the window that ends with `day`; days without units may be missing."""
    back = (day - timedelta(days=n) for n in range(definition.window_days))
    return pool(figures[d] for d in back if d in figures)


def assess_metric(day: date, definition: Definition, figures: Mapping[date, Figures], *, is_over: bool) -> Assessment:
    """`definition` on `day`, from the figures of its window's days.

    Assessed only when the day is over, has a decided unit itself, and the window has `min_volume` (P1).
    """
    own = figures.get(day, Figures())
    window = window_of(day, definition, figures)
    line = definition.pass_line
    assessed = is_over and line is not None and own.decided > 0 and window.decided >= definition.min_volume
    return Assessment(
        day=day,
        metric=definition.key,
        own=own,
        window=window,
        assessed=assessed,
        passes=meets(window, line) if assessed and line is not None else None,
        own_passes=meets(own, line) if assessed and line is not None else None,
        penalties=definition.penalties,
    )
