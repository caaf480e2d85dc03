"""Somebody's hours: how long a status lasted in each, and how many conversations they held at once."""

from bisect import bisect_right
from collections.abc import Container, Iterable, Sequence
from datetime import datetime
from itertools import pairwise

Hour = tuple[datetime, datetime]
"""Its begin and end; hours follow each other."""
Change = tuple[datetime, int]
"""When the number held went up or down, and by how much."""


def most_at_once(standing: int, changes: Iterable[Change], hours: Sequence[Hour]) -> list[int]:
    """The most held in each of `hours`; `standing`: held when the first begins. `changes` in order, none before it."""
    found: list[int] = []
    left = iter(changes)
    change = next(left, None)
    for _begin, end in hours:
        most = standing
        while change is not None and change[0] < end:
            standing += change[1]
            most = max(most, standing)
            change = next(left, None)
        found.append(most)
    return found


def seconds_by_hour(
    before: str, switches: Sequence[tuple[datetime, str]], hours: Sequence[Hour], wanted: Container[str]
) -> list[dict[str, float]]:
    """In each of `hours` the seconds that each of the `wanted` statuses lasted; `before`: the one that held when the
    first began."""
    found: list[dict[str, float]] = [{} for _ in hours]
    if not hours:
        return found
    points = [(hours[0][0], before), *switches, (hours[-1][1], "")]
    for (since, status), (until, _) in pairwise(points):
        if status not in wanted:
            continue
        place, at = bisect_right(hours, since, key=_begin) - 1, since
        while at < until:
            stop = min(until, hours[place][1])
            found[place][status] = found[place].get(status, 0.0) + (stop - at).total_seconds()
            place, at = place + 1, stop
    return found


def _begin(hour: Hour) -> datetime:
    return hour[0]
