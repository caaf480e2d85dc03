"""The robot as a port: plugged in by a setting, waited for only so long, checked at start-up."""

import json
import sys
import threading
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from conversations import robots
from conversations.answering import How, Item
from conversations.checks import check_robot
from conversations.robots import Question, Reply, RobotFailed, asking

QUESTION = Question(
    "shop", "c1", "b1", "什么时候发货", rules=(Item("退款", "1 天"), Item("发.*货", "48 小时", How.PATTERN))
)


def plugged(name: str) -> str:
    return f"{__name__}.{name}"


class Echo:
    def answer(self, question: Question) -> Reply | None:
        return Reply(f"  {question.text}\0  ")


class Silent:
    def answer(self, question: Question) -> Reply | None:
        return Reply("  ") if question.kind == "text" else None


class Raises:
    def answer(self, question: Question) -> Reply | None:
        raise KeyError("answer")


class Nonsense:
    def answer(self, question: Question) -> Any:
        return "48 小时"


class Hangs:
    released = threading.Event()

    def answer(self, question: Question) -> Reply | None:
        self.released.wait(30)
        return Reply("too late")


class NoRobot:
    pass


def test_the_plain_one_answers_by_the_shop_s_rules_and_says_which(settings) -> None:
    assert robots.ask(QUESTION) == Reply("48 小时", matched="2")
    assert robots.ask(Question("shop", "c1", "b1", "在吗", rules=QUESTION.rules)) is None
    assert robots.ask(Question("shop", "c1", "b1", "", kind="image", rules=QUESTION.rules)) is None


def test_another_is_plugged_in_by_a_setting(settings) -> None:
    settings.ROBOT = plugged("Echo")
    assert robots.ask(QUESTION) == Reply("什么时候发货")


def test_one_that_says_nothing_does_not_know(settings) -> None:
    settings.ROBOT = plugged("Silent")
    assert robots.ask(QUESTION) is None


@pytest.mark.parametrize("name", ["Raises", "Nonsense", "Missing"])
def test_whatever_goes_wrong_is_one_kind_of_failure(settings, name: str) -> None:
    settings.ROBOT = plugged(name)
    with pytest.raises(RobotFailed):
        robots.ask(QUESTION)


def test_one_that_hangs_is_waited_for_only_so_long_and_does_not_fill_the_process(settings, monkeypatch) -> None:
    settings.ROBOT, settings.ROBOT_TIMEOUT = plugged("Hangs"), 0.05
    monkeypatch.setattr(asking, "_places", threading.BoundedSemaphore(2))
    for _n in range(2):
        with pytest.raises(RobotFailed, match="longer than"):
            robots.ask(QUESTION)
    with pytest.raises(RobotFailed, match="waiting for it already"):
        robots.ask(QUESTION)
    Hangs.released.set()


@pytest.mark.parametrize("path", ["nowhere.Robot", plugged("Missing"), plugged("NoRobot"), "", plugged("QUESTION")])
def test_a_wrong_path_is_told_when_the_product_starts(settings, path: str) -> None:
    settings.ROBOT = path
    assert [error.id for error in check_robot(None)] == ["conversations.E001"]


def test_the_times_that_may_be_set(settings) -> None:
    assert check_robot(None) == []
    settings.ROBOT_TIMEOUT = 0
    assert [error.id for error in check_robot(None)] == ["conversations.E002"]


def test_the_example_of_the_documentation_is_a_robot(settings) -> None:
    text = (Path(__file__).parents[2] / "docs/answers.md").read_text()
    example = text.partition("```python")[2].partition("```")[0]
    names: dict[str, Any] = {}
    exec(compile(example, "docs/answers.md", "exec"), names)
    sys.modules["documented_robot"] = module = ModuleType("documented_robot")
    vars(module).update(names)
    settings.ROBOT = "documented_robot.AskElsewhere"
    assert check_robot(None) == []
    asked = []

    def elsewhere(request: Any, timeout: float) -> BytesIO:
        asked.append(json.loads(request.data))
        return BytesIO(b'{"sure": true, "text": "48", "human": false, "source": "faq"}')

    names["urlopen"] = vars(module)["urlopen"] = elsewhere
    assert robots.ask(QUESTION) == Reply("48", matched="faq")
    assert asked[0]["text"] == QUESTION.text
