"""Automatic answers in the lane: who gets which, in which order, and that none of them is a reply (S2, M13)."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Shop
from agents.vocabulary import Role
from conversations.answering import Part
from conversations.models import AnswerItem, Conversation, Message
from conversations.states import Sender, State
from routing import services
from routing.models import ShopEvent
from tests.agents.factories import make_member, make_shop
from tests.conversations.answers import GREETING, HOT, MENU, save, set_greeting, set_hot, set_menu

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]


@pytest.fixture
def shop() -> Shop:
    made = make_shop("pdd")
    make_member(made, Role.AGENT, name="a1")
    services.set_presence(shop=made, agent="a1", status="online")
    return made


def opened(shop: Shop, name: str = "c1", buyer: str = "b1") -> Conversation:
    return services.open_conversation(shop=shop, external_id=name, buyer=buyer, entry="goods_detail").conversation


def writes(shop: Shop, text: str = "", *, kind: str = "text", name: str = "c1", **more: object) -> Message:
    said = services.post_message(shop=shop, conversation=name, sender=Sender.BUYER, kind=kind, text=text, **more)
    return said[0]


def thread(shop: Shop) -> list[tuple[str, str]]:
    return list(Message.objects.filter(shop=shop).order_by("pk").values_list("sender", "text"))


def test_a_shop_that_has_set_nothing_says_nothing(shop: Shop) -> None:
    opened(shop)
    writes(shop, "发什么快递？")
    writes(shop, kind="order_card")
    assert [sender for sender, _ in thread(shop)] == ["buyer", "buyer"]


def test_a_shop_that_has_set_nothing_pays_one_query_for_it(shop: Shop) -> None:
    opened(shop)
    with CaptureQueriesContext(connection) as queries:
        writes(shop, "你好")
    assert sum("answerpart" in query["sql"] for query in queries) == 1
    assert not any("answeritem" in query["sql"] for query in queries)


def test_who_opens_is_greeted_once_and_the_greeting_is_an_event_of_its_own(shop: Shop) -> None:
    set_greeting(shop)
    row = opened(shop)
    message = Message.objects.get(shop=shop)
    assert (message.sender, message.text, message.automatic) == ("auto", GREETING, Part.GREETING)
    last = ShopEvent.objects.filter(shop=shop).order_by("-seq")[:2]
    assert [event.kind for event in last] == ["message", "open"]
    assert message.seq == last[0].seq
    row.refresh_from_db()
    assert row.unanswered_since is not None
    assert row.last_message_at == message.sent_at


def test_who_goes_on_in_an_open_conversation_is_not_greeted_again(shop: Shop) -> None:  # G18
    set_greeting(shop)
    opened(shop)
    assert opened(shop, "c2").external_id == "c1"
    services.open_conversation(shop=shop, external_id="c1", buyer="b1", entry="goods_detail", again=True)
    assert len(thread(shop)) == 1
    services.close_conversation(shop=shop, conversation="c1", by="agent")
    opened(shop, "c3")
    assert len(thread(shop)) == 2


def test_a_greeting_that_is_switched_off_stays_unsaid(shop: Shop) -> None:
    save(shop, Part.GREETING, on=False, text=GREETING)
    opened(shop)
    assert thread(shop) == []


@pytest.mark.parametrize(
    "text", ["发什么快递？", "发什么快递", "  发什么快递?? ", "發".replace("發", "发") + "什么快递。"]
)
def test_a_hot_question_is_answered_however_its_end_is_marked(shop: Shop, text: str) -> None:
    set_hot(shop)
    opened(shop)
    writes(shop, text)
    assert thread(shop)[1:] == [("auto", HOT[0][1])]


def test_what_only_resembles_a_hot_question_is_left_to_people(shop: Shop) -> None:
    set_hot(shop)
    opened(shop)
    writes(shop, "请问发什么快递？")
    assert len(thread(shop)) == 1


def test_a_tapped_hot_question_is_the_buyer_s_message_and_answered(shop: Shop) -> None:
    set_hot(shop)
    opened(shop)
    writes(shop, hot_question=AnswerItem.objects.get(ask=HOT[1][0]).pk)
    assert thread(shop) == [("buyer", HOT[1][0]), ("auto", HOT[1][1])]


def test_an_order_card_brings_the_menu_and_a_label_its_answer(shop: Shop) -> None:
    set_menu(shop)
    opened(shop)
    writes(shop, "订单 1", kind="order_card")
    writes(shop, "申请退款")
    assert thread(shop) == [
        ("buyer", "订单 1"),
        ("auto", "需要哪种帮助？\n· 查物流\n· 申请退款"),
        ("buyer", "申请退款"),
        ("auto", MENU[1][1]),
    ]
    assert set(Message.objects.filter(shop=shop, sender="auto").values_list("automatic", flat=True)) == {"menu"}


def test_a_product_card_brings_no_menu(shop: Shop) -> None:
    set_menu(shop)
    opened(shop)
    writes(shop, kind="product_card")
    assert len(thread(shop)) == 1


def test_an_agent_s_words_are_answered_by_nobody(shop: Shop) -> None:
    set_hot(shop)
    opened(shop)
    services.post_message(shop=shop, conversation="c1", sender=Sender.AGENT, text=HOT[0][0])
    assert [sender for sender, _ in thread(shop)] == ["agent"]


def test_the_same_message_again_is_not_answered_again(shop: Shop) -> None:
    set_hot(shop)
    opened(shop)
    for _n in range(2):
        writes(shop, HOT[0][0], message_id="m1")
    assert len(thread(shop)) == 2


def test_automatic_messages_are_no_answer_the_buyer_still_waits(shop: Shop) -> None:  # M13
    set_greeting(shop)
    set_hot(shop)
    set_menu(shop)
    row = opened(shop)
    writes(shop, HOT[0][0])
    writes(shop, kind="order_card")
    row.refresh_from_db()
    assert row.unanswered_since == row.opened_at
    assert services.compare_counters(shop=shop) == []
    assert row.state == State.OPEN


def test_an_answer_never_stands_before_its_question_whatever_clock_that_came_by(shop: Shop) -> None:
    set_hot(shop)
    row = opened(shop)
    ahead = row.opened_at.replace(year=row.opened_at.year + 1)
    asked = writes(shop, HOT[0][0], sent_at=ahead)
    answer = Message.objects.get(shop=shop, sender="auto")
    assert asked.sent_at == asked.received_at
    assert answer.sent_at >= asked.sent_at
    assert list(Message.objects.filter(shop=shop)) == [asked, answer]


def test_one_shop_s_answers_are_not_another_s(shop: Shop) -> None:
    other = make_shop("other")
    set_greeting(other)
    set_hot(other)
    opened(shop)
    writes(shop, HOT[0][0])
    assert len(thread(shop)) == 1
