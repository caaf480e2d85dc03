"""Reply rates: today and the window's days, per metric and per agent (M15)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise

from agents.models import Shop, SubAccount
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from conversations.selectors import answers_overview
from core.http.parameters import query
from metrics.formulas.days import day_of, days
from metrics.formulas.units import Figures
from metrics.selectors import AgentFigures, MetricToday, agent_rates, penalty_windows, today
from metrics.selectors.clocks import strictest
from metrics.selectors.definitions import definitions_kept
from metrics.selectors.today import RECENT
from metrics.selectors.workbench import urgent
from metrics.services import freshen
from metrics.telling import Outlook, banner_of, outlook_of, verdict_of
from metrics.templatetags.rates import percent

SPAN = RECENT
"""Days of the table of agents, unless today alone is asked for."""


@dataclass(frozen=True)
class Tile:
    """What metric_tile.html takes, in figures."""

    key: str
    name: str | Promise
    verdict: str
    figures: Figures
    days: int
    day: Figures
    line: float | None
    outlook: Outlook | None = None

    @property
    def figure(self) -> str:
        return "" if self.figures.rate is None else percent(self.figures.rate)

    @property
    def rate(self) -> float:
        return 100 * (self.figures.rate or 0)

    @property
    def line_percent(self) -> float:
        return 100 * (self.line or 0)


def tiles_of(metrics: tuple[MetricToday, ...]) -> list[Tile]:
    return [
        Tile(
            m.key,
            m.label,
            verdict_of(m.window, m.pass_line, m.meets_line),
            m.window,
            m.window_days,
            m.day,
            m.pass_line,
            outlook_of(m),
        )
        for m in metrics
    ]


def own_tiles(shop: Shop, me: SubAccount | None, metrics: tuple[MetricToday, ...], now: datetime) -> list[Tile]:
    """An agent's own streaks against the shop's line, which is the shop's and not theirs to be judged by."""
    day = day_of(now, shop.zone)
    found = []
    for metric in metrics:
        rows = agent_rates(shop, day - timedelta(days=metric.window_days - 1), day, me)
        own = next((row for row in rows if row.metric == metric.key), None)
        total = own.total if own else Figures()
        of_day = next((r.figures for r in own.days if r.day == day), Figures()) if own else Figures()
        meets = None if total.rate is None or metric.pass_line is None else total.rate >= metric.pass_line
        verdict = verdict_of(total, metric.pass_line, meets)
        found.append(Tile(metric.key, metric.label, verdict, total, metric.window_days, of_day, metric.pass_line))
    return found


@shop_page(Permission.METRICS_OWN)
def reply_rates_page(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """The whole page, or for htmx the part that polls."""
    now = timezone.now()
    behind = freshen(shop=shop, now=now)
    sees_all = actor.may(Permission.METRICS_ALL)
    with definitions_kept():
        metrics = today(shop, now)
        context: dict[str, object] = {
            "shop": shop,
            "now": now,
            "behind": behind,
            "definition": strictest(shop, now),
            "sees_all": sees_all,
            "sees_buyers": actor.may(Permission.CONVERSATIONS_ALL),
            "metrics": metrics,
        }
        context |= _of_shop(request, actor, metrics, now) if sees_all else _of_agent(shop, actor, metrics, now)
    template = "metrics/_rates.html" if getattr(request, "htmx", False) else "metrics/rates.html"
    return render(request, template, context)


def _of_shop(request: HttpRequest, actor: Actor, metrics: tuple[MetricToday, ...], now: datetime) -> dict[str, object]:
    shop, last = actor.shop, day_of(now, actor.shop.zone)
    span = 1 if query(request).text("days") == "1" else SPAN
    people = list(SubAccount.objects.for_shop(shop).select_related("account"))
    labels, names = {row.name: row.label for row in people}, {str(row.pk): row.name for row in people}
    return {
        "tiles": tiles_of(metrics),
        "banner": banner_of(shop, penalty_windows(shop)) if actor.may(Permission.PENALTIES_SEE) else None,
        "days": _day_rows(metrics, last),
        "agents": _agent_rows(agent_rates(shop, last - timedelta(days=span - 1), last, names=names), metrics, labels),
        "span": span,
        "answers": answers_overview(shop),
        "since": last - timedelta(days=span - 1),
        "last": last,
        "urgent": urgent(shop, now) if actor.may(Permission.CONVERSATIONS_ALL) else [],
    }


def _of_agent(shop: Shop, actor: Actor, metrics: tuple[MetricToday, ...], now: datetime) -> dict[str, object]:
    last = day_of(now, shop.zone)
    first = last - timedelta(days=SPAN - 1)
    own = {
        row.metric: {r.day: r.figures for r in row.days} for row in agent_rates(shop, first, last, actor.sub_account)
    }
    rows = [
        {"day": day, "cells": [{"own": own.get(m.key, {}).get(day, Figures())} for m in metrics]}
        for day in reversed(list(days(first, last)))
    ]
    return {"tiles": own_tiles(shop, actor.sub_account, metrics, now), "days": rows, "last": last}


def _day_rows(metrics: tuple[MetricToday, ...], last: date) -> list[dict[str, object]]:
    """A row a day, today first; a cell a metric: the day's own figures, its window's, the verdict."""
    return [{"day": last - timedelta(days=n), "cells": [metric.recent[n] for metric in metrics]} for n in range(RECENT)]


def _agent_rows(
    rows: tuple[AgentFigures, ...], metrics: tuple[MetricToday, ...], labels: dict[str, str]
) -> list[dict[str, object]]:
    """A row an agent, nobody's last; a cell a metric, with the line that colours it."""
    lines = {m.key: m.pass_line for m in metrics}
    names = sorted({row.agent for row in rows}, key=lambda name: (name is None, name or ""))
    totals = {(row.agent, row.metric): row.total for row in rows}
    return [
        {
            "name": name,
            "label": labels.get(name or "", name),
            "cells": [_cell(totals.get((name, key)), lines[key]) for key in lines],
        }
        for name in names
    ]


def _cell(figures: Figures | None, line: float | None) -> dict[str, object]:
    figures = figures or Figures()
    below = line is not None and figures.rate is not None and figures.rate < line
    return {"figures": figures, "below": below}
