"""An agent's workbench: the list with its countdowns, one conversation with its thread.

The parts poll for themselves; each tells what it has seen, and is answered 204 while nothing has happened, so that
nobody's typing, focus or place in the thread is disturbed. What is done there is in routing.views.conversations.
"""

from datetime import datetime
from uuid import uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRedirect

from agents.models import Shop, SubAccount
from agents.permissions import Actor, Permission
from agents.views.access import shop_page
from conversations.models import Conversation
from conversations.states import State
from metrics.selectors.clocks import reply_clocks, strictest
from metrics.selectors.workbench import (
    MOST_MESSAGES,
    TABS,
    ThreadItem,
    WorkRow,
    find_visible,
    lane_number,
    own_figures,
    thread_items,
    visits_of,
    work_list,
)
from routing.engine.vocabulary import REPEAT_VISIT
from routing.explanations import ToldDecision, told_decisions
from routing.handover import handover_targets
from routing.selectors import place_of
from routing.words import PLACES, status_words

TAB_LABELS = {
    "open": _("In progress"),
    "queue": _("In line"),
    "offline": _("Notes left"),
    "recent": _("Recent"),
}
LABELS = {REPEAT_VISIT: _("Repeat visit")}


@shop_page(Permission.CONVERSATIONS_OWN)
def conversations(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """The list alone; on a wide screen with an empty place for a thread."""
    now = timezone.now()
    return render(request, "conversations/workbench.html", list_context(request, actor, now, None))


@shop_page(Permission.CONVERSATIONS_OWN)
def conversation(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    """One conversation beside the list; on the phone the thread alone."""
    row, now = visible_or_404(actor, pk), timezone.now()
    context = list_context(request, actor, now, row) | thread_context(actor, row, now)
    context |= {"targets": handover_targets(actor, row), "visits": visits_of(row), "message_id": uuid4().hex}
    return render(request, "conversations/workbench.html", context)


@shop_page(Permission.CONVERSATIONS_OWN)
def conversations_list(request: HttpRequest, shop: Shop, actor: Actor) -> HttpResponse:
    """The list again (polled): 204 while nothing has happened in the shop this minute."""
    now = timezone.now()
    if request.GET.get("seen") == seen(shop, now):
        return HttpResponse(status=204)
    opened = request.GET.get("opened", "")
    row = find_visible(actor, int(opened)) if opened.isdigit() else None
    return render(request, "conversations/_list.html", list_context(request, actor, now, row))


@shop_page(Permission.CONVERSATIONS_OWN)
def conversation_thread(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    """The thread again (polled), and whatever else of the page its change concerns."""
    row, now = find_visible(actor, pk), timezone.now()
    if row is None and getattr(request, "htmx", False):
        # It was open here a moment ago: somebody else holds it now.
        messages.info(request, _("You no longer hold that conversation."))
        return HttpResponseClientRedirect(reverse("conversations", args=[shop.slug]))
    if row is None:
        raise Http404
    if request.GET.get("seen") == seen(shop, now):
        return HttpResponse(status=204)
    context = thread_context(actor, row, now) | {"polled": True, "message_id": uuid4().hex}
    context["answer_changed"] = request.GET.get("writable") != str(int(bool(context["writable"])))
    context["why_changed"] = request.GET.get("decisions") != str(row.decision_count)
    return render(request, "conversations/_thread_poll.html", context)


def visible_or_404(actor: Actor, pk: int) -> Conversation:
    row = find_visible(actor, pk)
    if row is None:
        raise Http404
    return row


def me_of(actor: Actor) -> SubAccount:
    if actor.sub_account is None:
        raise Http404
    return actor.sub_account


def seen(shop: Shop, now: datetime) -> str:
    """Changes with every event of the shop, and with the minute: figures and late ones follow the clock."""
    return f"{lane_number(shop)}-{int(now.timestamp()) // 60}"


def list_context(request: HttpRequest, actor: Actor, now: datetime, opened: Conversation | None) -> dict[str, object]:
    me, mark = me_of(actor), seen(actor.shop, now)
    tab = request.GET.get("tab", "")
    if tab not in TABS:
        tab = tab_of(opened, me)
    found = work_list(me, tab, now)
    return {
        "shop": actor.shop,
        "me": me,
        "now": now,
        "seen": mark,
        "tab": tab,
        "tabs": [{"key": key, "label": TAB_LABELS[key], "count": found.counts.get(key)} for key in TABS],
        "list": found,
        "waiting": [told_row(row, actor.shop) for row in found.waiting],
        "others": [told_row(row, actor.shop) for row in found.others],
        "opened": opened.pk if opened else None,
        "own": own_figures(me, now),
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


def told_row(row: WorkRow, shop: Shop) -> dict[str, object]:
    status = row.conversation.order_status
    return {"row": row, "order_status": status_words(status, shop.platform) if status else ""}


def thread_context(actor: Actor, row: Conversation, now: datetime) -> dict[str, object]:
    shop, me = actor.shop, me_of(actor)
    definition = strictest(shop, now)
    items = thread_items(row, definition, MOST_MESSAGES)
    told = told_decisions(shop, [item.decision for item in items if item.decision], me)
    by_decision = {one.decision.pk: one for one in told}
    mine = row.holder_id == me.pk
    return {
        "shop": shop,
        "me": me,
        "now": now,
        "seen": seen(shop, now),
        "conversation": row,
        "entry": PLACES.get(row.entry, row.entry),
        "order_status": status_words(row.order_status, shop.platform) if row.order_status else "",
        "labels": [LABELS.get(label, label) for label in row.labels],
        "cut": sum(item.message is not None for item in items) == MOST_MESSAGES,
        "items": [(item, told_item(item, by_decision)) for item in items],
        "clock": reply_clocks(shop, [row], definition, now).get(row.pk),
        "counts_robot": definition.counts_robot if definition else None,
        "hours": definition,
        "why": told[-1] if told else None,
        "mine": mine,
        "writable": mine and row.state == State.OPEN,
        "may_act": row.state != State.CLOSED and (mine or actor.may(Permission.TRANSFER_ALL)),
        "place": place_of(row),
    }


def told_item(item: ThreadItem, told: dict[int, ToldDecision]) -> ToldDecision | None:
    return told.get(item.decision.pk) if item.decision else None
