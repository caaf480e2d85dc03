"""Who has been silent for too long is offline: their page is closed, or nothing of it reaches us."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from agents.models import PresenceLease, Shop, SubAccount
from agents.services import drop_lease
from agents.services.leases import lapsed_before
from agents.vocabulary import Status
from routing.services.lane import in_lane
from routing.services.people import put_presence

REASON = "silence"
SUSPENDED = "suspended"
"""What the presence log says."""


def overdue_shops(now: datetime | None = None) -> list[Shop]:
    """The shops in which a lease is over, or a suspended place has a status still."""
    late = PresenceLease.objects.filter(beat_at__lt=lapsed_before(now or timezone.now()))
    return list(Shop.objects.filter(Q(pk__in=late.values("shop")) | Q(pk__in=_suspended().values("shop"))))


def lapse_leases(*, shop: Shop, now: datetime | None = None) -> int:
    """Set offline whose lease is over or place suspended; how many. Safe to run twice and at once: it looks inside the
    lane."""
    now = now or timezone.now()
    with in_lane(shop, now) as work:
        late = PresenceLease.objects.filter(shop=shop, beat_at__lt=lapsed_before(now))
        rows = [lease.sub_account for lease in late.select_related("sub_account").order_by("sub_account__name")]
        for row in rows:
            if row.status != Status.OFFLINE:
                put_presence(work, row, Status.OFFLINE, reason=REASON)
            drop_lease(sub_account=row)
        suspended = list(_suspended().filter(shop=shop).order_by("name"))
        for row in suspended:
            put_presence(work, row, Status.OFFLINE, reason=SUSPENDED)
            drop_lease(sub_account=row)
        return len(rows) + len(suspended)


def _suspended() -> QuerySet[SubAccount]:
    """Suspended places that are not offline yet."""
    return SubAccount.objects.filter(suspended_at__isnull=False).exclude(status=Status.OFFLINE)
