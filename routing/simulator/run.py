"""A scenario through the engine, and its result as the contract writes it."""

from collections import Counter
from datetime import datetime
from typing import Any

from routing.engine.apply import due_time_outs, happen
from routing.engine.events import Refused
from routing.engine.state import ShopState
from routing.engine.telling import told_decision, told_time
from routing.engine.types import Decision
from routing.simulator.collecting import no_garbage_collection
from routing.simulator.scenario import Scenario


class Run:
    """What came of a scenario: the state at the end, the decisions in order, the events refused."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.state = ShopState(scenario.settings, scenario.zone, scenario.seed, scenario.fresh_agents())
        self.decisions: list[Decision] = []
        self.errors: list[dict[str, Any]] = []
        with no_garbage_collection():
            for i, (at, event) in enumerate(scenario.events):
                for closing, due in due_time_outs(self.state, at):
                    self.decisions += happen(self.state, closing, due)
                try:
                    self.decisions += happen(self.state, event, at)
                except Refused as refused:
                    self.errors.append({"event": i, "code": refused.code, "message": refused.message})

    def result(self) -> dict[str, Any]:
        """JSON-ready, as CONTRACT section 2, "Result"."""
        state = self.state
        return {
            "decisions": [told_decision(decision, self.scenario.zone) for decision in self.decisions],
            "conversations": {c.id: {"state": c.state.value, "agent": c.agent} for c in state.conversations.values()},
            "agents": {
                a.name: {
                    "status": a.status.value,
                    "open": a.open,
                    "received_today": a.received_today,
                    "waiting_replies": a.waiting_replies,
                }
                for a in state.agents.values()
            },
            "queue": told_queue(state),
            "errors": self.errors,
        }


def told_queue(state: ShopState) -> list[dict[str, Any]]:
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
