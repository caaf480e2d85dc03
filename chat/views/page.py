"""What a browser loads: the chat as a page of its own, and the script that puts it on another. No cookies."""

import json
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from chat.models import ChatSettings
from chat.opening import entry_of, order_status_of
from chat.selectors import chat_of
from chat.views.access import language_of
from chat.words import screen_words
from core.http.parameters import query

WIDGET = "js/chat_widget.js"
THEMES = ("auto", "light", "dark")


def _chat_or_404(slug: str) -> ChatSettings:
    chat = chat_of(slug)
    if chat is None:
        raise Http404
    return chat


@require_safe
@xframe_options_exempt
def chat_page(request: HttpRequest, shop: str) -> HttpResponse:
    """The chat whole: on its own, or inside a page of the websites that the shop lists and of no other."""
    chat = _chat_or_404(shop)
    language = language_of(query(request).text("lang"))
    theme = query(request).text("theme")
    with translation.override(language):
        context = {
            "chat": chat,
            "name": chat.title or chat.shop.name,
            "language": "zh-Hans" if language == "zh-hans" else language,
            "theme": theme if theme in THEMES else "auto",
            "config": _config(request, chat, language),
        }
        response = render(request, "chat/page.html", context)
    response._csp_replace = {  # type: ignore[attr-defined]
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "style-src-attr": [NONE],
        "img-src": [SELF, "blob:"],
        "connect-src": [SELF],
        "frame-ancestors": chat.origins or [NONE],
    }
    response["Referrer-Policy"] = "no-referrer"
    response["Content-Language"] = language
    response["Cache-Control"] = "no-store"
    return response


def _config(request: HttpRequest, chat: ChatSettings, language: str) -> dict[str, Any]:
    """What the scripts of the page need to know."""
    slug, given = chat.shop.slug, query(request)
    return {
        "shop": slug,
        "base": reverse("chat", args=[slug]),
        "language": language,
        "origins": chat.origins,
        "entry": entry_of(chat.shop.platform, given.text("entry")),
        "order_status": order_status_of(given.text("order_status")) or "",
        "order": {
            "number": given.text("order")[:60],
            "title": given.text("order_title")[:100],
            "price": given.text("order_price")[:30],
        },
        "words": screen_words(),
    }


@require_safe
def chat_widget(request: HttpRequest, shop: str) -> HttpResponse:
    """The script of the one line: which shop it is, and the same code for all."""
    chat = _chat_or_404(shop)
    told = {
        "zh-hans": _widget_words("zh-hans", chat),
        "en": _widget_words("en", chat),
        "origins": chat.origins,
    }
    known = f"(self.fenliuChats ??= {{}})[{json.dumps(chat.shop.slug)}] = {json.dumps(told)};\n"
    response = HttpResponse(known + _script(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "public, max-age=300"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _widget_words(language: str, chat: ChatSettings) -> dict[str, str]:
    with translation.override(language):
        name = chat.title or chat.shop.name
        return {
            "open": _("Contact us"),
            "title": _("Chat with %(name)s") % {"name": name},
            "unread": _("{count} new messages"),
            "close": _("Close the chat"),
            "opening": _("Opening the chat…"),
            "failed": _("The chat cannot be reached at the moment."),
            "retry": _("Load again"),
        }


def _script() -> str:
    found = finders.find(WIDGET)
    if found:
        return Path(found).read_text(encoding="utf-8")
    with staticfiles_storage.open(WIDGET) as stored:
        return str(stored.read().decode())
