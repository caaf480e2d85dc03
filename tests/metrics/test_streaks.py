"""Waiting streaks of one conversation (METRICS 2), M11, M12, M13."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from metrics.formulas.days import day_end, day_start
from tests.metrics.builders import (
    DAY,
    HUMAN_ONLY,
    M1,
    NEW_YORK,
    SHANGHAI,
    agent,
    at,
    buyer,
    minutes,
    says,
    streaks,
)

TOMORROW = DAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("clock", "counts"), [("07:59:59", False), ("08:00:00", True), ("22:59:59", True), ("23:00:00", False)]
)
def test_M11_a_message_counts_from_eight_on_and_before_eleven(clock: str, counts: bool) -> None:
    assert bool(streaks([buyer(clock)])) is counts


def test_the_clock_of_a_streak_starts_at_its_first_message_inside_the_counted_hours() -> None:
    [found] = streaks([buyer("07:58"), buyer("08:03"), buyer("08:04"), agent("08:05")])
    assert found.asked_at == at("08:03")
    assert minutes(found) == 2


def test_a_question_answered_before_eight_is_no_counted_streak() -> None:
    assert streaks([buyer("07:50"), agent("07:59"), agent("08:30")]) == []


def test_an_answer_at_23_02_to_a_question_of_22_58_took_four_minutes() -> None:
    [found] = streaks([buyer("22:58"), agent("23:02")])
    assert minutes(found) == 4


def test_a_streak_is_a_run_of_buyer_messages_and_its_clock_is_the_first_ones() -> None:
    first, second = streaks([buyer("10:00"), buyer("10:04"), agent("10:06"), buyer("10:07"), agent("10:08")])
    assert (minutes(first), minutes(second)) == (6, 1)


def test_a_reply_before_any_question_is_no_reply() -> None:
    [found] = streaks([agent("09:00"), buyer("09:01")])
    assert found.answered_at is None


def test_one_answer_may_end_the_streaks_of_two_days() -> None:
    first, second = streaks([buyer("22:50"), buyer("08:10", TOMORROW), agent("08:12", TOMORROW)])
    assert (first.day, second.day) == (DAY, TOMORROW)
    assert first.answered_at == second.answered_at == at("08:12", TOMORROW)
    assert minutes(second) == 2


def test_a_streak_does_not_cross_midnight_even_when_the_night_message_itself_does_not_count() -> None:
    first, second = streaks([buyer("22:59"), buyer("00:30", TOMORROW), buyer("09:00", TOMORROW)])
    assert first.asked_at == at("22:59")
    assert second.asked_at == at("09:00", TOMORROW)


def test_automatic_messages_are_never_a_reply_M13() -> None:
    [found] = streaks([buyer("10:00"), says("auto", "10:01"), agent("10:09")])
    assert minutes(found) == 9


def test_a_robot_replies_where_the_definition_counts_it_and_not_elsewhere_M13() -> None:
    talk = [buyer("10:00"), says("robot", "10:01"), agent("10:09")]
    assert minutes(streaks(talk)[0]) == 1
    assert minutes(streaks(talk, HUMAN_ONLY)[0]) == 9


def test_what_the_buyer_writes_to_the_robot_starts_no_streak_where_the_robot_does_not_count_M13() -> None:
    talk = [buyer("10:00", to_robot=True), says("robot", "10:01"), buyer("10:05"), agent("10:06")]
    assert len(streaks(talk)) == 2
    [found] = streaks(talk, HUMAN_ONLY)
    assert found.asked_at == at("10:05")


def test_M12_whatever_the_buyer_sends_must_be_answered() -> None:
    """Advertising is a buyer's message like any other: a message carries no text here, so nothing can tell."""
    assert len(streaks([buyer("10:00")])) == 1


def test_messages_of_the_same_time_stand_buyer_first_then_replies_by_id() -> None:
    [found] = streaks([agent("10:00", identity="a"), buyer("10:00", identity="b")])
    assert minutes(found) == 0


def test_hours_may_run_over_midnight_and_equal_ends_mean_the_whole_day() -> None:
    night = replace(M1, service_from=time(20), service_to=time(2))
    assert [night.counts_at(time(h)) for h in (1, 2, 19, 20)] == [True, False, False, True]
    always = replace(M1, service_from=time(0), service_to=time(0))
    assert always.counts_at(time(3))


# Daylight saving in New York: 2026-03-08 has 23 hours, 2026-11-01 has 25.
SPRING, AUTUMN = date(2026, 3, 8), date(2026, 11, 1)


def test_days_of_a_clock_change_are_as_long_as_they_are() -> None:
    lengths = [(day_end(d, NEW_YORK) - day_start(d, NEW_YORK)) / timedelta(hours=1) for d in (SPRING, AUTUMN, DAY)]
    assert lengths == [23, 25, 24]


@pytest.mark.parametrize("day", [SPRING, AUTUMN])
def test_counted_hours_follow_the_clock_face_on_days_of_a_clock_change(day: date) -> None:
    for clock, counts in [("07:59:59", False), ("08:00:00", True), ("22:59:59", True), ("23:00:00", False)]:
        assert bool(streaks([buyer(clock, day, zone=NEW_YORK)], zone=NEW_YORK)) is counts


def test_a_wait_through_the_repeated_hour_is_measured_in_real_time() -> None:
    always = replace(M1, service_from=time(0), service_to=time(0))
    asked = buyer("01:50", AUTUMN, zone=NEW_YORK)
    answered = agent("01:50")._replace(sent_at=asked.sent_at + timedelta(minutes=20))
    assert answered.sent_at.astimezone(NEW_YORK).strftime("%H:%M") == "01:10"
    assert minutes(streaks([answered, asked], always, NEW_YORK)[0]) == 20


def test_a_wait_over_the_skipped_hour_is_measured_in_real_time() -> None:
    always = replace(M1, service_from=time(0), service_to=time(0))
    talk = [buyer("01:58", SPRING, zone=NEW_YORK), agent("03:01", SPRING, zone=NEW_YORK)]
    assert minutes(streaks(talk, always, NEW_YORK)[0]) == 3


def test_the_shop_day_is_the_shops_own() -> None:
    asked = buyer("08:30", TOMORROW)
    assert streaks([asked], zone=SHANGHAI)[0].day == TOMORROW
    assert streaks([asked], replace(M1, service_from=time(0), service_to=time(0)), NEW_YORK)[0].day == DAY
