"""Webhooks over HTTP."""

import pytest
from django.test import Client

from agents.models import Shop
from agents.vocabulary import Role
from outgoing.models import Outlet
from tests.agents.factories import make_member
from tests.outgoing.builders import Clock, look, make_channel
from tests.outgoing.receiver import Receiver
from tests.routing.factories import make_waiting

pytestmark = pytest.mark.django_db
HERE = "/api/v1/shops/xiaoman/webhooks/"


@pytest.fixture
def owner(shop: Shop) -> Client:
    client = Client()
    client.force_login(make_member(shop, Role.ADMIN).account)
    return client


def test_made_changed_looked_at_repeated_and_removed(owner: Client, shop: Shop, receiver: Receiver) -> None:
    body = {"name": "仓库", "url": receiver.url, "events": ["conversation.opened"]}
    made = owner.post(HERE, body, content_type="application/json")
    assert made.status_code == 201
    told = made.json()
    assert told["secret"] == Outlet.objects.get().secret
    assert owner.get(HERE).json()["results"] == [{key: told[key] for key in told if not key.endswith("secret")}]

    make_waiting(shop)
    receiver.refuse(500)
    look(Clock())
    [row] = owner.get(f"{HERE}{told['id']}/deliveries/?state=failed").json()["results"]
    assert (row["event"], row["attempts"], row["log"][0]["status"]) == ("conversation.opened", 1, 500)
    again = owner.post(f"{HERE}{told['id']}/deliveries/{row['id']}/repeat/").json()
    assert (again["state"], again["attempts"]) == ("delivered", 2)

    off = owner.patch(f"{HERE}{told['id']}/", {"on": False}, content_type="application/json").json()
    assert (off["on"], off["off_because"]) == (False, "person")
    refused = owner.post(f"{HERE}{told['id']}/deliveries/{row['id']}/repeat/")
    assert (refused.status_code, refused.json()["code"]) == (409, "off")
    assert owner.delete(f"{HERE}{told['id']}/").status_code == 204
    assert not Outlet.objects.exists()


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"name": "x", "url": "http://127.0.0.1/", "events": ["message"]}, "url", "bad_address"),
        ({"name": "x", "url": "https://1.1.1.1/", "events": ["nothing"]}, "events", "invalid"),
        ({"name": "x", "url": "https://1.1.1.1/", "events": []}, "events", "invalid"),
        ({"name": " ", "url": "https://1.1.1.1/", "events": ["message"]}, "name", "invalid"),
        ({"name": "x", "url": "https://1.1.1.1/", "events": ["message"], "secret": "s"}, "secret", "invalid"),
    ],
)
def test_what_is_wrong_is_named(owner: Client, body: dict[str, object], field: str, code: str) -> None:
    answer = owner.post(HERE, body, content_type="application/json")
    assert answer.status_code in (400, 422)
    assert (answer.json()["code"], list(answer.json()["fields"])) == (code, [field])


def test_a_channel_for_alerts_is_no_webhook(owner: Client, shop: Shop) -> None:
    channel = make_channel(shop, "email", "boss@example.com")
    assert owner.get(HERE).json()["results"] == []
    assert owner.delete(f"{HERE}{channel.pk}/").status_code == 404
