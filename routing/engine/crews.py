"""The people of a scope as they stand: who is free, and why each other is not.

Looking anew at 1,000 people for each decision is what cost most. So a crew is made once, is told who has changed
since (`Agent.watchers`), and looks at those only.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from routing.engine.members import STATUS_BREAK, STATUS_ONLINE
from routing.engine.orders import Key, Ranking, Shares, Weigh
from routing.engine.types import Agent, Load
from routing.engine.vocabulary import SHOP_POOL, Excluded

Weigher = Callable[[Mapping[str, int]], Weigh]
"""From the weights of a scope to how much falls to each of its people."""
Cell = Load | Excluded
"""How somebody stands: free with this load, or left out for this reason."""


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """Whom a rule looks at: account names in order, or None for the whole shop, `but` for some of it. Made once, when
    the settings are compiled; `weights` where the platform has them; the pool that waits for these people."""

    names: Sequence[str] | None = None
    weights: Mapping[str, int] = field(default_factory=dict)
    pool: str = SHOP_POOL
    but: frozenset[str] = frozenset()


@lru_cache(maxsize=1 << 16)
def load_of(load: int, cap: int | None) -> Load:
    """Traces hold very many of few different loads."""
    return Load(load, cap)


def standing(agent: Agent, without: Collection[str] = ()) -> Cell:
    """Free (G1, G2, G3), or why not; the first reason that applies. `without`: the silent (G21)."""
    if agent.barred is not None:
        return agent.barred
    if without and agent.name in without:
        return Excluded.SILENT
    if agent.status != STATUS_ONLINE:
        return Excluded.BREAK if agent.status == STATUS_BREAK else Excluded.OFFLINE
    if agent.cap is not None and agent.open >= agent.cap:
        return Excluded.FULL
    return load_of(agent.open, agent.cap)


class Seen(Mapping[str, Load]):
    """The candidates as they stood at one moment, `excluded` who was none; in order of account name.

    `cells` stand in the order of `names`. Traces keep this, and nobody pays for a dictionary that is not asked for.
    """

    __slots__ = ("cells", "names")

    def __init__(self, names: tuple[str, ...], cells: tuple[Cell, ...]) -> None:
        self.names = names
        self.cells = cells

    def __getitem__(self, name: str) -> Load:
        place = bisect_left(self.names, name)
        cell = self.cells[place] if place < len(self.names) and self.names[place] == name else None
        if not isinstance(cell, Load):
            raise KeyError(name)
        return cell

    def __iter__(self) -> Iterator[str]:
        return (name for name, cell in zip(self.names, self.cells, strict=True) if isinstance(cell, Load))

    def __len__(self) -> int:
        return sum(isinstance(cell, Load) for cell in self.cells)


class LeftOut(Mapping[str, str]):
    """The others of what was `seen`, each with the reason."""

    __slots__ = ("seen",)

    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    def __getitem__(self, name: str) -> str:
        names = self.seen.names
        place = bisect_left(names, name)
        cell = self.seen.cells[place] if place < len(names) and names[place] == name else None
        if not isinstance(cell, Excluded):
            raise KeyError(name)
        return cell

    def __iter__(self) -> Iterator[str]:
        pairs = zip(self.seen.names, self.seen.cells, strict=True)
        return (name for name, cell in pairs if isinstance(cell, Excluded))

    def __len__(self) -> int:
        return len(self.seen.cells) - len(self.seen)


class Crew:
    """`free`: who can take a conversation, in order of account name. `changed`: who is to be looked at again."""

    __slots__ = ("_cells", "_free_places", "_names", "_places", "_rankings", "_seen", "_shares", "changed", "free")

    def __init__(self, agents: Sequence[Agent], without: Collection[str] = ()) -> None:
        self.changed: set[Agent] = set()
        self._names = tuple([agent.name for agent in agents])
        self._places: dict[str, int] | None = None
        self._cells: list[Cell] = [standing(agent, without) for agent in agents]
        self._free_places = [place for place, cell in enumerate(self._cells) if cell.__class__ is Load]
        self.free = [agents[place] for place in self._free_places]
        self._rankings: dict[Key, Ranking] = {}
        self._shares: dict[Weigher, Shares] = {}
        self._seen: tuple[Seen, LeftOut] | None = None

    def look_again(self) -> None:
        """At those who have changed."""
        if self._places is None:
            self._places = {name: place for place, name in enumerate(self._names)}
        for agent in self.changed:
            self._look_at(agent, self._places[agent.name])
        self.changed.clear()

    def _look_at(self, agent: Agent, place: int) -> None:
        before, now = self._cells[place], standing(agent)
        was_free, is_free = before.__class__ is Load, now.__class__ is Load
        if now is not before:
            self._cells[place] = now
            self._seen = None
        if was_free or is_free:
            among = bisect_left(self._free_places, place) if self._shares or was_free != is_free else 0
            if was_free != is_free:
                self._come_or_go(agent, place, among, is_free)
            for ranking in self._rankings.values():
                ranking.note(agent, is_free)
            for shares in self._shares.values():
                _note(shares, agent, among, was_free, is_free)

    def _come_or_go(self, agent: Agent, place: int, among: int, is_free: bool) -> None:
        if is_free:
            self._free_places.insert(among, place)
            self.free.insert(among, agent)
        else:
            del self._free_places[among], self.free[among]

    def first(self, key: Key) -> Agent:
        """Of the free, the one whose key is the least."""
        ranking = self._rankings.get(key)
        if ranking is None:
            ranking = self._rankings[key] = Ranking(key, self.free)
        return ranking.first()

    def shares(self, weigher: Weigher, weights: Mapping[str, int]) -> Shares:
        """Of the free, in their order; `weights` are the scope's."""
        shares = self._shares.get(weigher)
        if shares is None:
            shares = self._shares[weigher] = Shares(weigher(weights), self.free)
        return shares

    def seen(self) -> tuple[Seen, LeftOut]:
        """Candidates and left out, as a trace keeps them."""
        if self._seen is None:
            seen = Seen(self._names, tuple(self._cells))
            self._seen = seen, LeftOut(seen)
        return self._seen


def _note(shares: Shares, agent: Agent, among: int, was_free: bool, is_free: bool) -> None:
    if not is_free:
        shares.left(among)
    elif was_free:
        shares.changed(among, agent)
    else:
        shares.came(among, agent)
