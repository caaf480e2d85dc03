"""The counters against the truth: what the conversations and decisions say."""

import logging
from collections.abc import Mapping
from datetime import datetime

from django.db.models import Count, Q

from agents.models import Shop
from conversations.models import Conversation
from conversations.states import State
from routing.models import AgentCounter, CounterDrift
from routing.services.lane import in_lane

log = logging.getLogger(__name__)


def truth_of(shop: Shop) -> dict[int, dict[str, int]]:
    """Per sub-account key: `open` and `waiting_replies` as the conversations say."""
    held = Conversation.objects.for_shop(shop).filter(state=State.OPEN).order_by()
    rows = held.values("holder").annotate(
        open=Count("pk"), waiting_replies=Count("pk", filter=Q(unanswered_since__isnull=False))
    )
    return {row["holder"]: {"open": row["open"], "waiting_replies": row["waiting_replies"]} for row in rows}


def compare_counters(*, shop: Shop) -> list[CounterDrift]:
    """Report every counter that differs from the truth, and set it right. Empty is what it should be."""
    with in_lane(shop) as work:
        truth = truth_of(shop)
        drifts = [
            drift
            for row in AgentCounter.objects.filter(shop=shop)
            for drift in _drifts(row, truth.get(row.pk, {}), work.at)
        ]
        CounterDrift.objects.bulk_create(drifts)
    for drift in drifts:
        log.error("counter drift: shop %s, %s", shop.slug, drift)
    return drifts


def _drifts(row: AgentCounter, truth: Mapping[str, int], at: datetime) -> list[CounterDrift]:
    wrong = {
        name: (getattr(row, name), truth.get(name, 0))
        for name in ("open", "waiting_replies")
        if getattr(row, name) != truth.get(name, 0)
    }
    if wrong:
        AgentCounter.objects.filter(pk=row.pk).update(**{name: true for name, (_, true) in wrong.items()})
    return [
        CounterDrift(shop_id=row.shop_id, sub_account_id=row.pk, at=at, counter=name, counted=counted, truth=true)
        for name, (counted, true) in wrong.items()
    ]
