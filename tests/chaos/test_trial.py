"""A short trial of the whole product under kills; then the checker has to find what the test spoils."""

import argparse
from collections.abc import Iterator

import pytest

from tests.chaos.__main__ import trial
from tests.chaos.stack import Stack, stack
from tests.outgoing.receiver import receiving


@pytest.fixture
def running() -> Iterator[Stack]:
    with stack("none") as made:
        yield made


@pytest.mark.slow
@pytest.mark.postgresql
def test_nothing_is_lost_in_a_short_trial_and_what_is_spoilt_afterwards_is_found(running: Stack, capsys) -> None:
    with receiving() as receiver:
        code, checker = trial(running, receiver, argparse.Namespace(seconds=25, seed=3))
        assert code == 0, capsys.readouterr().out
        talk = next(talk for talk in checker.talks if talk.messages)
        checker.talks = [talk]
        lost = talk.messages[-1].identity
        checker.database.execute("DELETE FROM conversations_message WHERE identity = %s", [lost])
        checker.database.execute("UPDATE routing_agentcounter SET open = open + 1")
        receiver.got = [one for one in receiver.got if lost.encode() not in one.body]
        receiver.got[0].headers["Fenliu-Signature"] = "v1=00"
        found = {what for what, wrong in checker.violations(receiver.got).items() if wrong}
    assert found >= {
        "every accepted message is there once, in its order",
        "every accepted conversation is there, as it was left",
        "counters equal the truth",
        "every event was delivered at least once, and signed",
    }
