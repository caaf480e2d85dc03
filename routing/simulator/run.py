"""A scenario through the engine, and its result as the contract writes it."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from routing.engine.apply import due_time_outs, happen
from routing.engine.events import Event, Refused
from routing.engine.state import ShopState
from routing.engine.telling import told_decision, told_time
from routing.engine.types import Conversation, Decision
from routing.simulator.collecting import no_garbage_collection
from routing.simulator.scenario import Scenario


class Part(StrEnum):
    """What a result consists of, in its order. What is not asked for is not kept either."""

    DECISIONS = "decisions"
    CONVERSATIONS = "conversations"
    AGENTS = "agents"
    QUEUE = "queue"
    ERRORS = "errors"


WHOLE = tuple(Part)
Made = Callable[[list[Decision]], object]
"""Given the decisions that one event brought, in order."""
Told = dict[str, Any]


def fresh_state(scenario: Scenario, *, traces: bool, parts: Collection[Part] = WHOLE) -> ShopState:
    """The shop before anything happens, keeping no more than is asked for."""
    state = ShopState(scenario.settings, scenario.zone, scenario.seed, scenario.fresh_agents())
    state.traced = traces and Part.DECISIONS in parts
    state.keeps_closed = Part.CONVERSATIONS in parts
    return state


def play(
    state: ShopState, events: Iterable[tuple[datetime, Event]], made: Made, refused: Callable[[Told], object]
) -> None:
    """Let `events` happen in order, what times out before each first. What comes of them is handed on at once."""
    for i, (at, event) in enumerate(events):
        if state.settings.timed:
            for closing, due in due_time_outs(state, at):
                made(happen(state, closing, due))
        try:
            decisions = happen(state, event, at)
        except Refused as error:
            refused({"event": i, "code": error.code, "message": error.message})
        else:
            if decisions:
                made(decisions)


class Run:
    """What came of a scenario: the state at the end, the decisions in order, the events refused.

    Without `traces` the decisions' traces are empty, which is quicker; all else stays as it is.
    """

    def __init__(self, scenario: Scenario, *, traces: bool = True, parts: Collection[Part] = WHOLE) -> None:
        self.scenario = scenario
        self.parts = parts
        self.traces = traces
        self.state = fresh_state(scenario, traces=traces, parts=parts)
        self.decisions: list[Decision] = []
        self.errors: list[Told] = []
        made: Made = self.decisions.extend if Part.DECISIONS in parts else _drop
        with no_garbage_collection():
            play(self.state, scenario.events, made, self.errors.append)

    def result(self) -> Told:
        """JSON-ready, as CONTRACT section 2, "Result"; of the parts that were asked for."""
        decisions = [told_decision(d, self.scenario.zone, self.traces) for d in self.decisions]
        first = {Part.DECISIONS.value: decisions} if Part.DECISIONS in self.parts else {}
        return first | self.result_without_decisions()

    def result_without_decisions(self) -> Told:
        told: dict[Part, Callable[[], Any]] = {
            Part.CONVERSATIONS: lambda: {c.id: told_conversation(c) for c in self.state.conversations.values()},
            Part.AGENTS: lambda: told_agents(self.state),
            Part.QUEUE: lambda: told_queue(self.state),
            Part.ERRORS: lambda: self.errors,
        }
        return {part.value: tell() for part, tell in told.items() if part in self.parts}


def _drop(decisions: list[Decision]) -> None:
    """Nobody asks for them."""


def told_conversation(conversation: Conversation) -> Told:
    return {"state": conversation.state.value, "agent": conversation.agent}


def told_agents(state: ShopState) -> dict[str, Told]:
    return {
        a.name: {
            "status": a.status.value,
            "open": a.open,
            "received_today": a.received_today,
            "waiting_replies": a.waiting_replies,
        }
        for a in state.agents.values()
    }


def told_queue(state: ShopState) -> list[Told]:
    """The waiting conversations in order, with the place in their pool and what the buyer is told (DY9)."""
    waiting = state.waiting()
    sizes = Counter(conversation.pool for conversation in waiting)
    places: Counter[str | None] = Counter()
    rows = []
    for conversation in waiting:
        places[conversation.pool] += 1
        rows.append(
            {
                "conversation": conversation.id,
                "pool": conversation.pool,
                "since": _told(conversation.waiting_since, state),
                "position": places[conversation.pool],
                "notice": state.settings.notice(sizes[conversation.pool]),
            }
        )
    return rows


def _told(at: datetime | None, state: ShopState) -> str | None:
    return None if at is None else told_time(at, state.zone)
