"""Several calls of one buyer at the same moment: one conversation, one message, one rating."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from agents.models import Shop
from conversations.models import Conversation, Message, Rating
from tests.chat.builders import BuyerOf

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]
AT_ONCE = 6


def together(work: Callable[[int], Any]) -> list[Any]:
    def run(n: int) -> Any:
        try:
            return work(n)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        return list(threads.map(run, range(AT_ONCE)))


def test_a_message_sent_many_times_at_once_is_one(shop: Shop) -> None:
    buyer = BuyerOf(shop, "b1")
    answers = together(lambda _: BuyerOf(shop, "b1").writes("在吗", message_id="one-and-the-same"))
    assert sorted(answer.status_code for answer in answers) == [200] * (AT_ONCE - 1) + [201]
    assert Message.objects.filter(sender="buyer").count() == 1
    assert Conversation.objects.count() == 1
    assert buyer.log() == [("buyer", "在吗")]


def test_many_first_messages_at_once_open_one_conversation(shop: Shop) -> None:
    answers = together(lambda n: BuyerOf(shop, "b1").writes(f"第{n}句", message_id=f"message-{n:04}"))
    assert [answer.status_code for answer in answers] == [201] * AT_ONCE
    assert Conversation.objects.count() == 1
    assert {text for _, text in BuyerOf(shop, "b1").log()} == {f"第{n}句" for n in range(AT_ONCE)}


def test_writing_while_it_is_closed_loses_nothing(shop: Shop) -> None:
    BuyerOf(shop, "b1").writes("在吗", message_id="message-first")

    def act(n: int) -> int:
        buyer = BuyerOf(shop, "b1")
        if n % 2:
            return buyer.call("post", "close/", {}).status_code
        return buyer.writes(f"第{n}句", message_id=f"message-{n:04}").status_code

    codes = together(act)
    assert set(codes[::2]) == {201}
    assert set(codes[1::2]) <= {200, 409}
    assert Message.objects.filter(sender="buyer").count() == 1 + AT_ONCE // 2


def test_one_rating_however_often_it_is_sent(shop: Shop) -> None:
    buyer = BuyerOf(shop, "b1")
    buyer.writes()
    buyer.call("post", "close/", {})
    body = {"conversation": Conversation.objects.get().external_id, "satisfied": True}
    answers = together(lambda _: BuyerOf(shop, "b1").call("post", "rating/", body))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (AT_ONCE - 1)
    assert Rating.objects.count() == 1
