"""Reports 报表: any range against the one before, by day, agent, group and the rest; charts, each with its table."""

from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from agents.models import Shop, SubAccount
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from agents.views.downloads import download
from core.http.parameters import query
from metrics.charts import chart_of
from metrics.forms import RangeForm
from metrics.formulas.days import day_of
from metrics.formulas.figures import BY_KEY, FIGURES, Unit
from metrics.reporting import DEFAULT_FIGURE, MAPS, Asked, dimensions
from metrics.selectors.rates import metric_label
from metrics.selectors.reports import Range
from metrics.selectors.shops import shops_where
from metrics.services import freshen
from metrics.table_files import file_of
from metrics.tables import RATE, Cell, Table, dimension_words, figure_cell
from metrics.telling import sentences
from metrics.telling_reports import FIGURES as WORDS
from metrics.telling_reports import busy_hours, headline

TILES = ("buyers", "unanswered_buyers", "mean_response", "slow", "received", "satisfaction")


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
    behind = freshen(shop=shop, now=timezone.now()) if asked.range.last == today else None
    tables = asked.tables()
    figures = tables.pop("figures")
    thresholds = [(d.threshold_seconds, str(metric_label(d.key, shop.platform))) for d in asked.report.definitions]
    context |= {
        "asked": asked,
        "behind": behind,
        "query": urlencode(asked.query),
        "ranges": _ranges(request, asked, today),
        "sentence": sentences([headline(asked.report), busy_hours(asked.hours)]) or _("Nobody wrote in these days."),
        "tiles": _tiles(asked),
        "dimensions": _choices(asked, "by", [(by, dimension_words(by)) for by in dimensions(actor, asked.shops)]),
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
    if not form.is_valid():
        raise BadRequest("range")
    asked = _asked(request, shop, actor, form)
    table = asked.tables().get(query(request).text("table", "figures"))
    if table is None:
        raise BadRequest("table")
    head, rows = file_of(table)
    return download(request, f"{shop.slug}-{table.key}-{asked.range.first}-{asked.range.last}", head, rows)


def _form(request: HttpRequest, today: date) -> RangeForm:
    asked = query(request).form("date_from", "date_to")
    yesterday = today - timedelta(days=1)
    return RangeForm(asked or {"date_from": yesterday - timedelta(days=6), "date_to": yesterday}, today=today)


def _asked(request: HttpRequest, shop: Shop, actor: Actor, form: RangeForm) -> Asked:
    """What is unknown is what stands there first."""
    given = query(request)
    places: list[SubAccount] = request.my_places  # type: ignore[attr-defined]
    shops = shops_where(places, actor.account, Permission.METRICS_ALL) if actor.account else []
    offered = dimensions(actor, shops)
    return Asked(
        shop=shop,
        actor=actor,
        range=Range(form.cleaned_data["date_from"], min(form.cleaned_data["date_to"], form.today)),
        by=given.choice("by", offered, offered[0]),
        figure=given.choice("figure", BY_KEY, DEFAULT_FIGURE),
        map=given.choice("map", MAPS, MAPS[0]),
        shops=shops,
    )


def _ranges(request: HttpRequest, asked: Asked | None, today: date) -> list[tuple[str, str, bool]]:
    """Label, query, whether shown."""
    yesterday = today - timedelta(days=1)
    month = today.replace(day=1)
    ends = (month - timedelta(days=1)).replace(day=1), month - timedelta(days=1)
    rest = {name: query(request).text(name) for name in ("by", "figure", "map") if query(request).has(name)}
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
