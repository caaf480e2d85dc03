"""The rollups against the raw messages: they must say the same. A day that does not is told of, and counted again."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.db import transaction

from agents.models import Shop
from metrics.formulas.days import day_of, days
from metrics.formulas.measures import MEASURES
from metrics.formulas.tally import Tally
from metrics.models import BuyerDay, DirtyDay, RateRollup, Rollup, RollupDrift
from metrics.selectors.definitions import shop_definitions
from metrics.services.assessing import keep_up, locked_state
from metrics.services.following import follow, mark_dirty
from metrics.services.horizon import is_dropped
from metrics.services.recounting import Recount

REACH = 90
SAMPLE = 5

log = logging.getLogger(__name__)

Line = tuple[Any, ...]


def check_days(*, shop: Shop, date_from: date, date_to: date, now: datetime) -> list[RollupDrift]:
    """Count these shop days from their messages and compare; where they differ, keep what differs, log it, and mark the
    day. A day that something is still to be counted of is passed over: it is about to change anyway; so is one whose
    messages have been dropped."""
    keep_up(shop=shop, now=now)
    found = []
    for day in days(date_from, min(date_to, day_of(now, shop.zone))):
        drift = _check(shop, day, now)
        if drift is not None:
            found.append(drift)
            log.error("rollup drift: shop %s, %s lines on %s: %s", shop.slug, drift.lines, day, drift.sample)
    return found


def check_some(*, shop: Shop, now: datetime) -> list[RollupDrift]:
    """Yesterday, and one of the days before that is drawn by the date: in the course of time every one."""
    yesterday = day_of(now, shop.zone) - timedelta(days=1)
    drawn = yesterday - timedelta(days=Random(f"{shop.pk}:{yesterday}").randrange(1, REACH))
    return [drift for day in (yesterday, drawn) for drift in check_days(shop=shop, date_from=day, date_to=day, now=now)]


@transaction.atomic
def _check(shop: Shop, day: date, now: datetime) -> RollupDrift | None:
    state = locked_state(shop)
    if is_dropped(state.shop, day):
        return None
    tally = Recount(shop, shop_definitions(shop).on, now).tallies([day])[day]
    # Only now: what came while it was counted must not look like a difference.
    follow(state)
    state.save(update_fields=["cursor"])
    if (
        DirtyDay.objects.filter(shop=shop, date=day).exists()
        or BuyerDay.objects.filter(shop=shop, date=day, changes_at__lte=now).exists()
    ):
        return None
    different = [*_different(_stored(shop, day), _counted(tally))]
    if not different:
        return None
    mark_dirty(shop, [day])
    return RollupDrift.objects.create(shop=shop, date=day, at=now, lines=len(different), sample=different[:SAMPLE])


def _stored(shop: Shop, day: date) -> dict[Line, Sequence[int]]:
    line = ("hour", "dimension", "key")
    measures = Rollup.objects.filter(shop=shop, date=day).values_list(*line, *MEASURES)
    units = RateRollup.objects.filter(shop=shop, date=day).values_list(*line, "metric", "passed", "failed", "pending")
    return {row[:3]: row[3:] for row in measures} | {row[:4]: row[4:] for row in units}


def _counted(tally: Tally) -> dict[Line, Sequence[int]]:
    return {**tally.measures, **tally.rates}


def _different(stored: Mapping[Line, Sequence[int]], counted: Mapping[Line, Sequence[int]]) -> Iterable[list[Any]]:
    for line in sorted({*stored, *counted}):
        there, true = list(stored.get(line, ())), list(counted.get(line, ()))
        if there != true and (any(there) or any(true)):
            yield [list(line), there, true]
