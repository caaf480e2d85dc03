"""P7: how many in a row bring a window to the line, and where the day ends at its present pace."""

from dataclasses import replace
from datetime import date, time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics.formulas.forecast import at_present_pace, forecast, part_gone, units_to_line
from metrics.formulas.units import Figures
from tests.metrics.builders import DAY, M1, M4, NEW_YORK, SHANGHAI, at

HALF = Fraction(1, 2)
counts = st.integers(0, 400)
lines = st.fractions(min_value=Fraction(1, 100), max_value=Fraction(99, 100), max_denominator=100)


@given(passed=counts, failed=counts, line=lines)
def test_so_many_are_enough_and_one_fewer_is_not(passed: int, failed: int, line: Fraction) -> None:
    needed = units_to_line(Figures(passed, failed), line)
    assert needed is not None
    assert needed >= 0
    assert passed + needed >= line * (passed + failed + needed)
    if needed:
        assert passed + needed - 1 < line * (passed + failed + needed - 1)


@pytest.mark.parametrize(
    ("passed", "failed", "line", "needed"),
    [(0, 0, HALF, 0), (5, 5, HALF, 0), (4, 6, HALF, 2), (0, 7, HALF, 7), (7, 3, Fraction(8, 10), 5)],
)
def test_worked_cases(passed: int, failed: int, line: Fraction, needed: int) -> None:
    assert units_to_line(Figures(passed, failed), line) == needed


def test_a_line_of_all_is_out_of_reach_once_one_has_failed() -> None:
    assert units_to_line(Figures(9, 1), Fraction(1)) is None
    assert units_to_line(Figures(9, 0), Fraction(1)) == 0


def test_the_rest_of_the_day_goes_on_as_it_went() -> None:
    """Two bad days of 10 each, 2 passed; today 8 of 10 by half of the hours: another 8 of 10 are to come."""
    window, own = Figures(2 + 8, 18 + 2), Figures(8, 2)
    assert at_present_pace(window, own, HALF) == Fraction(18, 40)
    assert at_present_pace(window, own, Fraction(1)) == Fraction(10, 30)


def test_before_anything_is_decided_nothing_is_foretold() -> None:
    assert at_present_pace(Figures(3, 3), Figures(), HALF) is None
    assert at_present_pace(Figures(3, 3), Figures(1, 0), Fraction(0)) is None


@pytest.mark.parametrize(
    ("clock", "gone"),
    [("00:00", 0), ("07:59:59", 0), ("08:00:00", 0), ("15:30", HALF), ("23:00:00", 1), ("23:59", 1)],
)
def test_how_much_of_the_counted_hours_is_over(clock: str, gone: Fraction) -> None:
    assert part_gone(M1, DAY, at(clock), SHANGHAI) == gone


def test_a_day_that_changes_its_clocks_has_its_own_length() -> None:
    spring = date(2026, 3, 8)
    whole_day = replace(M1, service_from=time(0), service_to=time(0))
    noon = at("12:00", spring, NEW_YORK)
    assert part_gone(whole_day, spring, noon, NEW_YORK) == Fraction(11, 23)
    assert part_gone(M1, spring, at("15:30", spring, NEW_YORK), NEW_YORK) == HALF


def test_a_metric_without_a_line_has_no_forecast() -> None:
    assert forecast(M4, Figures(1, 9), Figures(1, 9), DAY, at("12:00"), SHANGHAI) is None
    found = forecast(M1, Figures(4, 6), Figures(4, 6), DAY, at("15:30"), SHANGHAI)
    assert found is not None
    assert (found.needed, found.rate, found.passes) == (2, Fraction(2, 5), False)
