"""Deletion of one buyer's data, over all apps: what is personal goes, figures and the reasons of decisions stay."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from agents.errors import Refused
from agents.models import Shop
from agents.services import record
from agents.vocabulary import AuditAction
from conversations.models import Buyer, Conversation
from conversations.services.erasing import erase_conversations, erased_at
from conversations.states import State
from outgoing.models import Delivery, Push
from routing.models import Decision, Lane

PIECE = 500


@dataclass(frozen=True)
class Erased:
    """`at`: when it was done; before now where there was nothing left to do."""

    conversations: int
    messages: int
    notices: int
    at: datetime


@transaction.atomic
def erase_buyer(*, shop: Shop, buyer: str, now: datetime) -> Erased:
    """Delete what is personal of `buyer` in `shop` (docs/operations.md): texts, images, names, ids, what went out to
    other systems and is still listed here. Tokens of the chat from before end. Doing it again changes nothing.

    Raises Refused `unknown_buyer`, and `conversation_open` while the buyer is being served.
    """
    list(Lane.objects.select_for_update().filter(pk=shop.pk))
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    row = Buyer.objects.select_related("shop").filter(shop=shop, external_id=buyer).first()
    if row is None:
        if (at := erased_at(shop, [buyer]).get(buyer)) is not None:
            return Erased(0, 0, 0, at)
        raise Refused("unknown_buyer", _("There is no such buyer in this shop."), field="buyer", status=404)
    if Conversation.objects.filter(buyer=row).exclude(state=State.CLOSED).exists():
        raise Refused("conversation_open", _("The buyer has an open conversation: close it first."), status=409)
    conversations, messages = erase_conversations(buyer=row, now=now)
    Decision.objects.filter(shop=shop, conversation__in=conversations).exclude(reason="").update(reason="")
    notices = _forget_notices(shop, set(conversations))
    # Not who: the log is kept longer than anything else.
    told = {"conversations": len(conversations), "messages": messages}
    record(shop=shop, action=AuditAction.BUYER_ERASED, after=told)
    return Erased(len(conversations), messages, notices, now)


def _forget_notices(shop: Shop, conversations: set[int]) -> int:
    """Deliveries and pushes that are about one of these conversations, sent or not."""
    tags = {f"conversation-{key}" for key in conversations}
    deliveries = [key for key, body in _bodies(Delivery.objects.filter(shop=shop)) if _about(body) & conversations]
    pushes = [key for key, body in _bodies(Push.objects.filter(shop=shop)) if body.get("tag") in tags]
    return _drop(Delivery, deliveries) + _drop(Push, pushes)


def _bodies(rows: Any) -> Any:
    """(key, what it says) of those that say it as JSON; the others are words to people about a shop."""
    for key, body in rows.order_by().values_list("pk", "body").iterator(chunk_size=2000):
        if body.startswith("{"):
            yield key, json.loads(body)


def _about(body: dict[str, Any]) -> set[int]:
    named = {(body.get("conversation") or {}).get("id"), (body.get("message") or {}).get("conversation")}
    return {key for key in named if isinstance(key, int)}


def _drop(model: type[Delivery] | type[Push], keys: Collection[int]) -> int:
    listed, dropped = sorted(keys), 0
    for start in range(0, len(listed), PIECE):
        dropped += model._default_manager.filter(pk__in=listed[start : start + PIECE]).delete()[0]
    return dropped
