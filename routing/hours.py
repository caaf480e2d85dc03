"""When buyers write, by the shop's own clock: what a plan of shifts is held against."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Min
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay

from agents.duty import DAY, Span, instant
from agents.models import Shop
from conversations.models import Message
from conversations.states import Sender

DAYS = 28


@dataclass(frozen=True)
class Asked:
    """Buyers' messages in an average hour of the day, over `days` whole days up to yesterday; none: no history."""

    by_hour: tuple[float, ...]
    days: int

    @property
    def busiest(self) -> Span | None:
        """The two hours that follow each other in which most is written, in minutes of the day."""
        if not any(self.by_hour):
            return None
        start = max(range(23), key=lambda hour: self.by_hour[hour] + self.by_hour[hour + 1])
        return Span(start * 60, start * 60 + 120)


def asked_by_hour(shop: Shop, now: datetime, weekday: int | None = None) -> Asked:
    """Over the last 28 whole days, or as many as there is history for; of one weekday alone if asked. One query."""
    today = now.astimezone(shop.zone).date()
    first = today - timedelta(days=DAYS)
    rows = (
        Message.objects.filter(
            shop=shop,
            sender=Sender.BUYER,
            sent_at__gte=instant(first, 0, shop.zone),
            sent_at__lt=instant(today - timedelta(days=1), DAY, shop.zone),
        )
        .order_by()
        .annotate(hour=ExtractHour("sent_at", tzinfo=shop.zone), weekday=ExtractIsoWeekDay("sent_at", tzinfo=shop.zone))
        .values_list("weekday", "hour")
        .annotate(Count("pk"), Min("sent_at"))
    )
    found: Counter[int] = Counter()
    began: date | None = None
    for of_day, hour, count, earliest in rows:
        day = earliest.astimezone(shop.zone).date()
        began = day if began is None else min(began, day)
        if weekday is None or of_day == weekday + 1:
            found[hour] += count
    if began is None:
        return Asked((0.0,) * 24, 0)
    counted = [began + timedelta(days=n) for n in range((today - began).days)]
    days = sum(weekday is None or day.weekday() == weekday for day in counted)
    return Asked(tuple(found[hour] / days if days else 0.0 for hour in range(24)), days)
