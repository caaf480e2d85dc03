"""Assessing shop days in the database: figures, windows, late messages (P5), holders, definitions."""

from datetime import date, timedelta

import pytest

from agents.models import Shop
from conversations.states import Sender
from metrics.formulas.units import Figures
from metrics.models import Alert, AssessmentState, DayRate, DirtyDay, PenaltyWindow
from metrics.selectors import reply_rates
from metrics.services import assess, set_override, sweep_shop
from routing import services
from tests.metrics.builders import DAY, at
from tests.metrics.rows import ask, decide, make_agent, make_conversation, make_shop, rates, say

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def days_later(number: int) -> date:
    return DAY + timedelta(days=number)


NOW = at("12:00", days_later(6))


@pytest.fixture
def shop() -> Shop:
    return make_shop()


def run(shop: Shop, first: date = DAY, last: date | None = None, now=NOW) -> None:
    assess(shop=shop, date_from=first, date_to=last or first, now=now)


def windows(shop: Shop, kind: str = "ad_removal") -> list[tuple[int, str, list[int]]]:
    """(number of the opening day, state, numbers of the prolonging days) of the kind's windows."""
    rows = PenaltyWindow.objects.filter(shop=shop, kind=kind).order_by("opened_on")
    return [
        (
            (row.opened_on - DAY).days,
            row.state,
            [(p.date - DAY).days for p in row.prolongations.filter(withdrawn_at=None)],
        )
        for row in rows
    ]


def test_a_days_figures_and_its_windows_with_days_before_the_asked_range(shop: Shop) -> None:
    ask(shop, days_later(-2), answered=1)
    ask(shop, days_later(-1), answered=1, missed=1)
    ask(shop, DAY, missed=2)
    run(shop)
    row = rates(shop)
    assert (row.figures, row.window) == (Figures(0, 2), Figures(2, 3))
    assert (row.assessed, row.passes, row.own_passes) == (True, False, False)


def test_nothing_asked_has_figures_of_zero_and_is_not_assessed(shop: Shop) -> None:
    run(shop)
    assert rates(shop).figures == Figures()
    assert rates(shop).assessed is False


def test_two_conversations_of_one_buyer_are_one_unit(shop: Shop) -> None:
    for answer in ("10:01", "10:30"):
        talk = make_conversation(shop, "same")
        say(talk, "buyer", "10:00")
        say(talk, "agent", answer)
    run(shop)
    assert rates(shop).figures == Figures(0, 1)
    assert rates(shop, metric="reply_60m").figures == Figures(1, 0)


def test_the_running_day_is_counted_and_not_assessed(shop: Shop) -> None:
    ask(shop, DAY, answered=1, missed=1)
    run(shop, now=at("10:04"))
    row = rates(shop)
    assert (row.figures, row.assessed, row.passes) == (Figures(1, 0, 1), False, None)
    assert PenaltyWindow.objects.count() == 0


def test_messages_later_than_now_are_not_looked_at(shop: Shop) -> None:
    ask(shop, DAY, answered=1)
    run(shop, now=at("10:00:30"))
    assert rates(shop).figures == Figures(pending=1)


def test_P5_assessing_twice_changes_nothing_and_alerts_once(shop: Shop) -> None:
    ask(shop, DAY, missed=1)
    ask(shop, days_later(1), missed=1)
    run(shop, DAY, days_later(1))
    before = list(Alert.objects.values_list("window__kind", "event", "date"))
    rows = list(DayRate.objects.order_by("pk").values_list("pk", "metric", "date", "passed", "failed"))
    run(shop, DAY, days_later(1))
    run(shop, days_later(1))
    assert list(Alert.objects.values_list("window__kind", "event", "date")) == before
    assert list(DayRate.objects.order_by("pk").values_list("pk", "metric", "date", "passed", "failed")) == rows
    assert windows(shop) == [(0, "ended", [1])]


def test_P5_a_late_message_that_cures_the_day_withdraws_its_window_and_keeps_it(shop: Shop) -> None:
    talk = make_conversation(shop)
    say(talk, "buyer", "10:00")
    run(shop, now=at("00:00", days_later(1)))
    assert windows(shop) == [(0, "open", [])]
    say(talk, "agent", "10:02", dirty=True)
    run(shop, days_later(3))
    assert windows(shop) == [(0, "withdrawn", [])]
    assert (
        Alert.objects.filter(window__kind="ad_removal").order_by("pk").values_list("event", flat=True)[1] == "withdrawn"
    )


