"""Blocking a buyer, or their address, from a conversation; the list of blocks, where each can be ended."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST
from django_htmx.http import trigger_client_event

from agents.errors import Refused
from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from conversations.models import Conversation
from conversations.selectors import block_of, blocks_of, network_of_buyer
from conversations.services.blocks import MAX_REASON, block_address, block_buyer, unblock
from core.http.parameters import posted, query
from routing.views.conversations import visible_or_404

FOR_GOOD = "always"
PERIODS = {
    "1": gettext_lazy("One day"),
    "7": gettext_lazy("Seven days"),
    "30": gettext_lazy("30 days"),
    FOR_GOOD: gettext_lazy("Until it is ended here"),
}
PAGE_SIZE = 50


@shop_page(Permission.BUYERS_BLOCK)
def conversation_block(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    """GET: the dialog. POST: block the buyer, and with `address` whoever else writes from their address."""
    row = visible_or_404(actor, pk)
    network = network_of_buyer(row.buyer) if actor.may(Permission.ADDRESSES_BLOCK) else ""
    if request.method != "POST":
        return _dialog(request, row, network)
    given = posted(request)
    reason, days = given.text("reason"), given.text("days")
    try:
        if days not in PERIODS:
            raise Refused("invalid", _("Choose one of the listed periods."), field="days")
        until = _until(days)
        block_buyer(shop=shop, buyer=row.buyer, by=actor.account, reason=reason, until=until)
        if network and given.text("address"):
            block_address(shop=shop, network=network, by=actor.account, reason=reason, until=until)
    except Refused as refused:
        return _dialog(request, row, network, reason=reason, days=days, error=str(refused.message))
    response = trigger_client_event(HttpResponse(status=204), "dialogClose", {})
    told = _("Blocked. New messages of this buyer are refused from now on.")
    return trigger_client_event(response, "toast", {"text": told, "tone": "success"})


def _until(days: str) -> datetime | None:
    return timezone.now() + timedelta(days=int(days)) if days != FOR_GOOD else None


def _dialog(
    request: HttpRequest, row: Conversation, network: str, *, reason: str = "", days: str = "7", error: str = ""
) -> HttpResponse:
    context = {
        "conversation": row,
        "shop": row.shop,
        "network": network,
        "current": block_of(row.buyer, timezone.now()),
        "periods": PERIODS,
        "reason": reason,
        "days": days,
        "error": error,
        "max_reason": MAX_REASON,
    }
    template = "chat/_block_form.html" if error else "chat/block.html"
    return render(request, template, context, status=422 if error else 200)


@shop_page(Permission.BUYERS_BLOCK)
def chat_blocks(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """The shop's blocks, the newest first; addresses for those alone who may block them."""
    rows = blocks_of(shop, addresses=actor.may(Permission.ADDRESSES_BLOCK))
    before = query(request).number("before")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE_SIZE + 1])
    context = {
        "shop": shop,
        "blocks": found[:PAGE_SIZE],
        "more": found[PAGE_SIZE - 1].pk if len(found) > PAGE_SIZE else None,
        "now": timezone.now(),
    }
    return render(request, "chat/blocks.html", context)


@require_POST
@shop_page(Permission.BUYERS_BLOCK)
def chat_unblock(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    block = blocks_of(shop, addresses=actor.may(Permission.ADDRESSES_BLOCK)).filter(pk=pk).first()
    if block is None:
        raise Http404
    unblock(block=block)
    messages.success(request, _("The block is ended."))
    return redirect("chat_blocks", shop.slug)
