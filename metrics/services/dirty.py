"""Which shop days are to be counted again because messages came that touch them (METRICS 2, P5)."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from typing import TypeVar

from django.db.models import Exists, OuterRef

from agents.models import Shop
from conversations.models import Message
from conversations.states import Sender
from metrics.formulas.days import day_of
from metrics.models import AssessmentState, DirtyDay

CHUNK = 500
T = TypeVar("T")


def touched_days(shop: Shop, conversations: Collection[int], since: datetime) -> set[date]:
    """The days whose figures may change when messages of `since` or later came into `conversations`.

    Those on which a buyer wrote in them, but for days that end before an agent's message older than `since`: what
    was asked before it was answered, and is owned, whatever comes now.
    """
    answered_before = Message.objects.filter(
        conversation=OuterRef("conversation"),
        sender=Sender.AGENT,
        sent_at__gt=OuterRef("sent_at"),
        sent_at__lt=since,
    )
    asked = Message.objects.filter(~Exists(answered_before), conversation__in=conversations, sender=Sender.BUYER)
    return {day_of(at, shop.zone) for at in asked.order_by().values_list("sent_at", flat=True).iterator()}


def mark_dirty(shop: Shop, days: Iterable[date]) -> None:
    """Have `days` counted again by the next assessment that reaches them."""
    DirtyDay.objects.bulk_create(DirtyDay(shop=shop, date=day) for day in sorted(set(days)))


def follow_messages(state: AssessmentState) -> set[date]:
    """The days touched by the messages after the shop's cursor, which moves on (not saved here).

    Must run with the shop's AssessmentState locked. The lane numbers messages in the order of their commits, so
    none is passed over (DESIGN 3).
    """
    shop = state.shop
    rows = (
        Message.objects.filter(shop=shop, seq__gt=state.cursor)
        .order_by("seq", "pk")
        .values_list("seq", "conversation_id", "sent_at")
    )
    found: set[date] = set()
    for chunk in _chunks(rows.iterator(chunk_size=2000)):
        found |= touched_days(shop, {conversation for _, conversation, _ in chunk}, min(at for _, _, at in chunk))
        state.cursor = max(state.cursor, chunk[-1][0])
    return found


def _chunks(rows: Iterable[T]) -> Iterator[list[T]]:
    left = iter(rows)
    while chunk := list(islice(left, CHUNK)):
        yield chunk
