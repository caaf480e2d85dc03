"""A buyer's talk from the first word to the last, over HTTP."""

from io import BytesIO

import pytest

from agents.models import Shop
from conversations.models import AnswerItem, Conversation, Message
from conversations.states import Sender
from routing import services
from tests.agents.factories import make_member
from tests.chat.builders import BuyerOf, make_chat
from tests.conversations.answers import GREETING, HOT, MENU, RULES, set_greeting, set_hot, set_menu, set_robot
from tests.routing.factories import png

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]


@pytest.fixture
def shop() -> Shop:
    made = make_chat()
    make_member(made, name="a1")
    return made


def online(shop: Shop, name: str = "a1") -> None:
    services.set_presence(shop=shop, agent=name, status="online")


def only(shop: Shop) -> Conversation:
    return Conversation.objects.for_shop(shop).get()


def test_entering_makes_a_buyer_and_no_conversation(shop: Shop) -> None:
    set_greeting(shop)
    set_hot(shop)
    buyer = BuyerOf(shop)
    told = buyer.enters(entry="goods_detail")
    assert told["token"] and told["entry"] == "goods_detail"
    assert (told["conversation"], told["messages"], told["greeting"]) == (None, [], GREETING)
    assert [hot["question"] for hot in told["hot_questions"]] == [ask for ask, _ in HOT]
    assert not Conversation.objects.exists()
    assert buyer.enters()["token"] is None  # the one that they have is good for long


def test_the_first_word_opens_a_conversation_and_is_greeted(shop: Shop) -> None:
    set_greeting(shop)
    online(shop)
    buyer = BuyerOf(shop)
    buyer.enters()
    answer = buyer.writes("几号发货", entry="goods_detail", order_status="unpaid")
    assert answer.status_code == 201
    assert answer.json()["conversation"]["state"] == "open"
    row = only(shop)
    assert (row.entry, row.order_status, row.holder.name) == ("goods_detail", "unpaid", "a1")
    assert row.unanswered_since == Message.objects.get(sender="buyer").sent_at
    assert buyer.log() == [("auto", GREETING), ("buyer", "几号发货")]


def test_what_an_agent_writes_is_told_with_their_display_name_and_never_the_account(shop: Shop) -> None:
    online(shop)
    member = shop.sub_accounts.get(name="a1")
    member.account.display_name = "小满-售前01"
    member.account.save()
    buyer = BuyerOf(shop, "b1")
    told = buyer.writes().json()
    assert told["conversation"]["agent"] == {"name": "小满-售前01"}
    services.post_message(shop=shop, conversation=only(shop).external_id, sender=Sender.AGENT, text="在的")
    message = buyer.state()["messages"][-1]
    assert (message["from"], message["name"], message["text"]) == ("agent", "小满-售前01", "在的")
    member.account.display_name = ""
    member.account.save()
    assert buyer.state()["messages"][-1]["name"] == ""
    assert '"a1"' not in str(buyer.enters()).replace("'", '"')


def test_the_same_message_sent_twice_is_one_also_after_the_end(shop: Shop) -> None:
    online(shop)
    buyer = BuyerOf(shop, "b1")
    first = buyer.writes("在吗", message_id="one-and-the-same")
    again = buyer.writes("在吗", message_id="one-and-the-same")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["message"]["id"] == again.json()["message"]["id"]
    buyer.call("post", "close/", {})
    assert buyer.writes("在吗", message_id="one-and-the-same").status_code == 200
    assert Message.objects.filter(sender="buyer").count() == 1
    assert Conversation.objects.count() == 1


def test_a_hot_question_is_tapped_by_its_key_and_answered_at_once(shop: Shop) -> None:
    online(shop)
    set_hot(shop)
    buyer = BuyerOf(shop, "b1")
    buyer.writes("", hot_question=buyer.enters()["hot_questions"][1]["id"])
    assert buyer.log() == [("buyer", HOT[1][0]), ("auto", HOT[1][1])]


def test_a_hot_question_of_another_shop_opens_nothing(shop: Shop) -> None:
    other = make_chat()
    set_hot(other)
    theirs = AnswerItem.objects.get(shop=other, ask=HOT[0][0]).pk
    answer = BuyerOf(shop, "b1").writes("", hot_question=theirs)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_hot_question")
    assert not Conversation.objects.exists()


def test_an_order_card_brings_the_menu_and_a_tap_on_it_its_answer(shop: Shop) -> None:
    online(shop)
    set_menu(shop)
    buyer = BuyerOf(shop, "b1")
    buyer.writes("", order={"number": "261121-4083", "title": "密封罐", "price": "¥79.80"})
    card, menu = buyer.state()["messages"]
    assert (card["kind"], card["text"]) == ("order_card", "261121-4083\n密封罐\n¥79.80")
    assert (menu["text"], menu["choices"]) == ("需要哪种帮助？", [label for label, _ in MENU])
    buyer.writes(MENU[0][0])
    assert buyer.log()[-1] == ("auto", MENU[0][1])


def test_with_the_robot_until_a_person_is_asked_for(shop: Shop) -> None:
    online(shop)
    set_robot(shop)
    buyer = BuyerOf(shop, "b1")
    assert buyer.writes("什么时候发货").json()["conversation"]["may_ask_human"] is True
    assert buyer.log()[-1] == ("robot", RULES[0][1])
    told = buyer.call("post", "ask-human/", {}).json()["conversation"]
    assert (told["state"], told["may_ask_human"]) == ("open", False)
    assert buyer.call("post", "ask-human/", {}).json()["code"] == "not_with_robot"


