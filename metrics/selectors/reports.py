"""Reports: the figures of a range of shop days and of the range before, by whatever dimension. Reads rollups alone, in
a fixed number of queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Case, IntegerField, Max, Model, Q, QuerySet, Sum, Value, When

from agents.models import Shop, SubAccount
from metrics.formulas.days import days
from metrics.formulas.definitions import Definition, strictest_first
from metrics.formulas.figures import BREAK, MOST, ONLINE, nothing, pooled
from metrics.formulas.measures import MEASURES
from metrics.formulas.tally import AGENT, ENTRY, ORDER_STATUS, SHOP
from metrics.formulas.units import Figures, pool
from metrics.models import Attendance, RateRollup, Rollup
from metrics.selectors.definitions import shop_definitions

BY = ("day", "weekday", "hour", "agent", "group", "entry", "order_status")
"""What a report can be told by; `shop`, for who has several, is `lines_of_shops`."""
OWN = ("day", "weekday", "hour")
"""What an agent can look at their own figures by."""
NO_GROUP = ""

Key = Any
"""A date, a number (weekday from Monday 0, hour), or the key of the rollups."""


@dataclass(slots=True)
class Amount:
    """Summed measures with attendance, and the units of each metric."""

    amounts: dict[str, int] = field(default_factory=nothing)
    rates: dict[str, Figures] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Range:
    """Shop days, both included, and as many before them."""

    first: date
    last: date

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def before(self) -> "Range":
        return Range(self.first - timedelta(days=self.length), self.first - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Line:
    key: Key
    now: Amount
    before: Amount


@dataclass(frozen=True, slots=True)
class Report:
    """`definitions`: of the last day, the strictest assessed first. `lines` in the order of their keys; `days`: each
    day of the range; `agent`: whose own figures these are, None: the shop's."""

    shop: Shop
    range: Range
    by: str
    definitions: tuple[Definition, ...]
    total: Line
    lines: tuple[Line, ...]
    days: tuple[Line, ...]
    staff: dict[int, int]
    """By hour the seconds that people were online, in all of the range."""
    agent: SubAccount | None = None


def report(
    shop: Shop,
    asked: Range,
    by: str,
    agent: SubAccount | None = None,
    definitions: Iterable[Definition] | None = None,
) -> Report:
    """The figures by one of BY; with `agent` their own, by one of OWN. Agents, groups, entries and order statuses count
    their own buyers and units, and need not add up to the shop (METRICS 2). `definitions`: of the last day, where they
    are known already."""
    source = _Source([shop], asked, agent)
    dates = source.by_date()
    of_days = tuple(
        Line(day, dates.get(day, Amount()), dates.get(before, Amount()))
        for day, before in zip(days(asked.first, asked.last), days(asked.before.first, asked.before.last), strict=True)
    )
    total = Line(None, _pooled(line.now for line in of_days), _pooled(line.before for line in of_days))
    return Report(
        shop=shop,
        range=asked,
        by=by,
        definitions=strictest_first(shop_definitions(shop).on(asked.last) if definitions is None else definitions),
        total=total,
        lines=of_days if by == "day" else _weekdays(of_days) if by == "weekday" else source.lines(by),
        days=of_days,
        staff=source.staff(),
        agent=agent,
    )


def lines_by(shop: Shop, asked: Range, by: str, *, rates: bool = True, hours: bool = True) -> tuple[Line, ...]:
    """The lines alone: by hour, agent, entry or order status; with the metrics' units and people's hours or not."""
    return _Source([shop], asked).lines(by, rates=rates, hours=hours)


def lines_of_shops(shops: Iterable[Shop], asked: Range) -> tuple[Line, ...]:
    """A line a shop, by its key, each in its own shop days."""
    return _Source(shops, asked).lines("shop")


def total_of_shops(lines: Iterable[Line], shops: Iterable[Shop]) -> Line:
    """All shops as one. A rate pools units of one kind: there is none where they are of several platforms."""
    given = list(lines)
    now, before = _pooled(line.now for line in given), _pooled(line.before for line in given)
    if len({shop.platform for shop in shops}) > 1:
        now.rates, before.rates = {}, {}
    return Line(None, now, before)


