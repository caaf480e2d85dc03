"""One conversation's thread: its end, drawn again with each message, and older pieces as somebody scrolls up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRedirect, trigger_client_event

from agents.models import Shop, SubAccount
from agents.permissions import Actor, Permission
from agents.services import record_readings
from agents.views.access import shop_page
from conversations.models import Conversation
from conversations.states import State
from core.http.parameters import query
from metrics.formulas.definitions import Definition
from metrics.selectors.clocks import Clock, reply_clocks, strictest
from metrics.selectors.threads import Piece, earlier_piece, latest_piece, visits_of
from metrics.selectors.workbench import find_visible, lane_numbers
from routing.engine.vocabulary import REPEAT_VISIT
from routing.explanations import told_decisions, told_sentences
from routing.handover import handover_targets
from routing.selectors import last_decision, place_of
from routing.words import PLACES, order_words

LONGEST_SEEN = 50_000
"""Characters: a number for each of a person's shops."""
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
    if query(request).text("seen", most=LONGEST_SEEN) == seen([me_of(actor)], now):
        return HttpResponse(status=204)
    note_reading(actor, row)
    first = query(request).number("first")
    context = thread_context(actor, row, now, first=first)
    context |= {"polled": True, "message_id": uuid4().hex, "gap": _gap(context["piece"], first)}
    context["answer_changed"] = query(request).text("writable") != str(int(bool(context["writable"])))
    response = render(request, "conversations/_thread_poll.html", context)
    if query(request).text("decisions") != str(row.decision_count):
        trigger_client_event(response, "decided", {})
    return response


@shop_page(Permission.CONVERSATIONS_OWN)
def conversation_aside(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    """What stands beside the thread: the buyer, why the conversation came here, to whom it may be given."""
    row = visible_or_404(actor, pk)
    decision = last_decision(row)
    mine = row.holder_id == me_of(actor).pk
    context = facts_of(row) | {
        "shop": shop,
        "conversation": row,
        "mine": mine,
        "may_act": _may_act(actor, row, mine),
        "why": told_decisions(shop, [decision], me_of(actor))[0] if decision is not None else None,
        "targets": handover_targets(actor, row),
        "visits": visits_of(row),
    }
    return render(request, "conversations/_aside.html", context)


def _gap(piece: object, first: int | None) -> bool:
    """The page shows from `first` on, the piece begins later: what lies between is fetched anew on scrolling."""
    return isinstance(piece, Piece) and first is not None and piece.first != first


@shop_page(Permission.CONVERSATIONS_OWN)
def conversation_earlier(request: HttpRequest, shop: Shop, actor: Actor, pk: int) -> HttpResponse:
    """The piece before the message `before`, in place of the mark that asked for it."""
    row, before = read_or_404(actor, pk), query(request).number("before")
    if before is None:
        raise BadRequest("before")
    piece = earlier_piece(row, strictest(shop, timezone.now()), before)
    return render(request, "conversations/_earlier.html", piece_context(actor, row, piece))


def read_or_404(actor: Actor, pk: int) -> Conversation:
    """The conversation, to show what was said in it: noted for who does not hold it."""
    row = visible_or_404(actor, pk)
    note_reading(actor, row)
    return row


def note_reading(actor: Actor, row: Conversation) -> None:
    record_readings(actor=actor, conversations=[(row.pk, row.holder_id)])


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
    sentences = told_sentences(actor.shop, [item.decision for item in piece.items if item.decision], me_of(actor))
    return {
        "shop": actor.shop,
        "me": me_of(actor),
        "conversation": row,
        "piece": piece,
        "items": [(item, sentences.get(item.decision.pk) if item.decision else None) for item in piece.items],
    }


@dataclass(frozen=True, slots=True)
class Known:
    """What the list beside the thread has found out already."""

    definition: Definition | None
    clock: Clock | None
    seen: str


def thread_context(
    actor: Actor, row: Conversation, now: datetime, known: Known | None = None, first: int | None = None
) -> dict[str, object]:
    """`first`: the first message that the page shows already; the piece reaches back to it."""
    shop, me = actor.shop, me_of(actor)
    if known is None:
        definition = strictest(shop, now)
        known = Known(definition, reply_clocks(shop, [row], definition, now).get(row.pk), seen([me], now))
    mine = row.holder_id == me.pk
    context = piece_context(actor, row, latest_piece(row, known.definition, first)) | facts_of(row)
    return context | {
        "now": now,
        "seen_thread": known.seen,
        "clock": known.clock,
        "mine": mine,
        "writable": mine and row.state == State.OPEN,
        "may_act": _may_act(actor, row, mine),
        "place": place_of(row),
    }


def facts_of(row: Conversation) -> dict[str, object]:
    """From where, about which order, under which labels: in words."""
    return {
        "entry": PLACES.get(row.entry, row.entry),
        "order_status": order_words(row.order_status, row.shop.platform, row.order_by_card),  # type: ignore[attr-defined]
        "labels": [LABELS.get(label, label) for label in row.labels],
    }


def _may_act(actor: Actor, row: Conversation, mine: bool) -> bool:
    return row.state != State.CLOSED and (mine or actor.may(Permission.TRANSFER_ALL))
