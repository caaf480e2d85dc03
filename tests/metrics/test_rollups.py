"""Rollups in the database: only what is touched is counted again, and the check against messages finds what is off."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Sum

from agents.models import Shop, SubAccount
from agents.vocabulary import Platform
from conversations.models import Conversation
from conversations.states import ClosedBy, Sender
from metrics.formulas.measures import MEASURES
from metrics.models import AssessmentState, Attendance, BuyerDay, DirtyDay, Rollup, RollupDrift
from metrics.services import assess, check_days, freshen, set_override, sweep_shop
from metrics.services.checking import check_some
from metrics.services.recounting import Recount
from routing import services
from routing.engine.compile import compile_settings
from routing.engine.document import read_document
from routing.engine.telling import by_recent_contact
from routing.engine.vocabulary import MODES, RECENT_RULES
from routing.models import Decision
from tests.metrics.builders import DAY, at
from tests.metrics.rows import make_agent, make_conversation, make_shop, rates, say

pytestmark = [pytest.mark.django_db, pytest.mark.both]
NOON = at("12:00")


@pytest.fixture
def shop() -> Shop:
    return make_shop()


def total(shop: Shop, dimension: str = "shop", **of: Any) -> dict[str, int]:
    rows = Rollup.objects.filter(shop=shop, dimension=dimension, **of)
    return {name: amount for name, amount in rows.aggregate(**{m: Sum(m) for m in MEASURES}).items() if amount}


def rebuilt(shop: Shop, now=NOON) -> bool:
    """Whether the days around are as they would be from their messages."""
    return not check_days(shop=shop, date_from=DAY - timedelta(days=2), date_to=DAY, now=now)


def test_a_message_has_its_own_buyer_counted_again_and_nobody_else(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    services.open_conversation(shop=shop, external_id="c1", buyer="栗子", entry="goods_detail", now=at("10:00"))
    for number in range(5):
        say(make_conversation(shop, f"b{number}"), "buyer", "10:00", seq=0)
    sweep_shop(shop=shop, now=NOON)
    counted: list[int] = []
    take = Recount._take

    def note(self: Recount, span: Any, buyers: list[int], tallies: Any) -> None:
        counted.extend(buyers)
        take(self, span, buyers, tallies)

    monkeypatch.setattr(Recount, "_take", note)
    services.post_message(shop=shop, conversation="c1", sender=Sender.BUYER, text="在吗", now=at("12:01"))
    assert sweep_shop(shop=shop, now=at("12:01"))
    assert len(counted) == 1
    assert rebuilt(shop, at("12:01"))


def test_closing_rating_and_transfer_reach_the_rollups_by_the_next_sweep(shop: Shop) -> None:
    for name in ("a1", "a2"):
        make_agent(shop, name)
        services.set_presence(shop=shop, agent=name, status="online", now=at("09:00"))
    services.open_conversation(shop=shop, external_id="c1", buyer="栗子", entry="goods_detail", now=at("10:00"))
    sweep_shop(shop=shop, now=at("10:01"))
    first = Decision.objects.get(shop=shop).agent.name
    other = "a2" if first == "a1" else "a1"
    services.transfer_conversation(shop=shop, conversation="c1", by=first, to=other, now=at("10:02"))
    sweep_shop(shop=shop, now=at("10:03"))
    assert (total(shop)["transferred_in"], total(shop)["transferred_out"]) == (1, 1)
    services.close_conversation(shop=shop, conversation="c1", by=ClosedBy.AGENT, now=at("10:30"))
    sweep_shop(shop=shop, now=at("10:31"))
    assert (total(shop)["closed"], total(shop)["handling_seconds"]) == (1, 30 * 60)
    services.rate_conversation(
        conversation=Conversation.objects.get(shop=shop), satisfied=True, word="", now=at("10:40")
    )
    sweep_shop(shop=shop, now=at("10:41"))
    assert total(shop, "agent", key=str(SubAccount.objects.get(shop=shop, name=other).pk))["satisfied"] == 1
    assert rebuilt(shop)


def test_a_conversation_over_midnight_is_handled_on_the_day_that_it_was_given(shop: Shop) -> None:
    make_agent(shop, "a1")
    services.set_presence(shop=shop, agent="a1", status="online", now=at("09:00", DAY - timedelta(days=1)))
    services.open_conversation(
        shop=shop, external_id="c1", buyer="栗子", entry="goods_detail", now=at("23:50", DAY - timedelta(days=1))
    )
    sweep_shop(shop=shop, now=at("00:01"))
    services.close_conversation(shop=shop, conversation="c1", by=ClosedBy.AGENT, now=at("00:10"))
    sweep_shop(shop=shop, now=at("00:11"))
    assert total(shop, date=DAY - timedelta(days=1))["handling_seconds"] == 20 * 60
    assert rebuilt(shop)


def test_what_is_dated_later_than_now_is_counted_when_its_time_has_come(shop: Shop) -> None:
    talk = make_conversation(shop)
    say(talk, "buyer", "11:59", dirty=True)
    say(talk, "agent", "12:30", dirty=True)
    sweep_shop(shop=shop, now=NOON)
    assert "responses" not in total(shop)
    assert not sweep_shop(shop=shop, now=at("12:02"))
    sweep_shop(shop=shop, now=at("12:31"))
    assert total(shop)["responses"] == 1


def test_an_answer_of_tomorrow_that_is_known_today_is_waited_for(shop: Shop) -> None:
    talk = make_conversation(shop)
    say(talk, "buyer", "20:00", dirty=True)
    say(talk, "agent", "10:00", DAY + timedelta(days=1), dirty=True)
    sweep_shop(shop=shop, now=at("23:00"))
    assert total(shop)["never"] == 1
    sweep_shop(shop=shop, now=at("10:01", DAY + timedelta(days=1)))
    assert "never" not in total(shop, date=DAY)
    assert total(shop, date=DAY)["responses"] == 1


def test_a_day_of_nothing_but_routing_is_counted(shop: Shop) -> None:
    services.open_conversation(shop=shop, external_id="c1", buyer="栗子", entry="goods_detail", now=at("10:00"))
    sweep_shop(shop=shop, now=at("10:00:30"))
    assert total(shop)["waits"] == 1
    assert total(shop, "entry", key="goods_detail")["waits"] == 1


def test_hours_of_attendance_and_the_most_at_once(shop: Shop) -> None:
    make_agent(shop, "a1")
    services.set_presence(shop=shop, agent="a1", status="online", now=at("09:30"))
    for number, clock in enumerate(("09:40", "09:50", "10:10")):
        services.open_conversation(
            shop=shop, external_id=f"c{number}", buyer=f"b{number}", entry="goods_detail", now=at(clock)
        )
    services.close_conversation(shop=shop, conversation="c0", by=ClosedBy.AGENT, now=at("09:55"))
    services.set_presence(shop=shop, agent="a1", status="break", now=at("10:45"))
    sweep_shop(shop=shop, now=at("11:15"))
    rows = Attendance.objects.filter(shop=shop).order_by("hour")
    told = list(rows.values_list("hour", "online_seconds", "break_seconds", "most_open"))
    assert told == [(9, 1800, 0, 2), (10, 2700, 900, 2), (11, 0, 900, 2)]


def test_the_check_finds_a_line_that_was_changed_and_the_next_sweep_mends_it(shop: Shop) -> None:
    say(make_conversation(shop), "buyer", "10:00", dirty=True)
    sweep_shop(shop=shop, now=NOON)
    Rollup.objects.filter(shop=shop, dimension="shop", hour=10).update(questions=7)
    [drift] = check_days(shop=shop, date_from=DAY, date_to=DAY, now=NOON)
    assert (drift.date, drift.lines) == (DAY, 1)
    assert drift.sample[0][0] == [10, "shop", ""]
    sweep_shop(shop=shop, now=NOON)
    assert total(shop)["questions"] == 1
    assert rebuilt(shop)
    assert RollupDrift.objects.count() == 1


def test_the_check_passes_over_a_day_that_is_about_to_change(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    say(make_conversation(shop), "buyer", "10:00", dirty=True)
    sweep_shop(shop=shop, now=NOON)
    tallies = Recount.tallies

    def late(self: Recount, wanted: Any) -> Any:
        """A message that comes after the sweep, and before the check has read."""
        say(make_conversation(shop, "later"), "buyer", "10:00", dirty=True)
        return tallies(self, wanted)

    monkeypatch.setattr(Recount, "tallies", late)
    assert check_days(shop=shop, date_from=DAY, date_to=DAY, now=NOON) == []
    assert DirtyDay.objects.filter(shop=shop, date=DAY).exists()


def test_the_nightly_check_takes_yesterday_and_a_day_that_differs_from_date_to_date(shop: Shop) -> None:
    say(make_conversation(shop), "buyer", "10:00", DAY - timedelta(days=1), dirty=True)
    sweep_shop(shop=shop, now=NOON)
    Rollup.objects.filter(shop=shop).update(questions=7)
    assert [drift.date for drift in check_some(shop=shop, now=NOON)] == [DAY - timedelta(days=1)]


def test_the_command_says_what_differs_and_fails(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    say(make_conversation(shop), "buyer", "10:00", dirty=True)
    assess(shop=shop, date_from=DAY, date_to=DAY, now=at("12:00", DAY + timedelta(days=3)))
    asked = ["--shop", shop.slug, "--from", str(DAY), "--to", str(DAY)]
    call_command("check_rollups", *asked)
    assert "as the messages say" in capsys.readouterr().out
    Rollup.objects.filter(shop=shop, dimension="entry").update(questions=9)
    with pytest.raises(CommandError, match="1 days differ"):
        call_command("check_rollups", *asked)


def test_another_definition_counts_its_days_anew_and_leaves_nothing_of_the_old(shop: Shop) -> None:
    talk = make_conversation(shop)
    say(talk, "buyer", "10:00", dirty=True)
    say(talk, "robot", "10:01", dirty=True)
    sweep_shop(shop=shop, now=NOON)
    set_override(shop=shop, metric="reply_5m", valid_from=DAY, counts_robot=False)
    sweep_shop(shop=shop, now=NOON)
    assert rates(shop).figures.failed == 1
    assert rebuilt(shop)


def test_another_release_counts_everything_from_the_beginning(shop: Shop) -> None:
    for back in range(40):
        say(make_conversation(shop), "buyer", "10:00", DAY - timedelta(days=back), dirty=True)
    sweep_shop(shop=shop, now=NOON)
    Rollup.objects.filter(shop=shop).update(questions=7)
    BuyerDay.objects.filter(shop=shop).delete()
    AssessmentState.objects.filter(shop=shop).update(counted_by="an older release")
    sweep_shop(shop=shop, now=NOON)
    assert total(shop)["questions"] == 40
    assert BuyerDay.objects.filter(shop=shop).count() == 40


@pytest.mark.parametrize("platform", list(Platform))
def test_the_rules_of_recent_contact_are_those_of_the_engine(platform: Platform) -> None:
    group = {"name": "g", "members": [{"account": "a1"}]}
    ways = [{}] + [{"mode": mode.value, "groups": [group]} for mode in MODES.get(platform, ())]
    for way in ways:
        document = read_document(way, platform, ["a1"])
        for step in compile_settings(document, platform, 1).steps:
            if step.kind == "recent_contact":
                assert by_recent_contact(step.rule, [{"rule": step.rule, "found": "recent_agent_online"}])
            elif step.rule != "KS1":
                assert step.rule not in RECENT_RULES
    assert not by_recent_contact("KS1", [{"rule": "KS1", "candidates": {}}])


def test_who_opens_a_page_does_not_wait_for_a_whole_history_to_be_counted(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("metrics.services.sweeping.MUCH", 3)
    assert freshen(shop=shop, now=NOON) is None
    for number in range(4):
        say(make_conversation(shop, f"b{number}"), "buyer", "10:00", dirty=True)
    assert freshen(shop=shop, now=at("12:05")) == NOON
    assert "questions" not in total(shop)
    sweep_shop(shop=shop, now=at("12:06"))
    assert freshen(shop=shop, now=at("12:07")) is None
    assert total(shop)["questions"] == 4
    AssessmentState.objects.filter(shop=shop).update(counted_by="an older release")
    assert freshen(shop=shop, now=at("12:08")) == at("12:06")
