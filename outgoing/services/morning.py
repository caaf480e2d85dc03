"""The morning report: once a shop day and channel, in the shop's morning."""

from datetime import datetime, time

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from metrics.formulas.days import ONE_DAY, day_of
from metrics.selectors.morning import morning
from metrics.services import freshen
from metrics.telling_morning import told_morning
from outgoing.alerts import link_to, text_of
from outgoing.models import Delivery, Outlet
from outgoing.vocabulary import AlertEvent, OutletKind

FROM, UNTIL = time(8, 30), time(12)
"""The shop's clock. Who switches it on later in the day is told the next morning."""


def wanting_mornings(now: datetime) -> list[int]:
    """The keys of the channels that are to be told now and have not been."""
    rows = Outlet.objects.filter(on=True).exclude(kind=OutletKind.WEBHOOK).select_related("shop").order_by("pk")
    due = [row for row in rows if AlertEvent.MORNING in row.events and _is_morning(row, now)]
    keys = {row.pk: _key(row, now) for row in due}
    told = Delivery.objects.filter(outlet__in=keys, event=AlertEvent.MORNING).values_list("outlet", "key")
    return [pk for pk in keys if (pk, keys[pk]) not in set(told)]


def tell_morning(pk: int, now: datetime) -> bool:
    """Tell one channel of the day that is over; whether it was told. Twice at once is told once: the key is unique."""
    outlet = Outlet.objects.select_related("shop").filter(pk=pk, on=True).first()
    if outlet is None:
        return False
    shop = outlet.shop
    freshen(shop=shop, now=now)
    with translation.override(outlet.language), timezone.override(shop.zone):
        told = told_morning(morning(shop, now))
        day = day_of(now, shop.zone) - ONE_DAY
        page = f"{reverse('reports', args=[shop.slug])}?date_from={day}&date_to={day}&by=hour"
        html = ""
        if outlet.kind == OutletKind.EMAIL:
            html = render_to_string("outgoing/morning.html", {"told": told, "shop": shop, "link": link_to(page)})
        row = Delivery(
            shop=shop,
            outlet=outlet,
            event=AlertEvent.MORNING,
            key=_key(outlet, now),
            body=text_of(shop, told.subject, told.lines, page),
            html=html,
            created_at=now,
            since=now,
            next_at=now,
        )
    Delivery.objects.bulk_create([row], ignore_conflicts=True)
    return True


def _is_morning(outlet: Outlet, now: datetime) -> bool:
    return FROM <= now.astimezone(outlet.shop.zone).time() < UNTIL


def _key(outlet: Outlet, now: datetime) -> str:
    return f"morning:{day_of(now, outlet.shop.zone)}"
