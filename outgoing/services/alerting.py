"""Alerts that no event of the shop makes: buyers who wait too long, deliveries that do not arrive."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone, translation

from outgoing.alerts import queue_text, undelivered_text
from outgoing.models import Delivery, Outlet
from outgoing.queues import Waiting, waiting_in
from outgoing.vocabulary import AlertEvent, OutletKind


def watching_queues() -> list[int]:
    """The keys of the channels that are told when buyers wait too long."""
    rows = Outlet.objects.filter(on=True).exclude(kind=OutletKind.WEBHOOK).order_by("pk")
    found = rows.exclude(queue_longer=None, waited_minutes=None).values_list("pk", "events")
    return [pk for pk, events in found if AlertEvent.QUEUE in events]


def watch_queue(pk: int, now: datetime) -> bool:
    """Tell one channel if more wait, or one waits longer, than it wants to know of; not again within its cool-down.
    Nothing is locked until there is something to tell."""
    rows = Outlet.objects.select_related("shop").filter(pk=pk, on=True)
    if _news_of(rows.first(), now) is None:
        return False
    with transaction.atomic():
        outlet = rows.select_for_update(skip_locked=True, of=("self",)).first()
        waiting = _news_of(outlet, now)
        if outlet is None or waiting is None:
            return False
        with translation.override(outlet.language), timezone.override(outlet.shop.zone):
            text = queue_text(outlet.shop, waiting, now)
        _tell(outlet, AlertEvent.QUEUE, f"queue:{now.isoformat()}", text, now)
    return True


def _news_of(outlet: Outlet | None, now: datetime) -> Waiting | None:
    """Who waits, if that is something to tell."""
    if outlet is None or _said_lately(outlet, now):
        return None
    waiting = waiting_in(outlet.shop)
    return waiting if waiting is not None and _too_long(outlet, waiting, now) else None


def _said_lately(outlet: Outlet, now: datetime) -> bool:
    since = now - timedelta(minutes=outlet.cool_down)
    said = Delivery.objects.filter(shop=outlet.shop_id, outlet=outlet, event=AlertEvent.QUEUE)
    return said.filter(created_at__gt=since).exists()


def _too_long(outlet: Outlet, waiting: Waiting, now: datetime) -> bool:
    if outlet.queue_longer is not None and waiting.count > outlet.queue_longer:
        return True
    return outlet.waited_minutes is not None and now - waiting.since > timedelta(minutes=outlet.waited_minutes)


def alert_undelivered(*, outlet: Outlet, off: bool, now: datetime) -> None:
    """Tell the shop's other channels, once for one stretch of failures. Belongs into the transaction of the failure."""
    since = outlet.failing_since or now
    key = f"{'off' if off else 'lost'}:{outlet.pk}:{since.isoformat()}"
    for channel in Outlet.objects.filter(shop=outlet.shop_id, on=True).exclude(pk=outlet.pk).select_related("shop"):
        if channel.kind != OutletKind.WEBHOOK and AlertEvent.UNDELIVERED in channel.events:
            with translation.override(channel.language):
                _tell(channel, AlertEvent.UNDELIVERED, key, undelivered_text(outlet, off=off), now)


def _tell(outlet: Outlet, event: str, key: str, text: str, now: datetime) -> None:
    row = Delivery(
        shop_id=outlet.shop_id, outlet=outlet, event=event, key=key, body=text, created_at=now, since=now, next_at=now
    )
    Delivery.objects.bulk_create([row], ignore_conflicts=True)
