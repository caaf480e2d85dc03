"""When an automatic answer fits: words, keywords, patterns; hostile patterns cost nothing."""

import time

import pytest

from conversations.answering import (
    EMPTY,
    LONGEST_PATTERN,
    Answers,
    BadPattern,
    Content,
    How,
    Item,
    Part,
    asks_for_human,
    compiled,
    first_fit,
    fits,
    pattern_fits,
    plain,
    words_of,
)


def keywords(words: str) -> Item:
    return Item(words, "…")


def pattern(text: str) -> Item:
    return Item(text, "…", How.PATTERN)


@pytest.mark.parametrize("same", ["发什么快递", "发什么快递？", " 发什么快递 ?!", "发什么快递。。。", "发什么快递~"])
def test_the_mark_at_the_end_and_spaces_make_no_difference(same: str) -> None:
    assert plain(same) == "发什么快递"


def test_width_and_case_make_no_difference() -> None:
    assert plain("ＡＢＣ　１２") == plain("abc 12")


@pytest.mark.parametrize("between", [",", "，", "、", ";", "；", "\n", " ， "])
def test_keywords_stand_between_commas_of_either_width(between: str) -> None:
    assert words_of(f"发货{between}快递{between}") == ["发货", "快递"]


def test_any_of_the_keywords_is_enough_and_none_of_them_is_not() -> None:
    assert fits(keywords("发货，物流"), "请问物流到哪了")
    assert not fits(keywords("发货，物流"), "请问多少钱")
    assert not fits(keywords("，、"), "随便")


def test_a_pattern_is_searched_for_anywhere_without_regard_to_case() -> None:
    assert fits(pattern("什么时候.*发货"), "亲，什么时候能发货？")
    assert fits(pattern(r"^ok\d+$"), "OK12")
    assert fits(pattern(r"^ok\d+$"), "ＯＫ１２")
    assert not fits(pattern("什么时候.*发货"), "发货什么时候")


def test_the_first_rule_that_is_on_and_fits_answers() -> None:
    rules = [Item("发货", "1", on=False), Item("退", "2"), Item("发货", "3"), Item("货", "4")]
    assert first_fit(rules, "发货了吗") == (3, rules[2])
    assert first_fit(rules, "退货") == (2, rules[1])
    assert first_fit(rules, "在吗") is None
    assert first_fit([Item(".", "any", How.PATTERN)], "  ") is None


HOSTILE = ["(a+)+$", "(a|a)*b", "(a|aa)+$", "(.*)*x", "(?:a?){30}a{30}", "(x+x+)+y", "([a-zA-Z]+)*$"]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_pattern_can_make_a_message_take_long(hostile: str) -> None:
    began = time.process_time()
    pattern_fits(hostile, "a" * 5000 + "!")
    # Seconds of margin: one that backtracks would take longer than the universe.
    assert time.process_time() - began < 5


BAD = ["(", "[a", "*", r"\1", "(?=x)", "(?<=x)y", "a{1001}", "((a{1,99}){1,99}){1,99}", "x" * (LONGEST_PATTERN + 1)]


@pytest.mark.parametrize("bad", [*BAD, "\ud800"])
def test_a_pattern_that_cannot_be_used_says_so_and_fits_nothing(bad: str) -> None:
    with pytest.raises(BadPattern):
        compiled(bad)
    assert not pattern_fits(bad, "anything")


def test_half_a_character_in_a_message_is_no_reason_to_stop() -> None:
    assert pattern_fits("货", "\ud800发货")
    assert fits(keywords("货"), "\ud800发货")


def test_the_buyer_s_wish_for_a_person_is_heard_within_a_sentence() -> None:
    robot = Content()
    assert asks_for_human(robot, "我要人工！")
    assert asks_for_human(robot, "转人工客服")
    assert not asks_for_human(robot, "什么时候发货")
    assert not asks_for_human(Content(human_words="，"), "随便")
    assert asks_for_human(Content(human_words="Human please"), "HUMAN  please?")


def answers(**parts: Content) -> Answers:
    return Answers(dict(EMPTY) | {Part(name): content for name, content in parts.items()})


def test_nothing_is_on_until_somebody_says_so() -> None:
    nothing = Answers()
    assert (nothing.greeting, nothing.menu, nothing.to_text("人工"), nothing.hot_question(1)) == (None,) * 4
    assert not any(nothing[part].on for part in Part)


def test_a_hot_question_comes_before_a_label_of_the_same_words() -> None:
    both = answers(
        hot_questions=Content(on=True, items=(Item("退款", "热门", pk=3),)),
        menu=Content(on=True, items=(Item("退款", "菜单"), Item("物流", "菜单"))),
    )
    assert both.to_text("退款?").text == "热门"
    assert both.to_text("物流").part == Part.MENU
    assert both.to_text("?") is None
    assert both.hot_question(3).ask == "退款"


def test_the_menu_is_its_words_and_a_line_for_each_label() -> None:
    labels = (Item("查物流", ""), Item("退款", ""))
    assert answers(menu=Content(on=True, text="请选：", items=labels)).menu.text == "请选：\n· 查物流\n· 退款"
    assert answers(menu=Content(on=True, items=labels)).menu.text == "· 查物流\n· 退款"
    assert answers(menu=Content(on=False, items=labels)).menu is None
