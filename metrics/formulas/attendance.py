"""Somebody's hours: how long a status lasted in each, and how many conversations they held at once."""

from collections.abc import Iterable, Sequence
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
    before: str, switches: Sequence[tuple[datetime, str]], hours: Sequence[Hour]
) -> list[dict[str, float]]:
    """In each of `hours` the seconds that each status lasted; `before`: the one that held when the first began."""
    found: list[dict[str, float]] = [{} for _ in hours]
    if not hours:
        return found
    begin, end = hours[0][0], hours[-1][1]
    points = [(begin, before), *switches, (end, "")]
    place = 0
    for (since, status), (until, _) in pairwise(points):
        at = since
        while at < until:
            while at >= hours[place][1]:
                place += 1
            stop = min(until, hours[place][1])
            found[place][status] = found[place].get(status, 0.0) + (stop - at).total_seconds()
            at = stop
    return found
