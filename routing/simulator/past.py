"""A day as it was, and what came of it: what the replay reads and leaves. How long our answers really took."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from statistics import median
from typing import NamedTuple
from zoneinfo import ZoneInfo

from agents.vocabulary import Status
from conversations.states import ClosedBy, Sender
from routing.engine.types import Agent, Contact

USUAL = timedelta(minutes=1)
"""How long an answer takes where the day has none to go by."""


class Spoken(NamedTuple):
    """One message: `sender` as in the contract; `to_robot`: the buyer was with the robot (M13); `away`: an agent
    wrote it while offline, from the phone."""

    at: datetime
    sender: Sender
    to_robot: bool = False
    away: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """A conversation as it went. `assigned`: each time that it got a holder, in order.

    `held_by`, `unanswered_since`: who held it when the day began, and since when a question waited for them; only of
    those opened before it.
    """

    id: str
    buyer: str
    opened_at: datetime
    entry: str | None = None
    question: str | None = None
    order_status: str | None = None
    robot: bool = False
    asked_human_at: datetime | None = None
    assigned: Sequence[datetime] = ()
    held_by: str | None = None
    unanswered_since: datetime | None = None
    messages: Sequence[Spoken] = ()
    closed_at: datetime | None = None
    closed_by: ClosedBy | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A shop's day: its people as they stood at `start`, who switched to what and when, the conversations."""

    start: datetime
    end: datetime
    zone: ZoneInfo
    seed: int | str
    agents: Sequence[Agent]
    presences: Sequence[tuple[datetime, str, Status]]
    pasts: Sequence[Past]
    contacts: Mapping[str, Contact] = field(default_factory=dict)
    guessed_presence: bool = False
    """No status was kept: people count as online from their first message of the day to their last."""

    def fresh_agents(self) -> Iterator[Agent]:
        """The people anew: a run changes them."""
        for a in self.agents:
            yield Agent(a.name, a.roles, a.max_concurrent, a.mobile_app, a.enabled, a.status)


@dataclass
class Outcomes:
    """`received`, `offline`, `most_at_once` by account; `first`: who got each conversation first.

    `waits`: how long each that waited did, to the end of the day at most; `unassigned`: still waiting when the day
    was over. `said`: the messages as they would have been, by conversation.
    """

    received: Counter[str] = field(default_factory=Counter)
    offline: Counter[str] = field(default_factory=Counter)
    most_at_once: dict[str, int] = field(default_factory=dict)
    first: dict[str, str] = field(default_factory=dict)
    waits: list[timedelta] = field(default_factory=list)
    unassigned: int = 0
    said: dict[str, list[Spoken]] = field(default_factory=lambda: defaultdict(list))
    buyers: dict[str, str] = field(default_factory=dict)


def sent_at(past: Past, number: int, held: Sequence[datetime]) -> datetime:
    """As long after the question, or after somebody held it, as it really was.

    `held`: when it got its holders in the replay. Where it really went through several hands unanswered, the n-th
    here takes as long as from the n-th there: the first ones had their time and did not use it.
    """
    before, answered = reversed(past.messages[:number]), past.messages[number].at
    first = past.unanswered_since or past.opened_at
    asked = next((spoken.at for spoken in before if spoken.sender == Sender.BUYER), first)
    really = [at for at in _since(past.assigned, asked) if at <= answered]
    nth = len(_since(held, asked)) - 1
    took = answered - max(asked, really[min(nth, len(really) - 1)] if really else asked)
    return max(asked, held[-1]) + max(took, timedelta())


def _since(held: Sequence[datetime], asked: datetime) -> Sequence[datetime]:
    """Who held it when it was asked, and everyone after."""
    return held[max(bisect_right(held, asked) - 1, 0) :]


def held_since(past: Past, moment: datetime) -> datetime | None:
    """When whoever really held it at `moment` got it."""
    return next((at for at in reversed(past.assigned) if at <= moment), None)


def usual_answer(pasts: Sequence[Past]) -> timedelta:
    """The day's median time from question, held by somebody, to answer: for who really never got one."""
    took = [
        (spoken.at - max(asked, held_since(past, spoken.at) or asked)).total_seconds()
        for past in pasts
        for asked, spoken in _answers(past)
    ]
    return timedelta(seconds=median(took)) if took else USUAL


def _answers(past: Past) -> Iterator[tuple[datetime, Spoken]]:
    """Each first answer of a person, with the time of the first question before it."""
    asked: datetime | None = None
    for spoken in past.messages:
        if spoken.sender == Sender.BUYER:
            asked = asked or spoken.at
        elif spoken.sender == Sender.AGENT and asked is not None:
            yield asked, spoken
            asked = None


def percentile(waits: Sequence[timedelta], part: float) -> timedelta | None:
    """The wait that `part` of those who waited did not exceed; None where nobody waited."""
    ordered = sorted(waits)
    return ordered[max(ceil(part * len(ordered)) - 1, 0)] if ordered else None
