"""A buyer's day as facts, and what they add to the rollups (no database)."""

from datetime import date, timedelta
from typing import Any

import pytest

from metrics.formulas.days import day_end
from metrics.formulas.definitions import Definition, strictest_first
from metrics.formulas.facts import Days, Facts, facts_by_day
from metrics.formulas.facts_json import read, written
from metrics.formulas.measures import EDGES, MEASURES, TOOK, took_class
from metrics.formulas.streaks import Said, in_order
from metrics.formulas.tally import WHOLE_DAY, Tally, changes_at
from metrics.formulas.threads import Thread, Turn
from tests.metrics.builders import DAY, M1, M2, M3, M4, M6, M7, NEW_YORK, SHANGHAI, agent, at, buyer, says

PINDUODUO = strictest_first((M1, M2, M3, M4))
NIGHT = at("23:59")


def thread(*messages: Said, number: int = 1, **more: Any) -> Thread:
    return Thread(number, 1, "goods_detail", "unshipped", in_order(messages), **more)


def facts(*threads: Thread, day: date = DAY, definitions: tuple[Definition, ...] = PINDUODUO) -> Facts:
    days = {day + timedelta(days=n): definitions for n in (-1, 0, 1)}
    return facts_by_day(threads, Days(days, SHANGHAI))[day]


def tally(*threads: Thread, now=NIGHT, definitions: tuple[Definition, ...] = PINDUODUO) -> Tally:
    found = Tally()
    found.add(facts(*threads, definitions=definitions), definitions, now, SHANGHAI)
    return found


def amounts(found: Tally, hour: int, dimension: str, key: str = "") -> dict[str, int]:
    """Those that are not nothing."""
    row = found.measures.get((hour, dimension, key), [0] * len(MEASURES))
    return {name: amount for name, amount in zip(MEASURES, row, strict=True) if amount}


def test_a_question_and_its_answer_stand_in_every_dimension() -> None:
    found = tally(thread(buyer("10:59:30"), agent("11:00:10", length=12)))
    asked = {"buyers": 1, "answered_buyers": 1, "questions": 1, "responses": 1, "response_seconds": 40}
    asked |= {"first_responses": 1, "first_seconds": 40, took_class(40): 1}
    answered = {"answers": 1, "replies": 1, "characters": 12}
    assert amounts(found, 10, "shop") == asked
    assert amounts(found, 11, "shop") == answered
    assert amounts(found, 10, "agent", "1") == asked
    assert amounts(found, 11, "agent", "1") == answered
    for dimension, key in (("entry", "goods_detail"), ("order_status", "unshipped")):
        assert amounts(found, WHOLE_DAY, dimension, key) == asked | answered


def test_a_buyer_with_two_conversations_is_one_buyer_and_each_has_a_first_response() -> None:
    found = tally(
        thread(buyer("10:00"), agent("10:01"), buyer("10:30"), agent("10:34")),
        thread(buyer("12:00"), agent("12:02"), number=2),
    )
    assert amounts(found, 10, "shop")["buyers"] == 1
    assert "buyers" not in amounts(found, 12, "shop")
    assert [amounts(found, hour, "shop")["first_responses"] for hour in (10, 12)] == [1, 1]
    assert amounts(found, 10, "shop")["response_seconds"] == 60 + 240


def test_late_and_never_are_slow_by_the_strictest_metric() -> None:
    found = amounts(tally(thread(buyer("10:00"), agent("10:05:01"), buyer("10:30"))), 10, "shop")
    assert (found["slow"], found["never"], found["responses"]) == (2, 1, 1)
    assert "slow" not in amounts(tally(thread(buyer("10:00"), agent("10:05"))), 10, "shop")


def test_what_the_robot_answers_is_no_response_and_its_buyer_is_told_apart() -> None:
    found = amounts(tally(thread(buyer("10:00"), says("robot", "10:00:01"))), 10, "shop")
    assert found == {"buyers": 1, "robot_buyers": 1, "questions": 1, "robot_answers": 1}


def test_an_automatic_answer_is_nothing() -> None:
    assert amounts(tally(thread(buyer("10:00"), says("auto", "10:00:01"))), 10, "shop") == {
        "buyers": 1,
        "questions": 1,
        "slow": 1,
        "never": 1,
    }


