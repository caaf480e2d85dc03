"""Buyers cannot read or write each other's conversations, whatever they send."""

import json

import pytest
from django.core import signing
from django.test import Client

from agents.models import Shop
from chat import tokens
from chat.models import ChatSettings
from chat.tokens import BadToken, Identity, make_token, new_visitor, read_token
from conversations.models import Conversation, Message
from conversations.states import Sender
from routing import services
from tests.agents.factories import make_key, make_member
from tests.chat.builders import BuyerOf, make_chat
from tests.routing.factories import png

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def victim(shop: Shop) -> BuyerOf:
    buyer = BuyerOf(shop, "victim")
    buyer.writes("我的手机号是 138")
    services.post_message(
        shop=shop, conversation=Conversation.objects.get().external_id, sender=Sender.BUYER, kind="image", image=png()
    )
    return buyer


CALLS = [
    ("get", "updates/?after=0", None),
    ("get", "messages/", None),
    ("post", "messages/", {"text": "x", "message_id": "aaaaaaaa"}),
    ("post", "images/", {}),
    ("get", "images/1/", None),
    ("post", "ask-human/", {}),
    ("post", "close/", {}),
    ("post", "rating/", {}),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
@pytest.mark.parametrize("kind", ["none", "forged", "of another shop", "for another purpose", "expired", "garbage"])
def test_without_a_good_token_nothing_is_told_or_done(
    shop: Shop, victim: BuyerOf, kind: str, method: str, path: str, body: dict[str, str] | None, monkeypatch
) -> None:
    forged = make_token(shop, "victim")
    given = {
        "none": "",
        "forged": forged[:-3] + ("aaa" if not forged.endswith("aaa") else "bbb"),
        "of another shop": make_token(make_chat(), "victim"),
        "for another purpose": signing.dumps([shop.pk, "victim"], salt="something.else"),
        "expired": forged,
        "garbage": "\x7f:::",
    }[kind]
    if kind == "expired":
        monkeypatch.setattr(tokens, "LASTS", -1)
    before = Message.objects.count()
    stranger = BuyerOf(shop)
    stranger.token = given
    answer = stranger.call(method, path, body)
    assert answer.status_code == 401, answer.content
    assert answer.json()["code"] in ("invalid_token", "not_authenticated")
    assert answer["WWW-Authenticate"] == "Chat"
    assert Message.objects.count() == before


def test_a_session_and_a_key_are_no_buyers(shop: Shop, victim: BuyerOf) -> None:
    client = Client()
    client.force_login(make_member(shop, "main").account)
    assert client.get(f"/chat/{shop.slug}/updates/?after=0").status_code == 401
    header = {"Authorization": f"Token {make_key(shop)[1]}"}
    assert Client(headers=header).get(f"/chat/{shop.slug}/updates/?after=0").status_code == 401


def test_another_buyer_sees_nothing_of_it(shop: Shop, victim: BuyerOf) -> None:
    other = BuyerOf(shop, "other")
    theirs = [message["id"] for message in victim.state()["messages"]]
    assert other.state()["messages"] == [] and other.state()["conversation"] is None
    assert other.enters()["messages"] == []
    image = Message.objects.get(kind="image").pk
    assert victim.call("get", f"images/{image}/").status_code == 200
    for path in (f"images/{image}/", f"messages/?before={theirs[-1]}", f"messages/?before={theirs[0]}"):
        assert other.call("get", path).status_code == 404
    assert other.call("get", "images/999999999/").status_code == 404


def test_another_buyer_writes_in_their_own_conversation_alone(shop: Shop, victim: BuyerOf) -> None:
    other = BuyerOf(shop, "other")
    mine = Conversation.objects.get(buyer__external_id="victim")
    for body in ({"conversation": mine.external_id}, {"buyer": "victim"}, {"sender": "agent"}, {"sent_at": "2020"}):
        assert other.writes("冒充", **body).json()["code"] == "invalid"
    other.writes("我自己的")
    assert [m.text for m in mine.messages.filter(kind="text")] == ["我的手机号是 138"]
    other.call("post", "close/", {})
    mine.refresh_from_db()
    assert mine.state == "open"


def test_another_buyer_cannot_rate_it(shop: Shop, victim: BuyerOf) -> None:
    mine = victim.state()["conversation"]["id"]
    victim.call("post", "close/", {})
    answer = BuyerOf(shop, "other").call("post", "rating/", {"conversation": mine, "satisfied": False})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_conversation")


def test_message_ids_of_two_buyers_never_meet(shop: Shop, victim: BuyerOf) -> None:
    """Neither by the same id nor by writing another's key into one's own."""
    other = BuyerOf(shop, "other")
    given = victim.writes("甲", message_id="same-id-1").json()["message"]
    answer = other.writes("乙", message_id="same-id-1")
    assert answer.status_code == 201
    assert answer.json()["message"]["text"] == "乙"
    key = Message.objects.get(pk=given["id"]).identity
    assert other.writes("丙", message_id=key).status_code == 400


def test_a_buyers_name_that_is_another_names_beginning_is_not_the_other(shop: Shop, victim: BuyerOf) -> None:
    assert BuyerOf(shop, "victi").state()["conversation"] is None
    assert BuyerOf(shop, "Victim").state()["conversation"] is None


def test_where_the_chat_is_off_or_not_there_everything_answers_404(shop: Shop, victim: BuyerOf) -> None:
    ChatSettings.objects.filter(shop=shop).update(on=False)
    for method, path, body in (*CALLS, ("post", "start/", {}), ("get", "", None), ("get", "widget.js", None)):
        assert victim.call(method, path, body).status_code == 404, path
    assert Client().get("/chat/nowhere/").status_code == 404
    assert Client().post("/chat/nowhere/start/").json()["code"] == "not_found"


def test_what_a_buyer_is_told_names_no_account_rule_or_other_buyer(shop: Shop, victim: BuyerOf) -> None:
    services.post_message(
        shop=shop, conversation=Conversation.objects.get().external_id, sender=Sender.AGENT, text="在的"
    )
    BuyerOf(shop, "somebody-else").writes("hi")
    told = json.dumps([victim.enters(), victim.state()])
    for secret in ('"a1"', "PDD", "trace", "decision", "version", "somebody-else", "pool", "holder", "load"):
        assert secret not in told, secret


def test_a_program_with_a_key_names_the_buyer_whom_it_has_signed_in(shop: Shop) -> None:
    services.open_conversation(shop=shop, buyer="member-7", entry="goods_detail")
    url, body = f"/api/v1/shops/{shop.slug}/chat-tokens/", {"buyer": "member-7"}
    header = {"Authorization": f"Token {make_key(shop)[1]}"}
    answer = Client(headers=header).post(url, body, content_type="application/json")
    assert answer.status_code == 201
    buyer = BuyerOf(shop)
    buyer.token = answer.json()["token"]
    assert buyer.enters()["conversation"]["state"] == "open"
    client = Client()
    client.force_login(make_member(shop, "main").account)
    assert client.post(url, body, content_type="application/json").status_code == 403


def test_a_token_says_who_it_is_and_grows_old(shop: Shop, monkeypatch) -> None:
    token = make_token(shop, "b1")
    assert read_token(shop, token) == Identity("b1")
    monkeypatch.setattr(tokens, "RENEWED_AFTER", -1)
    assert read_token(shop, token) == Identity("b1", old=True)
    assert BuyerOf(shop, "b1").enters()["token"]
    for wrong in ("", "x", signing.dumps("b1", salt=tokens.SALT), signing.dumps([shop.pk, 5], salt=tokens.SALT)):
        with pytest.raises(BadToken):
            read_token(shop, wrong)


def test_visitors_names_are_not_drawn_twice() -> None:
    assert len({new_visitor() for _ in range(2000)}) == 2000
