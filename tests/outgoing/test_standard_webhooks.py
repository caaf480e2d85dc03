"""Deliveries verify with the libraries of Standard Webhooks, and with two secrets while one replaces the other."""

import base64
import hmac
from datetime import timedelta
from hashlib import sha256

import pytest
from django.test import Client
from django.utils import timezone
from standardwebhooks import Webhook, WebhookVerificationError

from agents.models import Shop
from agents.vocabulary import Role
from config import jobs
from outgoing.models import Delivery, Outlet
from outgoing.services import renew_secret, repeat_delivery, send_test
from outgoing.signing import standard_secret, webhook_signature
from tests.agents.factories import make_member
from tests.outgoing.builders import make_webhook
from tests.outgoing.receiver import Receiver

pytestmark = pytest.mark.django_db


def sent(receiver: Receiver, outlet: Outlet) -> tuple[dict[str, str], bytes]:
    assert send_test(outlet=Outlet.objects.get(pk=outlet.pk)).state == "delivered"
    got = receiver.got[-1]
    return {name.lower(): value for name, value in got.headers.items()}, got.body


def test_a_delivery_verifies_with_the_standard_library(shop: Shop, receiver: Receiver) -> None:
    outlet = make_webhook(shop, receiver.url)
    headers, body = sent(receiver, outlet)
    assert Webhook(standard_secret(outlet.secret)).verify(body, headers)["event"] == "test"
    for name, value in (("webhook-id", "msg_0"), ("webhook-timestamp", str(int(headers["webhook-timestamp"]) + 1))):
        with pytest.raises(WebhookVerificationError):
            Webhook(standard_secret(outlet.secret)).verify(body, headers | {name: value})
    with pytest.raises(WebhookVerificationError):
        Webhook(standard_secret(outlet.secret)).verify(body + b" ", headers)


def test_the_headers_of_before_are_still_there(shop: Shop, receiver: Receiver) -> None:
    outlet = make_webhook(shop, receiver.url)
    headers, body = sent(receiver, outlet)
    assert headers["fenliu-signature"] == webhook_signature(outlet.secret, int(headers["fenliu-time"]), body)
    assert headers["fenliu-time"] == headers["webhook-timestamp"]
    assert headers["webhook-id"] == f"msg_{headers['fenliu-delivery']}"
    assert "fenliu-signature-previous" not in headers


def test_the_secret_s_standard_form_has_the_length_that_the_standard_asks_for(shop: Shop, receiver: Receiver) -> None:
    written = standard_secret(make_webhook(shop, receiver.url).secret)
    assert written.startswith("whsec_") and 24 <= len(base64.b64decode(written.removeprefix("whsec_"))) <= 64


def test_a_repeated_delivery_keeps_its_id(shop: Shop, receiver: Receiver) -> None:
    sent(receiver, make_webhook(shop, receiver.url))
    repeat_delivery(delivery=Delivery.objects.get())
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1 and len(receiver.got) == 2


def test_for_a_day_both_secrets_verify_then_the_new_one_alone(shop: Shop, receiver: Receiver) -> None:
    outlet = make_webhook(shop, receiver.url)
    old = outlet.secret
    new = renew_secret(outlet=outlet)
    headers, body = sent(receiver, outlet)
    assert len(headers["webhook-signature"].split()) == 2
    for secret in (old, new):
        Webhook(standard_secret(secret)).verify(body, headers)
    signed = f"{headers['fenliu-time']}.".encode() + body
    assert headers["fenliu-signature"] == f"v1={hmac.new(new.encode(), signed, sha256).hexdigest()}"
    assert headers["fenliu-signature-previous"] == f"v1={hmac.new(old.encode(), signed, sha256).hexdigest()}"
    left = Outlet.objects.get().previous_until - timezone.now()
    assert timedelta(hours=23, minutes=59) < left <= timedelta(hours=24)
    Outlet.objects.update(previous_until=timezone.now() - timedelta(seconds=1))
    headers, body = sent(receiver, outlet)
    Webhook(standard_secret(new)).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(standard_secret(old)).verify(body, headers)
    jobs.run("outgoing.drop_old")
    assert (Outlet.objects.get().previous_secret, Outlet.objects.get().previous_until) == ("", None)


def test_a_second_renewal_ends_the_first_secret(shop: Shop, receiver: Receiver) -> None:
    outlet = make_webhook(shop, receiver.url)
    first = outlet.secret
    renew_secret(outlet=outlet)
    renew_secret(outlet=Outlet.objects.get())
    headers, body = sent(receiver, outlet)
    with pytest.raises(WebhookVerificationError):
        Webhook(standard_secret(first)).verify(body, headers)


def test_both_forms_of_a_new_secret_are_shown_once(shop: Shop, receiver: Receiver) -> None:
    client = Client()
    client.force_login(make_member(shop, Role.MAIN).account)
    made = client.post(
        f"/api/v1/shops/{shop.slug}/webhooks/",
        {"name": "w", "url": receiver.url, "events": ["message"]},
        "application/json",
    ).json()
    assert made["standard_secret"] == standard_secret(made["secret"])
    page = client.post(f"/s/{shop.slug}/outgoing/{made['id']}/secret/").content.decode()
    assert standard_secret(Outlet.objects.get().secret) in page
    again = client.get(f"/s/{shop.slug}/outgoing/{made['id']}/").content.decode()
    assert "whsec_" not in again and "whsec_" not in client.get(f"/api/v1/shops/{shop.slug}/webhooks/").content.decode()
