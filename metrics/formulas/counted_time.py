"""Seconds of a wait that lie in the counted hours, for the means of the reports (METRICS 2)."""

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from metrics.formulas.days import ONE_DAY, day_of, days, instant
from metrics.formulas.definitions import Definition
from metrics.formulas.streaks import Streak

LATEST_REPLY = timedelta(hours=24)
"""An answer that comes later is no reply for the means, and leaves its question unanswered in the counts."""


def has_reply(streak: Streak) -> bool:
    """Return whether the streak was answered as the means see it; exactly 24 hours are in time."""
    return streak.answered_at is not None and streak.answered_at - streak.asked_at <= LATEST_REPLY


def counted_wait(asked_at: datetime, answered_at: datetime, definition: Definition, zone: ZoneInfo) -> timedelta:
    """Return the part of a wait that lies in the counted hours: from 22:58 to 08:02 it is 4 minutes (M11)."""
    first = day_of(asked_at, zone)
    opens, shuts = _counted_hours(first, definition.service_from, definition.service_to, zone)
    if opens <= asked_at and answered_at <= shuts:
        return answered_at - asked_at
    counted = timedelta()
    # Hours that run over midnight began the day before.
    for day in days(first - ONE_DAY, day_of(answered_at, zone)):
        opens, shuts = _counted_hours(day, definition.service_from, definition.service_to, zone)
        counted += max(min(shuts, answered_at) - max(opens, asked_at), timedelta())
    return counted


@lru_cache(maxsize=4096)
def _counted_hours(day: date, service_from: time, service_to: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The counted hours that begin on `day`, as instants; equal ends mean the whole day."""
    last = day if service_from < service_to else day + ONE_DAY
    return instant(day, service_from, zone), instant(last, service_to, zone)
