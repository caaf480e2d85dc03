"""The manager's wall: who is there with what, who waits and why, what is about to run out of time."""

from collections import defaultdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from agents.errors import Refused
from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.templatetags.fenliu import AMBER_FROM
from agents.views.access import shop_page
from agents.vocabulary import Status
from core.http.parameters import posted, query
from metrics.selectors import today
from metrics.selectors.clocks import strictest
from metrics.selectors.overview import hands, room_of, waiting
from metrics.selectors.wall import pools, seats
from metrics.selectors.workbench import urgent
from metrics.telling_wall import told_pool
from routing.selectors import current_document
from routing.services import ask_back, set_presence
from routing.views.refusals import refusal

MOST_URGENT = 6
"""Rows shown; the figure above counts all."""

MOST_CLOSE = 500

CALM = 1 - AMBER_FROM
"""Part of the time that is left when a conversation comes onto the wall."""


@shop_page(Permission.CONVERSATIONS_ALL)
def wall(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """The whole page, or for htmx the part that follows what happens."""
    template = "metrics/wall/_wall.html" if getattr(request, "htmx", False) else "metrics/wall/page.html"
    return render(request, template, wall_context(shop, query(request).text("group")))


def wall_context(shop: Shop, group: str) -> dict[str, Any]:
    now = timezone.now()
    definition = strictest(shop, now)
    people, lines = hands(shop, now), waiting(shop)
    groups = groups_of(current_document(shop))
    named = sorted({name for names in groups.values() for name in names})
    group = group if group in named else ""
    rows = seats(shop, people, groups, definition, now)
    by_name = {hand.name: hand for hand in people}
    close = [row for row in urgent(shop, now, MOST_CLOSE) if row.clock and row.clock.left <= row.clock.total * CALM]
    metrics = {metric.key: metric for metric in today(shop, now)}
    return {
        "shop": shop,
        "now": now,
        "today": now.astimezone(shop.zone).date(),
        "seats": [row for row in rows if not group or group in row.groups],
        "groups": named,
        "group": group,
        "counts": {status.value: sum(hand.status == status for hand in people) for status in Status},
        "room": room_of(people),
        "lines": lines,
        "longest": (now - lines.since).total_seconds() if lines.since else None,
        "pools": [told_pool(pool, by_name, shop.platform, now) for pool in pools(shop)],
        "urgent": close[:MOST_URGENT],
        "close": len(close),
        "closest": close[0].clock if close else None,
        "metric": metrics.get(definition.key) if definition else None,
        "definition": definition,
    }


def groups_of(document: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """{account: the groups that it stands in}; empty where the shop has none."""
    found: dict[str, list[str]] = defaultdict(list)
    for group in document.get("groups", ()):
        for member in group["members"]:
            found[member["account"]].append(group["name"])
    return {account: tuple(names) for account, names in found.items()}


@require_POST
@shop_page(Permission.STATUS_OTHERS)
def wall_status(request: HttpRequest, shop: Shop, actor: Actor, account: str) -> HttpResponse:
    """Set somebody's status; their own pages tell them who did."""
    device = request.headers.get("User-Agent", "")[:200]
    try:
        set_presence(shop=shop, agent=account, status=posted(request).text("status"), by=actor.account, device=device)
    except Refused as refused:
        return refusal(refused)
    return trigger_client_event(HttpResponse(status=204), "conversationChanged", {})


@require_POST
@shop_page(Permission.STATUS_OTHERS)
def wall_ask_back(request: HttpRequest, shop: Shop, actor: Actor, account: str) -> HttpResponse:
    """Ask somebody on a break to come back: told on their pages, and nothing is switched over their head."""
    try:
        asked = ask_back(shop=shop, agent=account, by=actor.account)
    except Refused as refused:
        return refusal(refused)
    return trigger_client_event(HttpResponse(status=204), "toast", {"text": asked, "tone": "success"})
