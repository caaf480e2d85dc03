"""METRICS 2 and 4 once more, in the plainest way, for what the two shops of the trial need. Nothing of the product."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

METRICS = {
    "pinduoduo": {"reply_5m": 300, "reply_15m": 900, "reply_60m": 3600, "human_3m": 180},
    "douyin": {"human_3m": 180, "reply_2m": 120},
}
UNIT = {"pinduoduo": "buyer", "douyin": "conversation"}
WITH_PENALTIES = ("reply_5m", "reply_15m", "reply_60m")


@dataclass(frozen=True)
class Said:
    conversation: int
    buyer: str
    identity: str
    sender: str
    at: datetime


Figures = dict[str, int]
NOTHING: Figures = {"passed": 0, "failed": 0, "pending": 0}
Rates = dict[tuple[str, date], Figures]
"""(metric, shop day) -> {passed, failed, pending}."""


def rates(platform: str, said: Iterable[Said], zone: ZoneInfo, now: datetime) -> Rates:
    talks: defaultdict[int, list[Said]] = defaultdict(list)
    for one in said:
        talks[one.conversation].append(one)
    units: defaultdict[tuple[date, str], list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for talk in talks.values():
        for day, asked, answered in _streaks(talk, zone):
            unit = talk[0].buyer if UNIT[platform] == "buyer" else str(talk[0].conversation)
            units[day, unit].append((asked, answered))
    found: defaultdict[tuple[str, date], Figures] = defaultdict(NOTHING.copy)
    for metric, seconds in METRICS[platform].items():
        for (day, _unit), streaks in units.items():
            found[metric, day][_verdict(platform, streaks, timedelta(seconds=seconds), now)] += 1
    return dict(found)


def _streaks(talk: list[Said], zone: ZoneInfo) -> list[tuple[date, datetime, datetime | None]]:
    found: list[tuple[date, datetime, datetime | None]] = []
    asked: dict[date, datetime] = {}
    for one in sorted(talk, key=lambda one: (one.at, one.sender != "buyer", one.identity)):
        if one.sender == "agent":
            found += [(day, since, one.at) for day, since in asked.items()]
            asked = {}
        elif 8 <= one.at.astimezone(zone).hour < 23:
            asked.setdefault(one.at.astimezone(zone).date(), one.at)
    return found + [(day, since, None) for day, since in asked.items()]


def _verdict(
    platform: str, streaks: list[tuple[datetime, datetime | None]], threshold: timedelta, now: datetime
) -> str:
    open_ones = [asked for asked, answered in streaks if answered is None]
    if any(now - asked > threshold for asked in open_ones):
        return "failed"
    waits = [answered - asked for asked, answered in streaks if answered is not None]
    if platform == "pinduoduo" and any(wait > threshold for wait in waits):
        return "failed"
    if open_ones:
        return "pending"
    if platform == "douyin" and sum(waits, timedelta()) > threshold * len(waits):
        return "failed"
    return "passed"


Window = tuple[date, date, tuple[date, ...]]
"""Opened on, ends at 00:00 of, prolonged on."""


def removals(figures: dict[tuple[str, date], Figures], first: date, today: date) -> list[Window]:
    """The windows of `resource_slot_removal` (P1, P2)."""
    found: list[Window] = []
    for number in range((today - first).days):
        day = first + timedelta(days=number)
        failing = [metric for metric in WITH_PENALTIES if _below(figures, metric, day, 3)]
        if not failing:
            continue
        if found and found[-1][1] > day:
            if any(_below(figures, metric, day, 1) for metric in failing):
                opened, _end, prolonged = found[-1]
                found[-1] = (opened, day + timedelta(days=4), (*prolonged, day))
        else:
            found.append((day, day + timedelta(days=4), ()))
    return found


def _below(figures: dict[tuple[str, date], Figures], metric: str, day: date, days: int) -> bool:
    """Whether the metric is assessed on the day, and less than half of its units of so many days have passed."""
    own = figures.get((metric, day), {"passed": 0, "failed": 0})
    if not own["passed"] + own["failed"]:
        return False
    pooled = [figures.get((metric, day - timedelta(days=n)), {"passed": 0, "failed": 0}) for n in range(days)]
    passed, failed = sum(one["passed"] for one in pooled), sum(one["failed"] for one in pooled)
    return passed * 2 < passed + failed
