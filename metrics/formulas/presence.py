"""How long somebody was online or on a break within a range, and what fell into that time. Times are UTC instants."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate, pairwise

ONLINE = "online"


class Presence:
    """`switches`: (when, status) in order, within `start` and `end`; `before`: the status that held at `start`."""

    def __init__(self, before: str, switches: Sequence[tuple[datetime, str]], start: datetime, end: datetime) -> None:
        points = [(start, before), *switches, (end, "")]
        self._lasted: defaultdict[str, timedelta] = defaultdict(timedelta)
        self.spans: list[tuple[datetime, datetime]] = []
        """When online, in order."""
        for (at, status), (until, _) in pairwise(points):
            self._lasted[status] += until - at
            if status == ONLINE and until > at:
                self.spans.append((at, until))
        self._starts = [begin for begin, _ in self.spans]
        self._sums = list(accumulate((stop - begin for begin, stop in self.spans), initial=timedelta()))

    def lasted(self, status: str) -> timedelta:
        return self._lasted.get(status, timedelta())

    def online_between(self, begin: datetime, end: datetime) -> timedelta:
        return max(timedelta(), self._online_until(end) - self._online_until(begin))

    def _online_until(self, moment: datetime) -> timedelta:
        place = bisect_right(self._starts, moment)
        if not place:
            return timedelta()
        begin, stop = self.spans[place - 1]
        return self._sums[place - 1] + min(moment, stop) - begin

    def count(self, moments: Sequence[datetime]) -> int:
        """How many of `moments`, in order, fell into the time online."""
        return sum(bisect_left(moments, stop) - bisect_left(moments, begin) for begin, stop in self.spans)
