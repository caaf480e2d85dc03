"""Which of the free candidates. Random ones draw once, over the candidates in order of account name."""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from typing import NamedTuple

from routing.engine.look import Look
from routing.engine.types import Agent
from routing.engine.vocabulary import DEFAULT_WEIGHT

Choose = Callable[[Look, Sequence[Agent], Mapping[str, int]], Agent]


class Drawn(Enum):
    """What is left to chance."""

    NOT = auto()
    EVENLY = auto()
    BY_WEIGHT = auto()
    BY_WEIGHT_AND_BUSYNESS = auto()


class Pick(NamedTuple):
    choose: Choose
    drawn: Drawn = Drawn.NOT


def longest_unassigned(agent: Agent) -> tuple[int, str]:
    """G15: the last assignment furthest back, never assigned first; then the account name."""
    return agent.last_assigned, agent.name


def _at_random(look: Look, free: Sequence[Agent], weights: Mapping[str, int]) -> Agent:
    return free[0] if len(free) == 1 else look.rng.choice(free)


def _by_weight(look: Look, free: Sequence[Agent], weights: Mapping[str, int]) -> Agent:
    """Random in proportion to weight (PDD6)."""
    return _draw(look, free, [weights.get(agent.name, DEFAULT_WEIGHT) for agent in free])


def by_weight_and_busyness(threshold: int) -> Pick:
    """Random in proportion to weight × busyness factor (TB4)."""

    def pick(look: Look, free: Sequence[Agent], weights: Mapping[str, int]) -> Agent:
        shares = [weights.get(a.name, DEFAULT_WEIGHT) * busyness(a.waiting_replies, threshold) for a in free]
        return _draw(look, free, shares)

    return Pick(pick, Drawn.BY_WEIGHT_AND_BUSYNESS)


def busyness(waiting_replies: int, threshold: int) -> float:
    """TB5: 1 up to the threshold, then threshold ÷ buyers waiting for this agent's reply."""
    return 1.0 if waiting_replies <= threshold else threshold / waiting_replies


def _least_received(look: Look, free: Sequence[Agent], weights: Mapping[str, int]) -> Agent:
    """Fewest received today (KS2, KS9, DY4); equals by G15."""
    return min(free, key=lambda a: (a.received_today, a.last_assigned, a.name))


def _least_saturated(look: Look, free: Sequence[Agent], weights: Mapping[str, int]) -> Agent:
    """The lowest load ÷ cap (DY3); equals by G15."""
    return min(free, key=lambda a: (a.open / a.cap if a.cap else 0.0, a.last_assigned, a.name))


def _draw(look: Look, free: Sequence[Agent], shares: Sequence[float]) -> Agent:
    if len(free) == 1:
        return free[0]
    if not any(shares):
        # Weight 0 means "nothing of what others can take"; where only such people are free, they are equal.
        return look.rng.choice(free)
    return look.rng.choices(free, weights=shares)[0]


at_random = Pick(_at_random, Drawn.EVENLY)
by_weight = Pick(_by_weight, Drawn.BY_WEIGHT)
least_received = Pick(_least_received)
least_saturated = Pick(_least_saturated)
