"""A scenario whose events come one by one and whose decisions go out as they are made: a month in little memory.

What stays is what the rules may still ask for: the people, whoever waits or is held, each buyer's recent agent, and
the ids that were opened before.
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from routing.engine.checking import Malformed, mapping
from routing.engine.state import ShopState
from routing.engine.types import Decision
from routing.simulator.collecting import no_garbage_collection
from routing.simulator.run import Part, Told, fresh_state, play
from routing.simulator.scenario import Scenario, read_events, read_scenario

NOT_IN_A_HEAD = ("events", "expect", "expect_errors")


def read_head(value: Any) -> Scenario:
    """A scenario but for its events, from parsed JSON. Raises Malformed, naming the place."""
    head = mapping(value, "")
    for key in NOT_IN_A_HEAD:
        if key in head:
            raise Malformed(key, "has no place where the events come one by one")
    return read_scenario(head | {"events": []})


def stream(
    head: Scenario,
    rows: Iterable[Any],
    made: Callable[[Decision], object] | None = None,
    refused: Callable[[Told], object] | None = None,
    *,
    traces: bool = True,
    conversations: bool = False,
) -> ShopState:
    """The events `rows`, as in a scenario file and in order, through the shop of `head`; the state at the end.

    `made` is given each decision and `refused` each refused event (`{"event", "code", "message"}`) at once; nobody
    keeps them. Closed conversations are in the state at the end only where `conversations` are asked for. Raises
    Malformed at the row that is, when it comes to it: what was handed on before stays handed on.
    """
    parts: Collection[Part] = [
        *([] if made is None else [Part.DECISIONS]),
        *([Part.CONVERSATIONS] if conversations else []),
    ]
    state = fresh_state(head, traces=traces, parts=parts)
    events = read_events(rows, head.platform, state.agents)

    def hand_on(decisions: list[Decision]) -> None:
        if made is not None:
            for decision in decisions:
                made(decision)

    with no_garbage_collection():
        play(state, events, hand_on, refused or _drop)
    return state


def _drop(told: Told) -> None:
    """Nobody asks for it."""
