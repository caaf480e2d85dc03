"""What a decision could come to: the rules as they are, but the one draw noted instead of drawn."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from routing.engine.look import Look
from routing.engine.orders import Shares
from routing.engine.state import ShopState
from routing.engine.types import Agent, Conversation, Finding


class _Foreseen(Look):
    """Notes the shares of whom would have been drawn; the first of them stands for all."""

    __slots__ = ("shares",)

    def __init__(self, state: ShopState, conversation: Conversation, at: datetime) -> None:
        self.shares: dict[str, float] = {}
        super().__init__(state, conversation, at)

    def one_of(self, free: Sequence[Agent]) -> Agent:
        self.shares = {agent.name: 1 / len(free) for agent in free}
        return free[0]

    def by_share(self, free: Sequence[Agent], shares: Shares) -> Agent:
        weights, whole = shares.weights, sum(shares.weights)
        self.shares = {agent.name: weight / whole for agent, weight in zip(free, weights, strict=True) if weight}
        return next(agent for agent in free if agent.name in self.shares)


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
            drawn = bool(look.shares)
            alone = {} if finding.agent is None else {finding.agent: 1.0}
            return Chances(finding, trace, look.shares or alone, drawn)
    raise AssertionError("a platform's list of rules ends with one that always settles")
