"""Saving automatic answers: what is refused and where, who was overtaken, what the audit log tells."""

from typing import Any

import pytest

from agents.errors import Refused
from agents.models import AuditEntry, Shop
from agents.vocabulary import AuditAction
from conversations.answering import HUMAN_WORDS, Content, How, Item, Part, When
from conversations.models import AnswerItem, AnswerPart
from conversations.selectors import answers_of, answers_overview, hot_questions
from conversations.services.answers import MOST_ITEMS, StaleAnswers, problems_of, save_answers
from tests.agents.factories import make_account, make_shop
from tests.conversations.answers import GREETING, HOT, RULES, items, save, set_greeting, set_hot, set_menu, set_robot

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture
def shop() -> Shop:
    return make_shop("pdd")


def test_what_is_saved_is_read_again_as_it_was(shop: Shop) -> None:
    set_robot(shop, When.UNSTAFFED, items=items(RULES, How.PATTERN), misses=3, human_words="真人")
    robot = answers_of(shop)[Part.ROBOT]
    assert (robot.on, robot.when, robot.misses, robot.human_words) == (True, When.UNSTAFFED, 3, "真人")
    assert [(rule.ask, rule.answer, rule.how, rule.on) for rule in robot.items] == [
        (ask, answer, How.PATTERN, True) for ask, answer in RULES
    ]
    assert answers_of(make_shop("other"))[Part.ROBOT] == Content(human_words=HUMAN_WORDS)


