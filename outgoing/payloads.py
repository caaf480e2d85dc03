"""What a webhook is told of an event: the shapes of CONTRACT 5, as the stream has them."""

from collections.abc import Iterable, Iterator
from typing import Any

from rest_framework.utils.encoders import JSONEncoder

from agents.models import Shop
from conversations.states import State
from metrics.api.serializers import PenaltySerializer
from metrics.api.views import told_penalty
from metrics.selectors import penalty_window
from outgoing.vocabulary import WebhookEvent
from routing.engine.vocabulary import Outcome
from routing.stream.telling import Changed, Told

Event = tuple[str, dict[str, Any]]
"""Its name, and what it is about."""


def events_of(told: Told) -> Iterator[Event]:
    """The events of one row, in the order in which they came about: opened, said, closed, and who got what."""
    if told.kind == "penalty":
        yield from _penalty(told)
        return
    known = {change.pk: change for change in told.changed}
    for change in told.changed:
        if change.was is None:
            yield WebhookEvent.OPENED, _about(told, change)
    if told.message is not None and told.message.conversation_id in known:
        change = known[told.message.conversation_id]
        yield WebhookEvent.MESSAGE, _about(told, change) | {"message": told.words(told.message)}
    for change in told.changed:
        if change.now[0] == State.CLOSED and (change.was is None or change.was[0] != State.CLOSED):
            yield WebhookEvent.CLOSED, _about(told, change)
    for pk, decision in told.decisions:
        if pk in known:
            event = WebhookEvent.QUEUED if decision["outcome"] == Outcome.QUEUED else WebhookEvent.ASSIGNED
            yield event, _about(told, known[pk]) | {"decision": decision}


def _about(told: Told, change: Changed) -> dict[str, Any]:
    return {"conversation": told.conversation(change.row) if change.row else {"id": change.pk}}


def _penalty(told: Told) -> Iterator[Event]:
    row = penalty_window(told.shop, told.extra["penalty"])
    if row is not None:
        yield f"penalty.{told.extra['change']}", {"penalty": dict(PenaltySerializer(told_penalty(row)).data)}


def webhook_body(shop: Shop, event: str, at: str, seq: int | None, about: dict[str, Any]) -> str:
    """The JSON that goes out, byte for byte what is signed."""
    head = {"event": event, "shop": shop.slug, "seq": seq, "at": at}
    return JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode(head | about)


def wanted(events: Iterable[Event], subscribed: Iterable[str]) -> list[Event]:
    chosen = set(subscribed)
    return [(event, about) for event, about in events if event in chosen]
