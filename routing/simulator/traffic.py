"""Believable traffic for a shop: a day curve with its evening peak, people of different pace, shifts; from a seed."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from random import Random
from typing import Any, NamedTuple

from agents.vocabulary import Status
from conversations.states import ClosedBy, Sender, State
from routing.engine import events
from routing.engine.apply import due_time_outs, happen
from routing.engine.state import ShopState
from routing.engine.types import Agent, Decision

HOURS = (2, 1, 1, 1, 1, 1, 2, 4, 8, 12, 14, 12, 10, 10, 12, 13, 12, 11, 12, 17, 26, 25, 15, 6)
"""How many buyers come in each hour of the day, in proportion: the peak is 20:00 to 22:00 (S3)."""
LAST_MINUTES = (24, 20, 16, 13, 11, 9, 7, 6, 5, 4, 3.5, 3, 2.5, 2, 1.5, 1, 0.5)
"""Somebody comes so many minutes before the end, so that there is always something to answer."""


HANDED_OVER, RATES, SATISFIED = 0.04, 0.2, 0.93


@dataclass(frozen=True)
class Person:
    """An agent's habits. `shift`: from and to in hours of the day; `pace`: seconds to an answer, nothing else open."""

    name: str
    shift: tuple[float, float]
    pace: float


@dataclass(frozen=True)
class Plan:
    """What a shop goes through. `slow_days`: how many times longer answers take on some days."""

    people: tuple[Person, ...]
    days: tuple[date, ...]
    until: datetime
    buyers_a_day: int
    entries: Mapping[str, int]
    order_statuses: Mapping[str, int]
    questions: tuple[str, ...] = ()
    slow_days: Mapping[date, float] = field(default_factory=dict)
    on_duty_at_the_end: tuple[str, ...] = ()
    nicknames: tuple[str, ...] = ("buyer",)


class Said(NamedTuple):
    """A message: `author` is the account name of who wrote an agent's; `turn` counts the buyer's messages, from 0."""

    conversation: str
    sender: Sender
    author: str | None
    at: datetime
    turn: int


class Rated(NamedTuple):
    conversation: str
    satisfied: bool
    at: datetime


class Switched(NamedTuple):
    agent: str
    before: Status
    after: Status
    at: datetime


