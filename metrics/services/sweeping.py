"""Keeping a shop's figures up with the clock and its messages, minute by minute (DESIGN 5)."""

from datetime import datetime, timedelta

from django.db.models import Max

from agents.models import Shop
from conversations.models import Message
from metrics.formulas.days import day_of
from metrics.models import AssessmentState, DayRate, DirtyDay, PenaltyWindow
from metrics.services.assessing import assess


def sweep_shop(*, shop: Shop, now: datetime) -> bool:
    """Assess yesterday, today and whatever days messages have touched; whether there was anything to do.

    Idempotent, and safe to run twice and at once. A quiet shop costs a few index look-ups.
    """
    if not _has_work(shop, now):
        return False
    today = day_of(now, shop.zone)
    assess(shop=shop, date_from=today - timedelta(days=1), date_to=today, now=now)
    return True


def _has_work(shop: Shop, now: datetime) -> bool:
    state = AssessmentState.objects.filter(shop=shop).first()
    if state is None or state.assessed_at is None:
        return True
    today = day_of(now, shop.zone)
    if day_of(state.assessed_at, shop.zone) != today:
        return True
    messages = Message.objects.filter(shop=shop)
    return (
        (messages.aggregate(last=Max("seq"))["last"] or 0) > state.cursor
        or messages.filter(sent_at__gt=state.assessed_at, sent_at__lte=now).exists()
        or DirtyDay.objects.filter(shop=shop, date__lte=today).exists()
        or _waits_for_the_clock(shop, now)
    )


def _waits_for_the_clock(shop: Shop, now: datetime) -> bool:
    """Whether time alone may change something: questions still pending, a penalty whose end has come."""
    today = day_of(now, shop.zone)
    pending = DayRate.objects.filter(shop=shop, settled=False, date__lte=today, pending__gt=0)
    over = PenaltyWindow.objects.filter(shop=shop, state="open", ends_at__lte=now)
    return pending.exists() or over.exists()
