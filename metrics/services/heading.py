"""Before the fact (P7): whoever follows the shop is told that a day is heading for a fail, once a metric and day."""

from datetime import datetime

from agents.models import Shop
from metrics.formulas.days import day_of
from metrics.models import Heading
from metrics.selectors import MetricToday, today
from routing.services.lane import in_lane

LEAST = 10
"""Units of the day that must be decided before its pace says anything."""


def warn_heading(*, shop: Shop, now: datetime) -> list[str]:
    """Tell of the metrics that would fail at the day's present pace; their keys. Those told of today are passed over.

    Needs to be outside any transaction: the lane is the lock, so two at once tell nothing twice.
    """
    day = day_of(now, shop.zone)
    found = {metric.key: metric for metric in today(shop, now) if is_heading(metric)}
    if not found:
        return []
    new = [key for key in found if not Heading.objects.filter(shop=shop, metric=key, date=day).exists()]
    if not new:
        return []
    with in_lane(shop, now) as work:
        known = set(Heading.objects.filter(shop=shop, date=day).values_list("metric", flat=True))
        told = [key for key in new if key not in known]
        for key in told:
            Heading.objects.create(shop=shop, metric=key, date=day, at=work.at)
            work.announce("heading", {"heading": _told(found[key], day.isoformat())})
        return told


def is_heading(metric: MetricToday) -> bool:
    """Whether the day is on its way to a fail that brings something, as far as its pace can be trusted."""
    forecast = metric.forecast
    return metric.penalised and metric.day.decided >= LEAST and forecast is not None and forecast.passes is False


def _told(metric: MetricToday, day: str) -> dict[str, object]:
    """`rate`: what the window's would be at the day's end; `needed`: units in a row that bring it back, if any do."""
    forecast = metric.forecast
    assert forecast is not None and forecast.rate is not None
    return {"metric": metric.key, "day": day, "rate": round(float(forecast.rate), 4), "needed": forecast.needed}
