"""Published settings, compiled once per version: what the rules read."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from agents.vocabulary import Platform
from routing.engine.types import Conversation, Finding


class RecentContact(NamedTuple):
    enabled: bool
    within: timedelta | None
    respect_max_concurrent: bool


class Silence(NamedTuple):
    """G21: after so long without an answer to somebody else, so many times at most."""

    after: timedelta
    times: int


Odds = Callable[[Sequence[str], str], Mapping[str, float]]
"""Given the free candidates and the buyer's order status: with what probability each would have got it, adding up
to 1. Empty: the rule named one, nothing was left to chance."""


Place = Callable[[Conversation], Hashable]
"""What of a conversation decides whom a platform's rules look at, the recent agent apart."""


class Step(NamedTuple):
    """One rule of a platform's list: its id, what kind of rule it is (for pictures and words), how it is tried."""

    rule: str
    kind: str
    attempt: Callable[[Any], Finding]
    """Given a `Look`, which reads these settings and therefore cannot be named here."""
    odds: Odds | None = None
    """Of a rule that shares out: what a past decision by it left to chance."""


@dataclass(frozen=True, slots=True)
class Settings:
    """A shop's routing document, ready for use. `at`: when it took effect, None for the first."""

    platform: Platform
    version: int
    at: datetime | None
    document: Mapping[str, Any]
    steps: tuple[Step, ...]
    place: Place
    recent_contact: RecentContact
    offline_enabled: bool
    offline_agents: tuple[str, ...]
    never_route: frozenset[str]
    auto_close: timedelta | None
    silence: Silence | None
    minds_replies: bool
    """Whether any rule looks at how many wait for an agent's reply (TB5)."""
    timed: bool
    """Whether anything falls due with time alone (DY13, G21)."""

    def notice(self, count: int) -> str:
        """What a buyer in a pool of `count` conversations is told (DY9)."""
        return queue_notice(self.document["queue"], count)


def shows_count(queue: Mapping[str, Any], count: int) -> bool:
    """DY9: whether the buyers in a pool of `count` are told a number."""
    return bool(count < queue["show_count_below"])


def queue_notice(queue: Mapping[str, Any], count: int) -> str:
    """DY9, from the `queue` of a routing document: the number while it is small, else the busy text."""
    if shows_count(queue, count):
        return str(queue["notice"]).replace("{count}", str(count))
    return str(queue["busy_notice"])
