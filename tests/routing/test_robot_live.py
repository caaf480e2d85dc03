"""The robot in the lane: when it answers first, when a person takes over, and what it does to the rates (M13, DY5)."""

from datetime import UTC, datetime, timedelta

import pytest

from agents.models import ShiftKind, ShiftPattern, Shop, SubAccount
from agents.vocabulary import Role
from config import jobs
from conversations.answering import Part, When
from conversations.models import Conversation, Message
from conversations.robots import Question, Reply
from conversations.states import Sender
from routing import services
from routing.models import Decision, ShopEvent
from routing.services.answering import FORGOTTEN, forgotten, hand_over_forgotten
from tests.agents.factories import make_member, make_shop
from tests.conversations.answers import HOT, RULES, UNKNOWN, save, set_greeting, set_hot, set_menu, set_robot
from tests.routing.test_answers_live import opened, thread, writes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]


@pytest.fixture
def shop() -> Shop:
    made = make_shop("pdd")
    make_member(made, Role.AGENT, name="a1")
    return made


def online(shop: Shop) -> None:
    services.set_presence(shop=shop, agent="a1", status="online")


def state(shop: Shop) -> str:
    return Conversation.objects.for_shop(shop).get(external_id="c1").state


def test_with_the_robot_always_on_a_conversation_opens_with_it_undecided(shop: Shop) -> None:
    online(shop)
    set_robot(shop)
    row = opened(shop)
    assert (row.state, row.holder, row.robot_misses) == ("robot", None, 0)
    assert not Decision.objects.filter(shop=shop).exists()


def test_it_answers_by_the_first_rule_that_fits_and_the_buyer_is_answered(shop: Shop) -> None:
    set_greeting(shop)
    set_robot(shop)
    opened(shop)
    writes(shop, "请问什么时候发货呀")
    assert [sender for sender, _ in thread(shop)] == ["auto", "buyer", "robot"]
    answer = Message.objects.get(shop=shop, sender="robot")
    assert (answer.text, answer.automatic, answer.author) == (RULES[0][1], Part.ROBOT, None)
    row = Conversation.objects.get()
    assert row.unanswered_since is None
    assert Message.objects.get(shop=shop, sender="buyer").to_robot


def test_a_rule_that_is_switched_off_answers_nothing(shop: Shop) -> None:
    part = set_robot(shop)
    part.items.update(on=False)
    opened(shop)
    writes(shop, "什么时候发货")
    assert thread(shop)[-1] == ("robot", UNKNOWN)


def test_after_so_many_misses_in_a_row_a_person_takes_over(shop: Shop) -> None:
    online(shop)
    set_robot(shop, misses=2)
    opened(shop)
    writes(shop, "你们老板是谁")
    writes(shop, "怎么退款")
    writes(shop, "你们老板是谁")
    assert state(shop) == "robot"
    assert [text for sender, text in thread(shop) if sender == "robot"] == [UNKNOWN, RULES[1][1], UNKNOWN]
    last = writes(shop, "老板到底是谁")
    assert state(shop) == "open"
    last.refresh_from_db()
    # It waits for a person now: where robots do not count, its time runs (M13).
    assert not last.to_robot
    assert last.seq == ShopEvent.objects.get(shop=shop, kind="askhuman").seq
    assert Conversation.objects.get().unanswered_since is not None
    assert services.compare_counters(shop=shop) == []


@pytest.mark.parametrize("words", ["人工", "我要转人工！", "转人工客服"])
def test_the_buyer_s_words_for_a_person_bring_one(shop: Shop, words: str) -> None:
    online(shop)
    set_robot(shop)
    opened(shop)
    said = writes(shop, words)
    assert state(shop) == "open"
    assert thread(shop) == [("buyer", words)]
    said.refresh_from_db()
    assert not said.to_robot


def test_the_button_brings_a_person_too_and_the_robot_keeps_quiet_from_then_on(shop: Shop) -> None:
    online(shop)
    set_robot(shop)
    opened(shop)
    services.ask_human(shop=shop, conversation="c1")
    assert not writes(shop, "什么时候发货").to_robot
    assert thread(shop) == [("buyer", "转人工"), ("buyer", "什么时候发货")]


def test_only_outside_staffed_hours_it_leaves_buyers_to_who_is_online(shop: Shop) -> None:
    set_robot(shop, When.UNSTAFFED)
    online(shop)
    assert opened(shop).state == "open"
    services.close_conversation(shop=shop, conversation="c1", by="agent")
    services.set_presence(shop=shop, agent="a1", status="offline")
    row = services.open_conversation(shop=shop, external_id="c2", buyer="b1", entry="goods_detail").conversation
    assert row.state == "robot"


def test_a_shop_that_plans_shifts_is_staffed_by_its_plan_whoever_is_online(shop: Shop) -> None:
    set_robot(shop, When.UNSTAFFED)
    early = ShiftKind.objects.create(shop=shop, name="早班", colour="green", times=[[8 * 60, 12 * 60]])
    agent = SubAccount.objects.get(shop=shop, name="a1")
    for weekday in range(7):
        ShiftPattern.objects.create(shop=shop, sub_account=agent, weekday=weekday, kind=early)
    monday = datetime(2030, 7, 1, tzinfo=shop.zone)
    for hour, expected in ((7, "robot"), (9, "queued"), (13, "robot")):
        at = monday.replace(hour=hour).astimezone(UTC)
        row = services.open_conversation(shop=shop, buyer=f"b{hour}", entry="goods_detail", now=at).conversation
        assert row.state == expected, hour


