"""Assessing shop days: counting them, the windows' rates, the penalties (METRICS 2-4, P5)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from agents.models import Shop
from metrics.formulas.assessment import Assessment, assess_metric
from metrics.formulas.days import day_of, days
from metrics.formulas.units import Figures
from metrics.models import AgentDayRate, AssessmentState, DayRate, DirtyDay
from metrics.selectors.definitions import ShopDefinitions, shop_definitions
from metrics.services.counting import Counts, count_day
from metrics.services.dirty import follow_messages, mark_dirty
from metrics.services.windows import replay_windows

SLICE = 31
"""Days of one transaction."""


@dataclass(frozen=True)
class _Run:
    """One assessment of one shop: as of when, and by which definitions."""

    shop: Shop
    now: datetime
    definitions: ShopDefinitions

    @property
    def today(self) -> date:
        return day_of(self.now, self.shop.zone)


def assess(*, shop: Shop, date_from: date, date_to: date, now: datetime) -> None:
    """Count the shop days from `date_from` to `date_to` as of `now`, and assess them and every later day (P5).

    Days that messages have touched since they were last counted are counted too, days to come are not. Running it
    twice, or twice at once, changes nothing more. Long stretches are done a month at a time, each in a transaction
    of its own that leaves everything consistent, so that nobody waits long for the shop's row (on SQLite: for the
    whole database).
    """
    today = day_of(now, shop.zone)
    _note_late_messages(shop)
    asked = set(days(date_from, min(date_to, today)))
    dirty = set(DirtyDay.objects.filter(shop=shop, date__lte=today).values_list("date", flat=True))
    left = sorted(asked | dirty)
    while True:
        _assess_days(shop, left[:SLICE], now)
        left = left[SLICE:]
        if not left:
            return


@transaction.atomic
def _note_late_messages(shop: Shop) -> None:
    state = locked_state(shop)
    mark_dirty(shop, follow_messages(state))
    state.save(update_fields=["cursor"])


@transaction.atomic
def _assess_days(shop: Shop, wanted: list[date], now: datetime) -> None:
    state = locked_state(shop)
    run = _Run(shop, now, shop_definitions(shop))
    dirty = list(DirtyDay.objects.filter(shop=shop, date__in=wanted).values_list("pk", flat=True))
    counted = _count_all(run, set(wanted))
    first = min([*counted, run.today])
    _assess_from(run, first)
    replay_windows(shop, first, now)
    DirtyDay.objects.filter(pk__in=dirty).delete()
    state.assessed_at = now
    state.save(update_fields=["assessed_at"])


def locked_state(shop: Shop) -> AssessmentState:
    """The shop's row that everything which writes its rates and penalties locks; needs a transaction."""
    AssessmentState.objects.get_or_create(shop=shop)
    return AssessmentState.objects.select_for_update(of=("self",)).select_related("shop").get(shop=shop)


def _count_all(run: _Run, wanted: set[date]) -> set[date]:
    """Count `wanted`, the days that time has changed, and what their windows need that was never counted."""
    unsettled = DayRate.objects.filter(shop=run.shop, settled=False, date__lt=run.today)
    wanted |= set(unsettled.values_list("date", flat=True))
    before = {earlier for day in wanted for earlier in run.definitions.before(day)} - wanted
    known: dict[date, set[str]] = defaultdict(set)
    for day, metric in DayRate.objects.filter(shop=run.shop, date__in=before).values_list("date", "metric"):
        known[day].add(metric)
    # A day counted before a metric came to the product is counted again, with it.
    counted = wanted | {day for day in before if not known[day].issuperset(d.key for d in run.definitions.on(day))}
    for day in sorted(counted):
        _store_day(run, day, count_day(run.shop, day, run.definitions.on(day), run.now))
    return counted


def _store_day(run: _Run, day: date, counts: dict[str, Counts]) -> None:
    for metric, found in counts.items():
        figures = _columns(found.shop)
        settled = day < run.today and not found.shop.pending
        DayRate.objects.update_or_create(
            shop=run.shop, metric=metric, date=day, defaults=figures | {"settled": settled, "counted_at": run.now}
        )
    DayRate.objects.filter(shop=run.shop, date=day).exclude(metric__in=counts).delete()
    AgentDayRate.objects.filter(shop=run.shop, date=day).delete()
    AgentDayRate.objects.bulk_create(
        AgentDayRate(shop=run.shop, metric=metric, date=day, agent_id=agent, **_columns(figures))
        for metric, found in counts.items()
        for agent, figures in found.agents.items()
    )


def _columns(figures: Figures, prefix: str = "") -> dict[str, int]:
    return {
        f"{prefix}passed": figures.passed,
        f"{prefix}failed": figures.failed,
        f"{prefix}pending": figures.pending,
    }


def _assess_from(run: _Run, first: date) -> None:
    """Set the window's figures and the verdict on every counted day from `first` on."""
    rows = list(DayRate.objects.filter(shop=run.shop, date__gte=first).order_by("date"))
    figures = _figures(run, [row.date for row in rows])
    changed = []
    for row in rows:
        definition = run.definitions.find(row.metric, row.date)
        if definition is None:
            continue
        found = assess_metric(row.date, definition, figures[row.metric], is_over=row.date < run.today)
        if _take(row, found):
            changed.append(row)
    names = ["window_passed", "window_failed", "window_pending", "assessed", "passes", "own_passes"]
    DayRate.objects.bulk_update(changed, names, batch_size=500)


def _figures(run: _Run, wanted: Iterable[date]) -> dict[str, dict[date, Figures]]:
    found: dict[str, dict[date, Figures]] = defaultdict(dict)
    dates = sorted(wanted)
    if dates:
        since = min(min(run.definitions.before(day), default=day) for day in dates)
        for row in DayRate.objects.filter(shop=run.shop, date__gte=since, date__lte=dates[-1]):
            found[row.metric][row.date] = row.figures
    return found


def _take(row: DayRate, found: Assessment) -> bool:
    """Put the verdict on the row; whether that changed it."""
    values = _columns(found.window, "window_") | {
        "assessed": found.assessed,
        "passes": found.passes,
        "own_passes": found.own_passes,
    }
    if all(getattr(row, name) == value for name, value in values.items()):
        return False
    for name, value in values.items():
        setattr(row, name, value)
    return True
