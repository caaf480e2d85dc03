"""Means in reports: the counted hours of a wait alone, and no answer after more than a day (METRICS 2)."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from metrics.formulas.counted_time import counted_wait
from metrics.formulas.definitions import Definition
from metrics.formulas.figures import BY_KEY
from metrics.formulas.units import Figures
from metrics.models import AssessmentState, DayRate, Rollup
from metrics.selectors.reports import Range, report
from metrics.services import assess, check_days, sweep_shop
from tests.agents.factories import make_shop
from tests.metrics.builders import DAY, M1, M7, NEW_YORK, SHANGHAI, agent, at, buyer, says
from tests.metrics.rows import make_agent, make_conversation, say
from tests.metrics.test_facts import amounts, tally, thread

NEXT = DAY + timedelta(days=1)
NIGHT_SHIFT = replace(M1, service_from=time(20), service_to=time(4))
ALL_DAY = replace(M1, service_from=time(0), service_to=time(0))
SPRING = date(2026, 3, 8)


def seconds(asked: str, answered: str, *, later: int = 0, definition: Definition = M1) -> float:
    return counted_wait(at(asked), at(answered, DAY + timedelta(days=later)), definition, SHANGHAI).total_seconds()


@pytest.mark.parametrize(
    ("asked", "answered", "later", "expected"),
    [
        ("10:00", "10:05", 0, 300),
        ("22:58", "08:02", 1, 240),
        ("22:58", "23:02", 0, 120),
        ("22:58", "07:59", 1, 120),
        ("10:00", "10:00", 1, 15 * 3600),
        ("08:00", "23:00", 0, 15 * 3600),
    ],
)
def test_of_a_wait_the_counted_hours_count(asked: str, answered: str, later: int, expected: int) -> None:
    assert seconds(asked, answered, later=later) == expected


@pytest.mark.parametrize(
    ("asked", "answered", "later", "expected"),
    [("23:00", "01:00", 1, 7200), ("03:00", "21:00", 0, 7200), ("20:00", "19:00", 1, 8 * 3600)],
)
def test_counted_hours_may_run_over_midnight(asked: str, answered: str, later: int, expected: int) -> None:
    assert seconds(asked, answered, later=later, definition=NIGHT_SHIFT) == expected


def test_where_the_whole_day_counts_the_whole_wait_does() -> None:
    assert seconds("22:58", "08:02", later=1, definition=ALL_DAY) == (9 * 60 + 4) * 60


def test_an_hour_that_the_clocks_skip_is_no_part_of_a_wait() -> None:
    asked, answered = at("01:00", SPRING, NEW_YORK), at("09:00", SPRING, NEW_YORK)
    assert counted_wait(asked, answered, ALL_DAY, NEW_YORK) == timedelta(hours=7)
    assert counted_wait(asked, answered, M1, NEW_YORK) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("answered", "later", "expected"),
    [("08:02", 1, (1, 240, 1, None)), ("22:58", 1, (1, 15 * 3600, 1, None)), ("22:58:01", 1, (None, None, 1, 1))],
)
def test_more_than_a_day_later_is_no_answer(answered: str, later: int, expected: tuple[int | None, ...]) -> None:
    talk = thread(buyer("22:58"), agent(answered, DAY + timedelta(days=later)))
    found = amounts(tally(talk, now=at("12:00", DAY + timedelta(days=30)), definitions=(M7,)), 22, "shop")
    assert tuple(found.get(name) for name in ("responses", "response_seconds", "slow", "never")) == expected
    assert found.get("first_seconds") == expected[1]


def test_the_robot_s_answer_of_the_next_week_leaves_its_question_unanswered_too() -> None:
    talk = thread(buyer("10:00"), says("robot", "10:00", DAY + timedelta(days=7)))
    found = amounts(tally(talk, now=at("12:00", DAY + timedelta(days=30))), 10, "shop")
    assert (found["slow"], found["never"]) == (1, 1)


@pytest.mark.django_db
def test_a_thank_you_and_the_next_answer_14_days_later_leave_the_mean_as_it_is() -> None:
    shop = make_shop(platform="kuaishou")
    fast = make_agent(shop, "fast")
    talk = make_conversation(shop, "甲")
    say(talk, "buyer", "10:00", dirty=True)
    say(talk, "agent", "10:02", who=fast, dirty=True)
    say(talk, "buyer", "10:03", text="谢谢", dirty=True)
    say(talk, "agent", "10:03", DAY + timedelta(days=14), who=fast, dirty=True)
    overnight = make_conversation(shop, "乙")
    say(overnight, "buyer", "22:58", dirty=True)
    say(overnight, "agent", "08:02", NEXT, who=fast, dirty=True)
    now = at("12:00", DAY + timedelta(days=15))
    sweep_shop(shop=shop, now=now)
    totals = report(shop, Range(DAY, DAY), "day").total.now.amounts
    assert BY_KEY["mean_response"].of(totals) == (120 + 240) / 2
    assert BY_KEY["first_response"].of(totals) == (120 + 240) / 2
    assert (totals["slow"], totals["never"]) == (2, 1)
    assert DayRate.objects.get(shop=shop, date=DAY, metric="human_3m").figures == Figures(0, 2, 0)
    assert check_days(shop=shop, date_from=DAY, date_to=DAY, now=now) == []


@pytest.mark.django_db
def test_what_was_counted_by_the_old_formulas_is_counted_anew() -> None:
    shop = make_shop(platform="kuaishou")
    talk = make_conversation(shop, "甲")
    say(talk, "buyer", "22:58", dirty=True)
    say(talk, "agent", "08:02", NEXT, who=make_agent(shop, "fast"), dirty=True)
    now = at("12:00", NEXT)
    assess(shop=shop, date_from=DAY, date_to=DAY, now=now)
    Rollup.objects.filter(shop=shop, response_seconds__gt=0).update(response_seconds=32_640)
    AssessmentState.objects.filter(shop=shop).update(counted_by="the formulas before")
    sweep_shop(shop=shop, now=now)
    counted = Rollup.objects.filter(shop=shop, response_seconds__gt=0).values_list("response_seconds", flat=True)
    assert set(counted) == {240}
