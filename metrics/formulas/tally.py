"""What buyers' days add to the rollups: measures and units by hour for the shop and each agent, by day for each entry
and order status. Adding facts and taking the same facts away, as of the same moment, leaves nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from conversations.states import Sender
from metrics.formulas.counted_time import counted_wait, has_reply
from metrics.formulas.days import day_end
from metrics.formulas.definitions import Definition
from metrics.formulas.facts import Facts
from metrics.formulas.measures import MEASURES, PLACE, took_class
from metrics.formulas.units import Figures, Verdict, View, Wait, deciding, judge, pool, streak_verdict

WHOLE_DAY = -1
"""The hour of what is kept by day."""

SHOP, AGENT, ENTRY, ORDER_STATUS = DIMENSIONS = ("shop", "agent", "entry", "order_status")

BY_HOUR = (SHOP, AGENT)
"""Kept by hour; the others by day."""

PLACES = {Verdict.PASSED: 0, Verdict.FAILED: 1, Verdict.PENDING: 2}


Cell = tuple[int, str, str]
"""Hour, dimension, key: the agent's id, the entry, the order status; empty for the shop, and for nobody and nothing."""
RateCell = tuple[int, str, str, str]
"""The same, and the metric."""


class Tally:
    """One shop day. `measures`: amounts in the order of MEASURES; `rates`: units passed, failed, pending."""

    def __init__(self) -> None:
        self.measures: dict[Cell, list[int]] = {}
        self.rates: dict[RateCell, list[int]] = {}

    def add(
        self, facts: Facts, definitions: Sequence[Definition], now: datetime, zone: ZoneInfo, *, sign: int = 1
    ) -> None:
        """`definitions`: those of the day, the one that decides the response times first. `sign` -1 takes away."""
        _Adding(self, facts, now, zone, sign).all(definitions)

    def units(self, metric: str) -> Figures:
        """The shop's own of the day."""
        found = [units for (_, dimension, _, key), units in self.rates.items() if (dimension, key) == (SHOP, metric)]
        return pool(Figures(*units) for units in found)


