"""Penalty windows along the last days (P6), and what people were told of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, Q
from django.utils.functional import Promise

from agents.models import Shop
from metrics.formulas.days import day_end, day_of, day_start, days
from metrics.formulas.kinds import Kind
from metrics.labels import ALERT_EVENTS, KINDS
from metrics.models import Alert, Heading
from metrics.selectors.penalties import PenaltyRow
from metrics.selectors.rates import metric_label
from routing.words.outgoing import EVENTS

SPAN = 90
MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Bar:
    """One window on its line; `left` and `width` in percent of the whole stretch."""

    row: PenaltyRow
    left: float
    width: float
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Line:
    kind: str
    label: str | Promise
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The last SPAN days; a line for each kind that was in force on one of them. `ticks`: days to name, with places."""

    first: date
    last: date
    lines: tuple[Line, ...]
    ticks: tuple[tuple[date, float], ...]


@dataclass(frozen=True, slots=True)
class ToldAlert:
    """`window` is None where it was said before the fact (P7): then `kind` is a metric."""

    at: datetime
    event: str | Promise
    kind: str | Promise
    day: date
    window: int | None = None


def timeline(shop: Shop, rows: Sequence[PenaltyRow], now: datetime) -> Timeline:
    last = day_of(now, shop.zone)
    first = last - timedelta(days=SPAN - 1)
    begin, end = day_start(first, shop.zone), day_end(last, shop.zone)
    lines = []
    for kind in Kind:
        bars = [_bar(row, begin, end, now) for row in rows if row.kind == kind and _touches(row, begin, end, now)]
        if bars:
            lines.append(Line(kind.value, KINDS[kind], tuple(bars)))
    places = [(day, 100 * number / SPAN) for number, day in enumerate(days(first, last)) if number % 14 == SPAN % 14]
    return Timeline(first, last, tuple(lines), tuple(places))


def _until(row: PenaltyRow, now: datetime) -> datetime:
    """A window whose end is not known has lasted until now, or until it may end at the earliest."""
    return row.ends_at or max(now, row.not_before)


def _touches(row: PenaltyRow, begin: datetime, end: datetime, now: datetime) -> bool:
    return row.starts_at < end and _until(row, now) > begin


def _bar(row: PenaltyRow, begin: datetime, end: datetime, now: datetime) -> Bar:
    whole = (end - begin).total_seconds()
    left = max(0.0, (row.starts_at - begin).total_seconds()) / whole
    right = min(whole, (_until(row, now) - begin).total_seconds()) / whole
    return Bar(row, round(100 * left, 3), round(100 * max(0.004, right - left), 3), row.ends_at)


def told_alerts(shop: Shop) -> list[ToldAlert]:
    """The latest of what people were told, each once: a day heading for a fail (P7); a window opened, prolonged,
    withdrawn, ended (P5). Not of windows that were over when history brought them in: those are told to nobody."""
    news = Q(window__ends_at=None) | Q(window__ends_at__gt=F("window__created_at"))
    alerts = Alert.objects.filter(news, shop=shop).select_related("window").order_by("-created_at", "-pk")
    told = [
        ToldAlert(row.created_at, ALERT_EVENTS[row.event], KINDS[Kind(row.window.kind)], row.date, row.window_id)
        for row in alerts[:MOST_TOLD]
    ]
    told += [
        ToldAlert(row.at, EVENTS["heading"], metric_label(row.metric, shop.platform), row.date)
        for row in Heading.objects.filter(shop=shop).order_by("-at", "metric")[:MOST_TOLD]
    ]
    return sorted(told, key=lambda one: one.at, reverse=True)[:MOST_TOLD]
