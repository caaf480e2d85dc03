"""Keeping a shop's figures up with the clock and its messages, minute by minute (DESIGN 5)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, Subquery
from django.db.models.functions import Coalesce, Greatest

from agents.models import Shop, SubAccount
from agents.vocabulary import Status
from metrics.formulas.days import day_of
from metrics.models import AssessmentState, BuyerDay, DirtyDay, PenaltyWindow
from metrics.services.assessing import keep_up
from metrics.services.following import last_numbers
from metrics.services.rebuilding import counted_by

MUCH = 5000
"""Buyers' days that are too many to be counted while somebody waits: some seconds."""
STALE = timedelta(minutes=10)
"""So long the hours of attendance may lag behind in a shop where nothing happens."""


def sweep_shop(*, shop: Shop, now: datetime) -> bool:
    """Assess what messages, decisions and the clock have touched; whether there was anything to do.

    Idempotent, and safe to run twice and at once. A quiet shop costs one query of index look-ups.
    """
    look = _look(shop, now)
    if look is not None and not look.has_work(shop, now):
        return False
    keep_up(shop=shop, now=now)
    return True


def freshen(*, shop: Shop, now: datetime) -> datetime | None:
    """The same for somebody who waits for a page: what takes long is left to the jobs. When the figures are of, where
    they are behind; else None."""
    look = _look(shop, now)
    if look is not None and look.state.assessed_at is not None:
        marks = DirtyDay.objects.filter(shop=shop)[: MUCH + 1].count() if look.dirty else 0
        if look.state.counted_by != counted_by(shop) or marks > MUCH:
            return look.state.assessed_at
    if look is None or look.has_work(shop, now):
        keep_up(shop=shop, now=now)
    return None


@dataclass(frozen=True)
class _Look:
    """How far the shop has been counted, and what there is beside; one query."""

    state: AssessmentState
    last: int
    dirty: bool
    other: bool
    present: bool

    def has_work(self, shop: Shop, now: datetime) -> bool:
        at = self.state.assessed_at
        return (
            at is None
            or self.state.counted_by != counted_by(shop)
            or day_of(at, shop.zone) != day_of(now, shop.zone)
            or self.last > self.state.cursor
            or self.dirty
            or self.other
            or (self.present and now - at >= STALE)
        )


def _look(shop: Shop, now: datetime) -> _Look | None:
    """None: the shop has never been counted."""
    today = day_of(now, shop.zone)
    present = SubAccount.objects.filter(shop=shop, status__in=(Status.ONLINE, Status.BREAK))
    state = (
        AssessmentState.objects.filter(shop=shop)
        .annotate(
            last=Greatest(*(Coalesce(Subquery(number), 0) for number in last_numbers(shop))),
            dirty=Exists(DirtyDay.objects.filter(shop=shop, date__lte=today)),
            changing=Exists(BuyerDay.objects.filter(shop=shop, changes_at__lte=now)),
            over=Exists(PenaltyWindow.objects.filter(shop=shop, state="open", ends_at__lte=now)),
            present=Exists(present),
        )
        .first()
    )
    if state is None:
        return None
    told: Any = state
    return _Look(state, told.last, told.dirty, told.changing or told.over, told.present)
