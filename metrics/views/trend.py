"""The trend of the shop's metrics (M15): the rate over the window that ends with each day, beside the day's own."""

from datetime import datetime, timedelta

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from agents.views.downloads import download
from core.http.parameters import query
from metrics.formulas.days import day_of
from metrics.rate_files import tracks_file
from metrics.selectors.day_detail import columns_of
from metrics.selectors.definitions import shop_definitions
from metrics.selectors.rates import metric_label
from metrics.selectors.trend import tracks
from metrics.telling_trend import rates_chart

SPANS = (7, 30, 90)


@shop_page(Permission.METRICS_ALL)
def rates_trend(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """One metric over so many days, as a chart with its table: `metric`, `days`."""
    now = timezone.now()
    return render(
        request,
        "metrics/_trend.html",
        trend_context(shop, query(request).text("metric"), query(request).text("days"), now),
    )


@shop_page(Permission.METRICS_ALL)
def rates_trend_export(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponseBase:
    """The longest span of one metric, as `format` csv or xlsx."""
    last = day_of(timezone.now(), shop.zone)
    found = [d for d in shop_definitions(shop).on(last) if d.key == query(request).text("metric")]
    if not found:
        raise BadRequest("metric")
    head, rows = tracks_file(tracks(shop, found, last - timedelta(days=SPANS[-1] - 1), last))
    return download(request, f"{shop.slug}-{found[0].key}", head, rows)


def trend_context(shop: Shop, metric: str, asked_days: str, now: datetime) -> dict[str, object]:
    """An unknown metric is the strictest assessed one, an unknown span 30 days."""
    last = day_of(now, shop.zone)
    definitions = {d.key: d for d in shop_definitions(shop).on(last)}
    first_choice = columns_of(tuple(definitions.values()))
    definition = definitions.get(metric) or (first_choice[0] if first_choice else None)
    span = int(asked_days) if asked_days in {str(s) for s in SPANS} else 30
    if definition is None:
        return {"shop": shop, "definition": None}
    [track] = tracks(shop, [definition], last - timedelta(days=span - 1), last)
    return {
        "shop": shop,
        "definition": definition,
        "label": track.label,
        "choices": [(key, metric_label(key, shop.platform)) for key in definitions],
        "span": span,
        "spans": SPANS,
        "rows": track.rows[::-1],
        "chart": rates_chart([track]),
    }
