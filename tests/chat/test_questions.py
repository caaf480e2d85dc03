"""The question that a buyer picks before the conversation opens (DY1, DY2)."""

import pytest

from agents.models import Shop
from conversations.models import Conversation
from routing import services
from tests.agents.factories import make_member
from tests.chat.builders import BuyerOf, make_chat

pytestmark = pytest.mark.django_db(transaction=True)
ENTRIES = {
    "goods_detail": {"assign": "by_question", "questions": {"发什么快递": ["a1"], "是现货吗": ["a2"]}},
    "order_detail": {"assign": "unified", "agents": ["a1"]},
}


@pytest.fixture
def shop() -> Shop:
    made = make_chat(platform="douyin")
    for name in ("a1", "a2"):
        make_member(made, name=name)
        services.set_presence(shop=made, agent=name, status="online")
    services.publish(shop=made, document={"entries": ENTRIES})
    return made


def test_an_entry_by_question_offers_its_questions_and_the_others_none(shop: Shop) -> None:
    assert BuyerOf(shop).enters(entry="goods_detail")["questions"] == ["发什么快递", "是现货吗"], "in the shop's order"
    assert BuyerOf(shop).enters(entry="order_detail")["questions"] == []
    assert BuyerOf(shop).enters(entry="live")["questions"] == []


def test_the_question_that_is_picked_goes_to_its_own_people(shop: Shop) -> None:
    buyer = BuyerOf(shop, "b1")
    buyer.writes("是现货吗", question="是现货吗", entry="goods_detail")
    row = Conversation.objects.get()
    assert (row.question, row.holder.name) == ("是现货吗", "a2")


def test_a_question_that_is_not_offered_counts_as_none_picked(shop: Shop) -> None:
    BuyerOf(shop, "b1").writes("x", question="谁是老板", entry="goods_detail")
    assert Conversation.objects.get().question == ""


def test_a_question_in_an_open_conversation_is_a_message_in_it(shop: Shop) -> None:
    buyer = BuyerOf(shop, "b1")
    buyer.writes("发什么快递", question="发什么快递", entry="goods_detail")
    buyer.writes("是现货吗", question="是现货吗", entry="goods_detail")
    row = Conversation.objects.get()
    assert (row.question, row.messages.count()) == ("发什么快递", 2)
