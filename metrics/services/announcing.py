"""Penalties among the shop's events, so that whoever follows the shop is told: each change once (P5, P6)."""

from django.db.models import QuerySet
from django.utils import timezone

from agents.models import Shop
from metrics.models import Alert
from routing.services.lane import in_lane


def announce_penalties(*, shop: Shop) -> int:
    """Make what has not been told yet events of the shop; how many were told.

    Not those of a window that was over before it was found, as history brings them in. Needs to be outside any
    transaction: the lane is the lock, so two at once tell nothing twice.
    """
    if not _untold().filter(shop=shop).exists():
        return 0
    told = 0
    with in_lane(shop) as work:
        rows = list(_untold().filter(shop=shop).select_related("window").order_by("pk"))
        for row in rows:
            window = row.window
            if window.ends_at is None or window.ends_at > window.created_at:
                work.announce("penalty", {"penalty": window.pk, "change": row.event, "day": row.date.isoformat()})
                told += 1
        Alert.objects.filter(pk__in=[row.pk for row in rows]).update(announced_at=timezone.now())
    return told


def unannounced_shops() -> list[Shop]:
    """The shops in which something is still to be told."""
    return list(Shop.objects.filter(pk__in=_untold().values("shop")))


def _untold() -> QuerySet[Alert]:
    return Alert.objects.filter(announced_at=None)
