"""Why some get many and some none (ROUTING 7): each agent's difference from an even share, taken apart.

An even share is in proportion to how many of the conversations somebody took part in: who joined today, or was
disabled for some days, has a smaller one. For each conversation that routing gave to somebody, the share that everybody
had in it is followed step by step: an even share among those who took part then; an even share among those whom the
deciding rule looked at; … without the offline; … without those on a
break; … without the full; what the way of sharing made of the rest; who got it. What each step changes is a cause's
part. So the parts add up to the difference exactly, and each cause's parts over all agents add up to nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from typing import NamedTuple

from metrics.formulas.chance import LEVEL, MOST_EXACT, likely, usual


class Cause(StrEnum):
    COMPANY = "company"
    """Took part while more or fewer others did."""
    RECENT = "recent"
    """The buyer came back to whom they know (PDD1, KS1, KS5, DY5, TB1)."""
    LISTS = "lists"
    """In or not in the list, page, entry or group that the buyer belonged to."""
    OFFLINE = "offline"
    BREAK = "break"
    FULL = "full"
    SILENT = "silent"
    """Had not answered, so it was taken away (G21)."""
    WEIGHT = "weight"
    EVEN = "even"
    """Fewest received today first (DY4, KS2, KS9)."""
    SATURATED = "saturated"
    """The lowest load ÷ cap first (DY3, DY12)."""
    CHANCE = "chance"


LEFT_OUT = (Cause.OFFLINE, Cause.BREAK, Cause.FULL, Cause.SILENT)
"""Why somebody whom the rule looked at was no candidate, in the order in which the rules look; codes as in the trace.
Any other code says that somebody takes no part in routing at all."""


class Dealt(NamedTuple):
    """A conversation that routing gave to somebody. `free`, `left_out`: candidates of the deciding rule and who was
    none, why; `odds`: what was left to chance, empty where the rule named one; `way`: how it did."""

    agent: str
    recent: bool = False
    free: Sequence[str] = ()
    left_out: Mapping[str, str] = {}
    odds: Mapping[str, float] = {}
    way: Cause = Cause.EVEN


class Due(NamedTuple):
    """Parts of 1: the even share; the same if each conversation were divided among those alone who took part in it; the
    conversations in which this one took part."""

    even: float
    fair: float
    took_part: float


@dataclass(frozen=True, slots=True)
class Share:
    """One agent's. `parts` add up to `received - even`; `likely`: the p-value of the part that is chance."""

    name: str
    received: int
    even: float
    due: Due
    parts: Mapping[Cause, float]
    recent: int
    looked_at: int
    left_out: Mapping[str, int]
    listed_with: float
    """How many others a rule looked at beside this one, on average."""
    there: int
    """Of those looked at, how often online."""
    there_with: float
    """How many of them were online when this one was, on average."""
    usual: float
    """How far off chance puts somebody without being more than chance; 0: nothing was left to it."""
    likely: float
    beyond: bool
    """Beyond chance, with so many agents looked at."""

    @property
    def difference(self) -> float:
        return self.received - self.even

    @property
    def there_part(self) -> float:
        """Of the conversations that could have come, how many came while online."""
        return self.there / self.looked_at if self.looked_at else 0.0

    @property
    def fewer(self) -> int:
        return round(-self.difference)

    @property
    def chance(self) -> float:
        return self.parts.get(Cause.CHANCE, 0.0)

    @property
    def by_rule(self) -> float:
        """What would be expected under the rules, against an even share."""
        return self.difference - self.chance


@dataclass(slots=True)
class _Own:
    received: int = 0
    recent: int = 0
    looked_at: int = 0
    listed_with: int = 0
    there: int = 0
    there_with: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    parts: defaultdict[Cause, float] = field(default_factory=lambda: defaultdict(float))
    drawn: int = 0
    mean: float = 0.0
    variance: float = 0.0
    odds: list[float] = field(default_factory=list)


def _dues(times: Mapping[str, int], fair: Mapping[str, float], total: int) -> dict[str, Due]:
    """Of conversations in which nobody is known to have taken part, everybody has their even part as well."""
    whole, rest = sum(times.values()) or 1, total - sum(fair.values())
    found = {}
    for name, count in times.items():
        even = count / whole
        of_each = (fair.get(name, 0.0) + rest * even) / total if total else even
        found[name] = Due(even, of_each, count / total if total else 0.0)
    return found


