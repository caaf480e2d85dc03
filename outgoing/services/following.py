"""Outlets follow the shop's events by their numbers: rows and the number reached in one transaction, no gaps."""

from collections.abc import Iterator

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone, translation

from config.jobs import failure_log, repeats
from outgoing.alerts import heading_text, penalty_text
from outgoing.models import Delivery, Outlet
from outgoing.payloads import events_of, wanted, webhook_body
from outgoing.vocabulary import AlertEvent, OutletKind
from routing.stream.log import news, next_numbers
from routing.stream.telling import Told


def outlets_behind() -> list[int]:
    """The keys of outlets whose shop has events that they have not looked at."""
    rows = Outlet.objects.filter(on=True, shop__lane__seq__gt=F("seq"))
    return list(rows.order_by("pk").values_list("pk", flat=True))


EVENTS = "outgoing.events"
"""Sweep of the failure log: an event that cannot be turned into deliveries; key: outlet and event number."""


def follow(pk: int) -> int:
    """Turn the next events into deliveries of one outlet; how many events. 0 where another process is at it."""
    with transaction.atomic():
        rows = Outlet.objects.select_for_update(skip_locked=True, of=("self",)).select_related("shop")
        outlet = rows.filter(pk=pk, on=True).first()
        if outlet is None:
            return 0
        reached, deliveries, count = _piece(outlet)
        if reached > outlet.seq:
            Delivery.objects.bulk_create(deliveries)
            outlet.seq = reached
            outlet.save(update_fields=["seq"])
    return count


def _piece(outlet: Outlet) -> tuple[int, list[Delivery], int]:
    """(number of the last event, deliveries, events) of the next piece."""
    try:
        told = news(outlet.shop, outlet.seq)
        return (told[-1].seq if told else outlet.seq), _deliveries(outlet, told), len(told)
    except DatabaseError:
        raise
    except Exception:
        return _one_by_one(outlet)


def _one_by_one(outlet: Outlet) -> tuple[int, list[Delivery], int]:
    """The next piece where one of its events raises: the outlet waits before that event until it is parked."""
    reached, deliveries = outlet.seq, list[Delivery]()
    numbers = next_numbers(outlet.shop, outlet.seq)
    for seq in numbers:
        try:
            deliveries += _deliveries(outlet, news(outlet.shop, seq - 1, until=seq))
        except DatabaseError:
            raise
        except Exception as error:
            if not failure_log().failed(EVENTS, f"{outlet.pk}:{seq}", error):
                return reached, deliveries, 0
        reached = seq
    return reached, deliveries, len(numbers)


@repeats(EVENTS)
def follow_event(key: str) -> int:
    """Turn a parked event into the deliveries that it should have had; how many."""
    pk, seq = (int(part) for part in key.split(":"))
    with transaction.atomic():
        outlet = Outlet.objects.select_for_update(of=("self",)).select_related("shop").filter(pk=pk).first()
        if outlet is None:
            return 0
        deliveries = _deliveries(outlet, news(outlet.shop, seq - 1, until=seq))
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    return len(deliveries)


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
