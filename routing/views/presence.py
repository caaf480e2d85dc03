import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from agents.errors import Forbidden, Refused
from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from routing import services
from routing.views.settings import refusal


@require_POST
@shop_page(Permission.STATUS_OWN)
def own_presence(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """One's own status (S3): the switch again, as it stands now."""
    me = actor.sub_account
    if me is None:
        return refusal(Forbidden("forbidden", ""))
    try:
        services.set_presence(
            shop=shop,
            agent=me.name,
            status=request.POST.get("status", ""),
            by=actor.account,
            device=request.headers.get("User-Agent", "")[:200],
        )
    except Refused as refused:
        return refusal(refused)
    me.refresh_from_db(fields=["status", "status_since"])
    if not getattr(request, "htmx", False):
        return redirect("shop_home", shop.slug)
    response = render(request, "_partials/status_switch.html")
    response["HX-Trigger"] = json.dumps({"presence": {"status": me.status}})
    return response
