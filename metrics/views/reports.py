"""Reports 报表: any range against the one before, by day, agent, group and the rest; charts, each with its table."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from agents.models import Shop, SubAccount
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from agents.views.downloads import csv_download, xlsx_download
from metrics.charts import chart_of
from metrics.forms import RangeForm
from metrics.formulas.days import day_of
from metrics.formulas.figures import BY_KEY, FIGURES, Unit
from metrics.selectors.rates import metric_label
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
    week_map,
)
from metrics.selectors.shops import shops_where
from metrics.services import freshen
from metrics.tables import (
    RATE,
    Cell,
    Table,
    beside_table,
    dimension_words,
    figure_cell,
    figures_table,
    file_of,
    load_table,
    map_table,
    took_table,
    trend_table,
)
from metrics.telling import sentences
from metrics.telling_reports import FIGURES as WORDS
from metrics.telling_reports import busy_hours, headline, line_words
from routing.selectors import current_document

MAPS = ("buyers", "slow", RATE)
DEFAULT_FIGURE = "mean_response"
TILES = ("buyers", "unanswered_buyers", "mean_response", "slow", "received", "satisfaction")
SHOPS = "shop"


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
        return report(self.shop, self.range, "day" if self.by in (SHOPS, "group") else self.by, self.agent)

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
        """With the metrics' units only where the table shows them."""
        if self.by == "agent":
            return self.report.lines
        return lines_by(self.shop, self.range, "agent", rates=self.by == "group")

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        if self.by == SHOPS:
            return lines_of_shops(self.shops, self.range)
        if self.by == "group":
            groups = current_document(self.shop).get("groups", ())
            keys = {name: key for key, name in self.accounts.items()}
            members = {g["name"]: [keys[m["account"]] for m in g["members"] if m["account"] in keys] for g in groups}
            return grouped(self.agents, members)
        return self.report.lines

    @cached_property
    def people(self) -> list[SubAccount]:
        return list(SubAccount.objects.for_shop(self.shop).select_related("account"))

    @cached_property
    def accounts(self) -> dict[str, str]:
        """Account names by the key of the rollups."""
        return {str(row.pk): row.name for row in self.people}

    @cached_property
    def names(self) -> dict[str, str]:
        if self.by == SHOPS:
            return {str(shop.pk): shop.name for shop in self.shops}
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
        return line_words("agent", line.key, self.shop.platform, {str(row.pk): row.label for row in self.people})

    def tables(self) -> dict[str, Table]:
        figure = BY_KEY[self.figure]
        told = self.report
        found = [
            figures_table(told, self.lines, self.label, self.by, self.behind),
            trend_table(told, figure),
            took_table(told),
        ]
        found.append(map_table(self.week, self.map))
        if self.agent is None:
            found.append(beside_table([line for line in self.agents if line.key], self.agent_label, figure))
        found.append(load_table(self.hours, told.staff, self.range.length))
        return {table.key: table for table in found}


@dataclass(frozen=True)
class Chart:
    table: Table
    drawn: dict[str, object]