class _Adding:
    """Runs for every buyer and day there is: what several figures need is made once."""

    def __init__(self, tally: Tally, facts: Facts, now: datetime, zone: ZoneInfo, sign: int) -> None:
        self.tally, self.facts, self.now, self.zone, self.sign = tally, facts, now, zone, sign
        self.hours: dict[datetime, int] = {}
        self.kept: dict[tuple[int, int, int | None], list[list[int]]] = {}

    def all(self, definitions: Sequence[Definition]) -> None:
        self._done()
        self._buyers()
        waits: dict[str, list[Wait]] = {}
        for place, definition in enumerate(definitions):
            found = waits.get(definition.counting)
            if found is None or self.facts.changed_hands:
                found = waits[definition.counting] = self.facts.waits(definition, 0, self.now)
            if not found:
                continue
            if place == 0:
                self._responses(found, definition)
            self._rates(found, definition)

    def _cells(self, conversation: int, hour: int, agent: int | None) -> list[list[int]]:
        found = self.kept.get((conversation, hour, agent))
        if found is None:
            entry, status = self.facts.about[conversation]
            measures = self.tally.measures
            found = self.kept[conversation, hour, agent] = [
                measures.get(cell) or measures.setdefault(cell, [0] * len(MEASURES))
                for cell in (
                    (hour, SHOP, ""),
                    (hour, AGENT, _key(agent)),
                    (WHOLE_DAY, ENTRY, entry),
                    (WHOLE_DAY, ORDER_STATUS, status),
                )
            ]
        return found

    def _done(self) -> None:
        sign = self.sign
        for place, amounts in self.facts.done.items():
            told = [(PLACE[name], sign * amount) for name, amount in amounts.items()]
            for cell in self._cells(*place):
                for number, amount in told:
                    cell[number] += amount

    def _buyers(self) -> None:
        """Once in each line, at the hour of the first question; an agent's also who only answered."""
        first: dict[tuple[str, str], int] = {}
        answered: set[tuple[str, str]] = set()
        by_robot: set[tuple[str, str]] = set()
        for (conversation, hour, agent), amounts in self.facts.done.items():
            entry, status = self.facts.about[conversation]
            own = (AGENT, _key(agent))
            lines = ((SHOP, ""), own, (ENTRY, entry), (ORDER_STATUS, status))
            asks, answers, robot = "questions" in amounts, "answers" in amounts, "robot_answers" in amounts
            replies = "replies" in amounts
            for line in lines:
                if (asks or (answers and line is own)) and hour < first.get(line, 24):
                    first[line] = hour
            if replies:
                answered.update(lines)
            if robot:
                by_robot.update(lines)
        measures = self.tally.measures
        for line, hour in first.items():
            dimension = line[0]
            cell = measures[(hour if dimension in BY_HOUR else WHOLE_DAY, *line)]
            cell[PLACE["buyers"]] += self.sign
            if line in answered:
                cell[PLACE["answered_buyers"]] += self.sign
            elif line in by_robot:
                cell[PLACE["robot_buyers"]] += self.sign

    def _responses(self, waits: Sequence[Wait], definition: Definition) -> None:
        """Add up people's: what the robot answered is no response. Means go by the counted part of a wait alone."""
        view = View(timedelta(seconds=definition.threshold_seconds), self.now, self.zone)
        begun: set[int] = set()
        for wait in waits:
            streak = wait.streak
            first = wait.conversation not in begun
            begun.add(wait.conversation)
            replied = has_reply(streak)
            if replied and streak.sender == Sender.ROBOT:
                continue
            told: list[tuple[int, int]] = []
            if streak_verdict(streak, view) is Verdict.FAILED:
                told.append((PLACE["slow"], 1))
                if not replied:
                    told.append((PLACE["never"], 1))
            if replied and streak.answered_at is not None:
                took = counted_wait(streak.asked_at, streak.answered_at, definition, self.zone).total_seconds()
                seconds = round(took)
                told += [(PLACE["responses"], 1), (PLACE["response_seconds"], seconds), (PLACE[took_class(took)], 1)]
                if first:
                    told += [(PLACE["first_responses"], 1), (PLACE["first_seconds"], seconds)]
            for cell in self._cells(wait.conversation, self._hour(streak.asked_at), wait.agent):
                for number, amount in told:
                    cell[number] += self.sign * amount

    def _rates(self, waits: Sequence[Wait], definition: Definition) -> None:
        """An agent's units are made of their own streaks, an entry's of its own conversations': they need not add up to
        the shop's (METRICS 2)."""
        about = self.facts.about
        whole = self._judged(waits, definition)
        self._units(SHOP, "", whole, definition)
        for dimension in (AGENT, ENTRY, ORDER_STATUS):
            own: dict[str, list[Wait]] = {}
            if len(waits) == 1 or (dimension != AGENT and len(about) == 1):
                # As nearly always: nothing to be told apart.
                self._units(dimension, self._line(dimension, waits[0]), whole, definition)
                continue
            for wait in waits:
                own.setdefault(self._line(dimension, wait), []).append(wait)
            for key, theirs in own.items():
                self._units(dimension, key, whole if len(own) == 1 else self._judged(theirs, definition), definition)

    def _line(self, dimension: str, wait: Wait) -> str:
        return (
            _key(wait.agent) if dimension == AGENT else self.facts.about[wait.conversation][dimension == ORDER_STATUS]
        )

    def _judged(self, waits: Sequence[Wait], definition: Definition) -> list[tuple[int, int]]:
        """Each unit's hour, and the place of its verdict."""
        return [
            (self._hour(deciding(unit.waits, self.now).streak.asked_at), PLACES[unit.verdict])
            for unit in judge(waits, definition, self.now, self.zone)
        ]

    def _units(self, dimension: str, key: str, units: Sequence[tuple[int, int]], definition: Definition) -> None:
        by_hour, rates = dimension in BY_HOUR, self.tally.rates
        for hour, place in units:
            cell = (hour if by_hour else WHOLE_DAY, dimension, key, definition.key)
            found = rates.get(cell)
            if found is None:
                found = rates[cell] = [0, 0, 0]
            found[place] += self.sign

    def _hour(self, moment: datetime) -> int:
        found = self.hours.get(moment)
        if found is None:
            found = self.hours[moment] = moment.astimezone(self.zone).hour
        return found


def _key(agent: int | None) -> str:
    return "" if agent is None else str(agent)


def changes_at(facts: Facts, definitions: Sequence[Definition], now: datetime, zone: ZoneInfo) -> datetime | None:
    """The next moment after `now` at which time alone changes a verdict; None when all of them are final."""
    found = []
    for definition in definitions:
        threshold = timedelta(seconds=definition.threshold_seconds)
        for held in facts.streaks.get(definition.counting, ()):
            if held.streak.answered_at is None:
                found.append(held.streak.asked_at + threshold + timedelta(microseconds=1))
                found.append(day_end(held.streak.day, zone))
    return min((moment for moment in found if moment > now), default=None)
