"""One's own status (S3), and what becomes of open conversations when somebody goes."""

import json
from collections.abc import Sequence

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import reswap, retarget

from agents.errors import Forbidden, Refused
from agents.models import Shop, SubAccount
from agents.permissions import Actor, Permission
from agents.selectors import my_sub_accounts
from agents.views.access import shop_page
from agents.vocabulary import Status
from conversations.models import Conversation
from conversations.states import State
from core.http.parameters import posted
from routing import services
from routing.handover import colleagues
from routing.services import Leaving
from routing.views.refusals import said
from routing.views.settings import refusal


@require_http_methods(["GET", "POST"])
@shop_page(Permission.STATUS_OWN)
def own_presence(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """The switch as it stands now; POST sets it first, with `everywhere` in all shops that one answers in.

    Going offline with conversations open asks first what is to become of them (`then`, `to`).
    """
    me = actor.sub_account
    if me is None:
        return refusal(Forbidden("forbidden", ""))
    if request.method == "GET":
        return render(request, "_partials/status_switch.html")
    status, then = posted(request).text("status"), posted(request).text("then")
    places = _places(actor, me) if posted(request).has("everywhere") else [me]
    is_htmx = bool(getattr(request, "htmx", False))
    if is_htmx and status == Status.OFFLINE and then not in set(Leaving) and count_open(places)["open"]:
        return ask_leaving(request, actor, places)
    try:
        for place in places:
            _set(request, actor, place, status, then, is_htmx)
    except Refused as refused:
        return ask_leaving(request, actor, places, refused) if then in set(Leaving) else refusal(refused)
    me.refresh_from_db(fields=["status", "status_since"])
    if not is_htmx:
        return redirect("shop_home", shop.slug)
    response = render(request, "_partials/status_switch.html")
    response["HX-Trigger"] = json.dumps({"presence": {"status": me.status}, "dialogClose": {}, "listLive": {}})
    return response


def _set(request: HttpRequest, actor: Actor, place: SubAccount, status: str, then: str, is_htmx: bool) -> None:
    device = request.headers.get("User-Agent", "")[:200]
    if status == Status.OFFLINE and then in set(Leaving):
        to = posted(request).text("to")
        services.go_offline(
            shop=place.shop, agent=place.name, then=Leaving(then), to=to, by=actor.account, device=device
        )
        return
    # Where no script runs nothing could give a sign of life: then the status stands by itself.
    lease = True if is_htmx else None
    services.set_presence(
        shop=place.shop,
        agent=place.name,
        status=status,
        by=actor.account,
        device=device,
        lease=lease,
        session_key=request.session.session_key or "",
    )


def _places(actor: Actor, me: SubAccount) -> list[SubAccount]:
    """Where the person takes conversations; this shop in any case."""
    if actor.account is None:
        return [me]
    return [row for row in my_sub_accounts(actor.account) if row.is_agent or row.pk == me.pk]


def count_open(places: Sequence[SubAccount]) -> dict[str, int]:
    """Count the conversations that these places hold, and those in which the buyer waits for an answer."""
    held = Conversation.objects.filter(holder__in=places, state=State.OPEN)
    return held.aggregate(open=Count("pk"), waiting=Count("pk", filter=Q(unanswered_since__isnull=False)))


def ask_leaving(
    request: HttpRequest,
    actor: Actor,
    places: Sequence[SubAccount],
    refused: Refused | None = None,
    *,
    signing_out: bool = False,
) -> HttpResponse:
    """The dialog: keep, hand back, transfer; where several shops are concerned there is no one colleague of all."""
    context = {
        "action": reverse("sign_out") if signing_out else reverse("own_presence", args=[actor.shop.slug]),
        "signing_out": signing_out,
        "counts": count_open(places),
        "several": len(places) > 1,
        "targets": [] if len(places) > 1 else colleagues(actor),
        "error": "" if refused is None else said(refused),
        "then": posted(request).text("then") or Leaving.HAND_BACK,
        "to": posted(request).text("to"),
    }
    response = render(request, "conversations/leaving.html", context, status=200 if refused is None else 422)
    return reswap(retarget(response, "#dialog-host"), "innerHTML")
