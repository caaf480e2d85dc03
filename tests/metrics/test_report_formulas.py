"""The figures of reports from summed amounts: by hand, without a database."""

import pytest

from metrics.formulas.figures import BY_KEY, FIGURES, nothing, pooled
from metrics.formulas.measures import MEASURES
from metrics.table_files import clock
from metrics.telling_reports import FIGURES as WORDS
from metrics.telling_reports import change_text, duration, figure_text, spoken


def test_every_figure_has_words_and_none_divides_by_nothing() -> None:
    assert {figure.key for figure in FIGURES} == WORDS.keys()
    for figure in FIGURES:
        value = figure.of(nothing())
        assert not value
        assert figure_text(figure.unit, value) in ("—", "0", "0:00")
    assert set(nothing()) > set(MEASURES)
    assert pooled([{"buyers": 2, "most_open": 3}, {"buyers": 1, "most_open": 2}])["most_open"] == 3


def test_durations_as_people_read_them() -> None:
    assert [duration(s) for s in (0, 59.6, 72, 3600, 36_725)] == ["0:00", "1:00", "1:12", "1:00:00", "10:12:05"]


def of(key: str, **amounts: int) -> float | None:
    return BY_KEY[key].of(nothing() | amounts)


def test_figures_by_hand() -> None:
    assert of("unanswered_buyers", buyers=10, answered_buyers=6, robot_buyers=3) == 1
    assert of("mean_response", response_seconds=330, responses=4) == 82.5
    assert of("first_response", first_seconds=90, first_responses=2) == 45
    assert of("answer_ratio", answers=6, questions=4) == 1.5
    assert of("satisfaction", satisfied=9, dissatisfied=1) == 0.9
    assert of("ratings", satisfied=9, dissatisfied=1) == 10
    assert of("recent_share", recent=3, received=12) == 0.25
    assert of("offline_open", offline=5, offline_answered=4) == 1
    assert of("wait", wait_seconds=240, waits_over=1, waits=9) == 240
    assert of("handling", handling_seconds=3600, closed=2) == 1800


@pytest.mark.parametrize(
    "key", ["mean_response", "first_response", "answer_ratio", "satisfaction", "recent_share", "wait", "handling"]
)
def test_without_a_denominator_there_is_no_figure(key: str) -> None:
    assert of(key) is None


def test_a_mean_of_several_lines_is_of_what_they_add_up_to_not_of_their_means() -> None:
    lines = [nothing() | {"response_seconds": 60, "responses": 1}, nothing() | {"response_seconds": 60, "responses": 3}]
    assert BY_KEY["mean_response"].of(pooled(lines)) == 30


@pytest.mark.parametrize(
    ("key", "now", "before", "text", "tone"),
    [
        ("buyers", 110.0, 100.0, "+10%", ""),
        ("slow", 12.0, 10.0, "+20%", "bad"),
        ("slow", 8.0, 10.0, "-20%", ""),
        ("slow", 10.5, 10.0, "+5%", ""),
        ("slow", 3.0, 0.0, "", ""),
        ("mean_response", None, 60.0, "", ""),
        ("satisfaction", 0.9, 0.95, "-5.0 个百分点", ""),
        ("satisfaction", 0.8, 0.9, "-10.0 个百分点", "bad"),
    ],
)
def test_a_change_is_red_only_where_it_costs(
    key: str, now: float | None, before: float | None, text: str, tone: str
) -> None:
    assert change_text(BY_KEY[key], now, before) == (text, tone)


def test_times_in_a_sentence_are_no_times_of_day() -> None:
    assert [spoken(s) for s in (0, 45, 72, 1320, 36_725)] == ["0 秒", "45 秒", "1 分 12 秒", "22 分", "10 小时 12 分"]


def test_times_in_files_are_taken_for_nothing_else() -> None:
    assert [clock(s) for s in (0, 45, 330, 36_725, 100 * 3600)] == [
        "0:00:00", "0:00:45", "0:05:30", "10:12:05", "100:00:00",
    ]  # fmt: skip
