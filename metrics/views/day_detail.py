"""Every buyer of a day (M14), on the page of today's reply rates and out of it as CSV or XLSX."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from agents.views.downloads import download
from core.http.parameters import query
from metrics.formulas.days import day_of
from metrics.formulas.units import Verdict
from metrics.selectors.day_detail import PAGE_BUYERS, DayDetail, DetailRow, day_detail
from metrics.selectors.rates import metric_label
from metrics.telling_detail import VERDICTS, answered_by, why

PER_PAGE = 25
LONGEST_BACK = timedelta(days=400)
HOURS = {str(hour) for hour in range(24)}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the table is asked for; an unknown verdict, agent or hour shows everything. `hour`: in which was asked what
    decides, as in the reports."""

    day: date
    show: str
    agent: str
    hour: int | None
    zone: ZoneInfo

    def fits(self, row: DetailRow) -> bool:
        return (
            self.show in ("", row.verdict)
            and self.agent in ("", row.charged)
            and self.hour in (None, self.hour_of(row))
        )

    def hour_of(self, row: DetailRow) -> int:
        return row.asked_at.astimezone(self.zone).hour

    @property
    def query(self) -> str:
        hour = "" if self.hour is None else self.hour
        return urlencode({"day": self.day.isoformat(), "show": self.show, "agent": self.agent, "hour": hour})


@shop_page(Permission.METRICS_ALL)
def rates_detail(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """The table alone: it is fetched by the page, and again as things happen."""
    now = timezone.now()
    asked = _asked(request, shop, now)
    found = day_detail(shop, asked.day, now, PAGE_BUYERS)
    rows = [row for row in found.rows if asked.fits(row)]
    page = Paginator(rows, PER_PAGE).get_page(query(request).text("page"))
    counts = {verdict.value: sum(row.verdict is verdict for row in found.rows) for verdict in Verdict}
    context = {
        "shop": shop,
        "asked": asked,
        "today": day_of(now, shop.zone),
        "counts": counts,
        "all": len(found.rows),
        "cut": PAGE_BUYERS if found.cut else None,
        "filters": [
            (verdict.value, VERDICTS[verdict], counts[verdict])
            for verdict in (Verdict.FAILED, Verdict.PENDING, Verdict.PASSED)
        ],
        "hours": sorted({asked.hour_of(row) for row in found.rows}),
        "agents": sorted({row.charged for row in found.rows if row.charged}),
        "columns": [metric_label(d.key, shop.platform) for d in found.definitions],
        "page": page,
        "rows": [_told(row, found) for row in page],
        "sees_buyers": actor.may(Permission.CONVERSATIONS_ALL),
    }
    return render(request, "metrics/_detail.html", context)


@shop_page(Permission.METRICS_ALL)
def rates_detail_export(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponseBase:
    """What the table shows, whole: `format` csv or xlsx."""
    now = timezone.now()
    asked = _asked(request, shop, now)
    found = day_detail(shop, asked.day, now)
    rows = [row for row in found.rows if asked.fits(row)]
    name = f"{shop.slug}-{asked.day.isoformat()}"
    return download(request, name, _head(found, shop), _lines(rows, found, shop))


def _asked(request: HttpRequest, shop: Shop, now: datetime) -> Asked:
    """Raises BadRequest for a day that is none, or too far away."""
    today, given = day_of(now, shop.zone), query(request)
    day = given.day("day") or today
    if not today - LONGEST_BACK <= day <= today:
        raise BadRequest("day")
    hour = given.text("hour")
    return Asked(
        day=day,
        show=given.choice("show", set(Verdict)),
        agent=given.text("agent")[:100],
        hour=int(hour) if hour in HOURS else None,
        zone=shop.zone,
    )


def _told(row: DetailRow, found: DayDetail) -> dict[str, object]:
    return {
        "row": row,
        "by": answered_by(row),
        "late": row.took > found.definitions[0].threshold_seconds,
        "why": why(row, found.definitions[0]),
        "cells": [row.verdicts.get(d.key, "") for d in found.definitions],
    }


def _head(found: DayDetail, shop: Shop) -> list[str]:
    names = [str(metric_label(d.key, shop.platform)) for d in found.definitions]
    own = [_("Buyer"), _("Asked"), _("Reply"), _("Seconds"), _("Answered by"), _("Held by"), _("Questions")]
    return [*own, *names, _("Why")]


def _lines(rows: Sequence[DetailRow], found: DayDetail, shop: Shop) -> Iterator[list[object]]:
    for row in rows:
        yield [
            row.buyer,
            row.asked_at.astimezone(shop.zone).replace(tzinfo=None),
            row.answered_at.astimezone(shop.zone).replace(tzinfo=None) if row.answered_at else "",
            row.took,
            answered_by(row),
            row.charged,
            row.rounds,
            *(str(VERDICTS[row.verdicts[d.key]]) if d.key in row.verdicts else "" for d in found.definitions),
            why(row, found.definitions[0]),
        ]
