"""Shop days: calendar days in the shop's time zone (G14), as absolute instants.

Python compares two times of the same zone by their clock faces, which is wrong in the hour that a
daylight-saving change repeats. So instants are UTC everywhere; the zone is asked only for a day and a clock face.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ONE_DAY = timedelta(days=1)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The shop day of an aware `moment`."""
    return moment.astimezone(zone).date()


def day_start(day: date, zone: ZoneInfo) -> datetime:
    """00:00 of `day` in `zone`, as an instant in UTC; where a change skips 00:00, the first instant of the day."""
    return instant(day, time(0), zone)


def instant(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """When clocks of `zone` show `clock` on `day`, in UTC."""
    return datetime.combine(day, clock, zone).astimezone(UTC)


def day_end(day: date, zone: ZoneInfo) -> datetime:
    """The first instant that is no longer `day`."""
    return day_start(day + ONE_DAY, zone)


def days(first: date, last: date) -> Iterator[date]:
    """Every day from `first` to `last`, both included; none when `last` is earlier."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)
