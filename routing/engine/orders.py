"""Orders of the free kept up to date: who comes first by a key, whom a share falls to. A change costs its own place,
not a look at everybody."""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Any

from routing.engine.types import Agent

Key = Callable[[Agent], tuple[Any, ...]]
"""What orders agents, least first; its last part is the account name, so that no two are equal (G15)."""
Weigh = Callable[[Agent], float]
"""How much of the whole falls to an agent; never below 0."""


class Ranking:
    """The free in the order of a key."""

    __slots__ = ("_agents", "_key", "_keys", "_ranked")

    def __init__(self, key: Key, free: Iterable[Agent]) -> None:
        self._key = key
        self._keys = {agent.name: key(agent) for agent in free}
        self._agents = {agent.name: agent for agent in free}
        self._ranked = sorted(self._keys.values())

    def note(self, agent: Agent, free: bool) -> None:
        """`agent` has changed; `free`: whether it still is, or has become, one of the free."""
        name = agent.name
        before = self._keys.pop(name, None)
        if before is not None:
            del self._ranked[bisect_left(self._ranked, before)]
        if free:
            self._agents[name] = agent
            self._keys[name] = key = self._key(agent)
            insort(self._ranked, key)

    def first(self) -> Agent:
        return self._agents[self._ranked[0][-1]]


class Shares:
    """Weights in the order of the free, and their running sums as far as nothing has changed since they were made."""

    __slots__ = ("_sums", "_valid", "_weigh", "weights")

    def __init__(self, weigh: Weigh, free: Iterable[Agent]) -> None:
        self._weigh = weigh
        self.weights = [weigh(agent) for agent in free]
        self._sums: list[float] = []
        self._valid = 0

    def came(self, place: int, agent: Agent) -> None:
        self.weights.insert(place, self._weigh(agent))
        self._valid = min(self._valid, place)

    def left(self, place: int) -> None:
        del self.weights[place]
        self._valid = min(self._valid, place)

    def changed(self, place: int, agent: Agent) -> None:
        weight = self._weigh(agent)
        if weight != self.weights[place]:
            self.weights[place] = weight
            self._valid = min(self._valid, place)

    def sums(self) -> Sequence[float]:
        """The running sums, added up from the first on: the same to the last bit however they came to be."""
        valid = self._valid
        if valid < len(self.weights) or len(self._sums) > valid:
            del self._sums[valid:]
            if valid:
                self._sums += list(accumulate(self.weights[valid:], initial=self._sums[-1]))[1:]
            else:
                self._sums += accumulate(self.weights)
            self._valid = len(self.weights)
        return self._sums
