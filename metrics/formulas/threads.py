"""A conversation as the formulas see it: what was said, who held it, what became of it."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from conversations.states import Sender
from metrics.formulas.holders import Holding, holder_by_messages
from metrics.formulas.streaks import Said, Streak


class Turn(NamedTuple):
    """One decision: its trigger and outcome as in CONTRACT 2, whom it gave the conversation to, whether by recent
    contact."""

    at: datetime
    trigger: str
    outcome: str
    agent: int | None
    recent: bool = False

    @property
    def waits(self) -> bool:
        return self.outcome == "queued"


@dataclass(frozen=True, slots=True)
class Thread:
    """`ordered`: its messages in order, as far as the days that are counted need them. `closed_at` of a live one that
    is closed, else None; `holder`: its last one. `rated`: when, and whether satisfied."""

    conversation: int
    buyer: int
    entry: str
    order_status: str
    ordered: Sequence[Said]
    turns: Sequence[Turn] = ()
    closed_at: datetime | None = None
    holder: int | None = None
    rated: tuple[datetime, bool] | None = None

    def holdings(self, streak: Streak, until: datetime) -> tuple[Holding, ...]:
        """Who held it from the question on until `until`: the first one held it before, the others from then on.

        In history without decisions nobody can have changed in between: the next agent's message ends the streak.
        """
        if not self.turns:
            return (Holding(streak.asked_at, holder_by_messages(self.ordered, streak.asked_at)),)
        last = bisect_right(self.turns, streak.asked_at, key=lambda turn: turn.at)
        found = [Holding(streak.asked_at, self._held(last - 1))]
        for turn in self.turns[last:]:
            agent = None if turn.waits else turn.agent
            if turn.at <= until and agent != found[-1].agent:
                found.append(Holding(turn.at, agent))
        return tuple(found)

    def _held(self, place: int) -> int | None:
        return None if place < 0 or self.turns[place].waits else self.turns[place].agent

    def holders_of_questions(self) -> list[int | None]:
        """For each message in order who held the conversation then; in history without decisions the writer of the
        next agent's message, else of the last one before (METRICS 2)."""
        if self.turns:
            times = [turn.at for turn in self.turns]
            return [self._held(bisect_right(times, said.sent_at) - 1) for said in self.ordered]
        writers = [place for place, said in enumerate(self.ordered) if said.sender == Sender.AGENT]
        if not writers:
            return [None] * len(self.ordered)
        ends = len(writers) - 1
        return [
            self.ordered[writers[min(bisect_left(writers, place), ends)]].agent for place in range(len(self.ordered))
        ]