def test_a_transfer_in_the_middle_of_a_streak_is_charged_by_each_metrics_time() -> None:
    """Five minutes ran out with the first; a quarter of an hour had not when the second answered."""
    turns = [Turn(at("10:00"), "opened", "assigned", 7), Turn(at("10:06"), "transferred", "assigned", 8)]
    found = tally(thread(buyer("10:00"), agent("10:08", who=8), turns=turns))
    rates = {(dimension, key, metric): units for (_, dimension, key, metric), units in found.rates.items()}
    assert rates["agent", "7", "reply_5m"] == [0, 1, 0]
    assert ("agent", "8", "reply_5m") not in rates
    assert rates["agent", "8", "reply_15m"] == [1, 0, 0]
    assert rates["agent", "7", "human_3m"] == [0, 1, 0]
    assert amounts(found, 10, "agent", "7")["transferred_out"] == 1
    assert amounts(found, 10, "agent", "8")["transferred_in"] == 1


def test_agents_have_their_own_units_and_need_not_add_up() -> None:
    found = tally(
        thread(buyer("10:00"), agent("10:01", who=7)), thread(buyer("11:00"), agent("11:10", who=8), number=2)
    )
    units = {
        key: row
        for (_, dimension, key, metric), row in found.rates.items()
        if metric == "reply_5m" and dimension == "agent"
    }
    assert units == {"7": [1, 0, 0], "8": [0, 1, 0]}
    assert found.units("reply_5m").decided == 1


def test_a_unit_stands_at_the_hour_of_the_question_that_decides_it() -> None:
    found = tally(thread(buyer("10:00"), agent("10:01"), buyer("14:00"), agent("14:20")))
    assert found.rates[14, "shop", "", "reply_5m"] == [0, 1, 0]
    assert (10, "shop", "", "reply_5m") not in found.rates


@pytest.mark.parametrize("definition", [M6, M7])
def test_sessions_and_rounds_are_counted_by_their_own_unit(definition: Definition) -> None:
    found = tally(thread(buyer("10:00"), agent("10:01"), buyer("11:00"), agent("11:04")), definitions=(definition,))
    # The mean of 1 and 4 minutes is within three; as two rounds one is late.
    units = found.units(definition.key)
    assert (units.passed, units.failed) == ((1, 0) if definition is M6 else (1, 1))


def test_routing_is_told_by_decisions() -> None:
    turns = [
        Turn(at("10:00"), "opened", "queued", None),
        Turn(at("10:02"), "opened", "queued", None),
        Turn(at("10:05"), "drained", "assigned", 7),
        Turn(at("11:10"), "reassigned", "assigned", 8, recent=True),
    ]
    found = tally(thread(buyer("10:00"), turns=turns, closed_at=at("12:00"), holder=8))
    first = amounts(found, 10, "shop")
    assert (first["waits"], first["waits_over"], first["wait_seconds"]) == (1, 1, 300)
    assert (first["received"], first["direct"], first["closed"], first["handling_seconds"]) == (1, 1, 1, 115 * 60)
    assert amounts(found, 11, "agent", "8") == {"received": 1, "recent": 1}
    assert amounts(found, 10, "agent", "8") == {"closed": 1, "handling_seconds": 115 * 60}


def test_who_leaves_the_pool_before_anybody_came_has_given_up() -> None:
    turns = [Turn(at("10:00"), "opened", "queued", None)]
    found = amounts(tally(thread(buyer("10:00"), turns=turns, closed_at=at("10:20"))), 10, "shop")
    assert (found["waits"], found["abandoned"]) == (1, 1)
    assert "closed" not in found and "waits_over" not in found


def test_offline_ones_and_what_became_of_them() -> None:
    turns = [Turn(at("22:00"), "opened", "offline", 7)]
    open_one = amounts(tally(thread(buyer("22:00"), turns=turns)), 22, "agent", "7")
    assert open_one["offline"] == 1 and "offline_answered" not in open_one and "received" not in open_one
    answered = amounts(tally(thread(buyer("22:00"), agent("22:40", who=7), turns=turns)), 22, "agent", "7")
    assert answered["offline_answered"] == 1


