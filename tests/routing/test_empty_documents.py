"""A body that is missing is no routing document; `{}` is one, which leaves everything at its default (CONTRACT 2)."""

import pytest
from django.test import Client

from agents.models import Shop
from agents.services import create_token
from agents.vocabulary import Role
from routing import services
from routing.selectors import current_version
from tests.agents.factories import make_member, make_shop

pytestmark = pytest.mark.django_db
DOCUMENT = {"queue": {"show_count_below": 3}}


@pytest.fixture
def shop() -> Shop:
    made = make_shop("first")
    services.publish(shop=made, document=DOCUMENT)
    return made


@pytest.fixture
def main(shop: Shop) -> Client:
    account = make_member(shop, Role.MAIN).account
    assert account is not None
    return Client(headers={"Authorization": f"Token {create_token(account=account)}"})


@pytest.mark.parametrize("body", ["", b""])
def test_an_empty_body_is_refused_and_publishes_nothing(shop: Shop, main: Client, body: str) -> None:
    before = current_version(shop).number
    answer = main.put("/api/v1/shops/first/routing/", body, "application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "required")
    assert current_version(shop).number == before


@pytest.mark.parametrize("body", ["null", "[]", '"x"', " "])
def test_what_is_no_object_is_refused(shop: Shop, main: Client, body: str) -> None:
    before = current_version(shop).number
    assert main.put("/api/v1/shops/first/routing/", body, "application/json").status_code == 400
    assert current_version(shop).number == before


def test_a_form_is_no_document(shop: Shop, main: Client) -> None:
    before = current_version(shop).number
    assert main.put("/api/v1/shops/first/routing/", "--x--\r\n", "multipart/form-data; boundary=x").status_code == 415
    assert current_version(shop).number == before


def test_an_explicit_empty_object_is_a_document_of_defaults(shop: Shop, main: Client) -> None:
    before = current_version(shop).number
    answer = main.put("/api/v1/shops/first/routing/", {}, "application/json")
    assert answer.status_code == 200 and answer.json()["version"] == before + 1
    assert answer.json()["queue"]["show_count_below"] == 20


def test_a_document_with_the_version_seen_is_published(shop: Shop, main: Client) -> None:
    document = main.get("/api/v1/shops/first/routing/").json()
    assert main.put("/api/v1/shops/first/routing/", document, "application/json").status_code == 200
    assert current_version(shop).document["queue"]["show_count_below"] == 3
