"""Buyers' messages that come at once: a greeting is said once, an answer once, and the counters hold."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from agents.models import Shop
from agents.vocabulary import Role
from conversations.answering import Content, Part
from conversations.models import AnswerPart, Conversation, Message
from conversations.services.answers import StaleAnswers, save_answers
from conversations.states import Sender
from routing import services
from tests.agents.factories import make_member, make_shop
from tests.conversations.answers import HOT, UNKNOWN, set_greeting, set_hot, set_robot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]

THREADS = 4


@pytest.fixture
def shop() -> Shop:
    made = make_shop("pdd")
    make_member(made, Role.AGENT, name="a1")
    services.set_presence(shop=made, agent="a1", status="online")
    return made


def at_once(work: Callable[[int], object]) -> list[object]:
    """Call `work(n)` in so many threads, begun together; what each returned or raised."""
    barrier = Barrier(THREADS)

    def run(n: int) -> object:
        barrier.wait()
        try:
            return work(n)
        except StaleAnswers as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def said(shop: Shop, sender: str) -> int:
    return Message.objects.filter(shop=shop, sender=sender).count()


def test_a_buyer_who_opens_several_times_at_once_is_greeted_once(shop: Shop) -> None:
    set_greeting(shop)
    at_once(lambda n: services.open_conversation(shop=shop, external_id=f"c{n}", buyer="b1", entry="goods_detail"))
    assert Conversation.objects.for_shop(shop).count() == 1
    assert said(shop, "auto") == 1


def test_a_message_that_is_delivered_several_times_at_once_is_answered_once(shop: Shop) -> None:
    set_hot(shop)
    services.open_conversation(shop=shop, external_id="c1", buyer="b1", entry="goods_detail")
    at_once(
        lambda _n: services.post_message(
            shop=shop, conversation="c1", sender=Sender.BUYER, text=HOT[0][0], message_id="m1"
        )
    )
    assert (said(shop, "buyer"), said(shop, "auto")) == (1, 1)


def test_of_misses_that_come_at_once_each_is_counted_and_one_hands_over(shop: Shop) -> None:
    set_robot(shop, misses=THREADS)
    services.open_conversation(shop=shop, external_id="c1", buyer="b1", entry="goods_detail")
    at_once(lambda n: services.post_message(shop=shop, conversation="c1", sender=Sender.BUYER, text=f"天气{n}"))
    assert Conversation.objects.for_shop(shop).get().state == "open"
    assert Message.objects.filter(shop=shop, text=UNKNOWN).count() == THREADS - 1
    assert Message.objects.filter(shop=shop, sender="buyer", to_robot=False).count() == 1
    assert services.compare_counters(shop=shop) == []


def test_of_two_who_save_the_same_form_at_once_one_is_told(shop: Shop) -> None:
    outcomes = at_once(
        lambda n: save_answers(shop=shop, part=Part.GREETING, content=Content(on=True, text=f"{n}"), seen="")
    )
    assert sum(isinstance(outcome, StaleAnswers) for outcome in outcomes) == THREADS - 1
    row = AnswerPart.objects.get(shop=shop)
    assert [outcome.token for outcome in outcomes if isinstance(outcome, AnswerPart)] == [row.token]