def grouped(lines: Iterable[Line], groups: Mapping[str, Iterable[str]]) -> tuple[Line, ...]:
    """Agents' lines as their groups': who is in several counts in each; NO_GROUP holds who is in none, and nobody's."""
    by_key = {line.key: line for line in lines}
    named = {name: [by_key[key] for key in keys if key in by_key] for name, keys in groups.items()}
    taken = {key for keys in groups.values() for key in keys}
    named[NO_GROUP] = [line for key, line in by_key.items() if key not in taken]
    return tuple(
        Line(name, _pooled(line.now for line in theirs), _pooled(line.before for line in theirs))
        for name, theirs in named.items()
        if theirs
    )


def _weekdays(of_days: Iterable[Line]) -> tuple[Line, ...]:
    found: dict[int, list[Line]] = {number: [] for number in range(7)}
    for line in of_days:
        found[line.key.weekday()].append(line)
    before: dict[int, list[Amount]] = {number: [] for number in range(7)}
    lines = list(of_days)
    shift = len(lines) % 7
    for line in lines:
        before[(line.key.weekday() - shift) % 7].append(line.before)
    return tuple(Line(n, _pooled(line.now for line in found[n]), _pooled(before[n])) for n in range(7))


def _pooled(several: Iterable[Amount]) -> Amount:
    given = list(several)
    rates: defaultdict[str, list[Figures]] = defaultdict(list)
    for one in given:
        for metric, figures in one.rates.items():
            rates[metric].append(figures)
    return Amount(pooled([one.amounts for one in given]), {metric: pool(of) for metric, of in rates.items()})


class _Source:
    """The rollups of a range and the one before it."""

    def __init__(self, shops: Iterable[Shop], asked: Range, agent: SubAccount | None = None) -> None:
        self.asked, self.agent = asked, agent
        self.of = Q(shop__in=shops, date__gte=asked.before.first, date__lte=asked.last)

    def by_date(self) -> dict[date, Amount]:
        found: defaultdict[date, Amount] = defaultdict(Amount)
        for (key,), amount in self._amounts(self._own(Rollup), "date").items():
            found[key].amounts = amount
        for day, _hour, *hours in self.attended:
            _attend(found[day].amounts, *hours)
        for (key, metric), figures in self._units(self._own(RateRollup), "date").items():
            found[key].rates[metric] = figures
        return found

    def staff(self) -> dict[int, int]:
        found: defaultdict[int, int] = defaultdict(int)
        for day, hour, online, _break, _most in self.attended:
            if day >= self.asked.first:
                found[hour] += online
        return found

    def lines(self, by: str, *, rates: bool = True, hours: bool = True) -> tuple[Line, ...]:
        """By hour, shop, agent (groups too), entry or order status."""
        own = by in ("hour", "shop")
        column = by if own else "key"
        dimension = {"agent": AGENT, "group": AGENT, "entry": ENTRY, "order_status": ORDER_STATUS}.get(by, SHOP)
        rollups = self._own(Rollup) if own else Rollup.objects.filter(self.of, dimension=dimension)
        units = self._own(RateRollup) if own else RateRollup.objects.filter(self.of, dimension=dimension)
        found: defaultdict[Key, dict[int, Amount]] = defaultdict(lambda: {0: Amount(), 1: Amount()})
        period = self._period()
        for (key, now), amount in self._amounts(rollups.annotate(period=period), column, "period").items():
            found[key][now].amounts = amount
        if by == "hour":
            for day, hour, *there in self.attended:
                _attend(found[hour][day >= self.asked.first].amounts, *there)
        elif hours and (own or dimension == AGENT):
            rows = Attendance.objects.filter(self.of).order_by().annotate(period=period)
            sums = rows.values_list("shop" if own else "agent", "period")
            for key, now, *there in sums.annotate(Sum(ONLINE), Sum(BREAK), Max(MOST)):
                _attend(found[key if own else str(key)][now].amounts, *there)
        if rates:
            for (key, now, metric), figures in self._units(units.annotate(period=period), column, "period").items():
                found[key][now].rates[metric] = figures
        return tuple(Line(key, found[key][1], found[key][0]) for key in sorted(found))

    def _own(self, model: type[Model]) -> QuerySet[Any]:
        """The lines of the shop, or of the agent whose figures are asked for."""
        rows = model._default_manager.filter(self.of)
        if self.agent is None:
            return rows.filter(dimension=SHOP)
        return rows.filter(dimension=AGENT, key=str(self.agent.pk))

    @cached_property
    def attended(self) -> list[tuple[Any, ...]]:
        """(day, hour, seconds online, on a break, most at once), everybody together."""
        rows = Attendance.objects.filter(self.of)
        if self.agent is not None:
            rows = rows.filter(agent=self.agent)
        sums = rows.order_by().values_list("date", "hour").annotate(Sum(ONLINE), Sum(BREAK), Max(MOST))
        return [tuple(row) for row in sums]

    def _period(self) -> Case:
        """1: the range, 0: the one before."""
        return Case(When(date__gte=self.asked.first, then=Value(1)), default=Value(0), output_field=IntegerField())

    @staticmethod
    def _amounts(rollups: QuerySet[Any], *by: str) -> dict[tuple[Any, ...], dict[str, int]]:
        sums = {f"{name}_sum": Sum(name) for name in MEASURES}
        rows = rollups.order_by().values_list(*by).annotate(**sums)
        return {row[: len(by)]: nothing() | dict(zip(MEASURES, row[len(by) :], strict=True)) for row in rows}

    @staticmethod
    def _units(rows: QuerySet[Any], *by: str) -> dict[tuple[Any, ...], Figures]:
        sums = rows.order_by().values_list(*by, "metric").annotate(Sum("passed"), Sum("failed"), Sum("pending"))
        return {tuple(row[:-3]): Figures(*row[-3:]) for row in sums}


