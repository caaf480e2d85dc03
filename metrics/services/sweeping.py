"""Keeping a shop's figures up with the clock and its messages, minute by minute (DESIGN 5)."""

from datetime import datetime, timedelta

from agents.models import Shop, SubAccount
from agents.vocabulary import Status
from metrics.formulas.days import day_of
from metrics.models import AssessmentState, BuyerDay, DirtyDay, PenaltyWindow
from metrics.services.assessing import keep_up
from metrics.services.following import last_number
from metrics.services.rebuilding import counted_by

MUCH = 5000
"""Buyers' days that are too many to be counted while somebody waits: some seconds."""
STALE = timedelta(minutes=10)
"""So long the hours of attendance may lag behind in a shop where nothing happens."""


def sweep_shop(*, shop: Shop, now: datetime) -> bool:
    """Assess what messages, decisions and the clock have touched; whether there was anything to do.

    Idempotent, and safe to run twice and at once. A quiet shop costs a few index look-ups.
    """
    if not _has_work(shop, now):
        return False
    keep_up(shop=shop, now=now)
    return True


def freshen(*, shop: Shop, now: datetime) -> datetime | None:
    """The same for somebody who waits for a page: what takes long is left to the jobs. When the figures are of, where
    they are behind; else None."""
    state = AssessmentState.objects.filter(shop=shop).first()
    if state is not None and state.assessed_at is not None:
        marks = DirtyDay.objects.filter(shop=shop)[: MUCH + 1].count()
        if state.counted_by != counted_by(shop) or marks > MUCH:
            return state.assessed_at
    sweep_shop(shop=shop, now=now)
    return None


def _has_work(shop: Shop, now: datetime) -> bool:
    state = AssessmentState.objects.filter(shop=shop).first()
    if state is None or state.assessed_at is None or state.counted_by != counted_by(shop):
        return True
    today = day_of(now, shop.zone)
    return (
        day_of(state.assessed_at, shop.zone) != today
        or last_number(shop) > state.cursor
        or _present_for_a_while(shop, state.assessed_at, now)
        or DirtyDay.objects.filter(shop=shop, date__lte=today).exists()
        or BuyerDay.objects.filter(shop=shop, changes_at__lte=now).exists()
        or PenaltyWindow.objects.filter(shop=shop, state="open", ends_at__lte=now).exists()
    )


def _present_for_a_while(shop: Shop, since: datetime, now: datetime) -> bool:
    present = SubAccount.objects.filter(shop=shop, status__in=(Status.ONLINE, Status.BREAK))
    return now - since >= STALE and present.exists()
