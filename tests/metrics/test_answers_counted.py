"""What a shop says by itself, live, and what it does to the reply rates (M13): end to end through the lane."""

from datetime import UTC, date, datetime, timedelta

import pytest

from agents.models import Shop
from agents.vocabulary import Role
from conversations.answering import Item
from conversations.models import Conversation, Message
from conversations.robots import Question, Reply
from conversations.states import Sender
from metrics.formulas.units import Figures
from metrics.models import DayRate, DefinitionOverride
from metrics.selectors.clocks import strictest
from metrics.selectors.threads import whole_thread
from metrics.services import assess
from routing import services
from tests.agents.factories import make_member, make_shop
from tests.conversations.answers import HOT, set_greeting, set_hot, set_menu, set_robot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]

DAY = date(2030, 7, 1)
METRIC = "reply_5m"


def at(minute: float) -> datetime:
    """So many minutes after noon in Shanghai."""
    return datetime(2030, 7, 1, 4, tzinfo=UTC) + timedelta(minutes=minute)


def shop_that(*, counts_robot: bool) -> Shop:
    """Platforms other than Pinduoduo, as they stand, do not count it; nor does a Pinduoduo shop that says so."""
    shop = make_shop("pdd")
    if not counts_robot:
        DefinitionOverride.objects.create(shop=shop, metric=METRIC, valid_from=date(2020, 1, 1), counts_robot=False)
    make_member(shop, Role.AGENT, name="a1")
    services.set_presence(shop=shop, agent="a1", status="online", now=at(0))
    return shop


def opens(shop: Shop) -> None:
    services.open_conversation(shop=shop, external_id="c1", buyer="b1", entry="goods_detail", now=at(1))


def says(shop: Shop, minute: float, text: str, sender: Sender = Sender.BUYER, kind: str = "text") -> Message:
    said = services.post_message(shop=shop, conversation="c1", sender=sender, text=text, kind=kind, now=at(minute))
    return said[0]


def figures(shop: Shop) -> Figures:
    assess(shop=shop, date_from=DAY, date_to=DAY, now=at(600))
    return counted(shop)


def counted(shop: Shop) -> Figures:
    return DayRate.objects.get(shop=shop, date=DAY, metric=METRIC).figures


PASSED, FAILED, NOTHING = Figures(1, 0, 0), Figures(0, 1, 0), Figures(0, 0, 0)


@pytest.mark.parametrize("counts_robot", [True, False])
def test_automatic_messages_answer_nothing_whether_robots_count_or_not(counts_robot: bool) -> None:
    shop = shop_that(counts_robot=counts_robot)
    set_greeting(shop)
    set_hot(shop)
    set_menu(shop)
    opens(shop)
    says(shop, 2, HOT[0][0])
    says(shop, 3, "订单", kind="order_card")
    assert Message.objects.filter(shop=shop, sender="auto").count() == 3
    assert figures(shop) == FAILED


def test_an_agent_s_answer_after_them_is_timed_from_the_question() -> None:
    shop = shop_that(counts_robot=True)
    set_greeting(shop)
    set_hot(shop)
    opens(shop)
    says(shop, 2, HOT[0][0])
    says(shop, 6.5, "在的", Sender.AGENT)
    row = Conversation.objects.get()
    took = [
        i.took for i in whole_thread(row, strictest(shop, at(7))).items if i.message and i.message.sender != "buyer"
    ]
    assert [(one.seconds, one.counted) for one in took] == [(None, False), (None, False), (270, True)]
    assert figures(shop) == PASSED


def test_where_robots_count_their_answer_is_a_reply() -> None:
    shop = shop_that(counts_robot=True)
    set_robot(shop)
    opens(shop)
    assert says(shop, 2, "什么时候发货").to_robot
    assert figures(shop) == PASSED


def test_where_they_do_not_what_buyers_write_to_the_robot_starts_no_clock() -> None:
    shop = shop_that(counts_robot=False)
    set_robot(shop)
    opens(shop)
    says(shop, 2, "什么时候发货")
    says(shop, 3, "天气如何")
    assert Message.objects.filter(shop=shop, to_robot=True).count() == 2
    assert figures(shop) == NOTHING


@pytest.mark.parametrize(("answered", "expected"), [(9, PASSED), (9.5, FAILED)])
def test_from_asking_for_a_person_on_the_clock_runs(answered: float, expected: Figures) -> None:
    shop = shop_that(counts_robot=False)
    set_robot(shop)
    opens(shop)
    says(shop, 2, "什么时候发货")
    says(shop, 4, "转人工")
    says(shop, answered, "在的", Sender.AGENT)
    assert figures(shop) == expected


def test_from_the_miss_that_brings_a_person_on_it_runs_too() -> None:
    shop = shop_that(counts_robot=False)
    set_robot(shop, misses=2)
    opens(shop)
    says(shop, 2, "天气如何")
    says(shop, 3, "明天呢")
    assert figures(shop) == FAILED


class CountedMeanwhile:
    """Assesses while it is asked, as the sweep may do; then gives up."""

    def answer(self, question: Question) -> Reply | None:
        assess(shop=Shop.objects.get(slug=question.shop), date_from=DAY, date_to=DAY, now=at(600))
        return Reply(hand_over=True)


def test_a_day_counted_between_a_message_and_its_hand_over_is_counted_again(settings) -> None:
    settings.ROBOT, settings.ROBOT_TIMEOUT = f"{__name__}.CountedMeanwhile", 30
    shop = shop_that(counts_robot=False)
    set_robot(shop, items=(Item("x", "y"),))
    opens(shop)
    says(shop, 2, "天气如何")
    assert counted(shop) == NOTHING
    # Nobody asks for that day: only what follows the messages finds it.
    assess(shop=shop, date_from=DAY + timedelta(days=1), date_to=DAY, now=at(600))
    assert counted(shop) == FAILED
