"""Outlets for tests, a clock that stands, and one look as the keeper has it, in this very thread."""

from datetime import UTC, datetime, timedelta

from agents.models import Shop
from outgoing.models import Delivery, Outlet, Recipient
from outgoing.services import create_outlet
from outgoing.services.following import follow, outlets_behind
from outgoing.services.posting import OUTLETS
from outgoing.services.sending import send_due
from outgoing.services.sweeping import due_outlets
from outgoing.vocabulary import AlertEvent, OutletKind, WebhookEvent


class Clock:
    """Stands until it is moved; it begins now, so that rows made meanwhile are due."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC) + timedelta(minutes=1)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **amount: float) -> None:
        self.now += timedelta(**amount)


def make_webhook(shop: Shop, url: str, *events: str, name: str = "订单系统") -> Outlet:
    return create_outlet(
        shop=shop, kind=OutletKind.WEBHOOK, name=name, address=url, events=events or [e.value for e in WebhookEvent]
    )


def make_channel(
    shop: Shop, kind: OutletKind, address: str, *events: str, confirmed: bool = True, **more: object
) -> Outlet:
    """A channel for alerts; its e-mail addresses have been confirmed."""
    made = create_outlet(
        shop=shop,
        kind=kind,
        name=str(more.pop("name", "客服群")),
        address=address,
        events=events or [e.value for e in AlertEvent if e != AlertEvent.MORNING],
        **more,
    )
    if confirmed:
        Recipient.objects.filter(shop=shop).update(confirmed_at=datetime.now(UTC), wanted_at=None)
    return made


def make_delivery(shop: Shop) -> Delivery:
    """One that has been given up, of the shop's webhook to nowhere."""
    outlet = make_outlet(shop)
    made = {"event": "message", "body": "{}", "state": "given_up"}
    return Delivery.objects.get_or_create(shop=shop, outlet=outlet, key="1.1", defaults=made)[0]


def make_outlet(shop: Shop) -> Outlet:
    """A webhook to an address of the documentation's net, which is none to call: nothing leaves the machine."""
    made = {"kind": OutletKind.WEBHOOK, "address": "https://203.0.113.9/hook", "events": ["message"]}
    return Outlet.objects.get_or_create(shop=shop, name="订单系统", defaults=made)[0]


def look(clock: Clock) -> int:
    """Follow and send, one after the other; how many were sent."""
    for pk in outlets_behind():
        follow(pk)
    return sum(send_due(OUTLETS, pk, clock=clock) for pk, _shop in due_outlets(clock.now))
