"""When somebody took part in routing, told back from how they stand now: who joined, left or changed in between."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from agents.vocabulary import AGENT_ROLES

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Change:
    """A change of a sub-account. `before`: what it replaced of `enabled` and `roles`; None: it was added then."""

    at: datetime
    before: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class AgentState:
    """The present state of a sub-account. `since`: it was there then, at the latest."""

    enabled: bool
    roles: Collection[str]
    since: datetime

    @property
    def takes_part(self) -> bool:
        """Enabled, with a role that takes conversations (G1); the never-route list stands in the settings."""
        return self.enabled and not AGENT_ROLES.isdisjoint(self.roles)


def spans_taking_part(now: AgentState, changes: Iterable[Change], start: datetime, end: datetime) -> list[Span]:
    """Return when within `start` and `end` somebody took part. `changes` of `start` and later, the latest first."""
    spans: list[Span] = []
    standing, until, begin = now, end, max(start, now.since)
    for change in changes:
        if standing.takes_part and max(change.at, begin) < until:
            spans.append((max(change.at, begin), until))
        until = min(until, change.at)
        before: Mapping[str, Any] = {"enabled": False} if change.before is None else change.before
        standing = AgentState(
            before.get("enabled", standing.enabled), before.get("roles", standing.roles), standing.since
        )
    if standing.takes_part and begin < until:
        spans.append((begin, until))
    return spans


def count_within(spans: Iterable[Span], moments: Sequence[datetime]) -> int:
    """Return how many of `moments`, in order, fell into the spans."""
    return sum(bisect_left(moments, until) - bisect_left(moments, begin) for begin, until in spans)


def moment_shares(spans: Mapping[str, Sequence[Span]], moments: Sequence[datetime]) -> dict[str, float]:
    """Return each one's even share when every moment is divided among those alone who took part in it."""
    found: defaultdict[str, float] = defaultdict(float)
    edges = sorted({edge for own in spans.values() for span in own for edge in span})
    for begin, until in pairwise(edges):
        count = count_within([(begin, until)], moments)
        present = [name for name, own in spans.items() if any(a <= begin < b for a, b in own)] if count else []
        for name in present:
            found[name] += count / len(present)
    return found
