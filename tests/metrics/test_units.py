"""Units of a shop day and rates (METRICS 2), and whose a streak is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from fractions import Fraction

import pytest

from metrics.formulas.definitions import PRESETS, Definition, Override, definitions_on
from metrics.formulas.holders import Holding, charged_moment, holder_by_decisions, holder_by_messages
from metrics.formulas.kinds import FIRST_FOUR
from metrics.formulas.streaks import Said, in_order
from metrics.formulas.units import Figures, Wait, count, pool
from tests.metrics.builders import DAY, M1, M6, M7, SHANGHAI, agent, at, buyer, streaks

LATER = at("12:00", DAY + timedelta(days=1))
ROUND, SESSION = M7, M6


def waits(*conversations: tuple[int, Sequence[Said]], definition: Definition = M1) -> list[Wait]:
    """Streaks of DAY in conversations given as (buyer, messages), charged to nobody."""
    return [
        Wait(streak, who, number, None)
        for number, (who, messages) in enumerate(conversations)
        for streak in streaks(messages, definition)
        if streak.day == DAY
    ]


def counted(*conversations: tuple[int, Sequence[Said]], definition: Definition = M1, now: datetime = LATER) -> Figures:
    return count(waits(*conversations, definition=definition), definition, now, SHANGHAI)


@pytest.mark.parametrize(("answer", "figures"), [("10:05:00", Figures(1, 0)), ("10:05:01", Figures(0, 1))])
def test_a_reply_after_exactly_T_is_in_time(answer: str, figures: Figures) -> None:
    assert counted((1, [buyer("10:00"), agent(answer)])) == figures


def test_a_buyer_is_one_unit_over_all_conversations_and_passes_when_every_streak_was_answered_in_time() -> None:
    good = [buyer("10:00"), agent("10:01")]
    bad = [buyer("11:00"), agent("11:20")]
    assert counted((1, good), (1, bad)) == Figures(0, 1)
    assert counted((1, good), (1, good)) == Figures(1, 0)
    assert counted((1, good), (2, bad)) == Figures(1, 1)


def test_an_unanswered_question_is_pending_until_it_is_older_than_T() -> None:
    asked = (1, [buyer("10:00")])
    assert counted(asked, now=at("10:05:00")) == Figures(pending=1)
    assert counted(asked, now=at("10:05:01")) == Figures(failed=1)


def test_a_buyer_who_has_failed_is_not_pending_any_more() -> None:
    talk = [buyer("10:00"), agent("10:30"), buyer("10:40")]
    assert counted((1, talk), now=at("10:41")) == Figures(failed=1)


def test_a_buyer_with_one_good_streak_and_one_open_is_pending() -> None:
    talk = [buyer("10:00"), agent("10:01"), buyer("10:40")]
    assert counted((1, talk), now=at("10:41")) == Figures(pending=1)


def test_with_nothing_decided_there_is_no_rate() -> None:
    assert Figures(pending=3).rate is None
    assert Figures(1, 3).rate == 0.25


def test_a_window_pools_units_and_is_no_mean_of_daily_rates() -> None:
    assert pool([Figures(9, 1), Figures(0, 1), Figures()]).exact_rate == Fraction(9, 11)


def test_round_as_the_worked_cases_have_it() -> None:
    first = [buyer("10:10:15"), buyer("10:15:20"), agent("10:18:10")]
    assert counted((1, first), definition=ROUND) == Figures(0, 1)
    assert counted((1, [*first, buyer("10:18:30"), agent("10:19:00")]), definition=ROUND) == Figures(1, 1)
    ten = [buyer(f"22:{m}") for m in range(40, 50)]
    assert counted((1, ten), definition=ROUND) == Figures(0, 1)


def test_a_round_answered_after_midnight_has_failed_however_quick_the_answer() -> None:
    always = replace(ROUND, service_from=time(0), service_to=time(0))
    talk = [buyer("23:59"), agent("00:01", DAY + timedelta(days=1))]
    assert counted((1, talk), definition=always) == Figures(failed=1)
    midnight = at("00:00", DAY + timedelta(days=1))
    assert counted((1, talk[:1]), definition=always, now=midnight) == Figures(failed=1)
    assert counted((1, talk[:1]), definition=always, now=midnight - timedelta(seconds=1)) == Figures(pending=1)


def test_session_passes_by_the_mean_of_its_waits() -> None:
    talk = [buyer("10:00"), agent("10:05"), buyer("10:10"), agent("10:11")]
    assert counted((1, talk), definition=SESSION) == Figures(1, 0)
    slower = [buyer("10:00"), agent("10:05"), buyer("10:10"), agent("10:11:01")]
    assert counted((1, slower), definition=SESSION) == Figures(0, 1)


def test_a_session_with_an_unanswered_streak_is_pending_then_fails() -> None:
    talk = [buyer("10:00"), agent("10:01"), buyer("10:10")]
    assert counted((1, talk), definition=SESSION, now=at("10:13")) == Figures(pending=1)
    assert counted((1, talk), definition=SESSION, now=at("10:13:01")) == Figures(failed=1)


T = timedelta(minutes=5)


def test_a_streak_is_charged_to_the_holder_at_the_answer_or_when_T_ran_out() -> None:
    in_time, late = streaks([buyer("10:00"), agent("10:04"), buyer("11:00"), agent("11:30")])
    [never] = streaks([buyer("12:00")])
    assert charged_moment(in_time, T, LATER) == at("10:04")
    assert charged_moment(late, T, LATER) == at("11:05")
    assert charged_moment(never, T, LATER) == at("12:05")
    assert charged_moment(never, T, at("12:02")) == at("12:02")


def test_who_comes_to_the_rescue_later_is_not_charged() -> None:
    holdings = [Holding(at("10:00"), 1), Holding(at("10:20"), 2)]
    [late] = streaks([buyer("10:00"), agent("10:25", who=2)])
    assert holder_by_decisions(holdings, charged_moment(late, T, LATER)) == 1


def test_a_conversation_that_waits_is_held_by_nobody() -> None:
    holdings = [Holding(at("10:00"), None), Holding(at("10:20"), 2)]
    assert holder_by_decisions(holdings, at("10:05")) is None
    assert holder_by_decisions(holdings, at("10:20")) == 2
    assert holder_by_decisions(holdings, at("09:59")) is None


def test_in_history_the_holder_is_the_next_writer_else_the_last_one_before_else_nobody() -> None:
    talk = in_order([agent("09:00", who=7), buyer("10:00"), agent("10:30", who=8)])
    assert holder_by_messages(talk, at("10:05")) == 8
    assert holder_by_messages(talk[:2], at("10:05")) == 7
    assert holder_by_messages(talk[1:2], at("10:05")) is None


def test_an_answer_in_time_is_the_answerers_though_somebody_else_writes_later() -> None:
    talk = in_order([buyer("10:00"), agent("10:01", who=7), agent("10:05", who=8)])
    assert holder_by_messages(talk, charged_moment(streaks(talk)[0], T, LATER)) == 7


def test_an_agents_figures_are_of_their_own_streaks_and_need_not_add_up() -> None:
    [good] = streaks([buyer("10:00"), agent("10:01")])
    [bad] = streaks([buyer("11:00")])
    both = [Wait(good, 1, 1, 7), Wait(bad, 1, 1, 8)]
    assert count(both, M1, LATER, SHANGHAI) == Figures(0, 1)
    own = {who: count([wait for wait in both if wait.agent == who], M1, LATER, SHANGHAI) for who in (7, 8)}
    assert own == {7: Figures(1, 0), 8: Figures(0, 1)}


PRINTED = {
    "M1": ("pinduoduo", "reply_5m", "buyer_day", 300, 3, True, "1/2", 1, "S2 (unit: R)"),
    "M2": ("pinduoduo", "reply_15m", "buyer_day", 900, 3, True, "1/2", 1, "S2"),
    "M3": ("pinduoduo", "reply_60m", "buyer_day", 3600, 3, True, "1/2", 1, "S2"),
    "M4": ("pinduoduo", "human_3m", "buyer_day", 180, 1, False, None, 1, "R"),
    "M5": ("kuaishou", "human_3m", "buyer_day", 180, 7, False, "7/10", 1, "R"),
    "M6": ("douyin", "human_3m", "session", 180, 1, False, "3/5", 1, "R"),
    "M8": ("douyin", "reply_2m", "session", 120, 1, False, None, 1, "S1"),
    "M7": ("taobao", "human_3m", "round", 180, 30, False, "4/5", 100, "R"),
}


def test_the_presets_are_those_of_the_rules_and_only_M1_to_M3_carry_penalties() -> None:
    for d in PRESETS:
        line = None if d.pass_line is None else str(d.pass_line)
        told = (d.platform, d.key, d.unit, d.threshold_seconds, d.window_days, d.counts_robot, line, d.min_volume)
        assert (*told, d.source) == PRINTED[d.id]
        assert (d.service_from, d.service_to) == (time(8), time(23))
        assert d.penalties == (FIRST_FOUR if d.id in ("M1", "M2", "M3") else ())
    assert len(PRESETS) == len(PRINTED)
    assert [d.id for d in definitions_on("douyin", DAY)] == ["M6", "M8"]


def test_a_shops_override_holds_between_its_days() -> None:
    override = Override("reply_5m", DAY, DAY, counts_robot=False)
    for day, robot in [(DAY - timedelta(days=1), True), (DAY, False), (DAY + timedelta(days=1), True)]:
        first, second, *_rest = definitions_on("pinduoduo", day, [override])
        assert (first.counts_robot, second.counts_robot) == (robot, True)