class Tally:
    """Takes conversations one by one, in any order; memory grows with the agents alone."""

    def __init__(self) -> None:
        self._own: defaultdict[str, _Own] = defaultdict(_Own)
        self.total = 0
        self.recent = 0

    @property
    def shared(self) -> int:
        """How many no recent contact decided."""
        return self.total - self.recent

    def add(self, dealt: Dealt) -> None:
        self.total += 1
        own = self._own[dealt.agent]
        own.received += 1
        if dealt.recent:
            self.recent += 1
            own.recent += 1
            return
        self._scope(dealt)
        self._draw(dealt)

    def _scope(self, dealt: Dealt) -> None:
        """From those looked at down to the free."""
        groups = self._by_fate(dealt)
        count = sum(map(len, groups))
        there = sum(map(len, groups[2:]))
        for one in chain.from_iterable(groups):
            one.looked_at += 1
            one.listed_with += count - 1
            one.parts[Cause.LISTS] += 1 / count
        for one in chain.from_iterable(groups[2:]):
            one.there += 1
            one.there_with += there - 1
        for place, cause in enumerate(LEFT_OUT):
            gone = groups[place]
            if not gone:
                continue
            for one in gone:
                one.parts[cause] -= 1 / count
            gain = 1 / (count - len(gone)) - 1 / count
            count -= len(gone)
            for one in chain.from_iterable(groups[place + 1 :]):
                one.parts[cause] += gain

    def _by_fate(self, dealt: Dealt) -> list[list[_Own]]:
        """Those left out, by LEFT_OUT, and last the free."""
        groups: dict[str, list[_Own]] = {cause.value: [] for cause in LEFT_OUT}
        for name, why in dealt.left_out.items():
            if why in groups:
                one = self._own[name]
                one.left_out[why] += 1
                groups[why].append(one)
        return [*groups.values(), [self._own[name] for name in dealt.free]]

    def _draw(self, dealt: Dealt) -> None:
        each = 1 / len(dealt.free)
        if not dealt.odds:
            for name in dealt.free:
                self._own[name].parts[dealt.way] += (name == dealt.agent) - each
            return
        for name in dealt.free:
            own, p = self._own[name], dealt.odds.get(name, 0.0)
            own.parts[Cause.WEIGHT] += p - each
            own.parts[Cause.CHANCE] += (name == dealt.agent) - p
            own.drawn += name == dealt.agent
            own.mean += p
            own.variance += p * (1 - p)
            if len(own.odds) <= MOST_EXACT:
                own.odds.append(p)

    def shares(
        self, took_part: Mapping[str, int] | None = None, fair: Mapping[str, float] | None = None
    ) -> list[Share]:
        """Of everybody who took part, and whom a rule looked at or gave something; who received most comes first.

        `took_part`: in how many of the conversations, by what is known of people; what the rules say of them counts
        where it is more. `fair`: everybody's part of the conversations, each divided among those who took part in it.
        """
        known = took_part or {}
        owns = {name: self._own.get(name) or _Own() for name in sorted({*known, *self._own})}
        times = {name: max(known.get(name, 0), own.looked_at, own.received) for name, own in owns.items()}
        if self.total:
            owns = {name: own for name, own in owns.items() if times[name]}
        dues = _dues(times, fair or {}, self.total)
        chances = {name: likely(own.drawn, own.odds, own.mean, own.variance) for name, own in owns.items()}
        tested = sum(own.variance > 0 for own in owns.values())
        found = [self._share(name, own, dues[name], chances[name], tested) for name, own in owns.items()]
        return sorted(found, key=lambda share: (-share.received, share.name))

    def _share(self, name: str, own: _Own, due: Due, p: float, tested: int) -> Share:
        parts = dict(own.parts)
        parts[Cause.COMPANY] = self.total * (due.fair - due.even)
        parts[Cause.LISTS] = parts.get(Cause.LISTS, 0.0) - self.shared * due.fair
        parts[Cause.RECENT] = own.recent - self.recent * due.fair
        return Share(
            name=name,
            received=own.received,
            even=self.total * due.even,
            due=due,
            parts=parts,
            recent=own.recent,
            looked_at=own.looked_at,
            left_out=dict(own.left_out),
            listed_with=own.listed_with / own.looked_at if own.looked_at else 0.0,
            there=own.there,
            there_with=own.there_with / own.there if own.there else 0.0,
            usual=usual(own.variance, tested),
            likely=p,
            beyond=bool(tested) and p < LEVEL / tested,
        )
