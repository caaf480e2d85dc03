"""Confirming an alert address: the page behind the link of the mail, and sending that mail once more."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from agents.errors import Refused
from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from core.http.parameters import posted
from outgoing.selectors import outlets_of
from outgoing.services.recipients import LinkInvalid, ask_again, confirm, read_link


@require_http_methods(["GET", "POST"])
def outgoing_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what would be confirmed, POST confirms it; no sign-in. 410 for a link that is not valid any more."""
    try:
        row = confirm(token=token) if request.method == "POST" else read_link(token)
    except LinkInvalid:
        return render(request, "outgoing/confirm.html", {"recipient": None}, status=410)
    with translation.override(row.language):
        return render(request, "outgoing/confirm.html", {"recipient": row, "token": token})


@require_POST
@shop_page(Permission.OUTGOING_EDIT)
def outgoing_ask(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    """Send the confirmation mail to one address of a channel once more."""
    outlet = outlets_of(shop).filter(pk=pk).first()
    if outlet is None:
        raise Http404
    try:
        ask_again(outlet=outlet, address=posted(request).text("address"), origin=origin_of(request))
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("The mail goes out now."))
    return redirect("outgoing_one", shop.slug, pk)


def origin_of(request: HttpRequest) -> str:
    """Return scheme and host of this installation, as the caller has reached it."""
    return request.build_absolute_uri("/").rstrip("/")
