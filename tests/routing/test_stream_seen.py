"""What a stream tells whom: by what each may see when it happened, and without the browser's server."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agents.models import Shop, SubAccount
from agents.services import create_token
from conversations.models import Conversation
from conversations.states import Sender
from routing import services
from routing.models import ShopEvent
from routing.stream.cursor import written
from tests.agents.factories import make_key, make_member, make_shop
from tests.routing.factories import make_waiting

pytestmark = [pytest.mark.django_db, pytest.mark.both]
Lines = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def agent(shop: Shop) -> SubAccount:
    return make_member(shop, "agent", name="a1")


@pytest.fixture
def manager(shop: Shop) -> SubAccount:
    return make_member(shop, "cs_manager", name="mg")


def read(member: SubAccount, last: str = "", **headers: str) -> Lines:
    """[(event, data)…] of what is new to somebody."""
    client = Client()
    assert member.account is not None
    client.force_login(member.account)
    response = client.get("/api/v1/stream/", headers={"Last-Event-ID": last, **headers})
    assert response.status_code == 200, response.content
    found: Lines = []
    for block in b"".join(response.streaming_content).decode().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
        if "event" in fields:
            found.append((fields["event"], json.loads(fields["data"])))
    return found


def since(shop: Shop) -> str:
    return written({shop.pk: ShopEvent.objects.filter(shop=shop).count()})


def say(row: Conversation, text: str, sender: Sender = Sender.BUYER) -> None:
    services.post_message(shop=row.shop, conversation=row.external_id, sender=sender, text=text)


def test_without_a_cursor_it_begins_now(shop: Shop, manager: SubAccount) -> None:
    make_waiting(shop)
    assert read(manager) == [("ready", {})]


def test_the_manager_sees_everything_in_order(shop: Shop, manager: SubAccount, agent: SubAccount) -> None:
    begin = since(shop)
    services.set_presence(shop=shop, agent="a1", status="online", by=agent.account)
    row = services.open_conversation(shop=shop, buyer="b1", entry="goods_detail", external_id="c1").conversation
    say(row, "在吗")
    services.close_conversation(shop=shop, conversation="c1", by="agent")
    told = read(manager, begin)
    assert [kind for kind, _ in told] == ["presence", "open", "message", "close", "ready"]
    presence, opened, message, closed, _ = (data for _, data in told)
    assert presence["presence"] == {"status": "online", "by": "a1", "reason": ""}
    assert [data["seq"] for data in (presence, opened, message, closed)] == [1, 2, 3, 4]
    assert opened["decisions"][0]["agent"] == "a1"
    assert "trace" not in opened["decisions"][0]
    assert message["message"]["text"] == "在吗"
    assert message["message"]["conversation"] == row.pk
    assert closed["conversations"][0]["state"] == "closed"
    assert {data["shop"] for data in (presence, opened, message, closed)} == {shop.slug}


def test_an_agent_sees_their_own_and_who_waits_and_when_it_goes(shop: Shop, agent: SubAccount) -> None:
    other = make_member(shop, "agent", name="a2")
    row = make_waiting(shop)
    begin = since(shop)
    say(row, "有人吗")
    services.set_presence(shop=shop, agent="a2", status="online")
    say(row, "只给 a2 看")
    services.set_presence(shop=shop, agent="a1", status="online")
    services.transfer_conversation(shop=shop, conversation=row.external_id, by="a2", to="a1")
    say(row, "现在给 a1 看")

    told = read(agent, begin)
    words = [data["message"]["text"] for _, data in told if data.get("message")]
    assert words == ["有人吗", "现在给 a1 看"]
    taken = next(data for kind, data in told if kind == "presence" and data["conversations"])
    assert taken["conversations"] == [{"id": row.pk, "gone": True}]
    assert taken["decisions"] == []
    assert taken["agents"] == []

    mine = read(other, begin)
    assert [d["message"]["text"] for _, d in mine if d.get("message")] == ["有人吗", "只给 a2 看"]
    moved = next(data for kind, data in mine if kind == "transfer")
    assert moved["conversations"] == [{"id": row.pk, "gone": True}]


def test_settings_are_told_to_who_may_see_them(shop: Shop, manager: SubAccount, agent: SubAccount) -> None:
    begin = since(shop)
    services.publish(shop=shop, document={})
    assert [kind for kind, _ in read(manager, begin)] == ["settings", "ready"]
    assert [kind for kind, _ in read(agent, begin)] == ["ready"]


def test_another_shop_is_not_told(shop: Shop, manager: SubAccount) -> None:
    other = make_shop()
    make_member(other, "cs_manager", name="mg2")
    make_waiting(other)
    both = written({shop.pk: 0, other.pk: 0})
    assert read(manager, both) == [("ready", {})]


def test_a_cursor_that_is_not_kept_any_more_is_reset(shop: Shop, manager: SubAccount) -> None:
    for _ in range(3):
        make_waiting(shop)
    ShopEvent.objects.filter(shop=shop, seq=1).delete()
    assert read(manager, written({shop.pk: 0})) == [("reset", {"shop": shop.slug}), ("ready", {})]
    assert [kind for kind, _ in read(manager, written({shop.pk: 1}))] == ["open", "open", "ready"]
    ahead = written({shop.pk: 99})
    assert read(manager, ahead) == [("reset", {"shop": shop.slug}), ("ready", {})]


def test_events_are_kept_for_a_week(shop: Shop, manager: SubAccount) -> None:
    make_waiting(shop)
    ShopEvent.objects.update(at=timezone.now() - timedelta(days=8))
    make_waiting(shop)
    assert services.trim_events() == 1
    assert [event.seq for event in ShopEvent.objects.filter(shop=shop)] == [2]
    assert read(manager, written({shop.pk: 0}))[0] == ("reset", {"shop": shop.slug})


def test_nobody_a_key_and_a_malformed_cursor_are_refused(shop: Shop, manager: SubAccount) -> None:
    assert Client().get("/api/v1/stream/").status_code == 401
    key = make_key(shop)[1]
    assert Client().get("/api/v1/stream/", headers={"Authorization": f"Token {key}"}).status_code == 403
    assert manager.account is not None
    token = create_token(account=manager.account)
    answer = Client().get("/api/v1/stream/?last_event_id=%25", headers={"Authorization": f"Token {token}"})
    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid_cursor"
    assert list(answer.json()["fields"]) == ["Last-Event-ID"]
