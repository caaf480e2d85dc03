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


@dataclass(frozen=True)
class Notices:
    """Deliveries and pushes that are about some conversations, among those up to two primary keys."""

    deliveries: frozenset[int]
    pushes: frozenset[int]
    last_delivery: int
    last_push: int


def erase_buyer(*, shop: Shop, buyer: str, now: datetime) -> Erased:
    """Delete what is personal of `buyer` in `shop` (docs/operations.md): texts, images, names, ids, what went out to
    other systems and is still listed here. Tokens of the chat from before end. Doing it again changes nothing.

    What went out is looked through before the shop is locked: with 300,000 deliveries that takes seconds. Under the
    lock only what has come since is looked at.

    Raises Refused `unknown_buyer`, and `conversation_open` while the buyer is being served.
    """
    conversations = Conversation.objects.filter(shop=shop, buyer__external_id=buyer)
    before = find_notices(shop, set(conversations.values_list("pk", flat=True)))
    with transaction.atomic():
        return _erase(shop, buyer, now, before)


def _erase(shop: Shop, buyer: str, now: datetime, before: Notices) -> Erased:
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
    since = find_notices(shop, set(conversations), before)
    notices = _drop(Delivery, before.deliveries | since.deliveries) + _drop(Push, before.pushes | since.pushes)
    # Not who: the log is kept longer than anything else.
    counted = {"conversations": len(conversations), "messages": messages}
    record(shop=shop, action=AuditAction.BUYER_ERASED, after=counted)
    return Erased(len(conversations), messages, notices, now)


def find_notices(shop: Shop, conversations: set[int], after: Notices | None = None) -> Notices:
    """Find the deliveries and pushes about `conversations`, sent or not; `after`: only those made since."""
    last_delivery, last_push = (after.last_delivery, after.last_push) if after else (0, 0)
    tags = {f"conversation-{key}" for key in conversations}
    deliveries, pushes = set[int](), set[int]()
    if not conversations:
        return Notices(frozenset(), frozenset(), last_delivery, last_push)
    for key, body in _bodies(Delivery.objects.filter(shop=shop, pk__gt=last_delivery)):
        last_delivery = max(last_delivery, key)
        if _about(body) & conversations:
            deliveries.add(key)
    for key, body in _bodies(Push.objects.filter(shop=shop, pk__gt=last_push)):
        last_push = max(last_push, key)
        if body.get("tag") in tags:
            pushes.add(key)
    return Notices(frozenset(deliveries), frozenset(pushes), last_delivery, last_push)


def _bodies(rows: Any) -> Any:
    """(key, content) of the rows whose content is JSON; the others are words to people about a shop."""
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
