"""Automatic answers as another program sees them (CONTRACT 5)."""

from typing import Any

import pytest

from agents.models import Shop
from agents.vocabulary import Role
from conversations.answering import When
from tests.agents.factories import make_key, make_member, make_shop
from tests.conversations.answers import GREETING, HOT, RULES, set_greeting, set_hot, set_robot
from tests.routing.test_api import Caller, online

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]


@pytest.fixture
def shop() -> Shop:
    made = make_shop("pdd")
    boss = Caller(made, member=make_member(made, Role.MAIN, name="boss"))
    make_member(made, name="a1")
    online(boss, "a1")
    return made


@pytest.fixture
def key(shop: Shop) -> Caller:
    return Caller(shop, key=make_key(shop)[1])


def opens(key: Caller, **more: Any) -> dict[str, Any]:
    status, told = key("POST", "conversations/", {"buyer": "b1", "entry": "goods_detail", "external_id": "x"} | more)
    assert status == 201
    return told


def messages(key: Caller, conversation: dict[str, Any]) -> list[tuple[str, str]]:
    _, told = key("GET", f"conversations/{conversation['id']}/messages/")
    return [(message["sender"], message["text"]) for message in told["results"]]


def test_with_the_robot_on_a_conversation_comes_back_undecided_in_the_state_robot(shop: Shop, key: Caller) -> None:
    set_robot(shop)
    told = opens(key)
    assert (told["state"], told["agent"], told["decision"], told["queue"]) == ("robot", None, None, None)
    status, _ = key("POST", f"conversations/{told['id']}/messages/", {"sender": "buyer", "text": "什么时候发货"})
    assert status == 201
    assert messages(key, told) == [("buyer", "什么时候发货"), ("robot", RULES[0][1])]
    status, told = key("POST", f"conversations/{told['id']}/ask-human/")
    assert (status, told["state"], told["agent"], told["decision"]["trigger"]) == (200, "open", "a1", "opened")
    status, error = key("POST", f"conversations/{told['id']}/ask-human/")
    assert (status, error["code"]) == (422, "not_with_robot")


def test_a_program_that_says_whether_the_robot_answers_is_taken_at_its_word(shop: Shop, key: Caller) -> None:
    set_robot(shop)
    assert opens(key, robot=False)["state"] == "open"
    set_robot(shop, When.UNSTAFFED)
    told = opens(key, robot=True, buyer="b2", external_id="y")
    assert told["state"] == "robot"


def test_who_asks_in_words_is_with_a_person_when_the_answer_comes_back(shop: Shop, key: Caller) -> None:
    set_robot(shop)
    told = opens(key)
    key("POST", f"conversations/{told['id']}/messages/", {"sender": "buyer", "text": "转人工"})
    _, told = key("GET", f"conversations/{told['id']}/")
    assert (told["state"], told["decision"]["agent"]) == ("open", "a1")


def test_the_greeting_is_there_when_the_conversation_is(shop: Shop, key: Caller) -> None:
    set_greeting(shop)
    told = opens(key)
    assert (told["state"], told["agent"]) == ("open", "a1")
    assert told["unanswered_since"] is not None
    assert messages(key, told) == [("auto", GREETING)]


def test_hot_questions_are_listed_and_tapped(shop: Shop, key: Caller) -> None:
    assert key("GET", "hot-questions/") == (200, {"results": []})
    set_hot(shop)
    _, listed = key("GET", "hot-questions/")
    assert [one["question"] for one in listed["results"]] == [ask for ask, _ in HOT]
    told = opens(key)
    path = f"conversations/{told['id']}/messages/"
    tapped = listed["results"][1]["id"]
    status, message = key("POST", path, {"sender": "buyer", "hot_question": tapped})
    assert (status, message["text"]) == (201, HOT[1][0])
    assert messages(key, told)[-1] == ("auto", HOT[1][1])


@pytest.mark.parametrize(
    ("body", "code", "status"),
    [
        ({"sender": "buyer", "hot_question": 999}, "unknown_hot_question", 422),
        ({"sender": "agent", "hot_question": 999, "text": "x"}, "only_buyers_tap", 400),
    ],
)
def test_a_tap_on_what_is_not_there_is_refused_and_nothing_written(
    shop: Shop, key: Caller, body: dict[str, Any], code: str, status: int
) -> None:
    set_hot(shop)
    told = opens(key)
    found, error = key("POST", f"conversations/{told['id']}/messages/", body)
    assert (found, error["code"], list(error["fields"])) == (status, code, ["hot_question"])
    assert messages(key, told) == []


def test_a_person_taps_nothing_for_a_buyer(shop: Shop, key: Caller) -> None:
    set_hot(shop)
    told = opens(key)
    agent = Caller(shop, member=shop.sub_accounts.get(name="a1"))
    status, _ = agent("POST", f"conversations/{told['id']}/messages/", {"hot_question": 0, "text": "x"})
    assert status == 403
