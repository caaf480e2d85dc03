"""SQLite's disk is full: who asks is told, nothing is half done, and it goes on once there is room."""

import json
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from agents.models import Shop
from agents.services import create_key
from conversations.models import Message
from routing.models import Lane, ShopEvent
from routing.services import open_conversation, set_presence
from tests.agents.factories import actor_of, make_member, make_shop

pytestmark = [pytest.mark.django_db(transaction=True)]
PAGES = 1_073_741_823


@pytest.fixture
def full() -> Iterator[None]:
    """Not a page more than there are now."""
    if connection.vendor != "sqlite":
        pytest.skip("SQLite's")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA max_page_count = {PAGES}")


@pytest.fixture
def shop() -> Shop:
    return make_shop()


def say(shop: Shop, conversation: int, key: str, identity: str) -> int:
    body = {"sender": "buyer", "text": "在吗" * 2000, "message_id": identity}
    client = Client(raise_request_exception=False)
    path = f"/api/v1/shops/{shop.slug}/conversations/{conversation}/messages/"
    answer = client.post(path, json.dumps(body), "application/json", headers={"Authorization": f"Token {key}"})
    assert b"Traceback" not in answer.content and b"sqlite" not in answer.content.lower()
    return answer.status_code


def test_who_asks_is_told_and_what_was_refused_left_nothing_behind(shop: Shop, request: pytest.FixtureRequest) -> None:
    main = make_member(shop, "main", "agent")
    key = create_key(actor=actor_of(main), name="full")[1]
    set_presence(shop=shop, agent=main.name, status="online")
    conversation = open_conversation(shop=shop, buyer="b1", entry="goods_detail").conversation.pk
    assert say(shop, conversation, key, "warm") == 201
    request.getfixturevalue("full")
    accepted, refused = {"warm"}, ""
    for _ in range(200):
        identity = uuid4().hex
        status = say(shop, conversation, key, identity)
        if status >= 500:
            refused = identity
            break
        assert status == 201
        accepted.add(identity)
    assert refused, "the disk was never full"
    assert set(Message.objects.filter(shop=shop).values_list("identity", flat=True)) == accepted
    assert Lane.objects.get(shop=shop).seq == ShopEvent.objects.filter(shop=shop).count()
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA max_page_count = {PAGES}")
    assert say(shop, conversation, key, refused) == 201
    assert Message.objects.filter(shop=shop, identity=refused).exists()
