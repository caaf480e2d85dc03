"""Waiting streaks of one conversation (METRICS section 2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import NamedTuple
from zoneinfo import ZoneInfo

from conversations.states import Sender
from metrics.formulas.definitions import Definition


class Said(NamedTuple):
    """One message as the formulas see it: `sent_at` in UTC, `agent` the writer's id or None, `identity` its id,
    `length` the characters of a person's answer."""

    sent_at: datetime
    sender: str
    identity: str
    agent: int | None = None
    to_robot: bool = False
    length: int = 0


class Streak(NamedTuple):
    """A counted streak: its shop day, when its clock started, the first counted reply or None; of that reply the
    sender ("" while there is none) and, for a person's, the writer's id."""

    day: date
    asked_at: datetime
    answered_at: datetime | None
    sender: str = ""
    author: int | None = None


_SENT_AT = attrgetter("sent_at")


@dataclass(slots=True)
class _Waiting:
    day: date
    asked_at: datetime | None = None


def in_order(messages: Iterable[Said]) -> list[Said]:
    """Messages by time; at the same time the buyer's first, then replies, then by message id (METRICS 2)."""
    ordered = sorted(messages, key=_SENT_AT)
    if len(set(map(_SENT_AT, ordered))) < len(ordered):
        ordered.sort(key=lambda said: (said.sent_at, said.sender != Sender.BUYER, said.identity))
    return ordered


def is_reply(said: Said, definition: Definition) -> bool:
    """Whether `said` is a counted reply: a person's, the robot's where it counts, an automatic one never (M13)."""
    return said.sender == Sender.AGENT or (said.sender == Sender.ROBOT and definition.counts_robot)


def is_question(said: Said, definition: Definition) -> bool:
    """Whether `said` begins or carries on a streak: what a buyer writes, whatever it says (M12), but to the robot
    only where the robot counts (M13)."""
    return said.sender == Sender.BUYER and (definition.counts_robot or not said.to_robot)


def find_streaks(ordered: Iterable[Said], definition: Definition, zone: ZoneInfo) -> list[Streak]:
    """The counted streaks of one conversation whose messages stand `in_order`.

    A streak's clock starts at its first message in the counted hours (M11); one with none is left out. At midnight,
    shop time, the buyer's next message begins a new one, so that one answer may end several.
    """
    found: list[Streak] = []
    waiting: list[_Waiting] = []

    def end(reply: Said | None) -> None:
        for w in waiting:
            if w.asked_at is not None:
                told = (reply.sent_at, reply.sender, reply.agent) if reply else (None,)
                found.append(Streak(w.day, w.asked_at, *told))
        waiting.clear()

    for said in ordered:
        if is_question(said, definition):
            local = said.sent_at.astimezone(zone)
            if not waiting or waiting[-1].day != local.date():
                waiting.append(_Waiting(local.date()))
            if waiting[-1].asked_at is None and definition.counts_at(local.time()):
                waiting[-1].asked_at = said.sent_at
        elif waiting and is_reply(said, definition):
            end(said)
    end(None)
    return found
