from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from agents.errors import Refused
from agents.forms import KeyForm
from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.selectors import keys_of
from agents.services import create_key, revoke_key
from agents.views.access import shop_page


@shop_page(Permission.KEYS_EDIT, proof=True)
def shop_keys(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """The shop's keys for other programs. A new one is shown in the answer to its making, and never again."""
    form = KeyForm(request.POST or None)
    secret, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _key, secret = create_key(actor=actor, name=form.cleaned_data["name"])
                form, status = KeyForm(), 201
            except Refused as refused:
                form.add_error("name", str(refused.message))
    context = {"form": form, "keys": keys_of(shop), "secret": secret}
    return render(request, "agents/keys.html", context, status=status)


@require_POST
@shop_page(Permission.KEYS_EDIT, proof=True)
def shop_key_revoke(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    key = keys_of(shop).filter(pk=pk).first()
    if key is None:
        raise Http404
    revoke_key(actor=actor, key=key)
    messages.success(request, _("Key “%(name)s” is revoked.") % {"name": key.name})
    return redirect("shop_keys", shop.slug)
