"""Which buyers' days are to be counted again because something came that touches them (METRICS 2, P5)."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from agents.models import Shop
from conversations.models import Conversation, Message, Rating
from conversations.states import Sender
from metrics.formulas.days import day_of
from metrics.models import AssessmentState, DirtyDay
from metrics.services.rollups import pieces
from routing.models import Decision, Lane

CHUNK = 500
AGAIN = timedelta(minutes=5)
"""Closes and ratings carry no number. They are looked for by their time, so far back for what commits late."""

BuyerDate = tuple[date, int]


def touched_days(shop: Shop, conversations: Collection[int], since: datetime) -> set[BuyerDate]:
    """The buyers' days whose figures may change when something of `since` or later came into `conversations`.

    Those on which a buyer wrote in them, but for days that end before an agent's message older than `since`: what
    was asked before it was answered, and is owned, whatever comes now; and those of their decisions.
    """
    answered_before = Message.objects.filter(
        conversation=OuterRef("conversation"),
        sender=Sender.AGENT,
        sent_at__gt=OuterRef("sent_at"),
        sent_at__lt=since,
    )
    said = Message.objects.filter(conversation__in=conversations).order_by()
    asked = said.filter(~Exists(answered_before), sender=Sender.BUYER)
    of_then = said.filter(sent_at__gte=since)
    decided = Decision.objects.filter(shop=shop, conversation__in=conversations).order_by()
    rows = (
        *asked.values_list("sent_at", "conversation__buyer_id"),
        *of_then.values_list("sent_at", "conversation__buyer_id"),
        *decided.values_list("at", "conversation__buyer_id"),
    )
    return {(day_of(at, shop.zone), buyer) for at, buyer in rows}


def mark_dirty(shop: Shop, wanted: Iterable[date]) -> None:
    """Have whole days counted again by the next assessment that reaches them."""
    DirtyDay.objects.bulk_create(DirtyDay(shop=shop, date=day) for day in sorted(set(wanted)))


def mark_touched(shop: Shop, wanted: Iterable[BuyerDate]) -> None:
    """The same for single buyers' days."""
    rows = (DirtyDay(shop=shop, date=day, buyer_id=buyer) for day, buyer in sorted(set(wanted)))
    DirtyDay.objects.bulk_create(rows, batch_size=CHUNK)


def follow(state: AssessmentState) -> None:
    """Mark what has been touched since the shop was last followed; the cursor moves on (not saved here).

    Must run with the shop's AssessmentState locked. The lane numbers messages and decisions in the order of their
    commits, so none is passed over (DESIGN 3).
    """
    shop, last = state.shop, last_number(state.shop)
    new = {"shop": shop, "seq__gt": state.cursor, "seq__lte": last}
    for rows in (
        Message.objects.filter(**new).order_by("seq", "pk").values_list("conversation_id", "sent_at"),
        Decision.objects.filter(**new).order_by("seq", "pk").values_list("conversation_id", "at"),
    ):
        for chunk in pieces(rows.iterator(chunk_size=2000), CHUNK):
            conversations = {conversation for conversation, _ in chunk}
            mark_touched(shop, touched_days(shop, conversations, min(at for _, at in chunk)))
    state.cursor = last
    if state.assessed_at is not None:
        _ended(shop, state.assessed_at - AGAIN)


def last_number(shop: Shop) -> int:
    """The number of the last thing that happened in the shop; whatever has a lower one is there already."""
    return max(rows.first() or 0 for rows in last_numbers(shop))


def last_numbers(shop: Shop) -> list[QuerySet[Any, int]]:
    """That of the lane, and what messages and decisions say, each as a query of one number."""
    found = (rows.filter(shop=shop).order_by("-seq") for rows in (Lane.objects, Message.objects, Decision.objects))
    return [rows.values_list("seq", flat=True)[:1] for rows in found]


def _ended(shop: Shop, since: datetime) -> None:
    """What was closed or rated: it tells of the days of its decisions, and of the rating's own."""
    closed = Conversation.objects.filter(shop=shop, closed_at__gt=since, imported=False)
    rated = list(Rating.objects.filter(shop=shop, at__gt=since).values_list("at", "conversation__buyer_id"))
    decided = Decision.objects.filter(shop=shop, conversation__in=closed).order_by()
    rows = [*rated, *decided.values_list("at", "conversation__buyer_id")]
    mark_touched(shop, {(day_of(at, shop.zone), buyer) for at, buyer in rows})