def test_who_waits_is_told_the_notice_and_the_place_as_it_moves(shop: Shop) -> None:
    make_member(shop, name="full")
    shop.sub_accounts.filter(name="a1").update(max_concurrent=1)
    online(shop)
    services.publish(shop=shop, document={"queue": {"show_count_below": 3, "notice": "前面共 {count} 位"}})
    buyers = [BuyerOf(shop, f"b{n}") for n in range(4)]
    assert buyers[0].writes().json()["conversation"]["state"] == "open"
    queues = [buyer.writes().json()["conversation"]["queue"] for buyer in buyers[1:]]
    assert [queue["position"] for queue in queues] == [1, 2, None]
    assert queues[1]["notice"] == "前面共 2 位"
    assert "前面" not in queues[2]["notice"]  # the busy text
    buyers[0].call("post", "close/", {})
    states = [buyer.state()["conversation"] for buyer in buyers[1:]]
    assert [state["state"] for state in states] == ["open", "queued", "queued"]
    assert [state["queue"] and state["queue"]["position"] for state in states] == [None, 1, 2]


def test_with_nobody_online_a_message_is_left_and_that_is_said(shop: Shop) -> None:
    buyer = BuyerOf(shop, "b1")
    assert buyer.enters()["anybody_online"] is False
    assert buyer.writes().json()["conversation"]["state"] == "queued"
    online(shop)
    told = buyer.state()
    assert told["anybody_online"] is True
    assert told["conversation"]["state"] == "open"


def test_a_holder_from_the_offline_list_is_away_until_they_come(shop: Shop) -> None:
    services.publish(shop=shop, document={"offline": {"enabled": True, "agents": ["a1"]}})
    buyer = BuyerOf(shop, "b1")
    told = buyer.writes().json()["conversation"]
    assert (told["state"], told["agent_away"]) == ("open", True)
    online(shop)
    assert buyer.state()["conversation"]["agent_away"] is False


def test_somebody_on_the_never_route_list_is_nobody_who_answers(shop: Shop) -> None:
    services.publish(shop=shop, document={"never_route": ["a1"]})
    online(shop)
    assert BuyerOf(shop, "b1").state()["anybody_online"] is False


def test_an_image_goes_and_comes_back_as_it_is(shop: Shop) -> None:
    online(shop)
    buyer = BuyerOf(shop, "b1")
    picture = BytesIO(png())
    picture.name = "x.png"
    body = {"image": picture, "message_id": "picture-0001", "entry": "goods_detail"}
    answer = buyer.call("post", "images/", body)
    assert answer.status_code == 201, answer.content
    message = answer.json()["message"]
    assert (message["kind"], message["image"]) == ("image", True)
    got = buyer.call("get", f"images/{message['id']}/")
    assert b"".join(got.streaming_content) == png()
    assert got["Content-Type"] == "image/png"
    assert "sandbox" in got["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "not_an_image"),
        (b"\x00\x00\x00\x18ftypmp42", "kind_refused"),
        (b"x" * (5 * 1024 * 1024 + 1), "image_too_large"),
    ],
)
def test_what_is_no_image_opens_no_conversation(shop: Shop, content: bytes, code: str) -> None:
    file = BytesIO(content)
    file.name = "x.png"
    answer = BuyerOf(shop, "b1").call("post", "images/", {"image": file, "message_id": "picture-0001"})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert not Conversation.objects.exists()


def test_writing_after_the_end_starts_anew(shop: Shop) -> None:
    online(shop)
    buyer = BuyerOf(shop, "b1")
    first = buyer.writes("在吗").json()["conversation"]["id"]
    assert buyer.call("post", "close/", {}).json()["conversation"]["state"] == "closed"
    again = buyer.call("post", "close/", {})
    assert (again.status_code, again.json()["code"]) == (409, "no_conversation")
    second = buyer.writes("还有一件事").json()["conversation"]
    assert second["state"] == "open" and second["id"] != first
    assert [text for _, text in buyer.log()] == ["在吗", "还有一件事"]


def test_earlier_messages_come_in_pieces(shop: Shop) -> None:
    online(shop)
    buyer = BuyerOf(shop, "b1")
    buyer.writes("0")
    conversation = only(shop).external_id
    for n in range(1, 45):
        services.post_message(shop=shop, conversation=conversation, sender=Sender.AGENT, text=str(n))
    told = buyer.enters()
    assert (len(told["messages"]), told["more"]) == (30, True)
    older = buyer.call("get", f"messages/?before={told['messages'][0]['id']}").json()
    assert [message["text"] for message in older["messages"] + told["messages"]] == [str(n) for n in range(45)]
    assert older["more"] is False


def test_updates_tell_what_came_since_and_nothing_twice(shop: Shop) -> None:
    online(shop)
    buyer = BuyerOf(shop, "b1")
    buyer.writes("一")
    cursor = buyer.state()["cursor"]
    assert buyer.call("get", f"updates/?after={cursor}").json()["messages"] == []
    services.post_message(shop=shop, conversation=only(shop).external_id, sender=Sender.AGENT, text="二")
    told = buyer.call("get", f"updates/?after={cursor}").json()
    assert [message["text"] for message in told["messages"]] == ["二"]
    assert told["cursor"] > cursor


def test_what_a_buyer_asks_again_and_again_is_cheap(shop: Shop, django_assert_max_num_queries) -> None:
    """Of somebody who waits, which costs the most: door, cursor, conversation, place, who is online, what is new."""
    online(shop)
    shop.sub_accounts.filter(name="a1").update(max_concurrent=1)
    BuyerOf(shop, "first").writes()
    buyer = BuyerOf(shop, "b1")
    buyer.writes()
    cursor = buyer.state()["cursor"]
    with django_assert_max_num_queries(11):
        assert buyer.call("get", f"updates/?after={cursor}").json()["conversation"]["queue"]["position"] == 1
    with django_assert_max_num_queries(26):
        assert buyer.writes("还在吗").status_code == 201
