"""An agent's workbench: the list with its countdowns, one conversation beside it.

Its parts ask for themselves when the page hears that something has happened, and now and then; each tells what it has
seen, and is answered 204 while nothing has happened, so that nobody's typing, focus or place in the thread is
disturbed. The thread is in metrics.views.threads, what is done there in routing.views.conversations.
"""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents.models import Shop, SubAccount
from agents.permissions import Actor, Permission
from agents.services import record_readings
from agents.views.access import shop_page
from conversations.models import Conversation
from conversations.states import State
from core.http.parameters import query
from metrics.selectors.clocks import strictest
from metrics.selectors.search import search_conversations
from metrics.selectors.workbench import (
    TABS,
    WorkRow,
    answers_there,
    find_visible,
    own_figures,
    places_of,
    work_list,
)
from metrics.views.threads import LONGEST_SEEN, Known, me_of, read_or_404, seen, thread_context
from routing.words import order_words

LONGEST_SEARCH = 100
TAB_LABELS = {
    "open": _("In progress"),
    "queue": _("In line"),
    "offline": _("Notes left"),
    "recent": _("Recent"),
}


@shop_page(Permission.CONVERSATIONS_OWN)
def conversations(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """The list alone; on a wide screen with an empty place for a thread."""
    now = timezone.now()
    return render(request, "conversations/workbench.html", list_context(request, actor, now, None))


@shop_page(Permission.CONVERSATIONS_OWN)
def conversation(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    """One conversation beside the list; on the phone the thread alone."""
    row, now = read_or_404(actor, pk), timezone.now()
    context = list_context(request, actor, now, row)
    known = Known(context["definition"], context["list"].clocks.get(row.pk), context["seen"])
    context |= thread_context(actor, row, now, known)
    context["message_id"] = uuid4().hex
    return render(request, "conversations/workbench.html", context)


@shop_page(Permission.CONVERSATIONS_OWN)
def conversations_list(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """The list again (polled): 204 while nothing has happened in the shop this minute."""
    now = timezone.now()
    if query(request).text("seen", most=LONGEST_SEEN) == seen(my_places(request, actor), now):
        return HttpResponse(status=204)
    opened = query(request).number("opened")
    row = find_visible(actor, opened) if opened is not None else None
    return render(request, "conversations/_list.html", list_context(request, actor, now, row))


@shop_page(Permission.CONVERSATIONS_OWN)
def conversations_search(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """Conversations with the words asked for, in place of the list; nothing asked for: the list. `before`: the next
    ones alone."""
    words = query(request).text("q").strip()[:LONGEST_SEARCH]
    if not words:
        return render(request, "conversations/_list.html", list_context(request, actor, timezone.now(), None))
    before = query(request).number("before")
    found = search_conversations(actor, words, before)
    record_readings(
        actor=actor, conversations=[(hit.conversation.pk, hit.conversation.holder_id) for hit in found.hits]
    )
    context = {"shop": shop, "words": words, "found": found}
    template = "conversations/_hits.html" if before is not None else "conversations/_found.html"
    return render(request, template, context)


def list_context(request: HttpRequest, actor: Actor, now: datetime, opened: Conversation | None) -> dict[str, Any]:
    me, places = me_of(actor), my_places(request, actor)
    definitions = {place.shop_id: strictest(place.shop, now) for place in places}
    mark = seen(places, now)
    tab = query(request).text("tab")
    if tab not in TABS:
        tab = tab_of(opened, me)
    found = work_list(places, tab, now, definitions, opened)
    return {
        "shop": actor.shop,
        "me": me,
        "now": now,
        "seen": mark,
        "tab": tab,
        "tabs": [{"key": key, "label": TAB_LABELS[key], "count": found.counts.get(key)} for key in TABS],
        "list": found,
        "waiting": [told_row(row) for row in found.waiting],
        "others": [told_row(row) for row in found.others],
        "places": places if len(places) > 1 else [],
        "opened": opened.pk if opened else None,
        "own": own_figures(next((p for p in places if p.pk == me.pk), me), now, definitions.get(me.shop_id)),
        "definition": definitions.get(me.shop_id),
    }


def tab_of(opened: Conversation | None, me: SubAccount) -> str:
    """The tab that the open conversation stands under."""
    if opened is None or (opened.holder_id != me.pk and opened.state != State.QUEUED):
        return "open"
    if opened.state == State.QUEUED:
        return "queue"
    if opened.state == State.CLOSED:
        return "recent"
    return "offline" if opened.offline else "open"


def told_row(row: WorkRow) -> dict[str, object]:
    conversation = row.conversation
    words = order_words(conversation.order_status, conversation.shop.platform, row.order_by_card)
    return {"row": row, "order_status": words}


def my_places(request: HttpRequest, actor: Actor) -> list[SubAccount]:
    """All shops that the person answers in, the page's own among them; the page's frame shows the same rows."""
    rows = places_of(actor.account) if actor.account is not None else []
    request.my_places = rows  # type: ignore[attr-defined]
    return [row for row in rows if answers_there(row)]
