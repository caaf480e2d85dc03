"""From the robot to a person: the buyer waits from that moment on, whichever way it came about (METRICS 2)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from agents.models import Shop
from agents.vocabulary import Role
from chat.selectors import messages_of
from chat.services import ask_human as press_button
from conversations.models import Conversation, Message
from conversations.states import Sender, Unwritten
from metrics.formulas.units import Figures
from metrics.models import DayRate, DefinitionOverride
from metrics.selectors.clocks import reply_clocks, strictest
from metrics.selectors.day_detail import day_detail
from metrics.selectors.workbench import urgent, work_list
from metrics.services import assess, check_days
from routing import services
from routing.services.simulating import simulate
from tests.agents.factories import make_key, make_member, make_shop
from tests.conversations.answers import set_robot
from tests.routing.test_api import Caller

pytestmark = pytest.mark.django_db

DAY = date(2030, 7, 1)
HUMAN = {"pinduoduo": "reply_5m", "kuaishou": "human_3m", "douyin": "human_3m", "taobao": "human_3m"}
ENTRY = {"pinduoduo": "goods_detail", "douyin": "live"}
FAILED, PASSED, NOTHING = Figures(0, 1, 0), Figures(1, 0, 0), Figures(0, 0, 0)


def at(minute: float) -> datetime:
    """So many minutes after noon in Shanghai."""
    return datetime(2030, 7, 1, 4, tzinfo=UTC) + timedelta(minutes=minute)


def make_robot_shop(platform: str, *, counts_robot: bool = False) -> Shop:
    """A shop with another program's robot; where robots count, the answers of the robot do."""
    shop = make_shop(platform=platform)
    if platform == "pinduoduo" and not counts_robot:
        for metric in ("reply_5m", "reply_15m", "reply_60m"):
            DefinitionOverride.objects.create(shop=shop, metric=metric, valid_from=date(2020, 1, 1), counts_robot=False)
    make_member(shop, Role.MAIN, name=f"{shop.slug}-main")
    make_member(shop, Role.AGENT, name=f"{shop.slug}-a1")
    services.set_presence(shop=shop, agent=f"{shop.slug}-a1", status="online", now=at(0))
    services.open_conversation(
        shop=shop, external_id="c1", buyer="b1", entry=ENTRY.get(platform), robot=True, message=False, now=at(1)
    )
    return shop


def says(shop: Shop, minute: float, sender: Sender = Sender.BUYER, text: str = "在吗") -> Message:
    return services.post_message(shop=shop, conversation="c1", sender=sender, text=text, now=at(minute))[0]


def figures(shop: Shop, minute: float = 600, metric: str = "") -> Figures:
    assess(shop=shop, date_from=DAY, date_to=DAY, now=at(minute))
    return DayRate.objects.get(shop=shop, date=DAY, metric=metric or HUMAN[shop.platform]).figures


def talk_to_robot(shop: Shop) -> None:
    says(shop, 2)
    says(shop, 2.5, Sender.ROBOT, "亲，您可以这样做")


def take_by_hand(shop: Shop, minute: float) -> None:
    slug = shop.slug
    services.transfer_conversation(shop=shop, conversation="c1", by=f"{slug}-main", to=f"{slug}-a1", now=at(minute))


@pytest.mark.parametrize("platform", sorted(HUMAN))
@pytest.mark.parametrize("way", ["button", "by_hand"])
def test_a_buyer_passed_from_the_robot_to_nobody_who_answers_fails(platform: str, way: str) -> None:
    shop = make_robot_shop(platform)
    talk_to_robot(shop)
    assert figures(shop, 3) == NOTHING
    if way == "button":
        services.ask_human(shop=shop, conversation="c1", now=at(4))
    else:
        take_by_hand(shop, 4)
    assert figures(shop) == FAILED
    assert check_days(shop=shop, date_from=DAY, date_to=DAY, now=at(600)) == []


@pytest.mark.parametrize(("answered", "expected"), [(9, PASSED), (9.1, FAILED)])
def test_where_the_robot_counts_the_button_begins_a_streak_of_its_own(answered: float, expected: Figures) -> None:
    shop = make_robot_shop("pinduoduo", counts_robot=True)
    talk_to_robot(shop)
    assert figures(shop, 3) == PASSED
    services.ask_human(shop=shop, conversation="c1", now=at(4))
    assert figures(shop, 5) == Figures(0, 0, 1)
    says(shop, answered, Sender.AGENT, "在的")
    assert figures(shop) == expected


@pytest.mark.parametrize(("answered", "expected"), [(7, PASSED), (7.1, FAILED)])
def test_a_question_that_waits_already_keeps_its_start(answered: float, expected: Figures) -> None:
    shop = make_robot_shop("pinduoduo", counts_robot=True)
    says(shop, 2)
    services.ask_human(shop=shop, conversation="c1", now=at(4))
    says(shop, answered, Sender.AGENT, "在的")
    assert figures(shop) == expected


