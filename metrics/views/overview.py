"""The first page of who leads a shop: how it stands, in one sentence and then in figures."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from agents.vocabulary import Status
from metrics.selectors import penalty_windows, today
from metrics.selectors.overview import hands, room_of, waiting
from metrics.selectors.workbench import urgent
from metrics.services import freshen
from metrics.telling import banner_of, state_of
from metrics.views.rates import tiles_of
from routing.roster import labels_of, people_of
from routing.selectors import current_version
from routing.words import change_sentences


@shop_page(Permission.METRICS_ALL)
def shop_overview(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """The whole page, or for htmx the part that polls."""
    now = timezone.now()
    freshen(shop=shop, now=now)
    metrics = today(shop, now)
    banner = banner_of(shop, penalty_windows(shop))
    version = current_version(shop)
    people = hands(shop, now)
    lines = waiting(shop)
    sees_buyers = actor.may(Permission.CONVERSATIONS_ALL)
    context = {
        "shop": shop,
        "now": now,
        "state": state_of(metrics, banner),
        "banner": banner,
        "tiles": tiles_of(metrics),
        "people": people,
        "online": sum(hand.status == Status.ONLINE for hand in people),
        "on_break": sum(hand.status == Status.BREAK for hand in people),
        "room": room_of(people),
        "lines": lines,
        "longest": (now - lines.since).total_seconds() if lines.since else None,
        "version": version,
        "changes": change_sentences(version.changes, shop.platform, labels_of(people_of(shop).values())),
        "sees_buyers": sees_buyers,
        "urgent": urgent(shop, now) if sees_buyers else [],
    }
    template = "metrics/_overview.html" if getattr(request, "htmx", False) else "metrics/overview.html"
    return render(request, template, context)
