"""When buyers write against who is on duty: the chart, the same as a table, and as a file."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from agents.duty import Span, by_hour, clock, duty_of, headcount, within
from agents.labels import SHORT_WEEKDAYS
from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.shifts import plan_of, staff_of, week_of
from agents.views.access import shop_page
from agents.views.downloads import download_csv
from core.http.parameters import query
from routing.hours import DAYS, Asked, asked_by_hour
from routing.views.shifts_board import shown_week


@dataclass(frozen=True)
class Hours:
    """24 hours: what buyers write in an average one, and how many are on duty by the plan of the week shown."""

    monday: date
    weekday: int | None
    asked: Asked
    on_duty: tuple[float, ...]
    fewest: int
    most: int
    """How many are on duty in the busiest two hours, at least and at most."""

    @property
    def rows(self) -> list[tuple[str, str, str]]:
        return [
            (
                f"{clock(hour * 60)}–{clock(hour * 60 + 60)}",
                _figure(self.asked.by_hour[hour]),
                _figure(self.on_duty[hour]),
            )
            for hour in range(24)
        ]


def _figure(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _hours(request: HttpRequest, shop: Shop) -> Hours:
    now = timezone.now()
    monday = shown_week(query(request).text("week"), now.astimezone(shop.zone).date())
    text = query(request).text("day")
    weekday = int(text) if text in set("0123456") else None
    asked = asked_by_hour(shop, now, weekday)
    plan, names = plan_of(shop, monday, week_of(monday)[-1]), [row.name for row in staff_of(shop) if row.is_agent]
    days = [day for day in week_of(monday) if weekday in (None, day.weekday())]
    spans = [duty_of(plan, names, day) for day in days]
    each = [by_hour(of_day) for of_day in spans]
    on_duty = tuple(sum(of_day[hour] for of_day in each) / len(days) for hour in range(24))
    heads = [count for of_day in spans for count in _heads(of_day, asked.busiest)]
    return Hours(monday, weekday, asked, on_duty, min(heads, default=0), max(heads, default=0))


def _heads(spans: list[Span], window: Span | None) -> list[int]:
    if window is None:
        return []
    return [step.people for step in headcount(spans) if within([Span(step.start, step.end)], window)]


@require_GET
@shop_page(Permission.SHIFTS_SEE)
def shift_hours(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    hours = _hours(request, shop)
    context = {
        "hours": hours,
        "busiest": hours.asked.busiest,
        "chart": chart_of(hours),
        "weekdays": list(enumerate(SHORT_WEEKDAYS)),
        "an_hour": _figure(max(hours.asked.by_hour)),
        "most_days": DAYS,
    }
    return render(request, "routing/shifts/_hours.html", context)


def chart_of(hours: Hours) -> dict[str, Any]:
    """What static/js/charts.js draws."""
    busiest = hours.asked.busiest
    return {
        "x": [clock(hour * 60) for hour in range(24)],
        "axes": [{"name": _("Messages an hour")}, {"name": _("On duty"), "whole": True}],
        "series": [
            {
                "name": _("Buyers write"),
                "type": "bar",
                "tone": "pale",
                "data": [round(value, 1) for value in hours.asked.by_hour],
            },
            {
                "name": _("On duty by the plan"),
                "type": "step",
                "tone": "acc",
                "axis": 1,
                "data": [round(value, 2) for value in hours.on_duty],
            },
        ],
        "bands": [{"from": busiest.start // 60, "to": busiest.end // 60 - 1, "name": _("Busiest")}] if busiest else [],
    }


@require_GET
@shop_page(Permission.SHIFTS_SEE)
def shift_hours_csv(request: HttpRequest, shop: Shop, actor: Actor) -> StreamingHttpResponse:
    hours = _hours(request, shop)
    head = [_("Hour"), _("Buyers' messages"), _("On duty by the plan")]
    return download_csv(request, f"{shop.slug}-hours-{hours.monday}", head, hours.rows)