@require_GET
@shop_page(Permission.METRICS_OWN)
def reports(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """`date_from`, `date_to` (the last seven days that are over), `by`, `figure` and `map` of the charts."""
    today = day_of(timezone.now(), shop.zone)
    form = _form(request, today)
    context: dict[str, object] = {"shop": shop, "form": form, "own": not actor.may(Permission.METRICS_ALL)}
    if not form.is_valid():
        return render(request, "metrics/reports/page.html", context | {"ranges": _ranges(request, None, today)})
    asked = _asked(request, shop, actor, form)
    if asked.range.last == today:
        freshen(shop=shop, now=timezone.now())
    tables = asked.tables()
    figures = tables.pop("figures")
    thresholds = [(d.threshold_seconds, str(metric_label(d.key, shop.platform))) for d in asked.report.definitions]
    context |= {
        "asked": asked,
        "query": urlencode(asked.query),
        "ranges": _ranges(request, asked, today),
        "sentence": sentences([headline(asked.report), busy_hours(asked.hours)]),
        "tiles": _tiles(asked),
        "dimensions": _choices(asked, "by", [(by, dimension_words(by)) for by in _dimensions(actor, asked.shops)]),
        "figures": [(figure.key, WORDS[figure.key][0]) for figure in FIGURES if figure.unit is not Unit.RATIO],
        "maps": _choices(asked, "map", [(key, _map_words(key)) for key in MAPS]),
        "table": figures,
        "charts": [Chart(table, chart_of(table, thresholds)) for table in tables.values()],
    }
    return render(request, "metrics/reports/page.html", context)


@require_GET
@shop_page(Permission.METRICS_OWN)
def reports_export(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponseBase:
    """One of the page's tables, as `format` csv or xlsx; raises BadRequest for what is not there."""
    form = _form(request, day_of(timezone.now(), shop.zone))
    download = {"csv": csv_download, "xlsx": xlsx_download}.get(request.GET.get("format", "csv"))
    if not form.is_valid() or download is None:
        raise BadRequest("range or format")
    asked = _asked(request, shop, actor, form)
    table = asked.tables().get(request.GET.get("table", "figures"))
    if table is None:
        raise BadRequest("table")
    head, rows = file_of(table)
    return download(f"{shop.slug}-{table.key}-{asked.range.first}-{asked.range.last}", head, rows)


def _form(request: HttpRequest, today: date) -> RangeForm:
    asked = request.GET if "date_from" in request.GET or "date_to" in request.GET else None
    yesterday = today - timedelta(days=1)
    return RangeForm(asked or {"date_from": yesterday - timedelta(days=6), "date_to": yesterday}, today=today)


def _asked(request: HttpRequest, shop: Shop, actor: Actor, form: RangeForm) -> Asked:
    """What is unknown is what stands there first."""
    given = request.GET
    places: list[SubAccount] = request.my_places  # type: ignore[attr-defined]
    shops = shops_where(places, actor.account, Permission.METRICS_ALL) if actor.account else []
    dimensions = _dimensions(actor, shops)
    return Asked(
        shop=shop,
        actor=actor,
        range=Range(form.cleaned_data["date_from"], min(form.cleaned_data["date_to"], form.today)),
        by=given["by"] if given.get("by") in dimensions else dimensions[0],
        figure=given["figure"] if given.get("figure") in BY_KEY else DEFAULT_FIGURE,
        map=given["map"] if given.get("map") in MAPS else MAPS[0],
        shops=shops,
    )


def _dimensions(actor: Actor, shops: list[Shop]) -> tuple[str, ...]:
    if not actor.may(Permission.METRICS_ALL):
        return OWN
    return (*BY, SHOPS) if len(shops) > 1 else BY


def _ranges(request: HttpRequest, asked: Asked | None, today: date) -> list[tuple[str, str, bool]]:
    """Label, query, whether shown."""
    yesterday = today - timedelta(days=1)
    month = today.replace(day=1)
    ends = (month - timedelta(days=1)).replace(day=1), month - timedelta(days=1)
    rest = {name: request.GET[name] for name in ("by", "figure", "map") if name in request.GET}
    return [
        (
            words,
            urlencode({"date_from": first, "date_to": last} | rest),
            asked is not None and asked.range == Range(first, last),
        )
        for words, first, last in (
            (_("Yesterday"), yesterday, yesterday),
            (_("7 days"), yesterday - timedelta(days=6), yesterday),
            (_("30 days"), yesterday - timedelta(days=29), yesterday),
            (_("This month"), month, today),
            (_("Last month"), *ends),
        )
    ]


def _choices(asked: Asked, name: str, options: list[tuple[str, str]]) -> list[tuple[str, str, bool]]:
    """Label, query, whether shown."""
    shown = asked.query[name]
    return [(words, urlencode(asked.query | {name: key}), key == shown) for key, words in options]


def _tiles(asked: Asked) -> list[tuple[str, str, Cell]]:
    total = asked.report.total
    return [
        (str(WORDS[key][0]), str(WORDS[key][1]), figure_cell(BY_KEY[key], total.now, total.before)) for key in TILES
    ]


def _map_words(key: str) -> str:
    return {"buyers": _("Buyers"), "slow": _("Slow replies"), RATE: _("Reply rate")}[key]
