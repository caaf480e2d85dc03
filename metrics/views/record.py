"""One conversation whole, read-only, with every decision explained (G12) and what each answer took."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from conversations.states import State
from metrics.selectors.clocks import strictest
from metrics.selectors.threads import whole_thread
from metrics.views.threads import read_or_404
from routing.explanations import told_decisions
from routing.words import PLACES, order_words


@shop_page(Permission.CONVERSATIONS_OWN)
def record(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    """The thread beside its decisions, candidate by candidate; leaders may hand it over or end it from here."""
    row = read_or_404(actor, pk)
    items = whole_thread(row, strictest(shop, timezone.now())).items
    context = {
        "shop": shop,
        "conversation": row,
        "entry": PLACES.get(row.entry, row.entry),
        "order_status": order_words(row.order_status, shop.platform, row.order_by_card),  # type: ignore[attr-defined]
        "items": [item for item in items if item.message],
        "decisions": told_decisions(shop, [item.decision for item in items if item.decision]),
        "may_act": row.state != State.CLOSED and actor.may(Permission.TRANSFER_ALL),
        "mine": actor.sub_account is not None and row.holder_id == actor.sub_account.pk,
    }
    return render(request, "conversations/record.html", context)
