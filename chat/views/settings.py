"""The shop's chat for buyers: on or off, what stands at its top, where it may stand, the line that puts it there."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from agents.errors import Refused
from agents.models import Shop
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from chat.forms import ChatForm
from chat.opening import DEFAULT_ENTRY
from chat.selectors import settings_of
from chat.services import save_chat
from routing.engine.vocabulary import ENTRIES
from routing.words import PLACES


@shop_page(Permission.CHAT_SEE)
def chat_settings(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    return _page(request, shop, actor, ChatForm.of(settings_of(shop)))


@shop_page(Permission.CHAT_EDIT)
def chat_save(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """Put it in force; with something wrong the form comes back as it was typed (422)."""
    if request.method != "POST":
        return redirect("chat_settings", shop.slug)
    form = ChatForm(request.POST)
    if form.is_valid():
        try:
            save_chat(shop=shop, **form.values())
        except Refused as refused:
            form.add_error(refused.field or None, str(refused.message))
        else:
            messages.success(request, _("Saved. It holds from the next page that a buyer opens."))
            return redirect("chat_settings", shop.slug)
    return _page(request, shop, actor, form, status=422)


def _page(request: HttpRequest, shop: Shop, actor: Actor, form: ChatForm, status: int = 200) -> HttpResponse:
    row = settings_of(shop)
    widget = request.build_absolute_uri(reverse("chat_widget", args=[shop.slug]))
    entries = ENTRIES.get(shop.platform, ())  # type: ignore[call-overload]
    context = {
        "shop": shop,
        "form": form,
        "chat": row,
        "editable": actor.may(Permission.CHAT_EDIT),
        "line": f'<script src="{widget}" async></script>',
        "origin": request.build_absolute_uri("/").rstrip("/"),
        "entries": [(entry, PLACES.get(entry, entry)) for entry in entries],
        "default_entry": DEFAULT_ENTRY.get(shop.platform, ""),  # type: ignore[call-overload]
    }
    return render(request, "chat/settings.html", context, status=status)