def test_ratings_are_the_holders() -> None:
    found = tally(
        thread(buyer("10:00"), turns=[Turn(at("10:00"), "opened", "assigned", 7)], holder=7, rated=(at("12:30"), False))
    )
    assert amounts(found, 12, "agent", "7") == {"dissatisfied": 1}


def test_history_without_decisions_goes_by_who_wrote_next() -> None:
    found = tally(thread(buyer("10:00"), buyer("10:01"), agent("10:02", who=7), buyer("10:03"), agent("10:04", who=8)))
    assert amounts(found, 10, "agent", "7")["questions"] == 2
    assert amounts(found, 10, "agent", "8")["questions"] == 1


def test_taking_away_what_was_added_leaves_nothing() -> None:
    told = facts(thread(buyer("10:00"), agent("10:20", length=3), buyer("22:58")), thread(buyer("12:00"), number=2))
    found = Tally()
    found.add(told, PINDUODUO, NIGHT, SHANGHAI)
    assert any(any(row) for row in found.measures.values())
    found.add(told, PINDUODUO, NIGHT, SHANGHAI, sign=-1)
    assert not any(any(row) for row in [*found.measures.values(), *found.rates.values()])


def test_facts_survive_their_way_through_json() -> None:
    turns = [Turn(at("10:00"), "opened", "assigned", 7), Turn(at("10:02"), "transferred", "assigned", 8)]
    told = facts(thread(buyer("10:00:00"), agent("10:04", who=8, length=5), buyer("22:58"), turns=turns, holder=8))
    assert read(written(told), DAY) == told


def test_time_alone_changes_what_is_unanswered_just_after_each_threshold_and_at_midnight() -> None:
    told = facts(thread(buyer("10:00")))
    seen = []
    now = at("10:00")
    while (moment := changes_at(told, PINDUODUO, now, SHANGHAI)) is not None:
        seen.append(moment)
        now = moment
    step = timedelta(microseconds=1)
    assert seen == [
        at("10:03") + step,
        at("10:05") + step,
        at("10:15") + step,
        at("11:00") + step,
        day_end(DAY, SHANGHAI),
    ]
    assert changes_at(facts(thread(buyer("10:00"), agent("10:01"))), PINDUODUO, at("10:02"), SHANGHAI) is None


@pytest.mark.parametrize("now", ["10:03", "10:05", "10:15", "11:00", "23:59"])
def test_between_two_such_moments_nothing_changes(now: str) -> None:
    told = facts(thread(buyer("10:00")), thread(buyer("10:01"), agent("10:30"), number=2))
    moment = at(now)
    until = (changes_at(told, PINDUODUO, moment, SHANGHAI) or moment + timedelta(days=9)) - timedelta(microseconds=1)
    both = []
    for as_of in (moment, until):
        found = Tally()
        found.add(told, PINDUODUO, as_of, SHANGHAI)
        both.append((found.measures, found.rates))
    assert both[0] == both[1]


def test_every_preset_threshold_falls_between_two_classes() -> None:
    for definition in (M1, M2, M3, M4, M6, M7):
        assert definition.threshold_seconds in EDGES
        assert took_class(definition.threshold_seconds) != took_class(definition.threshold_seconds + 0.001)
    assert took_class(0) == TOOK[0] and took_class(10**6) == TOOK[-1]


def test_the_hour_is_the_shops_also_when_clocks_change() -> None:
    day = date(2026, 11, 1)  # 01:00 to 02:00 comes twice
    talk = Thread(1, 1, "", "", in_order([buyer("01:30", day, zone=NEW_YORK), buyer("12:00", day, zone=NEW_YORK)]))
    found = facts_by_day([talk], Days({day: (M1,)}, NEW_YORK))[day]
    assert sorted(hour for _, hour, _ in found.done) == [1, 12]


def test_an_answer_to_yesterdays_question_is_no_reply_of_today() -> None:
    """Whether yesterday is read with today or not, today's facts are the same."""
    talk = [buyer("22:00", DAY - timedelta(days=1)), agent("08:00"), buyer("09:00"), agent("09:01")]
    with_yesterday, without = facts(thread(*talk)), facts(thread(*talk[1:]))
    assert with_yesterday.done == without.done
    assert sum(amounts.get("replies", 0) for amounts in with_yesterday.done.values()) == 1
