"""The rows that every event in a shop's lane reads, by statements that are worded once (config.statements)."""

import json
from functools import lru_cache

from django.db.models import TextField
from django.db.models.functions import Cast

from agents.models import SubAccount
from config.statements import Read, Rows
from conversations.models import Buyer, Conversation
from conversations.states import State
from routing.models import Lane

locked_lane = Rows(Lane, lambda shop: Lane.objects.select_for_update().filter(pk=shop))
named_conversation = Rows(
    Conversation, lambda shop, name: Conversation.objects.filter(shop=shop, external_id=name).order_by(), "buyer"
)
renamed_conversation = Rows(
    Conversation,
    lambda shop, name: Conversation.objects.filter(names__shop=shop, names__external_id=name).order_by(),
    "buyer",
)
open_conversation_of = Rows(
    Conversation,
    lambda shop, buyer: Conversation.objects.filter(shop=shop, buyer=buyer).exclude(state=State.CLOSED).order_by(),
)
"""Without the buyer, whom the asker has."""
named_buyer = Rows(Buyer, lambda shop, name: Buyer.objects.filter(shop=shop, external_id=name))

AGENT = (
    "pk",
    "name",
    "written_roles",
    "max_concurrent",
    "mobile_app",
    "enabled",
    "account_id",
    "status",
    "counter__open",
    "counter__waiting_replies",
    "counter__received_today",
    "counter__offline_today",
    "counter__counted_on",
    "counter__last_assigned",
)
agents_of = Read(
    lambda shop: (
        SubAccount.objects.filter(shop=shop)
        .order_by()
        .annotate(written_roles=Cast("roles", TextField()))
        .values_list(*AGENT)
    )
)
"""AGENT of each, in no order. `written_roles` as `read_roles` takes them: a shop has a thousand places and few sets of
roles, which are read once."""


@lru_cache(maxsize=1024)
def read_roles(written: str) -> frozenset[str]:
    return frozenset(json.loads(written))
