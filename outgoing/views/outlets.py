"""对外通知: the shop's webhooks and alert channels; made, changed, switched, tested, removed."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agents.errors import Refused
from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from core.http.parameters import posted, query
from outgoing import services
from outgoing.forms import AlertForm, OutletForm, WebhookForm
from outgoing.labels import DELIVERY_STATES
from outgoing.models import Delivery, Outlet
from outgoing.selectors import (
    channels_of,
    deliveries_of,
    delivery_counts,
    outlets_of,
    recipients_of,
    webhooks_of,
)
from outgoing.signing import standard_secret
from outgoing.telling import told_deliveries, told_delivery_result, told_outlet
from outgoing.views.recipients import origin_of
from outgoing.vocabulary import DeliveryState, OutletKind

PAGE = 30


@shop_page(Permission.OUTGOING_SEE)
def outgoing(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    return _listed(request, shop, actor, webhooks=True)


@shop_page(Permission.OUTGOING_SEE)
def outgoing_alerts(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    return _listed(request, shop, actor, webhooks=False)


def _listed(request: HttpRequest, shop: Shop, actor: Actor, *, webhooks: bool) -> HttpResponse:
    rows = webhooks_of(shop) if webhooks else channels_of(shop)
    context = {
        "shop": shop,
        "webhooks": webhooks,
        "tabs": _tabs(shop, webhooks=webhooks),
        "outlets": [told_outlet(row) for row in rows],
        "editable": actor.may(Permission.OUTGOING_EDIT),
    }
    return render(request, "outgoing/list.html", context)


def _tabs(shop: Shop, *, webhooks: bool) -> list[dict[str, Any]]:
    counts = {True: webhooks_of(shop).count(), False: channels_of(shop).count()}
    names = {True: ("outgoing", "Webhook"), False: ("outgoing_alerts", _("Alerts"))}
    return [
        {"label": label, "href": reverse(name, args=[shop.slug]), "active": which == webhooks, "count": counts[which]}
        for which, (name, label) in names.items()
    ]


@shop_page(Permission.OUTGOING_EDIT, proof=True)
def outgoing_new(request: HttpRequest, shop: Shop, actor: Actor, what: str) -> HttpResponse:
    """The form for a new one. What has been made comes back as its own page, a webhook's secret on it, this once."""
    form = (WebhookForm if what == "webhook" else AlertForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            values = {"kind": OutletKind.WEBHOOK.value} | form.values()
            outlet = services.create_outlet(shop=shop, origin=origin_of(request), **values)
        except Refused as refused:
            form.add_error(refused.field or None, str(refused.message))
        else:
            secret = outlet.secret if outlet.kind == OutletKind.WEBHOOK else ""
            return _one(request, shop, actor, outlet, secret=secret, status=201)
    context = {"shop": shop, "form": form, "what": what}
    return render(request, "outgoing/new.html", context, status=422 if request.method == "POST" else 200)


@shop_page(Permission.OUTGOING_SEE)
def outgoing_one(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    """One outlet with what went to it."""
    return _one(request, shop, actor, _found(shop, pk))


@shop_page(Permission.OUTGOING_EDIT, proof=True)
def outgoing_save(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    if request.method != "POST":
        return redirect("outgoing_one", shop.slug, pk)
    outlet = _found(shop, pk)
    webhook = outlet.kind == OutletKind.WEBHOOK
    form = WebhookForm(request.POST) if webhook else AlertForm(request.POST).settled()
    if form.is_valid():
        try:
            services.change_outlet(outlet=outlet, origin=origin_of(request), **form.values())
        except Refused as refused:
            form.add_error(refused.field or None, str(refused.message))
        else:
            messages.success(request, _("Saved."))
            return redirect("outgoing_one", shop.slug, pk)
    return _one(request, shop, actor, outlet, form=form, status=422)


@require_POST
@shop_page(Permission.OUTGOING_EDIT)
def outgoing_switch(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    services.change_outlet(outlet=_found(shop, pk), on=posted(request).text("on") == "1")
    return redirect("outgoing_one", shop.slug, pk)


@require_POST
@shop_page(Permission.OUTGOING_EDIT, proof=True)
def outgoing_secret(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    """A new secret, shown in this answer and never again."""
    outlet = _found(shop, pk)
    if outlet.kind != OutletKind.WEBHOOK:
        raise Http404
    return _one(request, shop, actor, outlet, secret=services.renew_secret(outlet=outlet))


@require_POST
@shop_page(Permission.OUTGOING_EDIT)
def outgoing_remove(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    outlet = _found(shop, pk)
    services.remove_outlet(outlet=outlet)
    messages.success(request, _("“%(name)s” has been removed.") % {"name": outlet.name})
    return redirect("outgoing" if outlet.kind == OutletKind.WEBHOOK else "outgoing_alerts", shop.slug)


@require_POST
@shop_page(Permission.OUTGOING_EDIT)
def outgoing_test(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    outlet = _found(shop, pk)
    try:
        _said(request, services.send_test(outlet=outlet))
    except Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("outgoing_one", shop.slug, pk)


@require_POST
@shop_page(Permission.OUTGOING_EDIT)
def outgoing_repeat(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    """Send one delivery once more."""
    row = Delivery.objects.filter(shop=shop, pk=pk).select_related("outlet__shop").first()
    if row is None:
        raise Http404
    try:
        _said(request, services.repeat_delivery(delivery=row))
    except Refused as refused:
        messages.error(request, str(refused.message))
    return redirect("outgoing_one", shop.slug, row.outlet_id)


def _said(request: HttpRequest, row: Delivery) -> None:
    """What became of it, as a message of the next page."""
    say = messages.success if row.state == DeliveryState.DELIVERED else messages.error
    say(request, told_delivery_result(row))


def _found(shop: Shop, pk: int) -> Outlet:
    outlet = outlets_of(shop).filter(pk=pk).first()
    if outlet is None:
        raise Http404
    return outlet


def _one(
    request: HttpRequest,
    shop: Shop,
    actor: Actor,
    outlet: Outlet,
    *,
    form: OutletForm | None = None,
    secret: str = "",
    status: int = 200,
) -> HttpResponse:
    outlet = _found(shop, outlet.pk)
    webhook = outlet.kind == OutletKind.WEBHOOK
    state = query(request).text("state")
    state = state if state in set(DeliveryState) else ""
    page = Paginator(deliveries_of(outlet, state), PAGE).get_page(query(request).text("page"))
    context = {
        "shop": shop,
        "outlet": told_outlet(outlet),
        "webhook": webhook,
        "form": form or (WebhookForm.of(outlet) if webhook else AlertForm.of(outlet)),
        "secret": secret,
        "standard_secret": standard_secret(secret) if secret else "",
        "recipients": recipients_of(outlet),
        "editable": actor.may(Permission.OUTGOING_EDIT),
        "page": page,
        "deliveries": told_deliveries(page.object_list),
        "states": _states(outlet, state),
        "query": f"state={state}&" if state else "",
    }
    return render(request, "outgoing/one.html", context, status=status)


def _states(outlet: Outlet, chosen: str) -> list[dict[str, Any]]:
    """The filter over the deliveries: all, and each state that there is."""
    counts = delivery_counts(outlet)
    here = reverse("outgoing_one", args=[outlet.shop.slug, outlet.pk])
    labels = {"": _("Any state"), **DELIVERY_STATES}
    return [
        {"label": label, "href": f"{here}?state={state}", "active": state == chosen, "count": counts.get(state, 0)}
        for state, label in labels.items()
        if state == "" or counts.get(state)
    ]