def test_once_somebody_is_there_the_next_message_goes_to_them(shop: Shop) -> None:
    set_robot(shop, When.UNSTAFFED)
    opened(shop)
    writes(shop, "什么时候发货")
    online(shop)
    writes(shop, "什么时候发货")
    assert state(shop) == "open"
    assert [sender for sender, _ in thread(shop)] == ["buyer", "robot", "buyer"]


def test_switched_off_meanwhile_it_hands_over_with_the_next_message(shop: Shop) -> None:
    online(shop)
    set_robot(shop)
    opened(shop)
    set_robot(shop, on=False)
    writes(shop, "什么时候发货")
    assert state(shop) == "open"


def test_its_own_rules_come_before_the_hot_questions_and_these_before_not_knowing(shop: Shop) -> None:
    set_hot(shop, [("什么时候发货", "热门"), *HOT])
    set_robot(shop, misses=1)
    opened(shop)
    writes(shop, "什么时候发货")
    writes(shop, HOT[0][0])
    assert [said for said in thread(shop) if said[0] != "buyer"] == [("robot", RULES[0][1]), ("auto", HOT[0][1])]
    assert state(shop) == "robot"


def test_an_order_card_brings_the_menu_and_is_no_miss(shop: Shop) -> None:
    set_menu(shop)
    set_robot(shop, misses=1)
    opened(shop)
    writes(shop, kind="order_card")
    assert thread(shop)[-1][0] == "auto"
    assert state(shop) == "robot"
    writes(shop, kind="product_card")
    assert state(shop) != "robot"


def test_a_repeat_visit_passes_the_robot_by() -> None:  # DY5
    shop = make_shop("dy", "douyin")
    make_member(shop, Role.AGENT, name="a1")
    online(shop)
    set_greeting(shop)
    opened(shop)
    services.post_message(shop=shop, conversation="c1", sender=Sender.AGENT, text="在的")
    services.close_conversation(shop=shop, conversation="c1", by="agent")
    set_robot(shop)
    row = opened(shop, "c2")
    assert (row.state, row.labels, row.robot_misses) == ("open", ["repeat_visit"], None)
    assert writes(shop, "什么时候发货", name="c2").to_robot is False
    assert thread(shop)[-1][0] == "buyer"
    assert opened(shop, "c3", "b2").state == "robot"


def test_another_program_s_robot_is_left_alone(shop: Shop) -> None:
    services.open_conversation(shop=shop, external_id="c1", buyer="b1", entry="goods_detail", robot=True)
    writes(shop, "人工")
    assert state(shop) == "robot"
    set_robot(shop)
    writes(shop, "人工")
    assert state(shop) == "robot"
    assert [sender for sender, _ in thread(shop)] == ["buyer", "buyer"]


class Failing:
    def answer(self, question: Question) -> Reply | None:
        raise RuntimeError("no connection")


class Clever:
    asked: list[Question] = []

    def answer(self, question: Question) -> Reply | None:
        self.asked.append(question)
        return Reply("请稍等，我叫同事来。", hand_over=True)


def test_a_robot_that_fails_loses_nothing_a_person_takes_over(shop: Shop, settings, caplog) -> None:
    settings.ROBOT = f"{__name__}.Failing"
    online(shop)
    set_robot(shop)
    opened(shop)
    message = writes(shop, "什么时候发货")
    assert Message.objects.get(shop=shop) == message
    assert state(shop) == "open"
    assert "no connection" in caplog.text


def test_a_robot_plugged_in_is_told_what_was_said_and_may_hand_over(shop: Shop, settings) -> None:
    settings.ROBOT = f"{__name__}.Clever"
    online(shop)
    set_greeting(shop)
    set_robot(shop)
    opened(shop)
    writes(shop, "有优惠吗")
    question = Clever.asked[-1]
    assert (question.shop, question.buyer, question.text) == ("pdd", "b1", "有优惠吗")
    assert [turn.sender for turn in question.earlier] == ["auto"]
    assert thread(shop)[-1] == ("robot", "请稍等，我叫同事来。")
    assert state(shop) == "open"


def test_who_was_left_without_an_answer_is_found_and_given_to_a_person(shop: Shop) -> None:
    online(shop)
    set_robot(shop)
    opened(shop)
    row = Conversation.objects.get()
    asked = services.post_message(shop=shop, conversation="c1", sender=Sender.BUYER, text="什么时候发货")[0]
    Message.objects.filter(shop=shop, sender="robot").delete()  # as if the process had died before writing it
    assert hand_over_forgotten(shop=shop, now=asked.received_at) == 0
    late = asked.received_at + FORGOTTEN + timedelta(seconds=1)
    assert list(forgotten(shop, late)) == [asked]
    assert hand_over_forgotten(shop=shop, now=late) == 1
    assert hand_over_forgotten(shop=shop, now=late) == 0
    row.refresh_from_db()
    assert row.state == "open"


def test_the_sweep_asks_only_for_shops_whose_robot_owes_an_answer(shop: Shop) -> None:
    set_robot(shop)
    save(make_shop("other"), Part.ROBOT, on=False)
    opened(shop)
    assert jobs.run("routing.sweep_robot") == 0
    writes(shop, "什么时候发货")
    Message.objects.filter(sender="robot").delete()
    Message.objects.update(received_at=Message.objects.get().received_at - timedelta(minutes=5))
    assert jobs.run("routing.sweep_robot") == 1
