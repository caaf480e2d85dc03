"""Shop days whose messages are gone keep the figures that were counted of them, whatever is counted again.

`Shop.kept_from` is the first day of which everything is still there (metrics.services.retention moves it).
"""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from agents.models import Shop
from metrics.models import DirtyDay


def is_dropped(shop: Shop, day: date) -> bool:
    """Whether the day can no longer be counted from its messages."""
    return shop.kept_from is not None and day < shop.kept_from


def since_kept(shop: Shop) -> Q:
    """Rows with a `date` that can still be counted again."""
    return Q() if shop.kept_from is None else Q(date__gte=shop.kept_from)


def pass_over_dropped(shop: Shop) -> None:
    """Take away the marks of days that cannot be counted again. Must run with the shop's AssessmentState locked."""
    if shop.kept_from is not None:
        DirtyDay.objects.filter(shop=shop, date__lt=shop.kept_from).delete()


def check_kept(shop: Shop, days: Iterable[date]) -> None:
    """Raise ValueError for a day that counting again would empty: the last guard before its figures."""
    gone = [day for day in days if is_dropped(shop, day)]
    if gone:
        raise ValueError(f"shop {shop.slug}: the messages of {min(gone)} are no longer there to be counted")
