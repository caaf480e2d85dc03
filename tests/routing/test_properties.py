"""What must hold whatever happens, on every platform: random events, each state checked from outside."""

import json
from collections.abc import Iterator
from datetime import datetime
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents.vocabulary import Platform
from conversations.states import State
from routing.engine.apply import due_time_outs, happen
from routing.engine.decide import decide
from routing.engine.events import Refused
from routing.engine.state import ShopState
from routing.engine.types import Decision, Finding
from routing.engine.vocabulary import Found, Outcome, Trigger
from routing.simulator.run import Run
from routing.simulator.scenario import Scenario, read_scenario
from tests.routing.generate import scenario

OVER_THE_CAP = {"PDD1", "KS1", "KS5", "DY5", "TB1", "G8"}
"""Recent contact and transfer by hand: the rules that may go over the cap (G3)."""

random_shops = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
platforms = pytest.mark.parametrize("platform", list(Platform))


def steps(read: Scenario) -> Iterator[tuple[ShopState, datetime, list[Decision]]]:
    """The state after each event, and the decisions that it brought."""
    state = ShopState(read.settings, read.zone, read.seed, read.fresh_agents())
    for at, event in read.events:
        for closing, due in due_time_outs(state, at):
            yield state, due, happen(state, closing, due)
        try:
            yield state, at, happen(state, event, at)
        except Refused:
            yield state, at, []


def drawn(seed: int, platform: Platform, length: int = 60) -> Scenario:
    return read_scenario(scenario(Random(seed), platform, length))


@platforms
@random_shops
@given(seed=st.integers(0, 2**32))
def test_no_full_agent_gets_a_conversation_but_by_a_rule_that_allows_it(platform: Platform, seed: int) -> None:
    for _, _, decisions in steps(drawn(seed, platform)):
        for decision in decisions:
            if decision.outcome is Outcome.ASSIGNED and decision.rule not in OVER_THE_CAP:
                load = decision.trace[-1].candidates[decision.agent or ""]
                assert load.max_concurrent is None or load.load < load.max_concurrent


@platforms
@random_shops
@given(seed=st.integers(0, 2**32))
def test_nobody_waits_whom_a_rule_would_assign(platform: Platform, seed: int) -> None:
    for state, at, _ in steps(drawn(seed, platform)):
        for conversation in state.waiting():
            again = decide(state, conversation, at, Trigger.DRAINED)
            assert (again.outcome, again.pool) == (Outcome.QUEUED, conversation.pool)
        for conversation in state.conversations.values():
            if conversation.state != State.OPEN or conversation.unanswered_since is None or not state.online:
                continue
            if state.agents[conversation.agent or ""].absent:
                assert decide(state, conversation, at, Trigger.REASSIGNED).outcome is Outcome.QUEUED


@platforms
@random_shops
@given(seed=st.integers(0, 2**32))
def test_silence_takes_it_at_most_so_often_never_to_who_was_silent_and_leaves_nobody_who_could_be_helped(
    platform: Platform, seed: int
) -> None:
    before: dict[str, tuple[str, ...]] = {}
    for state, at, decisions in steps(drawn(seed, platform)):
        for decision in (d for d in decisions if d.trace[0].rule == "G21"):
            assert decision.agent in state.online
            assert decision.agent not in decision.trace[0].excluded
            assert {*before[decision.conversation]} <= set(decision.trace[0].excluded)
            assert state.settings.silence is not None
            assert len(before[decision.conversation]) < state.settings.silence.times
        for conversation in state.conversations.values():
            before[conversation.id] = conversation.taken_from
            rule = state.settings.silence
            if conversation.stuck and rule is not None and state.passes_on(conversation):
                silent = dict.fromkeys((conversation.agent or "", *conversation.taken_from), "silent")
                silence = Finding("G21", Found.SILENCE, excluded=silent)
                again = decide(state, conversation, at, Trigger.REASSIGNED, silence)
                assert again.outcome is not Outcome.ASSIGNED


@platforms
@random_shops
@given(seed=st.integers(0, 2**32))
def test_first_in_first_out_within_a_pool(platform: Platform, seed: int) -> None:
    before: dict[str, tuple[str | None, int]] = {}
    for state, _, decisions in steps(drawn(seed, platform)):
        taken = [
            before[d.conversation]
            for d in decisions
            if d.trigger is Trigger.DRAINED and d.outcome is Outcome.ASSIGNED and d.rule not in OVER_THE_CAP
        ]
        for pool in {pool for pool, _ in taken}:
            places = [place for its, place in taken if its == pool]
            assert places == sorted(places)
            still = [c.waiting_seq for c in state.waiting() if before.get(c.id, (None,))[0] == pool == c.pool]
            if pool != "shop":  # the shop's pool holds people with different narrower lists
                assert not still or max(places) < min(still)
        before = {c.id: (c.pool, c.waiting_seq) for c in state.waiting()}


@platforms
@random_shops
@given(seed=st.integers(0, 2**32))
def test_counters_equal_what_the_conversations_say(platform: Platform, seed: int) -> None:
    for state, _, _ in steps(drawn(seed, platform)):
        opened = dict.fromkeys(state.agents, 0)
        unanswered = dict.fromkeys(state.agents, 0)
        for conversation in state.conversations.values():
            if conversation.state == State.OPEN:
                opened[conversation.agent or ""] += 1
                unanswered[conversation.agent or ""] += conversation.unanswered_since is not None
        assert opened == {name: agent.open for name, agent in state.agents.items()}
        assert unanswered == {name: agent.waiting_replies for name, agent in state.agents.items()}


@platforms
@random_shops
@given(seed=st.integers(0, 2**32))
def test_the_same_file_and_seed_give_the_same_result(platform: Platform, seed: int) -> None:
    read = drawn(seed, platform)
    assert json.dumps(Run(read).result()) == json.dumps(Run(read).result())


@platforms
@random_shops
@given(seed=st.integers(0, 2**32))
def test_a_buyer_has_one_open_conversation_and_every_decision_a_next_number(platform: Platform, seed: int) -> None:
    run = Run(drawn(seed, platform))
    open_ones = [c.buyer for c in run.state.conversations.values() if c.state != State.CLOSED]
    assert len(open_ones) == len(set(open_ones))
    numbers: dict[str, int] = {}
    for decision in run.decisions:
        numbers[decision.conversation] = numbers.get(decision.conversation, 0) + 1
        assert decision.number == numbers[decision.conversation]