def test_the_parts_take_two_queries_and_one_where_nothing_is_set(shop: Shop, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        answers_of(shop)
    set_greeting(shop)
    set_hot(shop)
    set_menu(shop)
    set_robot(shop)
    with django_assert_num_queries(2):
        answers_of(shop)


def test_the_overview_says_what_is_on_and_with_how_much(shop: Shop) -> None:
    set_hot(shop)
    rules = (*items(RULES), Item("停用", "…", on=False))
    save(shop, Part.ROBOT, on=False, items=rules)
    told = [(state.part, state.on, state.count, state.when) for state in answers_overview(shop)]
    assert told == [
        (Part.GREETING, False, 0, None),
        (Part.HOT_QUESTIONS, True, 2, None),
        (Part.MENU, False, 0, None),
        (Part.ROBOT, False, 2, When.UNSTAFFED),
    ]


def test_a_question_keeps_its_key_while_it_stays(shop: Shop) -> None:
    set_hot(shop)
    first, second = hot_questions(shop)
    changed = (Item("新的", "…"), second, Item(first.ask, "改了", pk=first.pk))
    save(shop, Part.HOT_QUESTIONS, items=changed)
    new, same, moved = hot_questions(shop)
    assert (same.pk, moved.pk, moved.answer) == (second.pk, first.pk, "改了")
    assert new.pk not in (first.pk, second.pk)
    save(shop, Part.HOT_QUESTIONS, items=(second,))
    assert list(AnswerItem.objects.values_list("pk", flat=True)) == [second.pk]


def test_a_key_of_another_shop_s_question_is_no_way_to_it(shop: Shop) -> None:
    other = make_shop("other")
    set_hot(other)
    theirs = hot_questions(other)[0]
    save(shop, Part.HOT_QUESTIONS, items=(Item("抢来的", "…", pk=theirs.pk), Item("两次", "…", pk=theirs.pk)))
    assert [item.ask for item in hot_questions(other)] == [ask for ask, _ in HOT]
    assert len(hot_questions(shop)) == 2


def test_questions_that_are_off_are_offered_to_nobody(shop: Shop) -> None:
    save(shop, Part.HOT_QUESTIONS, on=False, items=items(HOT))
    assert hot_questions(shop) == []


def content(part: Part, **given: Any) -> Content:
    return Content(**({"on": True, "text": "好", "items": items(HOT) if part != Part.GREETING else ()} | given))


WRONG = [
    (Part.GREETING, {"text": ""}, "text"),
    (Part.GREETING, {"text": "长" * 501}, "text"),
    (Part.HOT_QUESTIONS, {"items": ()}, "items"),
    (Part.HOT_QUESTIONS, {"items": items([(f"问{n}", "答") for n in range(21)])}, "items"),
    (Part.HOT_QUESTIONS, {"items": items([("问", "答"), ("", "答")])}, "items.1.ask"),
    (Part.HOT_QUESTIONS, {"items": items([("问", "")])}, "items.0.answer"),
    (Part.HOT_QUESTIONS, {"items": items([("问？", "答"), ("问", "答")])}, "items.1.ask"),
    (Part.HOT_QUESTIONS, {"items": items([("？", "答")])}, "items.0.ask"),
    (Part.HOT_QUESTIONS, {"items": items([("问" * 51, "答")])}, "items.0.ask"),
    (Part.HOT_QUESTIONS, {"items": items([("问", "答" * 1001)])}, "items.0.answer"),
    (Part.MENU, {"items": items([("长" * 21, "答")])}, "items.0.ask"),
    (Part.ROBOT, {"text": ""}, "text"),
    (Part.ROBOT, {"misses": 0}, "misses"),
    (Part.ROBOT, {"misses": 11}, "misses"),
    (Part.ROBOT, {"human_words": " ，"}, "human_words"),
    (Part.ROBOT, {"human_words": "人工，？"}, "human_words"),
    (Part.ROBOT, {"items": items([("，", "答")])}, "items.0.ask"),
    (Part.ROBOT, {"items": items([("发货，？", "答")])}, "items.0.ask"),
    (Part.ROBOT, {"items": items([("(", "答")], How.PATTERN)}, "items.0.ask"),
    (Part.ROBOT, {"items": items([(".*", "答")], How.PATTERN)}, "items.0.ask"),
]


@pytest.mark.parametrize(("part", "given", "place"), WRONG)
def test_what_is_wrong_is_said_at_its_place_and_nothing_is_saved(
    shop: Shop, part: Part, given: dict[str, Any], place: str
) -> None:
    wrong = content(part, **given)
    assert list(problems_of(part, wrong)) == [place]
    with pytest.raises(Refused) as refused:
        save_answers(shop=shop, part=part, content=wrong)
    assert (refused.value.code, refused.value.field) == ("invalid_answers", place)
    assert not AnswerPart.objects.exists()


@pytest.mark.parametrize("part", list(Part))
def test_unfinished_is_well_enough_while_it_is_off(part: Part) -> None:
    assert problems_of(part, Content(on=False, human_words="")) == {}


def test_as_many_as_there_may_be() -> None:
    for part, most in MOST_ITEMS.items():
        full = content(part, items=items([(f"问题{n}", "答") for n in range(most)]))
        assert problems_of(part, full) == {}


def test_who_was_overtaken_is_told_by_whom_and_changes_nothing(shop: Shop) -> None:
    boss = make_account("小满-主账号")
    first = save_answers(shop=shop, part=Part.GREETING, content=Content(text="一"), seen="")
    save_answers(shop=shop, part=Part.GREETING, content=Content(text="二"), seen=first.token, by=boss)
    for seen in (first.token, ""):
        with pytest.raises(StaleAnswers) as stale:
            save_answers(shop=shop, part=Part.GREETING, content=Content(text="三"), seen=seen)
        assert stale.value.row.saved_by == boss
    assert answers_of(shop)[Part.GREETING].text == "二"
    # Another part is another form.
    save_answers(shop=shop, part=Part.MENU, content=Content(text="三"), seen="")


def test_each_saving_is_recorded_with_what_differs(shop: Shop) -> None:
    set_greeting(shop)
    save(shop, Part.GREETING, on=False, text=GREETING)
    set_hot(shop)
    log = list(AuditEntry.objects.filter(shop=shop).order_by("pk"))
    assert {entry.action for entry in log} == {AuditAction.ANSWERS_CHANGED}
    assert [entry.subject for entry in log] == ["greeting", "greeting", "hot_questions"]
    assert (log[0].before, log[0].after) == ({"on": False, "text": ""}, {"on": True, "text": GREETING})
    assert (log[1].before, log[1].after) == ({"on": True}, {"on": False})
    assert log[2].after["items"] == [{"ask": ask, "answer": answer} for ask, answer in HOT]


def test_saving_what_is_there_already_is_no_change(shop: Shop) -> None:
    set_robot(shop)
    set_robot(shop)
    entry = AuditEntry.objects.get(shop=shop)
    assert entry.after["items"][0] == {"ask": RULES[0][0], "answer": RULES[0][1], "how": "keywords", "on": True}
    assert entry.after["when"] == "always"
