"""Reply rates of a shop's days and agents, as last assessed."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.functional import Promise

from agents.models import Shop, SubAccount
from metrics.formulas.days import days
from metrics.formulas.tally import AGENT
from metrics.formulas.units import Figures, pool
from metrics.labels import METRICS, OWN_WORDS
from metrics.models import DayRate, RateRollup
from metrics.selectors.definitions import shop_definitions


@dataclass(frozen=True, slots=True)
class RateRow:
    """One row of a metric's table: a shop day, or an agent's name (both None: what nobody held)."""

    figures: Figures
    day: date | None = None
    agent: str | None = None


@dataclass(frozen=True, slots=True)
class MetricRates:
    """A metric between two days: `total` pools the shop's units; `rows` by day (every day) or by agent."""

    key: str
    label: str | Promise
    total: Figures
    rows: tuple[RateRow, ...]


@dataclass(frozen=True, slots=True)
class DayFigures:
    """A metric on one shop day: its own figures, its window's, the verdict (None while not assessed)."""

    day: date
    own: Figures
    window: Figures
    assessed: bool
    passes: bool | None


@dataclass(frozen=True, slots=True)
class AgentFigures:
    """One agent's own streaks of a metric over some days, and day by day."""

    metric: str
    label: str | Promise
    agent: str | None
    total: Figures
    days: tuple[RateRow, ...]


def metric_label(key: str, platform: str = "") -> str | Promise:
    return OWN_WORDS[platform, key] if (platform, key) in OWN_WORDS else METRICS.get(key, key)


def reply_rates(shop: Shop, date_from: date, date_to: date, by: str = "day") -> tuple[MetricRates, ...]:
    """Per metric the figures between two shop days, both included, `by` "day" or "agent" (CONTRACT 5).

    An agent's figures are of their own streaks and need not add up to the shop's (METRICS 2).
    """
    stored = _by_metric(DayRate.objects.filter(shop=shop, date__gte=date_from, date__lte=date_to))
    agents = _agent_rows(shop, date_from, date_to) if by == "agent" else {}
    found = []
    for key in _metrics(shop, date_from, date_to):
        of_days = {row.date: row.figures for row in stored[key]}
        by_day = tuple(RateRow(of_days.get(day, Figures()), day=day) for day in days(date_from, date_to))
        rows = tuple(agents.get(key, ())) if by == "agent" else by_day
        found.append(MetricRates(key, metric_label(key, shop.platform), pool(of_days.values()), rows))
    return tuple(found)


def agent_rates(
    shop: Shop,
    date_from: date,
    date_to: date,
    agent: SubAccount | None = None,
    names: Mapping[str, str] | None = None,
) -> tuple[AgentFigures, ...]:
    """Per metric and agent the figures of their own streaks, by metric, then name; nobody's come last.

    With `agent` only theirs: one row a metric, with zeros where there is nothing. `names` by the rollups' key, from
    who has them already.
    """
    rows: dict[tuple[str, str | None], list[RateRow]] = defaultdict(list)
    names = _names(shop) if names is None else names
    for (metric, day, key), figures in _agent_units(shop, date_from, date_to, "metric", "date", agent=agent):
        rows[metric, names.get(key)].append(RateRow(figures, day=day, agent=names.get(key)))
    order = _metrics(shop, date_from, date_to)
    if agent is not None:
        for key in order:
            rows.setdefault((key, agent.name), [])
    keys = sorted((k for k in rows if k[0] in order), key=lambda k: (order.index(k[0]), k[1] is None, k[1] or ""))
    return tuple(_agent_figures(shop, metric, name, rows[metric, name]) for metric, name in keys)


def _agent_figures(shop: Shop, metric: str, name: str | None, rows: list[RateRow]) -> AgentFigures:
    return AgentFigures(
        metric, metric_label(metric, shop.platform), name, pool(row.figures for row in rows), tuple(rows)
    )


def assessed_days(shop: Shop, date_from: date, date_to: date) -> dict[str, list[DayFigures]]:
    """Per metric every day that has been counted between two days, both included, in their order."""
    stored = _by_metric(DayRate.objects.filter(shop=shop, date__gte=date_from, date__lte=date_to))
    return {key: [day_figures(row) for row in stored[key]] for key in _metrics(shop, date_from, date_to)}


def day_figures(row: DayRate) -> DayFigures:
    return DayFigures(row.date, row.figures, row.window, row.assessed, row.passes)


def _by_metric(rows: QuerySet[DayRate]) -> dict[str, list[DayRate]]:
    found: dict[str, list[DayRate]] = defaultdict(list)
    for row in rows.order_by("date"):
        found[row.metric].append(row)
    return found


def _metrics(shop: Shop, date_from: date, date_to: date) -> list[str]:
    """The keys of the metrics that hold on some of the days, in the presets' order."""
    definitions = shop_definitions(shop)
    return list(dict.fromkeys(d.key for day in (date_from, date_to) for d in definitions.on(day)))


def _agent_rows(shop: Shop, date_from: date, date_to: date) -> dict[str, list[RateRow]]:
    found: dict[str, list[RateRow]] = defaultdict(list)
    names = _names(shop)
    for (metric, key), figures in _agent_units(shop, date_from, date_to, "metric"):
        found[metric].append(RateRow(figures, agent=names.get(key)))
    for rows in found.values():
        rows.sort(key=lambda row: (row.agent is None, row.agent or ""))
    return found


def agents_on(shop: Shop, day: date, metric: str) -> dict[int, Figures]:
    """By sub-account key, each agent's own figures of a metric on one day."""
    units = _agent_units(shop, day, day, agent=None, metric=metric)
    return {int(key): figures for (key,), figures in units if key}


def _names(shop: Shop) -> dict[str, str]:
    """By the key of the rollups."""
    return {str(pk): name for pk, name in SubAccount.objects.for_shop(shop).values_list("pk", "name")}


def _agent_units(
    shop: Shop, date_from: date, date_to: date, *by: str, agent: SubAccount | None = None, metric: str = ""
) -> list[tuple[tuple[Any, ...], Figures]]:
    """((…the columns of `by`, the agent's key), figures), in the order of the columns."""
    rows = RateRollup.objects.filter(shop=shop, dimension=AGENT, date__gte=date_from, date__lte=date_to)
    if agent is not None:
        rows = rows.filter(key=str(agent.pk))
    if metric:
        rows = rows.filter(metric=metric)
    sums = rows.order_by(*by, "key").values_list(*by, "key").annotate(Sum("passed"), Sum("failed"), Sum("pending"))
    found = ((tuple(row[:-3]), Figures(*row[-3:])) for row in sums)
    return [(of, figures) for of, figures in found if figures != Figures()]
