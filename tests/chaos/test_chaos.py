"""The checker itself finds each of the faults that it is there for (the trial: test_trial.py)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.chaos.checker import _replayed, _wrong_rates
from tests.chaos.counting import METRICS, NOTHING, Said, rates, removals

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 4, tzinfo=UTC)


SHOP = {"slug": "s", "cap": 1}


def opened(pk: int, holder: int | None, was: list[object] | None = None) -> dict[str, object]:
    state = "queued" if holder is None else "open"
    return {"conversations": [{"id": pk, "was": was, "now": [state, holder]}]}


def test_who_is_over_the_cap_is_found_unless_a_rule_says_so() -> None:
    events = [(1, opened(1, 7)), (2, opened(2, 7))]
    for rule, expected in (("PDD4", 1), ("PDD1", 0)):
        decisions = {1: [(1, "PDD4", "", 7)], 2: [(2, rule, "", 7)]}
        assert len(list(_replayed(SHOP, events, decisions))) == expected


def test_who_is_taken_before_their_turn_is_found() -> None:
    events = [(1, opened(1, None)), (2, opened(2, None)), (3, opened(2, 7, ["queued", None]))]
    decisions = {n: [(n, "DY7", "entry:live", None)] for n in (1, 2)} | {3: [(2, "DY3", "", 7)]}
    [wrong] = _replayed(SHOP, events, decisions)
    assert "before [1]" in wrong
    in_turn = [*events[:2], (3, opened(1, 7, ["queued", None]))]
    assert not list(_replayed(SHOP, in_turn, decisions | {3: [(1, "DY3", "", 7)]}))


def said(clock: str, sender: str, conversation: int = 1) -> Said:
    at = datetime.combine(DAY, datetime.strptime(clock, "%H:%M:%S").time(), SHANGHAI)
    return Said(conversation, "b1", f"{conversation} {clock} {sender}", sender, at)


@pytest.mark.parametrize(
    ("talk", "expected"),
    [
        ([said("10:00:00", "buyer"), said("10:05:00", "agent")], "passed"),
        ([said("10:00:00", "buyer"), said("10:05:01", "agent")], "failed"),
        ([said("23:00:00", "buyer")], None),
        ([said("22:58:00", "buyer"), said("23:02:00", "agent")], "passed"),
        ([said("10:00:00", "buyer"), said("10:01:00", "agent"), said("11:00:00", "buyer", 2)], "failed"),
    ],
)
def test_the_recount_follows_the_document(talk: list[Said], expected: str | None) -> None:
    found = rates("pinduoduo", talk, SHANGHAI, NOW).get(("reply_5m", DAY))
    assert found == (None if expected is None else NOTHING | {expected: 1})


@pytest.mark.parametrize(
    ("told", "right"),
    [
        ({"passed": 2, "failed": 3, "pending": 4}, True),
        ({"passed": 2, "failed": 4, "pending": 3}, True),
        ({"passed": 2, "failed": 2, "pending": 5}, False),
        ({"passed": 2, "failed": 5, "pending": 2}, False),
        ({"passed": 3, "failed": 3, "pending": 3}, False),
        ({"passed": 2, "failed": 3, "pending": 3}, False),
    ],
)
def test_what_failed_while_the_answer_was_on_its_way_is_no_fault(told: dict[str, int], right: bool) -> None:
    before, after = {"passed": 2, "failed": 3, "pending": 4}, {"passed": 2, "failed": 4, "pending": 3}
    of_day = {(metric, DAY): before for metric in METRICS["douyin"]}
    answer = {"metrics": [{"metric": metric, "rows": [told | {"date": str(DAY)}]} for metric, _ in of_day]}
    wrong = _wrong_rates({"slug": "s", "platform": "douyin"}, answer, of_day, dict.fromkeys(of_day, after))
    assert (not list(wrong)) == right


def test_the_recount_of_windows_follows_the_document() -> None:
    def days(*failed: bool) -> dict[tuple[str, date], dict[str, int]]:
        return {
            ("reply_5m", DAY + timedelta(days=n)): {"passed": 0 if bad else 9, "failed": 9 if bad else 0}
            for n, bad in enumerate(failed)
        }

    def window(opened: int, end: int, *prolonged: int) -> tuple[date, date, tuple[date, ...]]:
        return DAY + timedelta(opened), DAY + timedelta(end), tuple(DAY + timedelta(n) for n in prolonged)

    end = DAY + timedelta(days=9)
    assert removals(days(True, False, False), DAY, end) == [window(0, 4)]
    assert removals(days(True, True, False, False), DAY, end) == [window(0, 5, 1)]
    assert removals(days(False, False, False), DAY, end) == []
