"""From the beginning: when what a shop's rollups are counted by has changed."""

import hashlib
from datetime import date, datetime

from agents.models import Shop
from conversations.models import Message
from metrics.formulas.days import day_of, days
from metrics.formulas.definitions import PRESETS
from metrics.formulas.measures import MEASURES
from metrics.models import AssessmentState, Attendance, BuyerDay, RateRollup, Rollup
from metrics.services.following import last_number, mark_dirty
from metrics.services.horizon import since_kept
from routing.models import Decision

FORMULAS = 2
"""Raised by whoever changes what facts hold, or what follows from them: every shop is then counted anew."""


def counted_by(shop: Shop) -> str:
    """What facts and rollups depend on beside the messages and the shop's own values."""
    presets = [preset for preset in PRESETS if preset.platform == shop.platform]
    return hashlib.sha256(repr((FORMULAS, MEASURES, shop.timezone, presets)).encode()).hexdigest()


def start_anew(state: AssessmentState, now: datetime) -> None:
    """Drop what was counted, and mark every day with messages or decisions. Must run with the state locked.

    Days whose messages have been dropped keep their figures: nothing is left that they could be counted from.
    """
    shop = state.shop
    # Numbered first: whatever comes after is followed, what came before is marked.
    state.cursor = last_number(shop)
    for model in (BuyerDay, Rollup, RateRollup, Attendance):
        model.objects.filter(since_kept(shop), shop=shop).delete()
    messages, decisions = Message.objects.filter(shop=shop), Decision.objects.filter(shop=shop)
    moments = [
        found
        for rows, name in ((messages, "sent_at"), (decisions, "at"))
        if (found := rows.order_by(name).values_list(name, flat=True).first()) is not None
    ]
    state.counted_by = counted_by(shop)
    if moments:
        to_come = {day_of(at, shop.zone) for at in messages.filter(sent_at__gt=now).values_list("sent_at", flat=True)}
        first = max(day_of(min(moments), shop.zone), shop.kept_from or date.min)
        mark_dirty(shop, to_come | set(days(first, day_of(now, shop.zone))))
