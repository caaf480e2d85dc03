import json

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from agents.errors import Forbidden, Refused
from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.services import beat
from agents.views.access import shop_page
from routing import services
from routing.views.settings import refusal


@require_http_methods(["GET", "POST"])
@shop_page(Permission.STATUS_OWN)
def own_presence(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """One's own status (S3): the switch as it stands now; POST sets it first."""
    me = actor.sub_account
    if me is None:
        return refusal(Forbidden("forbidden", ""))
    if request.method == "GET":
        return render(request, "_partials/status_switch.html")
    try:
        services.set_presence(
            shop=shop,
            agent=me.name,
            status=request.POST.get("status", ""),
            by=actor.account,
            device=request.headers.get("User-Agent", "")[:200],
            lease=bool(getattr(request, "htmx", False)) or None,
        )
    except Refused as refused:
        return refusal(refused)
    me.refresh_from_db(fields=["status", "status_since"])
    if not getattr(request, "htmx", False):
        return redirect("shop_home", shop.slug)
    response = render(request, "_partials/status_switch.html")
    response["HX-Trigger"] = json.dumps({"presence": {"status": me.status}})
    return response


@require_POST
@shop_page(Permission.STATUS_OWN)
def own_beat(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """A sign of life of an open page: whether a lease hears it, and the status as it is now (others may change it)."""
    me = actor.sub_account
    if me is None:
        return JsonResponse({"held": False, "status": ""})
    return JsonResponse({"held": beat(sub_account=me, now=timezone.now()), "status": me.status})
