"""P1-P4, P8 and M10 on sequences of days, without a database."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from metrics.formulas.assessment import Assessment, assess_metric
from metrics.formulas.days import day_start
from metrics.formulas.kinds import FIRST_FOUR, Kind
from metrics.formulas.penalties import Spoken, Window, penalty_windows
from metrics.formulas.units import Figures
from tests.metrics.builders import DAY, M1, NEW_YORK, SHANGHAI

REMOVAL, BAN = Kind.RESOURCE_SLOT_REMOVAL, Kind.ACTIVITY_BAN
GOOD, BAD, NONE = Figures(10, 0), Figures(0, 10), Figures()
NOTHING_SAID = Spoken()


def day(number: int) -> date:
    """Days are counted from the first one, 0."""
    return DAY + timedelta(days=number)


def midnight(number: int) -> datetime:
    return day_start(day(number), SHANGHAI)


def assessed(*days: Figures, definition=M1) -> list[Assessment]:
    figures: Mapping[date, Figures] = {day(n): found for n, found in enumerate(days)}
    return [assess_metric(d, definition, figures, is_over=True) for d in figures]


def windows(assessments: list[Assessment], kind: Kind = REMOVAL, spoken: Spoken = NOTHING_SAID) -> list[Window]:
    return [w for w in penalty_windows(assessments, spoken, SHANGHAI) if w.kind is kind]


def span(window: Window) -> tuple[datetime, datetime | None]:
    return window.starts_at, window.ends_at


def test_M10_exactly_half_passes_and_below_fails() -> None:
    assert assessed(Figures(5, 5))[0].passes is True
    assert assessed(Figures(499_999, 500_001))[0].passes is False


def test_P1_a_day_that_fails_opens_each_of_the_metrics_kinds_for_three_whole_days() -> None:
    found = penalty_windows(assessed(BAD), Spoken(), SHANGHAI)
    assert [w.kind for w in found] == list(FIRST_FOUR)
    assert {w.starts_at for w in found} == {midnight(1)}
    assert {w.kind: w.ends_at for w in found} == {k: None if k is BAN else midnight(4) for k in FIRST_FOUR}


def test_P1_a_day_without_a_decided_unit_is_not_assessed_though_its_window_fails() -> None:
    second = assessed(BAD, Figures(pending=4))[1]
    assert (second.assessed, second.passes, second.window) == (False, None, Figures(0, 10, 4))


def test_P1_min_volume_is_asked_of_the_window() -> None:
    definition = replace(M1, min_volume=15)
    assert [a.assessed for a in assessed(BAD, Figures(0, 5), definition=definition)] == [False, True]


def test_P1_a_day_is_assessed_when_it_is_over() -> None:
    running = assess_metric(DAY, M1, {DAY: BAD}, is_over=False)
    assert (running.assessed, running.passes, running.window) == (False, None, BAD)


def test_a_metric_without_a_line_is_shown_and_not_assessed() -> None:
    assert assessed(BAD, definition=replace(M1, pass_line=None))[0].assessed is False


def test_P2_one_bad_day_costs_three_days_not_five() -> None:
    days = assessed(Figures(0, 30), GOOD, GOOD, GOOD, GOOD)
    assert [a.passes for a in days] == [False, False, False, True, True]
    [found] = windows(days)
    assert span(found) == (midnight(1), midnight(4))
    assert found.prolongations == ()


def test_P2_a_later_day_that_fails_on_its_own_too_prolongs_to_its_own_end() -> None:
    [found] = windows(assessed(BAD, GOOD, BAD))
    assert span(found) == (midnight(1), midnight(6))
    assert [p.day for p in found.prolongations] == [day(2)]


def test_P2_a_day_that_fails_on_the_very_day_at_whose_end_the_window_would_end_prolongs_it() -> None:
    [found] = windows(assessed(BAD, NONE, NONE, BAD))
    assert span(found) == (midnight(1), midnight(7))


def test_P2_a_fail_after_the_window_has_ended_opens_another() -> None:
    first, second = windows(assessed(BAD, NONE, NONE, NONE, BAD))
    assert span(first) == (midnight(1), midnight(4))
    assert span(second) == (midnight(5), midnight(8))


def test_P2_another_metric_prolongs_the_same_window() -> None:
    five = assessed(BAD, NONE)
    hour = [replace(a, metric="reply_60m") for a in assessed(GOOD, Figures(0, 50))]
    [found] = windows([*five, *hour])
    assert [p.day for p in found.prolongations] == [day(1)]
    assert [a.metric for a in found.prolongations[0].because] == ["reply_60m"]


def test_P3_activity_ban_ends_when_three_days_in_a_row_passed_on_their_own() -> None:
    [found] = windows(assessed(Figures(0, 30), GOOD, GOOD, GOOD), BAN)
    assert span(found) == (midnight(1), midnight(4))


def test_P3_activity_ban_stays_while_the_run_is_not_whole() -> None:
    [found] = windows(assessed(BAD, GOOD, GOOD), BAN)
    assert (found.ends_at, found.run, found.not_before) == (None, 2, midnight(4))


def test_P3_a_day_without_counted_buyers_neither_counts_nor_breaks_the_run() -> None:
    [found] = windows(assessed(BAD, GOOD, NONE, GOOD, NONE, GOOD), BAN)
    assert found.ends_at == midnight(6)


def test_P3_a_day_that_fails_on_its_own_begins_the_run_anew_though_its_window_passes() -> None:
    days = assessed(Figures(4, 6), Figures(90, 0), Figures(1, 9), GOOD, GOOD, GOOD)
    assert [a.passes for a in days] == [False, True, True, True, True, True]
    [found] = windows(days, BAN)
    assert found.prolongations == ()
    assert found.ends_at == midnight(6)


def test_P3_every_assessed_metric_must_pass_on_its_own() -> None:
    five = assessed(BAD, GOOD, GOOD, GOOD)
    other = [replace(a, metric="other", penalties=()) for a in assessed(GOOD, GOOD, BAD, GOOD)]
    [found] = windows([*five, *other], BAN)
    assert (found.ends_at, found.run) == (None, 1)


def test_P3_a_prolongation_begins_the_run_anew() -> None:
    [found] = windows(assessed(BAD, GOOD, BAD, GOOD, GOOD, GOOD), BAN)
    assert found.ends_at == midnight(6)
    assert found.not_before == midnight(6)


def test_P4_black_room_by_hand_ends_after_thirty_whole_days() -> None:
    spoken = Spoken(entered=frozenset({(Kind.BLACK_ROOM, DAY)}))
    [found] = windows([], Kind.BLACK_ROOM, spoken)
    assert span(found) == (midnight(1), midnight(31))


def test_P4_no_preset_opens_the_black_room_but_a_shops_own_trigger_may() -> None:
    assert windows(assessed(BAD), Kind.BLACK_ROOM) == []
    [found] = windows(assessed(BAD, definition=replace(M1, penalties=(Kind.BLACK_ROOM,))), Kind.BLACK_ROOM)
    assert span(found) == (midnight(1), midnight(31))


def dismissal(number: int, when: datetime, kind: Kind = REMOVAL) -> Spoken:
    return Spoken(dismissed={(kind, day(number)): when})


@pytest.mark.parametrize("kind", [REMOVAL, BAN])
def test_P8_a_dismissed_window_is_over_at_once(kind: Kind) -> None:
    noon = midnight(1) + timedelta(hours=12)
    [found] = windows(assessed(BAD), kind, dismissal(0, noon, kind))
    assert found.ends_at == noon


def test_P8_after_a_dismissal_a_later_fail_opens_a_window_of_its_own() -> None:
    noon = midnight(1) + timedelta(hours=12)
    first, second = windows(assessed(BAD, BAD), spoken=dismissal(0, noon))
    assert first.ends_at == noon
    assert second.opened_on == day(1)


def test_P8_dismissing_what_had_ended_changes_nothing() -> None:
    [found] = windows(assessed(BAD), spoken=dismissal(0, midnight(20)))
    assert found.ends_at == midnight(4)


def test_P8_a_confirmed_window_stays_though_its_day_is_cured() -> None:
    spoken = Spoken(entered=frozenset({(REMOVAL, DAY)}))
    [found] = windows(assessed(GOOD), spoken=spoken)
    assert span(found) == (midnight(1), midnight(4))


def test_a_gap_of_a_clock_change_keeps_windows_at_midnight() -> None:
    before = date(2026, 3, 7)
    assessment = replace(assessed(BAD)[0], day=before)
    found = penalty_windows([assessment], Spoken(), NEW_YORK)[0]
    assert found.starts_at == day_start(before + timedelta(days=1), NEW_YORK)
    assert found.ends_at - found.starts_at == timedelta(hours=71)
