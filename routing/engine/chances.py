"""What a decision could come to: the rules as they are, but the one draw noted instead of drawn."""

import random
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from routing.engine.look import Look
from routing.engine.state import ShopState
from routing.engine.types import Conversation, Finding


class _Noted(random.Random):
    """Notes the shares of whom would have been drawn; the first of them stands for all."""

    def __init__(self) -> None:
        super().__init__(0)
        self.shares: dict[str, float] = {}

    def choice(self, seq: Any) -> Any:
        self.shares = {agent.name: 1 / len(seq) for agent in seq}
        return seq[0]

    def choices(self, population: Any, weights: Any = None, *, cum_weights: Any = None, k: int = 1) -> list[Any]:
        whole = sum(weights)
        self.shares = {agent.name: weight / whole for agent, weight in zip(population, weights, strict=True) if weight}
        return [next(agent for agent in population if agent.name in self.shares)]


class _Foreseen(Look):
    __slots__ = ("noted",)

    def __init__(self, state: ShopState, conversation: Conversation, at: datetime) -> None:
        self.noted = _Noted()
        super().__init__(state, conversation, at)

    @property
    def rng(self) -> random.Random:
        return self.noted


class Chances(NamedTuple):
    """`shares`: who gets it with what probability, adding up to 1; empty where nobody does (it waits)."""

    settled: Finding
    trace: Sequence[Finding]
    shares: dict[str, float]
    drawn: bool
    """Whether it is left to chance at all; else the rule names one."""


def foresee(state: ShopState, conversation: Conversation, at: datetime) -> Chances:
    """What the rules would say of `conversation`, with every outcome of the draw. Changes nothing.

    The same steps as `decide`, in the same order; only the source of the draw differs.
    """
    look = _Foreseen(state, conversation, at)
    trace: list[Finding] = []
    for step in state.settings.steps:
        finding = step.attempt(look)
        trace.append(finding)
        if finding.outcome is not None:
            drawn = bool(look.noted.shares)
            alone = {} if finding.agent is None else {finding.agent: 1.0}
            return Chances(finding, trace, look.noted.shares or alone, drawn)
    raise AssertionError("a platform's list of rules ends with one that always settles")
