"""A buyer's shop day, reduced to what every figure of it follows from: counted streaks, and what was done by whom in
which hour. Facts know neither thresholds nor pass lines nor the time of asking, so time alone never changes them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from conversations.states import Sender
from metrics.formulas.definitions import Definition
from metrics.formulas.holders import Holding, charged_moment, holder_by_decisions
from metrics.formulas.streaks import Streak, find_streaks
from metrics.formulas.threads import Thread, Turn
from metrics.formulas.units import Wait

Amounts = dict[str, int]
Place = tuple[int, int, int | None]
"""Conversation, hour of the shop's clock, agent (None: nobody)."""


class Held(NamedTuple):
    """A counted streak of a conversation, and who held it from the question on."""

    conversation: int
    streak: Streak
    holdings: tuple[Holding, ...]

    def wait(self, buyer: int, threshold: timedelta, now: datetime) -> Wait:
        """With whom it is charged to (METRICS 2, "Whose it is")."""
        moment = charged_moment(self.streak, threshold, now)
        return Wait(self.streak, buyer, self.conversation, holder_by_decisions(self.holdings, moment))


@dataclass(slots=True)
class Facts:
    """`about`: entry and order status of each conversation. `streaks` by counting (Definition.counting), in each
    conversation in their order. `done`: names of metrics.formulas.measures with their amounts."""

    about: dict[int, tuple[str, str]] = field(default_factory=dict)
    streaks: dict[str, list[Held]] = field(default_factory=dict)
    done: dict[Place, Amounts] = field(default_factory=dict)

    @property
    def changed_hands(self) -> bool:
        """Whether it may depend on the threshold whose a streak is."""
        return any(len(held.holdings) > 1 for streaks in self.streaks.values() for held in streaks)

    def waits(self, definition: Definition, buyer: int, now: datetime) -> list[Wait]:
        threshold = timedelta(seconds=definition.threshold_seconds)
        return [held.wait(buyer, threshold, now) for held in self.streaks.get(definition.counting, ())]


class Days:
    """The shop days that are counted, with their definitions."""

    def __init__(self, definitions: Mapping[date, Sequence[Definition]], zone: ZoneInfo) -> None:
        self.definitions = definitions
        self.zone = zone
        self.countings: dict[str, tuple[Definition, dict[date, timedelta]]] = {}
        """Of each counting one definition, and the days on which it holds with the longest threshold then."""
        for day, of_day in definitions.items():
            for definition in of_day:
                longest = self.countings.setdefault(definition.counting, (definition, {}))[1]
                seconds = timedelta(seconds=definition.threshold_seconds)
                longest[day] = max(seconds, longest.get(day, seconds))


def facts_by_day(threads: Iterable[Thread], days: Days) -> dict[date, Facts]:
    """The facts of one buyer from all their conversations; days on which nothing was are missing."""
    found: defaultdict[date, Facts] = defaultdict(Facts)
    for thread in threads:
        about = (thread.entry, thread.order_status)
        for counting, held in _held(thread, days):
            facts = found[held.streak.day]
            facts.about[thread.conversation] = about
            facts.streaks.setdefault(counting, []).append(held)
        for local, agent, name, amount in _events(thread, days.zone):
            if (day := local.date()) in days.definitions:
                facts = found[day]
                facts.about[thread.conversation] = about
                amounts = facts.done.setdefault((thread.conversation, local.hour, agent), {})
                amounts[name] = amounts.get(name, 0) + amount
    return found


def _held(thread: Thread, days: Days) -> Iterator[tuple[str, Held]]:
    """With the counting of each."""
    for counting, (definition, longest) in days.countings.items():
        for streak in find_streaks(thread.ordered, definition, days.zone):
            if streak.day in longest:
                until = streak.answered_at or streak.asked_at + longest[streak.day]
                yield counting, Held(thread.conversation, streak, thread.holdings(streak, until))


Event = tuple[datetime, int | None, str, int]
"""When, whose, which measure, how much. Those of `_events` are by the shop's clock."""


def _events(thread: Thread, zone: ZoneInfo) -> Iterator[Event]:
    yield from _said(thread, zone)
    for moment, agent, name, amount in _became(thread):
        yield moment.astimezone(zone), agent, name, amount


def _said(thread: Thread, zone: ZoneInfo) -> Iterator[Event]:
    holders = thread.holders_of_questions()
    asked: date | None = None
    for said, holder in zip(thread.ordered, holders, strict=True):
        local = said.sent_at.astimezone(zone)
        if said.sender == Sender.BUYER:
            asked = local.date()
            yield local, holder, "questions", 1
        elif said.sender == Sender.AGENT:
            yield local, said.agent, "answers", 1
            yield local, said.agent, "characters", said.length
            # Of the same day alone: what was before is not read for a day.
            if asked == local.date():
                yield local, said.agent, "replies", 1
            asked = None
        elif said.sender == Sender.ROBOT:
            yield local, None, "robot_answers", 1


def _became(thread: Thread) -> Iterator[Event]:
    """What routing did and what came of it, in instants."""
    if thread.turns:
        yield from _dealt(thread)
        yield from _waited(thread)
    if thread.rated is not None:
        at, satisfied = thread.rated
        yield at, thread.holder, "satisfied" if satisfied else "dissatisfied", 1


def _dealt(thread: Thread) -> Iterator[Event]:
    holder: int | None = None
    first: Turn | None = None
    for turn in thread.turns:
        if turn.outcome == "offline":
            yield turn.at, turn.agent, "offline", 1
            if any(said.sender == Sender.AGENT and said.sent_at >= turn.at for said in thread.ordered):
                yield turn.at, turn.agent, "offline_answered", 1
        elif turn.trigger == "transferred":
            yield turn.at, turn.agent, "transferred_in", 1
            yield turn.at, holder, "transferred_out", 1
        elif not turn.waits:
            yield turn.at, turn.agent, "received", 1
            if turn.trigger != "reassigned":
                yield turn.at, turn.agent, "direct", 1
            if turn.recent:
                yield turn.at, turn.agent, "recent", 1
        holder = None if turn.waits else turn.agent
        first = first or (None if turn.waits else turn)
    if thread.closed_at is not None and first is not None:
        yield first.at, thread.holder, "closed", 1
        yield first.at, thread.holder, "handling_seconds", round((thread.closed_at - first.at).total_seconds())


def _waited(thread: Thread) -> Iterator[Event]:
    """Told at the hour in which the wait began; a change of pool goes on with it."""
    since: datetime | None = None
    for turn in thread.turns:
        if turn.waits:
            if since is None:
                since = turn.at
                yield since, None, "waits", 1
        elif since is not None:
            yield since, None, "waits_over", 1
            yield since, None, "wait_seconds", round((turn.at - since).total_seconds())
            since = None
    if since is not None and thread.closed_at is not None:
        yield since, None, "abandoned", 1
