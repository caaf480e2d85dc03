"""The arithmetic of shifts, held against a slow one that asks every minute."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.duty import (
    COUNTED,
    DAY,
    PEAK,
    Plan,
    Span,
    by_hour,
    duty_of,
    fit,
    gaps,
    headcount,
    instant,
    last_boundary,
    merged,
    next_gap,
    on_duty,
    read_span,
    read_spans,
    within,
)

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
MONDAY = date(2026, 11, 23)
PEOPLE = ("a", "b", "c")

random_plans = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def every_day(*spans: Span) -> Plan:
    return Plan({1: spans}, {"a": dict.fromkeys(range(7), 1)})


# Slow and plain


def is_there(plan: Plan, who: str, day: date, minute: int) -> bool:
    today = any(span.start <= minute < span.end for span in plan.spans_on(who, day))
    before = plan.spans_on(who, day - timedelta(days=1))
    return today or any(span.start <= minute + DAY < span.end for span in before)


def count_of(plan: Plan, day: date) -> list[int]:
    return [sum(is_there(plan, who, day, minute) for who in PEOPLE) for minute in range(DAY)]


@st.composite
def shifts(draw: st.DrawFn) -> tuple[Span, ...]:
    places = draw(st.lists(st.integers(0, DAY), min_size=2, max_size=6, unique=True))
    start = draw(st.integers(0, DAY - 1))
    ordered = sorted(places)[: len(places) // 2 * 2]
    return tuple(
        Span(start + begin, start + end)
        for begin, end in zip(ordered[::2], ordered[1::2], strict=True)
        if start + begin < DAY
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    kinds = {n: draw(shifts()) for n in range(3)}
    one = st.one_of(st.none(), st.integers(0, 2))
    weekly = {who: {day: k for day in range(7) if (k := draw(one)) is not None} for who in PEOPLE}
    days = st.dictionaries(st.integers(-2, 8).map(lambda n: MONDAY + timedelta(days=n)), one, max_size=4)
    return Plan(kinds, weekly, {who: draw(days) for who in PEOPLE})


@random_plans
@given(plans(), st.integers(0, 6))
def test_coverage_gaps_and_heads_are_those_of_every_minute(plan: Plan, n: int) -> None:
    day = MONDAY + timedelta(days=n)
    slow, spans = count_of(plan, day), duty_of(plan, PEOPLE, day)
    assert [step.people for step in headcount(spans) for _minute in range(step.start, step.end)] == slow
    for window in (COUNTED, PEAK, Span(0, DAY)):
        free = {minute for gap in gaps(spans, window) for minute in range(gap.start, gap.end)}
        assert free == {minute for minute in range(window.start, window.end) if not slow[minute]}
    assert by_hour(spans) == [sum(slow[hour * 60 : hour * 60 + 60]) / 60 for hour in range(24)]


@random_plans
@given(plans(), st.integers(0, 7 * DAY - 1))
def test_who_is_on_duty_at_a_moment_is_who_stands_there_at_that_minute(plan: Plan, minute: int) -> None:
    day, rest = MONDAY + timedelta(days=minute // DAY), minute % DAY
    at = datetime(day.year, day.month, day.day, rest // 60, rest % 60, 30, tzinfo=SHANGHAI)
    there = {who for who in PEOPLE if is_there(plan, who, day, rest)}
    assert on_duty(plan, PEOPLE, at, SHANGHAI) == there
    for who in PEOPLE:
        assert last_boundary(plan, who, at, SHANGHAI).on == (who in there)


@random_plans
@given(plans(), st.integers(2 * DAY, 7 * DAY - 1))
def test_the_last_boundary_is_where_the_minute_before_was_another(plan: Plan, minute: int) -> None:
    at = instant(MONDAY, minute, SHANGHAI)
    for who in PEOPLE:
        states = [is_there(plan, who, MONDAY + timedelta(days=m // DAY), m % DAY) for m in range(DAY, minute + 1)]
        changes = [m for m in range(1, len(states)) if states[m] != states[m - 1]]
        if changes:
            found = last_boundary(plan, who, at, SHANGHAI)
            assert found == (instant(MONDAY, DAY + changes[-1], SHANGHAI), states[-1])


@random_plans
@given(plans(), st.integers(0, 3 * DAY))
def test_the_next_gap_is_the_first_minute_of_counted_hours_with_nobody(plan: Plan, minute: int) -> None:
    found = next_gap(plan, PEOPLE, instant(MONDAY, minute, SHANGHAI), SHANGHAI, COUNTED, days=3)
    first = MONDAY + timedelta(days=minute // DAY)
    empty = [
        (day, m)
        for day in (first + timedelta(days=n) for n in range(3))
        for m, people in enumerate(count_of(plan, day))
        if COUNTED.start <= m < COUNTED.end and not people and (day > first or m >= minute % DAY)
    ]
    assert (found and (found[0], found[1].start)) == (empty[0] if empty else None)


def test_the_day_shift_of_the_platforms_leaves_its_own_two_gaps() -> None:
    spans = duty_of(every_day(read_span("8:30–20:30")), ["a"], MONDAY)
    found = gaps(spans, COUNTED)
    assert [str(gap) for gap in found] == ["08:00–08:30", "20:30–23:00"]
    assert [str(part) for part in within(found, PEAK)] == ["20:30–22:00"]


def test_three_shifts_round_the_clock_leave_none() -> None:
    three = [Span(0, 480), Span(480, 960), Span(960, 1440)]
    assert gaps(three, Span(0, DAY)) == []
    assert headcount(three) == [(0, 1440, 1)]


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("08:30–20:30", (510, 1230)),
        (" 8:30 - 20:30 ", (510, 1230)),
        ("16:00至24:00", (960, 1440)),
        ("16:00~00:00", (960, 1440)),
        ("22：00～06：00", (1320, 1800)),
        ("0:00-24:00", (0, 1440)),
    ],
)
def test_a_span_is_read_as_people_write_it(text: str, span: tuple[int, int]) -> None:
    assert read_span(text) == span


@pytest.mark.parametrize("text", ["8:30", "8-20", "24:00-08:00", "08:00-08:00", "08:60-09:00", "08:00-24:01", "a-b"])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(text.strip())):
        read_span(text)


def test_a_split_shift_is_read_in_order() -> None:
    assert list(map(str, read_spans("18:00–23:00、08:00–12:00"))) == ["08:00–12:00", "18:00–23:00"]
    assert str(Span(1320, 1800)) == "22:00–06:00"


def test_what_makes_no_shift() -> None:
    assert fit([Span(0, 1440)])
    assert fit([Span(480, 720), Span(1080, 1380)])
    assert not fit([])
    assert not fit([Span(480, 720), Span(700, 800)])
    assert not fit([Span(480, 720), Span(1320, 2000)]), "more than 24 hours from its beginning to its end"
    assert not fit([Span(n * 60, n * 60 + 30) for n in range(5)])


def test_spans_that_touch_are_one() -> None:
    assert merged([Span(60, 120), Span(0, 60), Span(130, 140), Span(131, 132)]) == [(0, 120), (130, 140)]


# The clock that is put forward and back


def test_a_time_that_the_clock_jumps_over_is_the_moment_of_the_jump() -> None:
    spring = date(2026, 3, 8)  # 02:00 → 03:00
    assert instant(spring, 150, NEW_YORK) == instant(spring, 180, NEW_YORK) == datetime(2026, 3, 8, 7, tzinfo=UTC)
    plan = Plan({1: (Span(60, 150),), 2: (Span(150, 240),)}, {"a": {6: 1}, "b": {6: 2}})
    assert on_duty(plan, ["a", "b"], datetime(2026, 3, 8, 6, 59, tzinfo=UTC), NEW_YORK) == {"a"}
    assert on_duty(plan, ["a", "b"], datetime(2026, 3, 8, 7, 0, tzinfo=UTC), NEW_YORK) == {"b"}


def test_a_shift_within_the_jump_never_begins() -> None:
    plan = Plan({1: (Span(130, 170),)}, {"a": {6: 1}})
    assert last_boundary(plan, "a", datetime(2026, 3, 8, 12, tzinfo=UTC), NEW_YORK).at != datetime(
        2026, 3, 8, 7, tzinfo=UTC
    )


def test_an_hour_that_comes_twice_is_worked_twice() -> None:
    plan = Plan({1: (Span(0, 240),)}, {"a": {6: 1}})  # 1 November 2026: 02:00 → 01:00
    assert on_duty(plan, ["a"], datetime(2026, 11, 1, 8, 59, tzinfo=UTC), NEW_YORK) == {"a"}
    assert last_boundary(plan, "a", datetime(2026, 11, 1, 9, tzinfo=UTC), NEW_YORK) == (
        datetime(2026, 11, 1, 9, tzinfo=UTC),
        False,
    )


@random_plans
@given(st.integers(0, 2 * DAY), st.integers(0, 2 * DAY), st.sampled_from([date(2026, 3, 7), date(2026, 10, 31)]))
def test_what_follows_on_the_wall_follows_in_truth(one: int, other: int, day: date) -> None:
    early, late = sorted((one, other))
    assert instant(day, early, NEW_YORK) <= instant(day, late, NEW_YORK)


def test_who_works_on_without_an_end_has_no_boundary() -> None:
    found = last_boundary(every_day(Span(0, DAY)), "a", datetime(2026, 11, 23, 5, tzinfo=UTC), SHANGHAI)
    assert found == (None, True)
    assert last_boundary(Plan({}), "a", datetime(2026, 11, 23, 5, tzinfo=UTC), SHANGHAI) == (None, False)
