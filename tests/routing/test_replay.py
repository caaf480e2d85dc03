"""A day once more under other settings: buyers as they came, answers as long after the question as they took."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agents.vocabulary import Platform, Status
from conversations.states import ClosedBy, Sender
from routing.engine.compile import compile_settings
from routing.engine.document import read_document
from routing.engine.types import Agent, Contact
from routing.simulator.past import Day, Outcomes, Past, Spoken, percentile, usual_answer
from routing.simulator.replay import Cancelled, replay

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 3, 1, 16, tzinfo=UTC)  # 00:00 of 03-02 in Shanghai
NAMES = ("a1", "a2")


def clock(text: str) -> datetime:
    hours, minutes, *seconds = (int(part) for part in text.split(":"))
    return START + timedelta(hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)


def asks(at: str) -> Spoken:
    return Spoken(clock(at), Sender.BUYER)


def answers(at: str, *, away: bool = False) -> Spoken:
    return Spoken(clock(at), Sender.AGENT, away=away)


def past(
    name: str, opened: str, *messages: Spoken, assigned: str = "", again: str = "", closed: str = "", **more: Any
) -> Past:
    return Past(
        id=name,
        buyer=more.pop("buyer", f"b-{name}"),
        opened_at=clock(opened),
        entry="goods_detail",
        messages=messages,
        assigned=[clock(text) for text in (assigned, again) if text],
        closed_at=clock(closed) if closed else None,
        closed_by=more.pop("closed_by", ClosedBy.AGENT if closed else None),
        **more,
    )


def day(*pasts: Past, cap: int | None = None, contacts: dict[str, Contact] | None = None, **switches: Any) -> Day:
    """`a1=[("08:00", "online")]`: who switched to what when; without it online from 08:00."""
    presences = [
        (clock(at), name, Status(status)) for name in NAMES for at, status in switches.get(name, [("08:00", "online")])
    ]
    return Day(
        start=START,
        end=START + timedelta(days=1),
        zone=ZONE,
        seed=7,
        agents=[Agent(name, max_concurrent=cap) for name in NAMES],
        presences=sorted(presences),
        pasts=pasts,
        contacts=contacts or {},
    )


def run(of: Day, **document: Any) -> Outcomes:
    whole = read_document(document, Platform.PINDUODUO, NAMES)
    return replay(of, compile_settings(whole, Platform.PINDUODUO, 1))


ONLY_A1 = {"pages": {"goods_detail": ["a1"]}}
ONLY_A2 = {"pages": {"goods_detail": ["a2"]}}


def answered_at(found: Outcomes, name: str) -> list[str]:
    times = [spoken.at for spoken in found.said[name] if spoken.sender == Sender.AGENT]
    return [f"{at.astimezone(ZONE):%H:%M:%S}" for at in times]


def test_the_settings_decide_who_gets_it_not_who_really_had_it() -> None:
    of = day(past("c1", "09:00", asks("09:00"), answers("09:02"), assigned="09:00"))
    assert run(of, **ONLY_A1).received == {"a1": 1}
    assert run(of, **ONLY_A2).received == {"a2": 1}
    assert run(of, **ONLY_A2).first == {"c1": "a2"}


def test_an_answer_takes_as_long_from_being_held_as_it_really_took() -> None:
    """Really it waited for ten minutes and was then answered within two; held at once it is answered at 09:02."""
    of = day(past("c1", "09:00", asks("09:00"), answers("09:12"), assigned="09:10"))
    assert answered_at(run(of, **ONLY_A1), "c1") == ["09:02:00"]


def test_who_waits_is_answered_as_much_later() -> None:
    first = past("c1", "09:00", asks("09:00"), answers("09:01"), assigned="09:00", closed="09:30")
    second = past("c2", "09:05", asks("09:05"), answers("09:06"), assigned="09:05")
    found = run(day(first, second, cap=1, a2=[]), **ONLY_A1)
    assert found.waits == [timedelta(minutes=25)]
    assert answered_at(found, "c2") == ["09:31:00"]
    assert found.most_at_once == {"a1": 1, "a2": 0}


def test_answers_keep_their_order_and_come_after_their_question() -> None:
    of = day(past("c1", "09:00", asks("09:00"), answers("09:20"), asks("09:21"), answers("09:22"), assigned="09:19"))
    assert answered_at(run(of, **ONLY_A1), "c1") == ["09:01:00", "09:22:00"]


def test_who_is_still_waiting_when_the_day_is_over_is_counted() -> None:
    found = run(day(past("c1", "23:30", asks("23:30")), a1=[], a2=[]))
    assert (found.unassigned, found.waits) == (1, [timedelta(minutes=30)])


def test_a_buyer_who_leaves_the_line_waited_until_then() -> None:
    gone = past("c1", "09:00", asks("09:00"), closed="09:10", closed_by=ClosedBy.BUYER)
    found = run(day(gone, a1=[], a2=[]))
    assert (found.unassigned, found.waits) == (0, [timedelta(minutes=10)])


def test_who_had_their_time_and_did_not_use_it_does_not_answer_faster_than_they_did() -> None:
    """Really a1 held it for an hour and went; a2 then answered within two minutes. a1 alone answers when a2 did."""
    of = day(past("c1", "09:00", asks("09:00"), answers("10:02"), assigned="09:00", again="10:00"))
    assert answered_at(run(of, **ONLY_A1), "c1") == ["10:02:00"]
    leaves = day(
        past("c1", "09:00", asks("09:00"), answers("10:02"), assigned="09:00", again="10:00"),
        a1=[("08:00", "online"), ("09:30", "offline")],
    )
    assert answered_at(run(leaves, **ONLY_A1), "c1") == ["09:32:00"]


def test_who_never_got_an_answer_gets_one_after_the_days_usual_time() -> None:
    answered = past("c1", "09:00", asks("09:00"), answers("09:03"), assigned="09:00")
    ignored = past("c2", "10:00", asks("10:00"))
    assert usual_answer([answered, ignored]) == timedelta(minutes=3)
    assert answered_at(run(day(answered, ignored), **ONLY_A1), "c2") == ["10:03:00"]


def test_nobody_answers_while_offline_but_by_phone_where_they_really_did() -> None:
    """The offline list gives it to a1 at night: answered when a1 is there, unless it really was answered from away."""
    night = {"offline": {"agents": ["a1"]}}
    of = day(past("c1", "03:00", asks("03:00"), answers("08:02"), assigned="08:00"))
    assert answered_at(run(of, **night), "c1") == ["08:02:00"]
    by_phone = day(past("c1", "03:00", asks("03:00"), answers("03:05", away=True), assigned="03:00"))
    assert answered_at(run(by_phone, **night), "c1") == ["03:05:00"]
    assert run(by_phone, **night).offline == {"a1": 1}


def test_what_was_open_when_the_day_began_holds_its_place() -> None:
    standing = past("c0", "-2:0", held_by="a1", assigned="-2:0", closed="10:00")
    fresh = past("c1", "09:00", asks("09:00"), answers("09:01"), assigned="09:00")
    found = run(day(standing, fresh, cap=1, a2=[]), **ONLY_A1)
    assert found.waits == [timedelta(hours=1)]
    assert found.received == {"a1": 1}  # what stood before is nobody's receiving of today


def test_a_question_of_the_night_before_goes_to_whoever_comes_first() -> None:  # G9
    standing = past("c0", "-2:0", held_by="a1", assigned="-2:0", unanswered_since=clock("-1:0"))
    found = run(day(standing, a1=[], a2=[("08:00", "online")]))
    assert found.received == {"a2": 1}


def test_the_recent_agent_of_days_before_counts() -> None:  # PDD1
    again = past("c1", "09:00", asks("09:00"), buyer="b")
    found = run(day(again, contacts={"b": Contact("a2", clock("-5:0"))}), **ONLY_A1)
    assert found.first == {"c1": "a2"}


def test_with_the_robot_until_the_buyer_asked_for_a_human() -> None:
    robot = Spoken(clock("09:01"), Sender.ROBOT)
    of = day(
        past("c1", "09:00", asks("09:00"), robot, robot=True, asked_human_at=clock("09:05")),
        past("c2", "09:00", asks("09:00"), robot, robot=True),
    )
    found = run(of, **ONLY_A1)
    assert found.received == {"a1": 1}
    assert [spoken.sender for spoken in found.said["c2"]] == [Sender.BUYER, Sender.ROBOT]


def test_the_same_day_gives_the_same_outcomes_and_leaves_the_day_alone() -> None:
    of = day(*(past(f"c{n}", f"09:{n:02}", asks(f"09:{n:02}"), answers("10:00")) for n in range(20)))
    once, again = run(of), run(of)
    assert once == again
    assert sum(once.received.values()) == 20
    assert all(agent.open == 0 for agent in of.agents)


def test_progress_is_told_and_can_end_the_run() -> None:
    of = day(*(past(f"c{n}", "09:00", asks("09:00"), answers("10:00")) for n in range(300)))
    told: list[tuple[int, int]] = []
    settings = compile_settings(read_document({}, Platform.PINDUODUO, NAMES), Platform.PINDUODUO, 1)
    replay(of, settings, lambda done, total: told.append((done, total)))
    assert [done for done, _total in told] == [500]
    assert all(done < total for done, total in told)

    def stop(done: int, total: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        replay(of, settings, stop)


def test_percentiles_of_waits() -> None:
    waits = [timedelta(seconds=n) for n in (5, 1, 3, 2)]
    assert percentile(waits, 0.5) == timedelta(seconds=2)
    assert percentile(waits, 1.0) == timedelta(seconds=5)
    assert percentile([], 0.5) is None