def test_P5_a_window_whose_opening_day_is_cured_opens_later_if_a_later_day_fails(shop: Shop) -> None:
    talk = make_conversation(shop)
    say(talk, "buyer", "10:00")
    ask(shop, days_later(1), missed=3)
    run(shop, DAY, days_later(1), now=at("12:00", days_later(2)))
    assert windows(shop) == [(0, "open", [1])]
    say(talk, "agent", "10:02", dirty=True)
    run(shop, DAY, now=at("13:00", days_later(2)))
    assert windows(shop) == [(0, "withdrawn", [1]), (1, "open", [])]


def test_P5_a_cured_prolongation_is_taken_back_and_the_window_ends_earlier(shop: Shop) -> None:
    ask(shop, DAY, missed=1)
    talk = make_conversation(shop)
    say(talk, "buyer", "10:00", days_later(2))
    run(shop, DAY, days_later(2), now=at("12:00", days_later(3)))
    assert windows(shop) == [(0, "open", [2])]
    say(talk, "agent", "10:02", days_later(2), dirty=True)
    run(shop, days_later(5))
    assert windows(shop) == [(0, "ended", [])]


def test_P5_a_late_message_reassesses_every_later_day(shop: Shop) -> None:
    ask(shop, days_later(2), answered=2)
    run(shop, DAY, days_later(2))
    assert rates(shop, days_later(2)).passes is True
    for _ in range(3):
        say(make_conversation(shop, f"late{_}"), "buyer", "10:00", DAY, dirty=True)
    run(shop, DAY)
    row = rates(shop, days_later(2))
    assert (row.window, row.passes) == (Figures(2, 3), False)


def test_P3_timed_windows_end_by_themselves_and_say_so_once(shop: Shop) -> None:
    ask(shop, DAY, missed=1)
    run(shop, now=at("00:00", days_later(1)))
    assert windows(shop) == [(0, "open", [])]
    assert sweep_shop(shop=shop, now=at("00:00", days_later(4)))
    sweep_shop(shop=shop, now=at("00:01", days_later(4)))
    assert windows(shop) == [(0, "ended", [])]
    assert windows(shop, "activity_ban") == [(0, "open", [])]
    assert Alert.objects.filter(event="ended", window__kind="ad_removal").count() == 1


def test_P2_the_last_day_of_a_window_prolongs_it_before_it_can_end(shop: Shop) -> None:
    ask(shop, DAY, missed=1)
    run(shop, now=at("00:00", days_later(1)))
    ask(shop, days_later(3), missed=1)
    sweep_shop(shop=shop, now=at("00:00", days_later(4)))
    assert windows(shop) == [(0, "open", [3])]
    assert not Alert.objects.filter(event="ended", window__kind="ad_removal").exists()


def test_a_day_counted_while_it_ran_is_assessed_when_the_jobs_were_down_for_days(shop: Shop) -> None:
    ask(shop, DAY, missed=1)
    sweep_shop(shop=shop, now=at("10:01"))
    assert windows(shop) == []
    sweep_shop(shop=shop, now=at("10:00", days_later(3)))
    assert rates(shop).figures == Figures(0, 1)
    assert windows(shop) == [(0, "open", [])]


@pytest.mark.parametrize("sender", ["robot", "agent"])
def test_the_cursor_finds_the_days_of_late_messages(shop: Shop, sender: str) -> None:
    talk = make_conversation(shop, imported=False)
    say(talk, "buyer", "10:00", seq=1)
    sweep_shop(shop=shop, now=NOW)
    assert rates(shop).figures == Figures(0, 1)
    say(talk, sender, "10:03", seq=2)
    assert sweep_shop(shop=shop, now=NOW)
    assert rates(shop).figures == Figures(1, 0)


def test_a_quiet_shop_has_no_work(shop: Shop) -> None:
    ask(shop, days_later(6), answered=1)
    assert sweep_shop(shop=shop, now=NOW)
    assert not sweep_shop(shop=shop, now=NOW + timedelta(minutes=1))


def test_pending_questions_are_counted_again_as_time_goes_by(shop: Shop) -> None:
    say(make_conversation(shop), "buyer", "11:58", days_later(6))
    sweep_shop(shop=shop, now=NOW)
    assert rates(shop, days_later(6)).figures == Figures(pending=1)
    assert sweep_shop(shop=shop, now=NOW + timedelta(minutes=4))
    assert rates(shop, days_later(6)).figures == Figures(failed=1)


def test_dirty_days_are_done_once(shop: Shop) -> None:
    say(make_conversation(shop), "buyer", "10:00", dirty=True)
    say(make_conversation(shop), "buyer", "10:00", days_later(9), dirty=True)
    run(shop, days_later(5))
    assert rates(shop).figures == Figures(0, 1)
    assert {row.date for row in DirtyDay.objects.all()} == {days_later(9)}


