"""Metrics day by day over a stretch of days, those without a count too (M15)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise

from agents.models import Shop
from metrics.formulas.days import days
from metrics.formulas.definitions import Definition
from metrics.formulas.units import Figures
from metrics.selectors.day_detail import columns_of
from metrics.selectors.definitions import shop_definitions
from metrics.selectors.rates import DayFigures, assessed_days, metric_label


@dataclass(frozen=True, slots=True)
class Track:
    """A metric as it is defined on the last day, and one row a day."""

    definition: Definition
    label: str | Promise
    rows: tuple[DayFigures, ...]


def tracks(shop: Shop, definitions: Iterable[Definition], first: date, last: date) -> tuple[Track, ...]:
    counted = assessed_days(shop, first, last)
    found = []
    for definition in definitions:
        by_day = {row.day: row for row in counted.get(definition.key, ())}
        rows = [
            by_day.get(day) or DayFigures(day, Figures(), Figures(), assessed=False, passes=None)
            for day in days(first, last)
        ]
        found.append(Track(definition, metric_label(definition.key, shop.platform), tuple(rows)))
    return tuple(found)


def lined_tracks(shop: Shop, first: date, last: date) -> tuple[Track, ...]:
    """The metrics that have a pass line, the strictest first; where none has one, the strictest alone."""
    ordered = columns_of(shop_definitions(shop).on(last))
    return tracks(shop, [d for d in ordered if d.pass_line is not None] or ordered[:1], first, last)
