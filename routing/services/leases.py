"""Who has been silent for too long is offline: their page is closed, or nothing of it reaches us."""

from datetime import datetime

from django.utils import timezone

from agents.models import PresenceLease, Shop
from agents.services import drop_lease
from agents.services.leases import lapsed_before
from agents.vocabulary import Status
from routing.services.lane import in_lane
from routing.services.people import put_presence

REASON = "silence"
"""What the presence log says."""


def overdue_shops(now: datetime | None = None) -> list[Shop]:
    """The shops in which a lease is over."""
    late = PresenceLease.objects.filter(beat_at__lt=lapsed_before(now or timezone.now()))
    return list(Shop.objects.filter(pk__in=late.values("shop")))


def lapse_leases(*, shop: Shop, now: datetime | None = None) -> int:
    """Set offline whose lease is over; how many. Safe to run twice and at once: it looks inside the lane."""
    now = now or timezone.now()
    with in_lane(shop, now) as work:
        late = PresenceLease.objects.filter(shop=shop, beat_at__lt=lapsed_before(now))
        rows = [lease.sub_account for lease in late.select_related("sub_account").order_by("sub_account__name")]
        for row in rows:
            if row.status != Status.OFFLINE:
                put_presence(work, row, Status.OFFLINE, reason=REASON)
            drop_lease(sub_account=row)
        return len(rows)
