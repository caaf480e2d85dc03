"""What buyers' days add to the rollups: measures and units by hour for the shop and each agent, by day for each entry
and order status. Adding facts and taking the same facts away, as of the same moment, leaves nothing."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from metrics.formulas.days import day_end
from metrics.formulas.definitions import Definition
from metrics.formulas.facts import Facts
from metrics.formulas.measures import MEASURES, PLACE, took_class
from metrics.formulas.units import Figures, Judged, Verdict, View, Wait, deciding, judge, pool, streak_verdict

WHOLE_DAY = -1
"""The hour of what is kept by day."""

SHOP, AGENT, ENTRY, ORDER_STATUS = DIMENSIONS = ("shop", "agent", "entry", "order_status")

PLACES = (Verdict.PASSED, Verdict.FAILED, Verdict.PENDING)


class Cell(NamedTuple):
    """`key`: the agent's id, the entry, the order status; empty for the shop, and for nobody and nothing."""

    hour: int
    dimension: str
    key: str


class RateCell(NamedTuple):
    hour: int
    dimension: str
    key: str
    metric: str


class Tally:
    """One shop day. `measures`: amounts in the order of MEASURES; `rates`: units passed, failed, pending."""

    def __init__(self) -> None:
        self.measures: dict[Cell, list[int]] = {}
        self.rates: dict[RateCell, list[int]] = {}

    def add(
        self, facts: Facts, definitions: Sequence[Definition], now: datetime, zone: ZoneInfo, *, sign: int = 1
    ) -> None:
        """`definitions`: those of the day, the one that decides the response times first. `sign` -1 takes away."""
        _Adding(self, facts, definitions, now, zone, sign).all()

    def units(self, metric: str) -> Figures:
        """The shop's own of the day."""
        found = [units for cell, units in self.rates.items() if (cell.dimension, cell.metric) == (SHOP, metric)]
        return pool(Figures(*units) for units in found)


class _Adding:
    def __init__(
        self,
        tally: Tally,
        facts: Facts,
        definitions: Sequence[Definition],
        now: datetime,
        zone: ZoneInfo,
        sign: int,
    ) -> None:
        self.tally, self.facts, self.definitions = tally, facts, definitions
        self.now, self.zone, self.sign = now, zone, sign

    def all(self) -> None:
        self._done()
        self._buyers()
        for place, definition in enumerate(self.definitions):
            waits = self.facts.waits(definition, 0, self.now)
            if place == 0:
                self._responses(waits, definition)
            self._rates(waits, definition)

    def _cells(self, conversation: int, hour: int, agent: int | None) -> list[list[int]]:
        entry, status = self.facts.about[conversation]
        return [
            self._cell(Cell(hour, SHOP, "")),
            self._cell(Cell(hour, AGENT, _key(agent))),
            self._cell(Cell(WHOLE_DAY, ENTRY, entry)),
            self._cell(Cell(WHOLE_DAY, ORDER_STATUS, status)),
        ]

    def _cell(self, cell: Cell) -> list[int]:
        found = self.tally.measures.get(cell)
        if found is None:
            found = self.tally.measures[cell] = [0] * len(MEASURES)
        return found

    def _done(self) -> None:
        for (conversation, hour, agent), amounts in self.facts.done.items():
            for cell in self._cells(conversation, hour, agent):
                for name, amount in amounts.items():
                    cell[PLACE[name]] += self.sign * amount

    def _buyers(self) -> None:
        """Once in each cell's line, at the hour of the first question; an agent's also who only answered."""
        first: dict[tuple[str, str], int] = {}
        answered: set[tuple[str, str]] = set()
        by_robot: set[tuple[str, str]] = set()
        for (conversation, hour, agent), amounts in self.facts.done.items():
            entry, status = self.facts.about[conversation]
            own = (AGENT, _key(agent))
            lines = ((SHOP, ""), own, (ENTRY, entry), (ORDER_STATUS, status))
            for line in lines:
                if "questions" in amounts or (line == own and "answers" in amounts):
                    first[line] = min(hour, first.get(line, hour))
                if "answers" in amounts:
                    answered.add(line)
                if "robot_answers" in amounts:
                    by_robot.add(line)
        for (dimension, key), hour in first.items():
            cell = self._cell(Cell(hour if dimension in (SHOP, AGENT) else WHOLE_DAY, dimension, key))
            cell[PLACE["buyers"]] += self.sign
            if (dimension, key) in answered:
                cell[PLACE["answered_buyers"]] += self.sign
            elif (dimension, key) in by_robot:
                cell[PLACE["robot_buyers"]] += self.sign

    def _responses(self, waits: Sequence[Wait], definition: Definition) -> None:
        """People's: what the robot answered is no response."""
        view = View(timedelta(seconds=definition.threshold_seconds), self.now, self.zone)
        begun: set[int] = set()
        for wait in waits:
            streak, names = wait.streak, []
            first = wait.conversation not in begun
            begun.add(wait.conversation)
            if streak.sender == "robot":
                continue
            if streak_verdict(streak, view) is Verdict.FAILED:
                names = [("slow", 1)] if streak.answered_at else [("slow", 1), ("never", 1)]
            if streak.answered_at is not None:
                took = (streak.answered_at - streak.asked_at).total_seconds()
                names += [("responses", 1), ("response_seconds", round(took)), (took_class(took), 1)]
                if first:
                    names += [("first_responses", 1), ("first_seconds", round(took))]
            for cell in self._cells(wait.conversation, self._hour(streak.asked_at), wait.agent):
                for name, amount in names:
                    cell[PLACE[name]] += self.sign * amount

    def _rates(self, waits: Sequence[Wait], definition: Definition) -> None:
        """An agent's units are made of their own streaks, an entry's of its own conversations': they need not add up to
        the shop's (METRICS 2)."""
        if not waits:
            return
        about = self.facts.about
        whole = judge(waits, definition, self.now, self.zone)
        self._units(SHOP, "", whole, definition)
        lines: tuple[tuple[str, Callable[[Wait], str]], ...] = (
            (AGENT, lambda wait: _key(wait.agent)),
            (ENTRY, lambda wait: about[wait.conversation][0]),
            (ORDER_STATUS, lambda wait: about[wait.conversation][1]),
        )
        for dimension, of in lines:
            own: dict[str, list[Wait]] = {}
            for wait in waits:
                own.setdefault(of(wait), []).append(wait)
            for key, theirs in own.items():
                units = whole if len(own) == 1 else judge(theirs, definition, self.now, self.zone)
                self._units(dimension, key, units, definition)

    def _units(self, dimension: str, key: str, units: Sequence[Judged], definition: Definition) -> None:
        by_hour = dimension in (SHOP, AGENT)
        for unit in units:
            hour = self._hour(deciding(unit.waits, self.now).streak.asked_at) if by_hour else WHOLE_DAY
            cell = RateCell(hour, dimension, key, definition.key)
            found = self.tally.rates.get(cell)
            if found is None:
                found = self.tally.rates[cell] = [0, 0, 0]
            found[PLACES.index(unit.verdict)] += self.sign

    def _hour(self, moment: datetime) -> int:
        return moment.astimezone(self.zone).hour


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