def agent_figures(shop: Shop) -> dict[str | None, Figures]:
    [found] = [metric for metric in reply_rates(shop, DAY, DAY, by="agent") if metric.key == "reply_5m"]
    return {row.agent: row.figures for row in found.rows}


def test_who_gets_it_after_a_silence_is_charged_from_then_on(shop: Shop) -> None:
    for name in ("a1", "a2"):
        make_agent(shop, name)
    rule = {"enabled": True, "after_seconds": 120, "times": 1}
    services.publish(shop=shop, document={"silence": rule}, now=at("09:00"))
    services.set_presence(shop=shop, agent="a1", status="online", now=at("09:30"))
    for name in ("late", "in time", "before"):
        services.open_conversation(shop=shop, external_id=name, buyer=name, entry="goods_detail", now=at("10:00"))
        services.post_message(shop=shop, conversation=name, sender=Sender.BUYER, text="在吗", now=at("10:00"))
    services.set_presence(shop=shop, agent="a2", status="online", now=at("10:01"))
    services.post_message(shop=shop, conversation="before", sender=Sender.AGENT, text="在的", now=at("10:01"))
    services.post_message(shop=shop, conversation="in time", sender=Sender.AGENT, text="在的", now=at("10:04"))
    services.run_time_outs(shop=shop, now=at("10:30"))
    run(shop)
    assert agent_figures(shop) == {"a1": Figures(1, 0), "a2": Figures(1, 1)}


def test_live_conversations_are_charged_by_their_decisions(shop: Shop) -> None:
    first, second = make_agent(shop, "a1"), make_agent(shop, "a2")
    talk = make_conversation(shop, imported=False)
    decide(talk, "10:00", first)
    decide(talk, "10:20", second)
    say(talk, "buyer", "10:00")
    say(talk, "agent", "10:25", who=second)
    waiting = make_conversation(shop, "other", imported=False)
    decide(waiting, "11:00", None)
    say(waiting, "buyer", "11:00")
    run(shop)
    assert agent_figures(shop) == {"a1": Figures(0, 1), None: Figures(0, 1)}


def test_history_is_charged_to_the_next_writer_even_days_later_else_to_the_last_before(shop: Shop) -> None:
    first, second, third = (make_agent(shop, name) for name in ("a1", "a2", "a3"))
    later = make_conversation(shop, "later")
    say(later, "agent", "10:00", days_later(-4), who=first)
    say(later, "buyer", "10:00")
    say(later, "agent", "10:00", days_later(4), who=second)
    before = make_conversation(shop, "before")
    say(before, "agent", "10:00", days_later(-4), who=third)
    say(before, "buyer", "10:00")
    say(make_conversation(shop, "nobody"), "buyer", "10:00")
    run(shop)
    assert agent_figures(shop) == {"a2": Figures(0, 1), "a3": Figures(0, 1), None: Figures(0, 1)}


def test_a_shop_may_say_that_the_robot_does_not_count(shop: Shop) -> None:
    talk = make_conversation(shop)
    say(talk, "buyer", "10:00")
    say(talk, "robot", "10:01")
    run(shop)
    assert rates(shop).figures == Figures(1, 0)
    set_override(shop=shop, metric="reply_5m", valid_from=DAY, counts_robot=False)
    run(shop, days_later(1))
    assert rates(shop).figures == Figures(0, 1)
    assert rates(shop, metric="reply_15m").figures == Figures(1, 0)


def test_one_shop_does_not_see_another(shop: Shop) -> None:
    ask(make_shop(), DAY, missed=3)
    ask(shop, DAY, answered=1)
    run(shop)
    assert rates(shop).figures == Figures(1, 0)
    assert PenaltyWindow.objects.count() == 0


def test_more_conversations_than_fit_in_a_chunk_count_the_same(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("metrics.selectors.raw_days.CHUNK", 2)
    monkeypatch.setattr("metrics.services.following.CHUNK", 2)
    ask(shop, DAY, answered=4, missed=3)
    for _ in range(4):
        say(make_conversation(shop, "one buyer"), "buyer", "10:00")
    run(shop)
    assert rates(shop).figures == Figures(4, 4)


def test_days_counted_before_a_metric_came_to_the_product_are_counted_again_with_it(shop: Shop) -> None:
    ask(shop, DAY, answered=1)
    run(shop)
    DayRate.objects.filter(shop=shop, metric="human_3m").delete()
    AssessmentState.objects.filter(shop=shop).update(counted_by="an older release")
    assert sweep_shop(shop=shop, now=NOW)
    assert rates(shop, metric="human_3m").figures == Figures(1)
