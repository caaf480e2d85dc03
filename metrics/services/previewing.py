"""The last days under another definition, before it is saved. Counts, and writes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from agents.models import Shop
from metrics.formulas.assessment import Assessment, assess_metric
from metrics.formulas.days import day_of, days
from metrics.formulas.definitions import Definition, Override, definitions_on
from metrics.formulas.units import Figures
from metrics.models import DayRate
from metrics.selectors.definitions import shop_definitions
from metrics.services.recounting import Recount

SPAN = 30


@dataclass(frozen=True, slots=True)
class PreviewDay:
    """One day as it stands and as it would: own figures, window, verdict."""

    day: date
    now: Assessment
    then: Assessment

    @property
    def differs(self) -> bool:
        return (self.now.window, self.now.passes, self.now.penalties) != (
            self.then.window,
            self.then.passes,
            self.then.penalties,
        )


def preview_override(*, shop: Shop, override: Override, now: datetime) -> list[PreviewDay]:
    """The last SPAN days, today last, as if the shop's own values had held all along. Empty for a metric that the
    platform does not have now."""
    last = day_of(now, shop.zone)
    definition = shop_definitions(shop).find(override.key, last)
    held = replace(override, valid_from=last, valid_to=None)
    changed = next((d for d in definitions_on(shop.platform, last, [held]) if d.key == override.key), None)
    if definition is None or changed is None:
        return []
    wanted = list(days(last - timedelta(days=SPAN - 1), last))
    back = list(days(wanted[0] - timedelta(days=changed.window_days - 1), last))
    stored = {row.date: row.figures for row in DayRate.objects.filter(shop=shop, metric=override.key, date__in=back)}
    figures = stored if changed.counts_robot == definition.counts_robot else _counted(shop, changed, back, now)
    return [_day(day, last, (definition, stored), (changed, figures)) for day in wanted]


def _counted(shop: Shop, definition: Definition, wanted: list[date], now: datetime) -> dict[date, Figures]:
    tallies = Recount(shop, lambda _day: (definition,), now).tallies(wanted)
    return {day: tally.units(definition.key) for day, tally in tallies.items()}


def _day(
    day: date,
    last: date,
    before: tuple[Definition, Mapping[date, Figures]],
    after: tuple[Definition, Mapping[date, Figures]],
) -> PreviewDay:
    is_over = day < last
    return PreviewDay(day, assess_metric(day, *before, is_over=is_over), assess_metric(day, *after, is_over=is_over))