def _attend(amounts: dict[str, int], online: int, away: int, most: int) -> None:
    amounts[ONLINE] += online
    amounts[BREAK] += away
    amounts[MOST] = max(amounts[MOST], most)


@dataclass(frozen=True, slots=True)
class WeekHour:
    """What a field of the week's map shows, over all days of its weekday in the range."""

    buyers: int = 0
    questions: int = 0
    slow: int = 0
    figures: Figures = field(default_factory=Figures)
    """Of the metric that was asked for."""


WeekMap = Mapping[tuple[int, int], WeekHour]


def week_map(shop: Shop, asked: Range, metric: str, agent: SubAccount | None = None) -> WeekMap:
    """By weekday (Monday 0) and hour. `metric`: whose units are wanted, empty: none. With `agent` their own."""
    of = Q(shop=shop, date__gte=asked.first, date__lte=asked.last)
    of &= Q(dimension=SHOP) if agent is None else Q(dimension=AGENT, key=str(agent.pk))
    said = Rollup.objects.filter(of).annotate(units=Value(0))
    rows = said.values_list("date", "hour", "units", "buyers", "questions", "slow")
    if metric:
        judged = RateRollup.objects.filter(of, metric=metric).annotate(units=Value(1))
        rows = rows.union(judged.values_list("date", "hour", "units", "passed", "failed", "pending"), all=True)
    found: defaultdict[tuple[int, int], list[list[int]]] = defaultdict(lambda: [[0, 0, 0], [0, 0, 0]])
    for day, hour, units, *told in rows:
        there = found[day.weekday(), hour][units]
        there[:] = (sum(pair) for pair in zip(there, told, strict=True))
    return {
        place: WeekHour(buyers, questions, slow, Figures(*units))
        for place, ((buyers, questions, slow), units) in found.items()
    }


def by_hour(week: WeekMap) -> dict[int, WeekHour]:
    """The map's columns, whatever the weekday."""
    found: dict[int, WeekHour] = {}
    for (_weekday, hour), one in sorted(week.items()):
        sofar = found.get(hour, WeekHour())
        found[hour] = WeekHour(
            buyers=sofar.buyers + one.buyers,
            questions=sofar.questions + one.questions,
            slow=sofar.slow + one.slow,
            figures=sofar.figures + one.figures,
        )
    return found
