"""What somebody asks for by hand: a test, a delivery once more."""

from datetime import datetime
from uuid import uuid4

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from agents.errors import Conflict
from outgoing.alerts import test_text
from outgoing.labels import ERRORS
from outgoing.models import Delivery, Outlet
from outgoing.payloads import webhook_body
from outgoing.selectors import confirmed_addresses
from outgoing.services.posting import OUTLETS
from outgoing.services.sending import send_due
from outgoing.vocabulary import TEST, DeliveryState, OutletKind


def send_test(*, outlet: Outlet) -> Delivery:
    """Send something harmless at once, whatever the outlet is told of otherwise. Refused `off` where it is off,
    `unconfirmed` where no address has been confirmed."""
    _refuse_off(outlet)
    if outlet.kind == OutletKind.EMAIL and not confirmed_addresses(outlet):
        raise Conflict("unconfirmed", ERRORS["unconfirmed"])
    now = timezone.now()
    with translation.override(outlet.language):
        body = _webhook_test(outlet, now) if outlet.kind == OutletKind.WEBHOOK else test_text(outlet.shop)
    row = Delivery.objects.create(
        shop=outlet.shop, outlet=outlet, event=TEST, key=f"{TEST}:{uuid4().hex}", body=body, since=now, next_at=now
    )
    return _at_once(outlet, row)


def _webhook_test(outlet: Outlet, now: datetime) -> str:
    return webhook_body(outlet.shop, TEST, now.astimezone(outlet.shop.zone).isoformat(), None, {})


def repeat_delivery(*, delivery: Delivery) -> Delivery:
    """Send it once more, as it was, under its own id; it has its day again. Refused `off` where the outlet is off."""
    outlet = delivery.outlet
    _refuse_off(outlet)
    now = timezone.now()
    Delivery.objects.filter(pk=delivery.pk).update(state=DeliveryState.PENDING, since=now, next_at=now)
    return _at_once(outlet, delivery)


def _at_once(outlet: Outlet, row: Delivery) -> Delivery:
    """Who asks by hand does not wait for the outlet's rest. Where somebody else sends there at this moment, they do."""
    Outlet.objects.filter(pk=outlet.pk).update(rest_until=None)
    send_due(OUTLETS, outlet.pk, clock=timezone.now, only=row.pk)
    row.refresh_from_db()
    return row


def _refuse_off(outlet: Outlet) -> None:
    if not outlet.on:
        raise Conflict("off", _("It is switched off."))
