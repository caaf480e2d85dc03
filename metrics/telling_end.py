"""What is still missing until a window in force ends, and the days whose buyers brought it about (P3, P6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from agents.models import Shop
from metrics.formulas.days import day_of, day_start
from metrics.formulas.kinds import TERMS, Kind
from metrics.selectors import PenaltyRow
from metrics.selectors.trend import Track
from metrics.telling import moment


@dataclass(frozen=True)
class End:
    """`steps`: the run of passing days that is asked for, True for each that is there already; empty where none is.
    `days`: the days before the one that opened it whose buyers made its rate what it was, the latest first."""

    missing: str
    steps: tuple[bool, ...]
    days: tuple[date, ...]


def end_of(row: PenaltyRow, shop: Shop, rates: Sequence[Track], now: datetime) -> End:
    run = TERMS[Kind(row.kind)].passing_run
    passed = max(0, run - row.passing_days_missing)
    steps = tuple(number < passed for number in range(run)) if row.ends_at is None else ()
    return End(_missing(row, shop, now), steps, _days_before(row, rates))


def _missing(row: PenaltyRow, shop: Shop, now: datetime) -> str:
    if row.ends_at is None:
        # Today is the first day that can pass; the last one is assessed at the 00:00 that ends it.
        soonest = day_start(day_of(now, shop.zone) + timedelta(days=row.passing_days_missing), shop.zone)
        told = _("It ends %(until)s if each of the next %(days)s days passes on its own.")
        return told % {"days": row.passing_days_missing, "until": moment(max(soonest, row.not_before))}
    if not row.reasons:
        return _("Nothing: it ends by itself.")
    return _("Nothing: it ends by itself. A day before then that fails on its own prolongs it.")


def _days_before(row: PenaltyRow, rates: Sequence[Track]) -> tuple[date, ...]:
    failed = {
        day.day
        for track in rates
        for reason in row.reasons
        if reason.metric == track.definition.key
        for day in track.rows
        if day.own.failed and timedelta() < row.opened_on - day.day < timedelta(days=track.definition.window_days)
    }
    return tuple(sorted(failed, reverse=True))
