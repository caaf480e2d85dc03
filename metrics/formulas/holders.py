"""Whose a streak is (METRICS section 2, "Whose it is")."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from conversations.states import Sender
from metrics.formulas.streaks import Said, Streak


class Holding(NamedTuple):
    """From `since` on the conversation was held by `agent`, or by nobody while it waited (None)."""

    since: datetime
    agent: int | None


def charged_moment(streak: Streak, threshold: timedelta, now: datetime) -> datetime:
    """When to ask who held it: at the answer if that was in time, else when T ran out, else (pending) now."""
    due = streak.asked_at + threshold
    return min(streak.answered_at or now, due)


def holder_by_decisions(holdings: Sequence[Holding], moment: datetime) -> int | None:
    """Who held a conversation at `moment`, from its decisions in their order."""
    held = [holding.agent for holding in holdings if holding.since <= moment]
    return held[-1] if held else None


def holder_by_messages(ordered: Sequence[Said], moment: datetime) -> int | None:
    """The same for history without decisions: the writer of the next agent message, else of the last one before.

    A message of an unknown person leaves it with nobody.
    """
    before: int | None = None
    for said in ordered:
        if said.sender == Sender.AGENT:
            if said.sent_at >= moment:
                return said.agent
            before = said.agent
    return before
