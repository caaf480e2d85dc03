"""Today's running figures (M15, section 4: a running figure is shown all day)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.functional import Promise

from agents.models import Shop
from metrics.formulas.assessment import meets, window_of
from metrics.formulas.days import day_of
from metrics.formulas.forecast import Forecast, forecast
from metrics.formulas.units import Figures
from metrics.models import DayRate
from metrics.selectors.definitions import shop_definitions
from metrics.selectors.rates import DayFigures, RateRow, day_figures, metric_label

RECENT = 3
"""Days that a page of today shows beside each other (M15)."""


@dataclass(frozen=True, slots=True)
class MetricToday:
    """A metric as it stands: today's figures, those of the window that ends today, and the line (0 to 1).

    `meets_line` is None while fewer than `min_volume` are decided, or where there is no line. `days` are the window's,
    today last.
    """

    key: str
    label: str | Promise
    day: Figures
    window: Figures
    window_days: int
    threshold_seconds: int
    pass_line: float | None
    meets_line: bool | None
    min_volume: int
    penalised: bool
    """Whether a fail opens windows (METRICS 3: M5-M7 show the line, and no more is known)."""
    forecast: Forecast | None
    """P7; None where there is no line."""
    days: tuple[RateRow, ...]
    recent: tuple[DayFigures | None, ...]
    """The last RECENT days as assessed, today first; None for one that was not counted."""

    @property
    def pending(self) -> int:
        return self.day.pending


def today(shop: Shop, now: datetime) -> tuple[MetricToday, ...]:
    """The metrics of `shop` as last counted, at most a minute ago while the jobs run (`sweep_assessments`)."""
    day = day_of(now, shop.zone)
    definitions = shop_definitions(shop)
    recent = [day - timedelta(days=n) for n in range(RECENT)]
    found = []
    stored: dict[str, dict[date, DayRate]] = defaultdict(dict)
    for row in DayRate.objects.filter(shop=shop, date__in={*definitions.before(day), *recent}):
        stored[row.metric][row.date] = row
    for definition in definitions.on(day):
        window = [*reversed(definitions.before(day)), day][-definition.window_days :]
        rows = stored[definition.key]
        figures = {d: rows[d].figures for d in window if d in rows}
        pooled = window_of(day, definition, figures)
        line = definition.pass_line
        found.append(
            MetricToday(
                key=definition.key,
                label=metric_label(definition.key, shop.platform),
                day=figures.get(day, Figures()),
                window=pooled,
                window_days=definition.window_days,
                threshold_seconds=definition.threshold_seconds,
                pass_line=None if line is None else float(line),
                meets_line=meets(pooled, line)
                if line is not None and pooled.decided >= definition.min_volume
                else None,
                min_volume=definition.min_volume,
                penalised=bool(definition.penalties),
                forecast=forecast(definition, pooled, figures.get(day, Figures()), day, now, shop.zone),
                days=tuple(RateRow(figures.get(d, Figures()), day=d) for d in window),
                recent=tuple(day_figures(rows[d]) if d in rows else None for d in recent),
            )
        )
    return tuple(found)
