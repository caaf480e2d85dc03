"""Short ways to say what was said, and when: clock faces of one shop, formulas without a database."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from metrics.formulas.definitions import PRESETS, Definition
from metrics.formulas.streaks import Said, Streak, find_streaks, in_order

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
DAY = date(2026, 3, 2)
M1, M2, M3, M4, M5, M6, M8, M7 = PRESETS
HUMAN_ONLY = replace(M1, counts_robot=False)
_numbers = count()


def at(clock: str, day: date = DAY, zone: ZoneInfo = SHANGHAI) -> datetime:
    """The instant, in UTC, at which clocks of `zone` show `clock` ("08:00" or "08:00:00")."""
    return datetime.fromisoformat(f"{day} {clock}").replace(tzinfo=zone).astimezone(UTC)


def says(sender: str, clock: str, day: date = DAY, *, zone: ZoneInfo = SHANGHAI, **more: object) -> Said:
    identity = more.pop("identity", None) or f"{next(_numbers):09}"
    return Said(at(clock, day, zone), sender, identity, **more)


def buyer(clock: str, day: date = DAY, **more: object) -> Said:
    return says("buyer", clock, day, **more)


def agent(clock: str, day: date = DAY, who: int = 1, **more: object) -> Said:
    return says("agent", clock, day, agent=who, **more)


def streaks(messages: Sequence[Said], definition: Definition = M1, zone: ZoneInfo = SHANGHAI) -> list[Streak]:
    return find_streaks(in_order(messages), definition, zone)


def minutes(found: Streak) -> float:
    """How long the streak waited; it must have been answered."""
    assert found.answered_at is not None
    return (found.answered_at - found.asked_at) / timedelta(minutes=1)
