"""Leases that are over: nothing was heard of the page for too long, or its session has ended."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from agents.models import PresenceLease, Shop, SubAccount
from agents.services import drop_lease
from agents.services.leases import lapsed_before
from agents.vocabulary import Status
from routing.services.lane import in_lane
from routing.services.people import put_presence

REASON = "silence"
SESSION_ENDED = "session_ended"
SUSPENDED = "suspended"
"""What the presence log says."""


def overdue_shops(now: datetime | None = None) -> list[Shop]:
    """The shops in which a lease is over, or a suspended place has a status still."""
    late = _over(now or timezone.now())
    return list(Shop.objects.filter(Q(pk__in=late.values("shop")) | Q(pk__in=_suspended().values("shop"))))


def lapse_leases(*, shop: Shop, now: datetime | None = None) -> int:
    """Set offline whose lease is over or place suspended; how many. Safe to run twice and at once: it looks inside the
    lane."""
    now = now or timezone.now()
    with in_lane(shop, now) as work:
        over = list(_over(now).filter(shop=shop).select_related("sub_account").order_by("sub_account__name"))
        for lease in over:
            if lease.sub_account.status != Status.OFFLINE:
                silent = lease.beat_at < lapsed_before(now)
                put_presence(work, lease.sub_account, Status.OFFLINE, reason=REASON if silent else SESSION_ENDED)
            drop_lease(sub_account=lease.sub_account)
        suspended = list(_suspended().filter(shop=shop).order_by("name"))
        for row in suspended:
            put_presence(work, row, Status.OFFLINE, reason=SUSPENDED)
            drop_lease(sub_account=row)
        return len(over) + len(suspended)


def _over(now: datetime) -> QuerySet[PresenceLease]:
    """Leases of pages that have fallen silent, of sessions that have ended, of accounts that may not sign in."""
    live = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=now)
    ended = ~Q(session_key="") & ~Exists(live)
    closed = Q(sub_account__account__is_active=False)
    return PresenceLease.objects.filter(Q(beat_at__lt=lapsed_before(now)) | ended | closed)


def _suspended() -> QuerySet[SubAccount]:
    """Suspended places that are not offline yet."""
    return SubAccount.objects.filter(suspended_at__isnull=False).exclude(status=Status.OFFLINE)