@pytest.mark.parametrize("way", ["button", "by_hand"])
def test_its_countdown_runs_and_it_is_the_first_of_the_workbench(way: str) -> None:
    shop = make_robot_shop("kuaishou")
    talk_to_robot(shop)
    if way == "button":
        services.ask_human(shop=shop, conversation="c1", now=at(4))
    else:
        take_by_hand(shop, 4)
    services.open_conversation(shop=shop, external_id="c2", buyer="b2", now=at(4.5))
    services.post_message(shop=shop, conversation="c2", sender=Sender.BUYER, text="在吗", now=at(4.5))
    row = Conversation.objects.get(shop=shop, external_id="c1")
    assert row.unanswered_since == at(4)
    clock = reply_clocks(shop, [row], strictest(shop, at(5)), at(5))[row.pk]
    assert (clock.asked_at, clock.left) == (at(4), 120)
    place = shop.sub_accounts.get(name=f"{shop.slug}-a1")
    listed = work_list([place], "open", at(5), {shop.pk: strictest(shop, at(5))})
    assert [one.conversation.external_id for one in listed.waiting] == ["c1", "c2"]
    assert [one.conversation.external_id for one in urgent(shop, at(5))] == ["c1", "c2"]


def test_a_program_and_the_chat_page_leave_the_words_of_the_button() -> None:
    shop = make_robot_shop("kuaishou")
    talk_to_robot(shop)
    _row, secret = make_key(shop)
    key = Caller(shop, key=secret)
    pk = Conversation.objects.get(shop=shop).pk
    assert key("POST", f"conversations/{pk}/ask-human/")[0] == 200
    _status, told = key("GET", f"conversations/{pk}/messages/")
    said = told["results"][-1]
    assert (said["sender"], said["text"], said["automatic"]) == ("buyer", "转人工", "ask_human")
    assert [one["automatic"] for one in told["results"][:-1]] == ["", ""]
    other = make_robot_shop("taobao")
    press_button(shop=other, buyer="b1")
    message = Message.objects.get(shop=other)
    assert (message.text, message.automatic, message.to_robot) == ("转人工", Unwritten.ASK_HUMAN, False)
    assert key("POST", f"conversations/{pk}/ask-human/")[1]["code"] == "not_with_robot"
    assert Message.objects.filter(shop=shop, automatic=Unwritten.ASK_HUMAN).count() == 1


def test_what_a_person_takes_by_hand_puts_no_words_into_the_buyer_s_mouth() -> None:
    shop = make_robot_shop("kuaishou")
    talk_to_robot(shop)
    take_by_hand(shop, 4)
    message = Message.objects.get(shop=shop, automatic=Unwritten.TAKEN_OVER)
    assert (message.sender, message.sent_at) == (Sender.BUYER, at(4))
    assert message not in messages_of(shop, "b1")
    services.set_presence(shop=shop, agent=f"{shop.slug}-main", status="online", now=at(5))
    services.transfer_conversation(
        shop=shop, conversation="c1", by=f"{shop.slug}-main", to=f"{shop.slug}-main", now=at(5)
    )
    assert Message.objects.filter(shop=shop, automatic=Unwritten.TAKEN_OVER).count() == 1


def test_by_word_and_by_misses_it_is_the_buyer_s_own_message_that_waits() -> None:
    shop = make_shop("pdd")
    set_robot(shop)
    services.open_conversation(shop=shop, external_id="c1", buyer="b1", entry="goods_detail", message=False, now=at(1))
    says(shop, 2, text="转人工")
    assert Message.objects.filter(shop=shop).exclude(automatic="").count() == 0
    assert figures(shop, 600) == FAILED


def test_the_day_s_detail_tells_the_time_of_the_button() -> None:
    shop = make_robot_shop("kuaishou")
    talk_to_robot(shop)
    services.ask_human(shop=shop, conversation="c1", now=at(4))
    assert figures(shop) == FAILED
    detail = day_detail(shop, DAY, at(600))
    assert [(row.asked_at, row.answered_at) for row in detail.rows] == [(at(4), None)]


def test_the_simulator_too_has_the_buyer_wait_who_was_taken_by_hand() -> None:
    clock = "2026-03-02T09:{:02}:00+08:00".format
    scenario = {
        "name": "taken from the robot by hand",
        "platform": "kuaishou",
        "agents": [{"account": "a1"}, {"account": "m", "roles": ["main"]}],
        "events": [
            {"at": clock(0), "type": "presence", "agent": "a1", "status": "online"},
            {"at": clock(1), "type": "open", "conversation": "c1", "buyer": "b1", "robot": True},
            {"at": clock(2), "type": "message", "conversation": "c1", "sender": "robot"},
            {"at": clock(3), "type": "transfer", "conversation": "c1", "by": "m", "to": "a1"},
        ],
    }
    assert simulate(scenario=scenario)["agents"]["a1"]["waiting_replies"] == 1
