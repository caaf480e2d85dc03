"""The trend of the shop's metrics (M15): the rate over the window that ends with each day, beside the day's own."""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from metrics.formulas.days import day_of, days
from metrics.formulas.definitions import Definition
from metrics.formulas.units import Figures
from metrics.selectors import assessed_days
from metrics.selectors.day_detail import columns_of
from metrics.selectors.definitions import shop_definitions
from metrics.selectors.rates import DayFigures, metric_label

SPANS = (7, 30, 90)


@shop_page(Permission.METRICS_ALL)
def rates_trend(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """One metric over so many days, as a chart with its table: `metric`, `days`."""
    now = timezone.now()
    return render(
        request,
        "metrics/_trend.html",
        trend_context(shop, request.GET.get("metric", ""), request.GET.get("days", ""), now),
    )


def trend_context(shop: Shop, metric: str, asked_days: str, now: datetime) -> dict[str, object]:
    """An unknown metric is the strictest assessed one, an unknown span 30 days."""
    last = day_of(now, shop.zone)
    definitions = {d.key: d for d in shop_definitions(shop).on(last)}
    first_choice = columns_of(tuple(definitions.values()))
    definition = definitions.get(metric) or (first_choice[0] if first_choice else None)
    span = int(asked_days) if asked_days in {str(s) for s in SPANS} else 30
    if definition is None:
        return {"shop": shop, "definition": None}
    wanted = list(days(last - timedelta(days=span - 1), last))
    counted = {row.day: row for row in assessed_days(shop, wanted[0], last).get(definition.key, ())}
    rows = [counted.get(day) or DayFigures(day, Figures(), Figures(), assessed=False, passes=None) for day in wanted]
    return {
        "shop": shop,
        "definition": definition,
        "label": metric_label(definition.key, shop.platform),
        "choices": [(key, metric_label(key, shop.platform)) for key in definitions],
        "span": span,
        "spans": SPANS,
        "rows": rows[::-1],
        "chart": _chart(rows, definition),
    }


def _chart(rows: list[DayFigures], definition: Definition) -> dict[str, object]:
    own = {"name": _("The day's own"), "type": "dots", "tone": "off", "data": [_percent(row.own.rate) for row in rows]}
    window = {
        "name": _("Over %(count)s days") % {"count": definition.window_days},
        "type": "line",
        "tone": "acc",
        "data": [_percent(row.window.rate) for row in rows],
    }
    line = definition.pass_line
    marks = (
        []
        if line is None
        else [{"value": float(100 * line), "name": _("Pass line %(line)s%%") % {"line": f"{float(100 * line):g}"}}]
    )
    return {
        "x": [date_format(row.day, "m-d") for row in rows],
        "axes": [{"percent": True, "max": 100}],
        "series": [own] if definition.window_days == 1 else [window, own],
        "marks": marks,
    }


def _percent(rate: float | None) -> float | None:
    return None if rate is None else round(100 * rate, 1)
