"""Reports over HTTP: the same figures as on the page, as numbers."""

from datetime import date, timedelta
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from agents.api.access import ShopView
from agents.errors import Refused
from agents.permissions import Permission
from agents.selectors import my_sub_accounts
from core.http.parameters import query
from metrics.api import serializers as shapes
from metrics.api.views import asked_days, told_figures
from metrics.formulas.days import day_of
from metrics.formulas.figures import FIGURES
from metrics.formulas.units import Figures
from metrics.reporting import DEFAULT_FIGURE, MAPS, Asked, dimensions
from metrics.selectors.reports import BY, Line, Range
from metrics.selectors.shops import shops_where
from metrics.services import freshen
from metrics.telling_reports import FIGURES as WORDS


class ReportsView(ShopView):
    """The figures of a range of shop days and of as many days before, line by line. Who may see only their own figures
    gets those. Seconds are seconds, parts are parts of 1; null: nothing to reckon it from."""

    permissions: ClassVar = {"GET": (Permission.METRICS_ALL, Permission.METRICS_OWN)}

    @extend_schema(
        parameters=[
            OpenApiParameter("from", OpenApiTypes.DATE, description="shop day, included; by default six before `to`"),
            OpenApiParameter("to", OpenApiTypes.DATE, description="shop day, included; by default yesterday"),
            OpenApiParameter("by", enum=[*BY, "shop"], default="day"),
        ],
        responses=shapes.ReportSerializer,
    )
    def get(self, request: Request, shop: str) -> Response:
        now = timezone.now()
        today = day_of(now, self.shop.zone)
        date_from, date_to = asked_days(request, today - timedelta(days=1), 7)
        if date_from > today:
            raise Refused("invalid_range", _("This day has not come yet."), field="from")
        asked = self.asked(Range(date_from, min(date_to, today)), query(request).text("by", "day"))
        if asked.range.last == today:
            freshen(shop=self.shop, now=now)
        return Response(told_report(asked))

    def asked(self, days: Range, by: str) -> Asked:
        account = self.actor.account
        shops = shops_where(my_sub_accounts(account), account, Permission.METRICS_ALL) if account else []
        offered = dimensions(self.actor, shops)
        if by not in offered:
            raise Refused("invalid", _("“by” is one of %(offered)s.") % {"offered": ", ".join(offered)}, field="by")
        return Asked(self.shop, self.actor, days, by, DEFAULT_FIGURE, MAPS[0], shops)


def told_report(asked: Asked) -> dict[str, Any]:
    days = asked.range
    figures = [
        {"key": f.key, "unit": f.unit, "label": str(WORDS[f.key][0]), "definition": str(WORDS[f.key][1])}
        for f in FIGURES
    ]
    return {
        "from": days.first,
        "to": days.last,
        "before": {"from": days.before.first, "to": days.before.last},
        "by": asked.by,
        "figures": figures,
        "metrics": [{"metric": metric.key, "label": metric.label} for metric in asked.metrics],
        "total": told_line(asked, asked.total),
        "rows": [
            {"key": told_key(asked, line), "label": asked.label(line)} | told_line(asked, line) for line in asked.lines
        ],
    }


def told_line(asked: Asked, line: Line) -> dict[str, Any]:
    now, before = line.now, line.before
    return {
        "figures": {f.key: {"value": f.of(now.amounts), "before": f.of(before.amounts)} for f in FIGURES},
        "rates": {
            metric.key: told_figures(now.rates.get(metric.key, Figures()))
            | {"before": told_figures(before.rates.get(metric.key, Figures()))}
            for metric in asked.metrics
        },
    }


def told_key(asked: Asked, line: Line) -> date | int | str | None:
    """A day, a weekday from Monday 0, an hour, an account name, a group, an entry, an order status, a shop's slug; null
    for what is nobody's or has none."""
    if asked.by == "agent":
        return asked.accounts.get(line.key)
    if asked.of_shops:
        return next(shop.slug for shop in asked.shops if shop.pk == line.key)
    key: date | int | str = line.key
    return key if key != "" else None
