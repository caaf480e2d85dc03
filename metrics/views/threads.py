"""One conversation's thread: its end, drawn again with each message, and older pieces as somebody scrolls up."""

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import BadRequest
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
from metrics.selectors.threads import Piece, earlier_piece, latest_piece
from metrics.selectors.workbench import find_visible, lane_numbers
from routing.engine.vocabulary import REPEAT_VISIT
from routing.explanations import ToldDecision, told_decisions
from routing.selectors import last_decision, place_of
from routing.words import PLACES, status_words

LABELS = {REPEAT_VISIT: _("Repeat visit")}


@shop_page(Permission.CONVERSATIONS_OWN)
def conversation_thread(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    """The thread again, and whatever else of the page its change concerns."""
    row, now = find_visible(actor, pk), timezone.now()
    if row is None and getattr(request, "htmx", False):
        # It was open here a moment ago: somebody else holds it now.
        messages.info(request, _("You no longer hold that conversation."))
        return HttpResponseClientRedirect(reverse("conversations", args=[shop.slug]))
    if row is None:
        raise Http404
    if request.GET.get("seen") == seen([me_of(actor)], now):
        return HttpResponse(status=204)
    first = request.GET.get("first", "")
    context = thread_context(actor, row, now, int(first) if first.isdigit() else None)
    context |= {"polled": True, "message_id": uuid4().hex, "gap": _gap(context["piece"], first)}
    context["answer_changed"] = request.GET.get("writable") != str(int(bool(context["writable"])))
    context["why_changed"] = request.GET.get("decisions") != str(row.decision_count)
    return render(request, "conversations/_thread_poll.html", context)


def _gap(piece: object, first: str) -> bool:
    """The page shows from `first` on, the piece begins later: what lies between is fetched anew on scrolling."""
    return isinstance(piece, Piece) and first.isdigit() and piece.first != int(first)


@shop_page(Permission.CONVERSATIONS_OWN)
def conversation_earlier(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    """The piece before the message `before`, in place of the mark that asked for it."""
    row, before = visible_or_404(actor, pk), request.GET.get("before", "")
    if not before.isdigit():
        raise BadRequest("before")
    piece = earlier_piece(row, strictest(shop, timezone.now()), int(before))
    return render(request, "conversations/_earlier.html", piece_context(actor, row, piece))


def visible_or_404(actor: Actor, pk: int) -> Conversation:
    row = find_visible(actor, pk)
    if row is None:
        raise Http404
    return row


def me_of(actor: Actor) -> SubAccount:
    if actor.sub_account is None:
        raise Http404
    return actor.sub_account


def seen(places: Sequence[SubAccount], now: datetime) -> str:
    """Changes with every event of the shops, and with the minute: figures and late ones follow the clock."""
    return f"{lane_numbers(places)}-{int(now.timestamp()) // 60}"


def piece_context(actor: Actor, row: Conversation, piece: Piece) -> dict[str, object]:
    told = told_decisions(actor.shop, [item.decision for item in piece.items if item.decision], me_of(actor))
    by_decision = {one.decision.pk: one for one in told}
    return {
        "shop": actor.shop,
        "me": me_of(actor),
        "conversation": row,
        "piece": piece,
        "items": [(item, by_decision.get(item.decision.pk) if item.decision else None) for item in piece.items],
        "last_told": told[-1] if told else None,
    }


def thread_context(actor: Actor, row: Conversation, now: datetime, first: int | None = None) -> dict[str, object]:
    """`first`: the first message that the page shows already; the piece reaches back to it."""
    shop, me = actor.shop, me_of(actor)
    definition = strictest(shop, now)
    context = piece_context(actor, row, latest_piece(row, definition, first))
    mine = row.holder_id == me.pk
    return context | {
        "now": now,
        "seen": seen([me], now),
        "entry": PLACES.get(row.entry, row.entry),
        "order_status": status_words(row.order_status, shop.platform) if row.order_status else "",
        "labels": [LABELS.get(label, label) for label in row.labels],
        "clock": reply_clocks(shop, [row], definition, now).get(row.pk),
        "counts_robot": definition.counts_robot if definition else None,
        "hours": definition,
        "why": context["last_told"] or last_told(actor, row),
        "mine": mine,
        "writable": mine and row.state == State.OPEN,
        "may_act": row.state != State.CLOSED and (mine or actor.may(Permission.TRANSFER_ALL)),
        "place": place_of(row),
    }


def last_told(actor: Actor, row: Conversation) -> ToldDecision | None:
    """The decision in force, where it lies before the piece that is shown."""
    decision = last_decision(row)
    return told_decisions(actor.shop, [decision], me_of(actor))[0] if decision is not None else None
