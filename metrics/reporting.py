"""What a report is asked for, and all that follows from it: the page, its files and the API have the same tables."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from agents.models import Shop, SubAccount
from agents.permissions import Actor, Permission
from agents.vocabulary import Platform
from metrics.formulas.definitions import Definition
from metrics.formulas.figures import BY_KEY, Family
from metrics.selectors.definitions import definitions_of
from metrics.selectors.reports import (
    BY,
    OWN,
    Line,
    Range,
    Report,
    WeekHour,
    WeekMap,
    by_hour,
    grouped,
    lines_by,
    lines_of_shops,
    report,
    total_of_shops,
    week_map,
)
from metrics.table_figures import Metric, Named, figures_table, metrics_of, metrics_of_shops
from metrics.tables import (
    RATE,
    Table,
    beside_table,
    load_table,
    map_table,
    took_table,
    trend_table,
)
from metrics.telling_reports import line_words
from routing.engine.vocabulary import ENTRIES, ORDER_STATUSES
from routing.selectors import current_document

MAPS = ("buyers", "slow", RATE)
DEFAULT_FIGURE = "mean_response"
SHOPS = "shop"
KNOWN: dict[str, Callable[[str], Sequence[str]]] = {
    "entry": lambda platform: ENTRIES.get(Platform(platform), ()),
    "order_status": lambda platform: ORDER_STATUSES,
}
"""What a dimension is known to have, in the platforms' order; a platform without a list keeps any entry."""


def dimensions(actor: Actor, shops: list[Shop]) -> tuple[str, ...]:
    """What somebody may look at their report by; `shops`: all whose figures they may read."""
    if not actor.may(Permission.METRICS_ALL):
        return OWN
    return (*BY, SHOPS) if len(shops) > 1 else BY


@dataclass
class Asked:
    """What is looked at: the range, the dimension, what the charts show, whose figures may be seen."""

    shop: Shop
    actor: Actor
    range: Range
    by: str
    figure: str
    map: str
    shops: list[Shop]
    """All that the reader may look at."""

    @cached_property
    def agent(self) -> SubAccount | None:
        """Whose own figures alone; None: all."""
        return None if self.actor.may(Permission.METRICS_ALL) else self.actor.sub_account

    @property
    def of_shops(self) -> bool:
        return self.by == SHOPS

    @property
    def query(self) -> dict[str, object]:
        return {
            "date_from": self.range.first,
            "date_to": self.range.last,
            "by": self.by,
            "figure": self.figure,
            "map": self.map,
        }

    @cached_property
    def report(self) -> Report:
        by = "day" if self.of_shops or self.by == "group" else self.by
        known = self.definitions[self.shop.pk] if self.of_shops else None
        return report(self.shop, self.range, by, self.agent, known)

    @cached_property
    def definitions(self) -> dict[int, tuple[Definition, ...]]:
        """Of all shops at once, by their keys."""
        return definitions_of([self.shop, *self.shops], self.range.last)

    @cached_property
    def week(self) -> WeekMap:
        """Units only where the map shows them."""
        metric = self.report.definitions[0].key if self.map == RATE and self.report.definitions else ""
        return week_map(self.shop, self.range, metric, self.agent)

    @cached_property
    def hours(self) -> dict[int, WeekHour]:
        return by_hour(self.week)

    @cached_property
    def agents(self) -> tuple[Line, ...]:
        """With the metrics' units and people's hours only where they are shown."""
        if self.by == "agent":
            return self.report.lines
        groups = self.by == "group"
        hours = groups or BY_KEY[self.figure].family is Family.PEOPLE
        return lines_by(self.shop, self.range, "agent", rates=groups, hours=hours)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """In the order in which people look for them: names by themselves, the rest as the platforms have it."""
        if self.of_shops:
            found = {line.key: line for line in lines_of_shops(self.shops, self.range)}
            return tuple(found[shop.pk] for shop in self.shops if shop.pk in found)
        if self.by == "group":
            groups = current_document(self.shop).get("groups", ())
            keys = {name: key for key, name in self.accounts.items()}
            members = {g["name"]: [keys[m["account"]] for m in g["members"] if m["account"] in keys] for g in groups}
            return grouped(self.agents, members)
        if self.by == "agent":
            return tuple(sorted(self.report.lines, key=lambda line: (not line.key, self.label(line))))
        if self.by in KNOWN:
            places = {key: place for place, key in enumerate(KNOWN[self.by](self.shop.platform))}
            return tuple(
                sorted(self.report.lines, key=lambda line: (places.get(line.key, len(places)), line.key == ""))
            )
        return self.report.lines

    @cached_property
    def total(self) -> Line:
        return total_of_shops(self.lines, self.shops) if self.of_shops else self.report.total

    @cached_property
    def metrics(self) -> tuple[Metric, ...]:
        if self.of_shops:
            return metrics_of_shops(self.shops, self.definitions)
        return metrics_of(self.report)

    @cached_property
    def people(self) -> list[SubAccount]:
        return list(SubAccount.objects.for_shop(self.shop).select_related("account"))

    @cached_property
    def accounts(self) -> dict[str, str]:
        """Account names by the key of the rollups."""
        return {str(row.pk): row.name for row in self.people}

    @cached_property
    def names(self) -> dict[str, str]:
        """What the keys of lines are called, of shops or of agents."""
        return {str(shop.pk): shop.name for shop in self.shops} if self.of_shops else self.agent_names

    @cached_property
    def agent_names(self) -> dict[str, str]:
        return {str(row.pk): row.label for row in self.people}

    def label(self, line: Line) -> str:
        return line_words(self.by, line.key, self.shop.platform, self.names)

    def behind(self, line: Line) -> str:
        """The buyers of a line: of a day, and where it is one day's report of an hour or an agent."""
        if not self.actor.may(Permission.METRICS_ALL):
            return ""
        one_day = self.range.length == 1
        asked: dict[str, object] | None = None
        if self.by == "day":
            asked = {"day": line.key}
        elif one_day and self.by == "hour":
            asked = {"day": self.range.first, "hour": line.key}
        elif one_day and self.by == "agent" and line.key:
            asked = {"day": self.range.first, "agent": self.label(line)}
        return f"{reverse('reply_rates', args=[self.shop.slug])}?{urlencode(asked)}#detail" if asked else ""

    def agent_label(self, line: Line) -> str:
        return line_words("agent", line.key, self.shop.platform, self.agent_names)

    def figures_table(self) -> Table:
        rows = [Named(line, self.label(line), self.behind(line)) for line in self.lines]
        total = None if self.agent else Named(self.total, _("All shops") if self.of_shops else _("Shop"))
        return figures_table(self.metrics, self.by, rows, total)

    def tables(self) -> dict[str, Table]:
        """All that is on the page, in its order."""
        figure = BY_KEY[self.figure]
        told = self.report
        found = [self.figures_table(), trend_table(told, figure), took_table(told), map_table(self.week, self.map)]
        if self.agent is None:
            found.append(beside_table([line for line in self.agents if line.key], self.agent_label, figure))
        found.append(load_table(self.hours, told.staff, self.range.length))
        return {table.key: table for table in found}
