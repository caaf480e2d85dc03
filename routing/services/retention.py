"""The shops' events are for following, not for history: what is older than anybody can be away is dropped."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from routing.models import ShopEvent

PIECE = 5000
"""Rows deleted at once: short transactions, whatever has piled up."""


def trim_events(*, now: datetime | None = None) -> int:
    """Drop events older than KEEP_EVENTS_DAYS; how many. A reader who asks for older ones is told to load anew."""
    before, dropped = (now or timezone.now()) - timedelta(days=settings.KEEP_EVENTS_DAYS), 0
    while keys := list(ShopEvent.objects.filter(at__lt=before).order_by("pk").values_list("pk", flat=True)[:PIECE]):
        dropped += ShopEvent.objects.filter(pk__in=keys).delete()[0]
    return dropped
