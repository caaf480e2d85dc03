"""How an outlet is sent to, by its kind, and what follows when it does not take things any more."""

from datetime import datetime, timedelta
from smtplib import SMTPException
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import QuerySet

from core.secrets import StoredSecret
from outgoing.http import Answer, Kept, post
from outgoing.models import Delivery, Outlet
from outgoing.robots import read_answer, robot_call
from outgoing.selectors import confirmed_addresses
from outgoing.services.alerting import alert_undelivered
from outgoing.services.sending import GIVE_UP, Line
from outgoing.signing import standard_signature, webhook_signature
from outgoing.vocabulary import DUE_STATES, DeliveryState, OffBecause, OutletKind

OFF_AFTER = timedelta(days=3)
"""Nothing but failures for so long switches an outlet off."""


def deliver(outlet: Outlet, delivery: Delivery, now: datetime, kept: Kept) -> Answer:
    """Over the network, once; never raises."""
    if isinstance(outlet.address, StoredSecret) or isinstance(outlet.secret, StoredSecret):
        return Answer("unreadable")
    if outlet.kind == OutletKind.EMAIL:
        return _mail(outlet, delivery)
    if outlet.kind == OutletKind.WEBHOOK:
        body = delivery.body.encode()
        return post(outlet.address, body, _headers(outlet, delivery, body, now), kept)
    call = robot_call(outlet.kind, outlet.address, outlet.secret, delivery.body, now)
    return read_answer(post(call.url, call.body, {"Content-Type": "application/json; charset=utf-8"}, kept))


def _headers(outlet: Outlet, delivery: Delivery, body: bytes, now: datetime) -> dict[str, str]:
    """Our own and those of Standard Webhooks. A previous secret signs too while it is valid: `webhook-signature` holds
    both, `Fenliu-Signature` the new one and `Fenliu-Signature-Previous` the other."""
    seconds, message = int(now.timestamp()), f"msg_{delivery.pk}"
    secrets = [outlet.secret]
    more = {}
    if outlet.previous_secret and outlet.previous_until is not None and outlet.previous_until > now:
        secrets.append(outlet.previous_secret)
        more["Fenliu-Signature-Previous"] = webhook_signature(outlet.previous_secret, seconds, body)
    return more | {
        "Content-Type": "application/json; charset=utf-8",
        "Fenliu-Event": delivery.event,
        "Fenliu-Delivery": str(delivery.pk),
        "Fenliu-Time": str(seconds),
        "Fenliu-Signature": webhook_signature(outlet.secret, seconds, body),
        "webhook-id": message,
        "webhook-timestamp": str(seconds),
        "webhook-signature": standard_signature(secrets, message, seconds, body),
    }


def _mail(outlet: Outlet, delivery: Delivery) -> Answer:
    if not settings.EMAIL_URL:
        return Answer("no_mail")
    to = confirmed_addresses(outlet)
    if not to:
        return Answer("unconfirmed")
    began = monotonic()
    subject, _newline, body = delivery.body.partition("\n")
    message = EmailMultiAlternatives(subject, body or subject, to=to)
    if delivery.html:
        message.attach_alternative(delivery.html, "text/html")
    try:
        message.send()
    except (SMTPException, OSError, ValueError) as failed:
        return Answer("mail", text=str(failed), ms=round((monotonic() - began) * 1000))
    return Answer("", ms=round((monotonic() - began) * 1000))


def _rows(outlet: Outlet) -> QuerySet[Delivery]:
    return Delivery.objects.filter(shop=outlet.shop_id, outlet=outlet)


def _gone(outlet: Outlet, now: datetime) -> None:
    _switch_off(outlet, OffBecause.GONE, now)


def _lost(outlet: Outlet, _delivery: Any, now: datetime) -> None:
    alert_undelivered(outlet=outlet, off=False, now=now)


def _failed(outlet: Outlet, now: datetime) -> None:
    """Who has failed for a day loses what is older, tried or not; who has for three is switched off."""
    if outlet.failing_since is None or not outlet.on:
        return
    if now - outlet.failing_since >= GIVE_UP:
        old = _rows(outlet).filter(state__in=DUE_STATES, since__lte=now - GIVE_UP)
        if old.update(state=DeliveryState.GIVEN_UP):
            alert_undelivered(outlet=outlet, off=False, now=now)
    if now - outlet.failing_since >= OFF_AFTER:
        _switch_off(outlet, OffBecause.FAILING, now)


def _switch_off(outlet: Outlet, why: OffBecause, now: datetime) -> None:
    outlet.on, outlet.off_because = False, why
    outlet.save(update_fields=["on", "off_because"])
    alert_undelivered(outlet=outlet, off=True, now=now)


OUTLETS: Line[Outlet] = Line(
    places=Outlet,
    rows=_rows,
    send=deliver,
    ready=lambda outlet: outlet.on,
    gone=_gone,
    failed=_failed,
    lost=_lost,
)
