"""Assessing shop days: counting them, the windows' rates, the penalties (METRICS 2-4, P5)."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Sum

from agents.models import Shop
from metrics.formulas.assessment import Assessment, assess_metric
from metrics.formulas.days import ONE_DAY, day_of, days
from metrics.formulas.tally import SHOP
from metrics.formulas.units import Figures
from metrics.models import AssessmentState, BuyerDay, DayRate, DirtyDay, RateRollup
from metrics.selectors.definitions import ShopDefinitions, shop_definitions
from metrics.services.attending import count_attendance
from metrics.services.following import follow, mark_dirty
from metrics.services.horizon import pass_over_dropped, since_kept
from metrics.services.rebuilding import counted_by, start_anew
from metrics.services.recounting import Recount
from metrics.services.windows import replay_windows

SLICE = timedelta(days=31)
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


@dataclass
class _Wanted:
    """What is to be counted: whole days, and of other days single buyers. `marks`: the rows that ask for it."""

    whole: set[date] = field(default_factory=set)
    buyers: defaultdict[date, set[int]] = field(default_factory=lambda: defaultdict(set))
    marks: list[int] = field(default_factory=list)

    @property
    def days(self) -> set[date]:
        return self.whole | self.buyers.keys()


def assess(*, shop: Shop, date_from: date, date_to: date, now: datetime) -> None:
    """Count the shop days from `date_from` to `date_to` as of `now`, and assess them and every later day (P5).

    What messages have touched since it was last counted is counted too, days to come are not. Running it twice, or
    twice at once, changes nothing more. Long stretches are done a month at a time, each in a transaction of its own
    that leaves everything consistent, so that nobody waits long for the shop's row (on SQLite: for the whole
    database).
    """
    with transaction.atomic():
        mark_dirty(shop, days(date_from, min(date_to, day_of(now, shop.zone))))
    keep_up(shop=shop, now=now)


def keep_up(*, shop: Shop, now: datetime) -> None:
    """Count what messages, decisions and the clock have touched since, and assess from the first such day on."""
    _follow(shop, now)
    while _next_slice(shop, now):
        pass


@transaction.atomic
def _follow(shop: Shop, now: datetime) -> None:
    state = locked_state(shop)
    if state.counted_by != counted_by(state.shop):
        start_anew(state, now)
    follow(state)
    state.save()


@transaction.atomic
def _next_slice(shop: Shop, now: datetime) -> bool:
    """The earliest days that are to be counted, up to SLICE of them; whether there are more."""
    state = locked_state(shop)
    shop = state.shop
    pass_over_dropped(shop)
    run = _Run(shop, now, shop_definitions(shop))
    wanted, more = _wanted(run)
    _count_all(run, wanted)
    first = min([*wanted.days, run.today])
    _assess_from(run, first)
    replay_windows(shop, first, now)
    DirtyDay.objects.filter(pk__in=wanted.marks).delete()
    if wanted.whole:
        count_attendance(shop, min(wanted.whole), max(wanted.whole), now)
    if not more:
        count_attendance(shop, min(day_of(state.assessed_at or now, shop.zone), run.today), run.today, now)
        state.assessed_at = now
        state.save(update_fields=["assessed_at"])
    return more


def locked_state(shop: Shop) -> AssessmentState:
    """The shop's row that everything which writes its rates and penalties locks; needs a transaction."""
    AssessmentState.objects.get_or_create(shop=shop)
    return AssessmentState.objects.select_for_update(of=("self",)).select_related("shop").get(shop=shop)


def _wanted(run: _Run) -> tuple[_Wanted, bool]:
    """Of the earliest days; whether there are later ones."""
    marks = DirtyDay.objects.filter(shop=run.shop, date__lte=run.today)
    changing = BuyerDay.objects.filter(since_kept(run.shop), shop=run.shop, changes_at__lte=run.now)
    firsts = [rows.order_by("date").values_list("date", flat=True).first() for rows in (marks, changing)]
    wanted = _Wanted()
    if not any(firsts):
        return wanted, False
    end = min(day for day in firsts if day) + SLICE
    for pk, day, buyer in marks.filter(date__lt=end).values_list("pk", "date", "buyer"):
        wanted.marks.append(pk)
        if buyer is None:
            wanted.whole.add(day)
        else:
            wanted.buyers[day].add(buyer)
    for day, buyer in changing.filter(date__lt=end).values_list("date", "buyer"):
        wanted.buyers[day].add(buyer)
    for day in wanted.whole:
        wanted.buyers.pop(day, None)
    return wanted, marks.filter(date__gte=end).exists() or changing.filter(date__gte=end).exists()


def _count_all(run: _Run, wanted: _Wanted) -> None:
    recount = Recount(run.shop, run.definitions.on, run.now)
    recount.whole_days(wanted.whole)
    recount.buyers_days(wanted.buyers)
    _store_days(run, wanted.days | {run.today, run.today - ONE_DAY})


def _store_days(run: _Run, wanted: set[date]) -> None:
    """The days' own figures, from the rollups: a row for each metric that holds on the day."""
    sums = (
        RateRollup.objects.filter(shop=run.shop, dimension=SHOP, date__in=wanted)
        .order_by()
        .values_list("date", "metric")
        .annotate(Sum("passed"), Sum("failed"), Sum("pending"))
    )
    found = {(day, metric): figures for day, metric, *figures in sums}
    held = [(day, definition.key) for day in sorted(wanted) for definition in run.definitions.on(day)]
    rows = [
        DayRate(shop=run.shop, date=day, metric=metric, counted_at=run.now, **_columns(found.get((day, metric))))
        for day, metric in held
    ]
    DayRate.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["shop", "metric", "date"],
        update_fields=["passed", "failed", "pending", "counted_at"],
    )
    stored = DayRate.objects.filter(shop=run.shop, date__in=wanted).values_list("pk", "date", "metric")
    gone = [pk for pk, day, metric in stored if (day, metric) not in set(held)]
    DayRate.objects.filter(pk__in=gone).delete()


def _columns(figures: list[int] | None) -> dict[str, int]:
    return dict(zip(("passed", "failed", "pending"), figures or (0, 0, 0), strict=True))


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
    # As an upsert: an UPDATE with a CASE for each value takes ten times as long.
    DayRate.objects.bulk_create(
        changed, batch_size=500, update_conflicts=True, unique_fields=["pk"], update_fields=names
    )


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
    values = {
        "window_passed": found.window.passed,
        "window_failed": found.window.failed,
        "window_pending": found.window.pending,
        "assessed": found.assessed,
        "passes": found.passes,
        "own_passes": found.own_passes,
    }
    if all(getattr(row, name) == value for name, value in values.items()):
        return False
    for name, value in values.items():
        setattr(row, name, value)
    return True
