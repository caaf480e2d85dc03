"""The buyer's stream through the real web server: their own, at once, whole, and nothing of anybody else's."""

import pytest

from agents.models import Shop
from chat.models import ChatSettings
from chat.tokens import make_token
from conversations.models import Conversation
from conversations.states import Sender
from routing import services
from tests.agents.factories import make_member
from tests.asgi import Reader, Server
from tests.chat.builders import ORIGIN, BuyerOf, forget_limits, make_chat
from tests.conversations.answers import set_menu

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]


def listen(server: Server, shop: Shop, buyer: str, after: str = "", **headers: str) -> Reader:
    headers = {"Authorization": f"Chat {make_token(shop, buyer)}"} | headers
    query = f"?after={after}" if after else ""
    return Reader(server.url, path=f"/chat/{shop.slug}/stream/{query}", **headers)


def conversation_of(buyer: str) -> str:
    return Conversation.objects.get(buyer__external_id=buyer).external_id


def answer(shop: Shop, buyer: str, text: str) -> None:
    services.post_message(shop=shop, conversation=conversation_of(buyer), sender=Sender.AGENT, text=text)


def test_an_answer_comes_whole_and_at_once(server: Server, shop: Shop) -> None:
    BuyerOf(shop, "b1").writes("在吗")
    reader = listen(server, shop, "b1").ready()
    answer(shop, "b1", "在的")
    event = reader.next()
    assert event.kind == "message"
    assert set(event.data) == {"shop", "seq", "at", "kind", "message", "look"}
    assert (event.data["message"]["text"], event.data["message"]["from"]) == ("在的", "agent")
    assert "'a1'" not in str(event.data)


def test_nothing_of_another_buyer_comes(server: Server, shop: Shop) -> None:
    for name in ("b1", "other-buyer"):
        BuyerOf(shop, name).writes("在吗")
    reader = listen(server, shop, "b1").ready()
    answer(shop, "other-buyer", "只给另一位")
    services.transfer_conversation(shop=shop, conversation=conversation_of("other-buyer"), by="a1", to=spare(shop))
    services.close_conversation(shop=shop, conversation=conversation_of("other-buyer"), by="agent")
    answer(shop, "b1", "给 b1")
    events = [reader.next()]
    while events[-1].kind != "message":
        events.append(reader.next())
    assert "other-buyer" not in str(events) and "另一位" not in str(events)
    assert events[-1].data["message"]["text"] == "给 b1"
    assert {event.kind for event in events} <= {"look", "message"}


def spare(shop: Shop) -> str:
    services.set_presence(shop=shop, agent=make_member(shop, name="a2").name, status="online")
    return "a2"


def test_who_waits_is_told_to_look_when_the_line_moves(server: Server, shop: Shop) -> None:
    shop.sub_accounts.filter(name="a1").update(max_concurrent=1)
    buyers = [BuyerOf(shop, f"b{n}") for n in range(3)]
    for buyer in buyers:
        buyer.writes("在吗")
    reader = listen(server, shop, "b2").ready()
    buyers[0].call("post", "close/", {})
    told = reader.next()
    assert (told.kind, told.data["about"]) == ("look", "line")
    assert set(told.data) == {"shop", "seq", "at", "kind", "about"}
    assert buyers[2].state()["conversation"]["queue"]["position"] == 1


def test_a_cut_loses_and_repeats_nothing(server: Server, shop: Shop) -> None:
    buyer = BuyerOf(shop, "b1")
    buyer.writes("在吗")
    cursor = str(buyer.state()["cursor"])
    answer(shop, "b1", "第0句")
    reader = listen(server, shop, "b1", after=cursor)
    heard = [reader.next("message")]
    reader.cut()
    for n in (1, 2):
        answer(shop, "b1", f"第{n}句")
    again = listen(server, shop, "b1", after=cursor, Last_Event_ID=heard[0].id)
    heard += [again.next("message") for _ in range(2)]
    assert [event.data["message"]["text"] for event in heard] == ["第0句", "第1句", "第2句"]


def test_the_menu_is_looked_at_because_it_can_be_tapped(server: Server, shop: Shop) -> None:
    set_menu(shop)
    buyer = BuyerOf(shop, "b1")
    buyer.writes("在吗")
    reader = listen(server, shop, "b1").ready()
    buyer.writes("", order={"number": "1"})
    assert [reader.next().kind for _ in range(2)] == ["message", "look"]


def test_somebody_who_comes_online_is_news_to_who_is_alone(server: Server, shop: Shop) -> None:
    services.set_presence(shop=shop, agent="a1", status="offline")
    reader = listen(server, shop, "b1").ready()
    services.set_presence(shop=shop, agent="a1", status="online")
    assert reader.next().data["about"] == "people"


def test_a_holder_who_leaves_is_news_to_their_buyers_alone(server: Server, shop: Shop) -> None:
    for name in ("b1", "b2"):
        BuyerOf(shop, name).writes("在吗")
    services.transfer_conversation(shop=shop, conversation=conversation_of("b2"), by="a1", to=spare(shop))
    theirs, others = (listen(server, shop, name).ready() for name in ("b1", "b2"))
    services.set_presence(shop=shop, agent="a1", status="break")
    assert theirs.next().data["about"] == "you"
    answer(shop, "b2", "在的")
    assert others.next().kind == "message"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": ""}, 401),
        ({"Authorization": "Chat forged"}, 401),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": ORIGIN}, 200),
    ],
)
def test_the_door_is_the_same(server: Server, shop: Shop, headers: dict[str, str], status: int) -> None:
    assert listen(server, shop, "b1", **headers).status == status


def test_another_shops_token_and_a_shop_without_a_chat(server: Server, shop: Shop) -> None:
    token = {"Authorization": f"Chat {make_token(make_chat(), 'b1')}"}
    assert listen(server, shop, "b1", **token).status == 401
    ChatSettings.objects.filter(shop=shop).update(on=False)
    assert listen(server, shop, "b1").status == 404


def test_a_chat_that_is_switched_off_ends_its_streams(server: Server, shop: Shop) -> None:
    reader = listen(server, shop, "b1").ready()
    ChatSettings.objects.filter(shop=shop).update(on=False)
    assert reader.ended.wait(10)


def test_streams_are_counted_like_other_calls(server: Server, shop: Shop, settings) -> None:
    settings.CHAT_LIMITS = settings.CHAT_LIMITS | {"reads": (1, 3600)}
    assert [listen(server, shop, "b1").status for _ in range(2)] == [200, 429]
    forget_limits()