class Traffic:
    """Runs a plan through the engine. After `run`: `state`, `decisions`, `said`, `switched`, `rated`."""

    def __init__(self, state: ShopState, plan: Plan, seed: int) -> None:
        self.state = state
        self.plan = plan
        self.rng = Random(seed)
        self.whims = Random(seed + 1)
        """For what is seldom: who gives up, is handed over, or rates."""
        self.people = {person.name: person for person in plan.people}
        self.decisions: list[Decision] = []
        self.said: list[Said] = []
        self.switched: list[Switched] = []
        self.rated: list[Rated] = []
        self.known: list[str] = []
        self._agenda: list[tuple[datetime, int, Callable[..., None], tuple[Any, ...]]] = []
        self._made = 0

    def run(self) -> None:
        for day in self.plan.days:
            self._plan_day(day)
        before_end = self.plan.until - timedelta(minutes=45)
        for name in self.plan.on_duty_at_the_end:
            self._at(before_end, self._switch, name, Status.ONLINE)
        for minutes in LAST_MINUTES:
            self._at(self.plan.until - timedelta(minutes=minutes), self._arrive)
        while self._agenda:
            at, _, act, arguments = heappop(self._agenda)
            if at <= self.plan.until:
                act(at, *arguments)

    # -- the agenda --------------------------------------------------------------------------

    def _at(self, at: datetime, act: Callable[..., None], *arguments: Any) -> None:
        self._made += 1
        heappush(self._agenda, (at, self._made, act, arguments))

    def _plan_day(self, day: date) -> None:
        midnight = datetime(day.year, day.month, day.day, tzinfo=self.state.zone)
        utc = self.plan.until.tzinfo
        for person in self.plan.people:
            start, end = (midnight + timedelta(hours=h, minutes=self.rng.uniform(-8, 8)) for h in person.shift)
            middle = start + (end - start) / 2
            for moment, status in (
                (start, Status.ONLINE),
                (middle, Status.BREAK),
                (middle + timedelta(minutes=30), Status.ONLINE),
                (end, Status.OFFLINE),
            ):
                self._at(moment.astimezone(utc), self._switch, person.name, status)
        for _ in range(round(self.plan.buyers_a_day * self.rng.uniform(0.85, 1.15))):
            hour = self.rng.choices(range(24), weights=HOURS)[0]
            moment = midnight + timedelta(hours=hour, seconds=self.rng.uniform(0, 3600))
            self._at(moment.astimezone(utc), self._arrive)

    def _happen(self, event: events.Event, at: datetime) -> None:
        for closing, due in due_time_outs(self.state, at):
            self.decisions += happen(self.state, closing, due)
        self.decisions += happen(self.state, event, at)

    # -- what people do ----------------------------------------------------------------------

    def _switch(self, at: datetime, name: str, status: Status) -> None:
        before = self.state.agents[name].status
        near_the_end = self.plan.until - at <= timedelta(minutes=45)
        if before == status or (near_the_end and name in self.plan.on_duty_at_the_end and status != Status.ONLINE):
            return
        self._happen(events.Presence(name, status), at)
        self.switched.append(Switched(name, before, status, at))

    def _arrive(self, at: datetime) -> None:
        if self.known and self.rng.random() < 0.3:
            buyer = self.rng.choice(self.known)
        else:
            buyer = self._nickname()
            self.known.append(buyer)
        if self.state.open_of(buyer) is not None:
            return
        self._made += 1
        name = f"demo-{self._made}"
        entry = self._one_of(self.plan.entries)
        question = self.rng.choice(self.plan.questions) if self.plan.questions and self.rng.random() < 0.7 else None
        status = self._one_of(self.plan.order_statuses)
        self._happen(events.Open(name, buyer, entry, question, status), at)
        self.said.append(Said(name, Sender.BUYER, None, at, 0))
        self._at(at + timedelta(seconds=self._delay(name, at)), self._answer, name, 0)
        self._at(at + timedelta(seconds=self.whims.uniform(120, 900)), self._give_up, name)

    def _nickname(self) -> str:
        """Another name for each buyer: the nicknames, then the nicknames with a number."""
        names = self.plan.nicknames
        number, turn = len(self.known) % len(names), len(self.known) // len(names)
        return f"{names[number]}{turn + 1}" if turn else names[number]

    def _one_of(self, weights: Mapping[str, int]) -> str | None:
        return self.rng.choices(list(weights), weights=list(weights.values()))[0] if weights else None

    def _delay(self, name: str, at: datetime) -> float:
        """Log-normal round the holder's pace, longer with much open, and on slow days."""
        conversation = self.state.find(name)
        holder = None if conversation is None or conversation.agent is None else conversation.agent
        pace = self.people[holder].pace if holder in self.people else 60.0
        load = self.state.agents[holder].open if holder else 0
        slow = self.plan.slow_days.get(at.astimezone(self.state.zone).date(), 1.0)
        return pace * slow * (1 + load / 8) * math.exp(self.rng.gauss(0, 0.9))

    def _answer(self, at: datetime, name: str, turn: int) -> None:
        conversation = self.state.find(name)
        if conversation is None or conversation.state == State.CLOSED:
            return
        holder = self.state.agents.get(conversation.agent or "")
        if holder is None or holder.status != Status.ONLINE:
            self._at(at + timedelta(seconds=self.rng.uniform(60, 240)), self._answer, name, turn)
            return
        if turn == 0 and self.whims.random() < HANDED_OVER:
            holder = self._hand_over(at, name, holder)
        self._happen(events.Message(name, Sender.AGENT), at)
        self.said.append(Said(name, Sender.AGENT, holder.name, at, turn))
        if turn < 3 and self.rng.random() < 0.5:
            self._at(at + timedelta(seconds=self.rng.uniform(15, 240)), self._ask_again, name, turn + 1)
        else:
            self._at(at + timedelta(seconds=self.rng.uniform(120, 900)), self._close, name)

    def _ask_again(self, at: datetime, name: str, turn: int) -> None:
        conversation = self.state.find(name)
        if conversation is None or conversation.state == State.CLOSED:
            return
        self._happen(events.Message(name, Sender.BUYER), at)
        self.said.append(Said(name, Sender.BUYER, None, at, turn))
        self._at(at + timedelta(seconds=self._delay(name, at)), self._answer, name, turn)

    def _close(self, at: datetime, name: str) -> None:
        conversation = self.state.find(name)
        if conversation is not None and conversation.state != State.CLOSED:
            self._happen(events.Close(name, ClosedBy.AGENT), at)
            later = at + timedelta(seconds=self.whims.uniform(20, 600))
            if self.whims.random() < RATES and later <= self.plan.until:
                self.rated.append(Rated(name, self.whims.random() < SATISFIED, later))

    def _give_up(self, at: datetime, name: str) -> None:
        """Whoever still waits in a pool leaves."""
        conversation = self.state.find(name)
        if conversation is not None and conversation.state == State.QUEUED:
            self._happen(events.Close(name, ClosedBy.BUYER), at)

    def _hand_over(self, at: datetime, name: str, holder: Agent) -> Agent:
        others = [a for a in self.state.agents.values() if a.status == Status.ONLINE and a.name in self.people]
        to = self.whims.choice(others)
        if to is holder:
            return holder
        self._happen(events.Transfer(name, holder.name, to.name), at)
        return self.state.agents[to.name]
