"""Reply rates and penalties over HTTP (CONTRACT 5)."""

from datetime import date, timedelta
from typing import Any, ClassVar

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from agents.api.access import ShopView
from agents.api.pagination import NumberedPage
from agents.errors import Refused
from agents.permissions import Permission, may
from core.http.parameters import query
from metrics.api import serializers as shapes
from metrics.formulas.days import day_of
from metrics.formulas.units import Figures
from metrics.selectors import (
    AgentFigures,
    MetricRates,
    PenaltyRow,
    RateRow,
    agent_rates,
    penalty_window,
    penalty_windows,
    reply_rates,
)
from metrics.services import enter_black_room, freshen, mark_window

LONGEST = timedelta(days=366)
WINDOW_DAYS = 3
"""What is shown where no days are asked for: the window of Pinduoduo's rates, today included (M15)."""


class ReplyRatesView(ShopView):
    """Per metric passed, failed, pending and rate. Who may see only their own figures gets those."""

    permissions: ClassVar = {"GET": (Permission.METRICS_ALL, Permission.METRICS_OWN)}

    @extend_schema(
        parameters=[
            OpenApiParameter("from", OpenApiTypes.DATE, description="shop day, included"),
            OpenApiParameter("to", OpenApiTypes.DATE, description="shop day, included"),
            OpenApiParameter("by", enum=["day", "agent"], default="day"),
        ],
        responses=shapes.ReplyRatesSerializer,
    )
    def get(self, request: Request, shop: str) -> Response:
        now = timezone.now()
        date_from, date_to = asked_days(request, day_of(now, self.shop.zone))
        by = query(request).text("by", "day")
        if by not in ("day", "agent"):
            raise Refused("invalid", _("“by” is day or agent."), field="by")
        freshen(shop=self.shop, now=now)
        answer = {"from": date_from, "to": date_to, "by": by}
        return Response(answer | {"metrics": self.metrics(date_from, date_to, by)})

    def metrics(self, date_from: date, date_to: date, by: str) -> list[dict[str, Any]]:
        if may(self.actor, Permission.METRICS_ALL):
            return [told_metric(metric, by) for metric in reply_rates(self.shop, date_from, date_to, by)]
        own = agent_rates(self.shop, date_from, date_to, self.actor.sub_account)
        return [told_own(metric, by) for metric in own]


def asked_days(request: Request, last: date, length: int = WINDOW_DAYS) -> tuple[date, date]:
    """`from` and `to`, both included; by default so many days up to `last`. Raises Refused naming the wrong one."""
    date_to = query(request).day("to") or last
    date_from = query(request).day("from") or date_to - timedelta(days=length - 1)
    if date_to < date_from:
        raise Refused("invalid_range", _("“to” lies before “from”."), field="to")
    if date_to - date_from > LONGEST:
        raise Refused("invalid_range", _("At most %(days)s days.") % {"days": LONGEST.days}, field="from")
    return date_from, date_to


def told_figures(figures: Figures) -> dict[str, Any]:
    return {
        "passed": figures.passed,
        "failed": figures.failed,
        "pending": figures.pending,
        "rate": figures.rate,
    }


def told_metric(metric: MetricRates, by: str) -> dict[str, Any]:
    rows = [told_row(row, by) for row in metric.rows]
    return {"metric": metric.key, "label": str(metric.label)} | told_figures(metric.total) | {"rows": rows}


def told_own(metric: AgentFigures, by: str) -> dict[str, Any]:
    own = RateRow(metric.total, agent=metric.agent)
    rows = [told_row(row, by) for row in (metric.days if by == "day" else [own])]
    return {"metric": metric.metric, "label": str(metric.label)} | told_figures(metric.total) | {"rows": rows}


def told_row(row: RateRow, by: str) -> dict[str, Any]:
    where: dict[str, Any] = {"date": row.day} if by == "day" else {"agent": row.agent}
    return where | told_figures(row.figures)


class PenaltiesView(ShopView):
    """The windows, open first; black_room entered by hand (P4)."""

    permissions: ClassVar = {"GET": (Permission.PENALTIES_SEE,), "POST": (Permission.PENALTIES_EDIT,)}

    @extend_schema(
        parameters=[
            OpenApiParameter("page_size", OpenApiTypes.INT, description="200 at most"),
            OpenApiParameter("offset", OpenApiTypes.INT, description="as `next` has it"),
        ],
        responses=shapes.PenaltyPageSerializer,
    )
    def get(self, request: Request, shop: str) -> Response:
        freshen(shop=self.shop, now=timezone.now())
        page = NumberedPage(request)
        rows = penalty_windows(self.shop, page.first, page.size + 1)
        return page.response([told_penalty(row) for row in rows])

    @extend_schema(request=shapes.BlackRoomRequest, responses={201: shapes.PenaltySerializer})
    def post(self, request: Request, shop: str) -> Response:
        body = shapes.BlackRoomRequest(data=request.data)
        body.is_valid(raise_exception=True)
        now = timezone.now()
        made = enter_black_room(
            shop=self.shop,
            day=body.validated_data.get("opened_on") or day_of(now, self.shop.zone),
            note=body.validated_data.get("note", ""),
            by=self.actor.account,
            now=now,
        )
        return Response(told_window(self, made.pk), status=201)


class PenaltyView(ShopView):
    """A person marks a window confirmed or dismissed (P8)."""

    permissions: ClassVar = {"PATCH": (Permission.PENALTIES_EDIT,)}

    @extend_schema(request=shapes.MarkRequest, responses=shapes.PenaltySerializer)
    def patch(self, request: Request, shop: str, pk: int) -> Response:
        told_window(self, pk)
        body = shapes.MarkRequest(data=request.data)
        body.is_valid(raise_exception=True)
        mark_window(
            shop=self.shop,
            window=pk,
            mark=body.validated_data["mark"],
            reason=body.validated_data.get("reason", ""),
            by=self.actor.account,
            now=timezone.now(),
        )
        return Response(told_window(self, pk))


def told_window(view: ShopView, pk: int) -> dict[str, Any]:
    row = penalty_window(view.shop, pk)
    if row is None:
        raise Http404
    return told_penalty(row)


def told_penalty(row: PenaltyRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "kind": row.kind,
        "state": row.state,
        "opened_on": row.opened_on,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "passing_days_missing": row.passing_days_missing,
        "prolonged_on": [prolongation.day for prolongation in row.prolongations],
        "reasons": [
            {"metric": r.metric, "window": told_figures(r.window), "own": told_figures(r.own)} for r in row.reasons
        ],
        "mark": row.mark,
        "mark_reason": row.mark_reason,
    }
