"""Which of the free candidates. Random ones draw once, over the candidates in order of account name."""

from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import NamedTuple

from routing.engine.crews import Crew, Weigher
from routing.engine.look import Look
from routing.engine.orders import Key, Weigh
from routing.engine.types import Agent
from routing.engine.vocabulary import DEFAULT_WEIGHT

Choose = Callable[[Look, Crew, Mapping[str, int]], Agent]


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


def _received(agent: Agent) -> tuple[int, int, str]:
    """Fewest received today (KS2, KS9, DY4); equals by G15."""
    return agent.received_today, agent.last_assigned, agent.name


def _saturation(agent: Agent) -> tuple[float, int, str]:
    """The lowest load ÷ cap (DY3); equals by G15."""
    return agent.open / agent.cap if agent.cap else 0.0, agent.last_assigned, agent.name


def _least(key: Key) -> Pick:
    def pick(look: Look, crew: Crew, weights: Mapping[str, int]) -> Agent:
        return crew.first(key)

    return Pick(pick)


def _at_random(look: Look, crew: Crew, weights: Mapping[str, int]) -> Agent:
    free = crew.free
    return free[0] if len(free) == 1 else look.one_of(free)


def _weight(weights: Mapping[str, int]) -> Weigh:
    """Random in proportion to weight (PDD6)."""
    return lambda agent: weights.get(agent.name, DEFAULT_WEIGHT)


def by_weight_and_busyness(threshold: int) -> Pick:
    """Random in proportion to weight × busyness factor (TB4)."""

    def weigher(weights: Mapping[str, int]) -> Weigh:
        return lambda a: weights.get(a.name, DEFAULT_WEIGHT) * busyness(a.waiting_replies, threshold)

    return Pick(_drawn(weigher), Drawn.BY_WEIGHT_AND_BUSYNESS)


def busyness(waiting_replies: int, threshold: int) -> float:
    """TB5: 1 up to the threshold, then threshold ÷ buyers waiting for this agent's reply."""
    return 1.0 if waiting_replies <= threshold else threshold / waiting_replies


def _drawn(weigher: Weigher) -> Choose:
    def pick(look: Look, crew: Crew, weights: Mapping[str, int]) -> Agent:
        free = crew.free
        if len(free) == 1:
            return free[0]
        shares = crew.shares(weigher, weights)
        if not shares.sums()[-1]:
            # Weight 0 means "nothing of what others can take"; where only such people are free, they are equal.
            return look.one_of(free)
        return look.by_share(free, shares)

    return pick


at_random = Pick(_at_random, Drawn.EVENLY)
by_weight = Pick(_drawn(_weight), Drawn.BY_WEIGHT)
least_received = _least(_received)
least_saturated = _least(_saturation)
