"""Outlets follow the shop's events by their numbers: rows and the number reached in one transaction, no gaps."""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import F
from django.utils import timezone, translation

from outgoing.alerts import heading_text, penalty_text
from outgoing.models import Delivery, Outlet
from outgoing.payloads import events_of, wanted, webhook_body
from outgoing.vocabulary import AlertEvent, OutletKind
from routing.stream.log import news
from routing.stream.telling import Told


def outlets_behind() -> list[int]:
    """The keys of outlets whose shop has events that they have not looked at."""
    rows = Outlet.objects.filter(on=True, shop__lane__seq__gt=F("seq"))
    return list(rows.order_by("pk").values_list("pk", flat=True))


def follow(pk: int) -> int:
    """Turn the next events into deliveries of one outlet; how many events. 0 where somebody else is at it."""
    with transaction.atomic():
        rows = Outlet.objects.select_for_update(skip_locked=True, of=("self",)).select_related("shop")
        outlet = rows.filter(pk=pk, on=True).first()
        if outlet is None:
            return 0
        told = news(outlet.shop, outlet.seq)
        if told:
            Delivery.objects.bulk_create(_deliveries(outlet, told))
            outlet.seq = told[-1].seq
            outlet.save(update_fields=["seq"])
    return len(told)


def _deliveries(outlet: Outlet, told: list[Told]) -> list[Delivery]:
    made = _for_webhook if outlet.kind == OutletKind.WEBHOOK else _for_people
    with translation.override(outlet.language), timezone.override(outlet.shop.zone):
        return [delivery for one in told for delivery in made(outlet, one)]


def _for_webhook(outlet: Outlet, told: Told) -> Iterator[Delivery]:
    for number, (event, about) in enumerate(wanted(events_of(told), outlet.events), 1):
        body = webhook_body(outlet.shop, event, told.at, told.seq, about)
        yield Delivery(
            shop=outlet.shop, outlet=outlet, key=f"{told.seq}.{number}", event=event, seq=told.seq, body=body
        )


def _for_people(outlet: Outlet, told: Told) -> Iterator[Delivery]:
    event = f"penalty.{told.extra.get('change')}" if told.kind == "penalty" else told.kind
    if event in outlet.events:
        text = heading_text(outlet.shop, told) if event == AlertEvent.HEADING else penalty_text(outlet.shop, told)
        if text:
            yield Delivery(shop=outlet.shop, outlet=outlet, key=f"{told.seq}", event=event, seq=told.seq, body=text)
