"""Lists of the API come in pages, whatever there is: the queue and the penalties too."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from agents.models import Shop
from agents.services import create_token
from agents.vocabulary import Role
from conversations.models import Conversation
from metrics.models import PenaltyWindow
from tests.agents.factories import make_member, make_shop
from tests.metrics.rows import make_penalty
from tests.routing.factories import make_waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return make_shop("first")


@pytest.fixture
def get(shop: Shop) -> Callable[[str], Any]:
    account = make_member(shop, Role.MAIN).account
    assert account is not None
    client = Client(headers={"Authorization": f"Token {create_token(account=account)}"})
    return lambda path: client.get(path if path.startswith("http") else f"/api/v1/shops/first/{path}").json()


def pages(get: Callable[[str], Any], path: str) -> list[list[dict[str, Any]]]:
    found, told = [], get(path)
    while True:
        found.append(told["results"])
        if told["next"] is None:
            return found
        told = get(told["next"])


def test_the_queue_has_pages_and_places_go_on_over_them(shop: Shop, get: Callable[[str], Any]) -> None:
    for number in range(7):
        make_waiting(shop, f"b{number}")
    whole = [row for page in pages(get, "queue/") for row in page]
    found = pages(get, "queue/?page_size=3")
    assert [len(page) for page in found] == [3, 3, 1]
    assert [row for page in found for row in page] == whole
    assert [row["position"] for row in whole] == list(range(1, 8))
    assert [row["buyer"] for row in whole] == [f"b{number}" for number in range(7)]


def test_places_are_counted_by_pool(shop: Shop, get: Callable[[str], Any]) -> None:
    for number in range(6):
        row = make_waiting(shop, f"b{number}")
        Conversation.objects.filter(pk=row.pk).update(pool="shop" if number % 2 else "entry:x")
    places = [(row["pool"], row["position"]) for page in pages(get, "queue/?page_size=4") for row in page]
    assert places == [(pool, n) for n in (1, 2, 3) for pool in ("entry:x", "shop")]


def test_a_long_queue_costs_no_more_queries_than_a_short_one(shop: Shop, get: Callable[[str], Any]) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            get("queue/")
        return len(seen)

    make_waiting(shop)
    get("queue/")
    short = queries()
    for _ in range(12):
        make_waiting(shop)
    assert queries() == short


def test_penalties_have_pages(shop: Shop, get: Callable[[str], Any]) -> None:
    first = make_penalty(shop)
    for number in range(1, 5):
        first.pk = None
        first.opened_on = date(2026, 1, 1) + timedelta(days=number)
        first.save()
    assert PenaltyWindow.objects.filter(shop=shop).count() == 5
    whole = [row for page in pages(get, "penalties/") for row in page]
    found = pages(get, "penalties/?page_size=2")
    assert [len(page) for page in found] == [2, 2, 1]
    assert [row["id"] for page in found for row in page] == [row["id"] for row in whole]


@pytest.mark.parametrize("words", ["page_size=0", "page_size=201", "offset=²", "offset=-1", "offset=9999999999"])
def test_a_page_that_cannot_be_is_refused(get: Callable[[str], Any], words: str) -> None:
    assert get(f"penalties/?{words}")["code"] == "invalid_number"
