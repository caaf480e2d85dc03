"""Counting buyers' days from their messages, into the rollups: whole shop days anew, single buyers' days by what
changed."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from agents.models import Shop
from metrics.formulas.days import ONE_DAY, day_of, days
from metrics.formulas.definitions import Definition, strictest_first
from metrics.formulas.facts import Days, Facts, facts_by_day
from metrics.formulas.facts_json import read
from metrics.formulas.tally import Tally, changes_at
from metrics.models import BuyerDay, RateRollup, Rollup
from metrics.selectors.raw_days import CHUNK, Span, active_buyers, raw_days
from metrics.services.horizon import check_kept
from metrics.services.rollups import add_tallies, insert_buyer_days, insert_tallies, pieces
from routing.simulator.collecting import no_garbage_collection

Counted = tuple[int, date, Facts, datetime | None]
"""A buyer, a day, its facts, and when something dated later than now comes due."""


class Recount:
    """One counting of some days of one shop as of `now`. Writes; needs a transaction with the shop's row locked."""

    def __init__(self, shop: Shop, definitions: Callable[[date], Iterable[Definition]], now: datetime) -> None:
        self.shop, self.definitions, self.now, self.zone = shop, definitions, now, shop.zone

    def whole_days(self, wanted: Collection[date]) -> None:
        check_kept(self.shop, wanted)
        for run in _runs(wanted):
            within = {"shop": self.shop, "date__gte": run[0], "date__lte": run[-1]}
            for model in (BuyerDay, Rollup, RateRollup):
                model.objects.filter(**within).delete()
            tallies: defaultdict[date, Tally] = defaultdict(Tally)
            span = self._span(run)
            for chunk in active_buyers(span):
                self._take(span, chunk, tallies)
            insert_tallies(self.shop, tallies)

    def buyers_days(self, wanted: Mapping[date, Collection[int]]) -> None:
        check_kept(self.shop, wanted)
        for run in _runs(wanted):
            buyers = sorted({buyer for day in run for buyer in wanted[day]})
            tallies: defaultdict[date, Tally] = defaultdict(Tally)
            span = self._span(run)
            for chunk in pieces(buyers, CHUNK):
                before = BuyerDay.objects.filter(shop=self.shop, buyer__in=chunk, date__gte=run[0], date__lte=run[-1])
                for row in before:
                    self._add(tallies[row.date], read(row.facts, row.date), row.date, row.counted_at, sign=-1)
                before.delete()
                self._take(span, chunk, tallies)
            add_tallies(self.shop, tallies)

    def tallies(self, wanted: Collection[date]) -> dict[date, Tally]:
        """What `wanted` would be if they were counted whole now. Writes nothing."""
        found: dict[date, Tally] = {day: Tally() for day in wanted}
        for run in _runs(wanted):
            span = self._span(run)
            for chunk in active_buyers(span):
                for _, day, facts, _later in self._count(span, chunk):
                    self._add(found[day], facts, day, self.now)
        return found

    def _take(self, span: Span, buyers: list[int], tallies: Mapping[date, Tally]) -> None:
        """Count the days of these buyers, keep them, and add them to `tallies`."""
        with no_garbage_collection():
            counted = list(self._count(span, buyers))
            insert_buyer_days(self._rows(counted))
            for _, day, facts, _later in counted:
                self._add(tallies[day], facts, day, self.now)

    def _span(self, run: list[date]) -> Span:
        seconds = (d.threshold_seconds for day in run for d in self.definitions(day))
        return Span(self.shop, run[0], run[-1], self.now, timedelta(seconds=max(seconds, default=0)))

    def _count(self, span: Span, buyers: list[int]) -> Iterator[Counted]:
        wanted = Days({day: self._definitions(day) for day in days(span.first, span.last)}, self.zone)
        for buyer, raw in raw_days(span, buyers).items():
            found = facts_by_day(raw.threads, wanted)
            if raw.next_at is not None and (due := day_of(raw.next_at, self.zone)) in wanted.definitions:
                # A row that says when to look again, though nothing may be there yet.
                found.setdefault(due, Facts())
            for day, facts in found.items():
                yield buyer, day, facts, raw.next_at

    def _rows(self, counted: Iterable[Counted]) -> Iterator[tuple[object, ...]]:
        for buyer, day, facts, later in counted:
            due = changes_at(facts, self._definitions(day), self.now, self.zone)
            changes = min((moment for moment in (due, later) if moment is not None), default=None)
            yield self.shop.pk, day, buyer, facts, self.now, changes

    def _add(self, tally: Tally, facts: Facts, day: date, as_of: datetime, *, sign: int = 1) -> None:
        tally.add(facts, self._definitions(day), as_of, self.zone, sign=sign)

    def _definitions(self, day: date) -> tuple[Definition, ...]:
        return strictest_first(self.definitions(day))


def _runs(wanted: Iterable[date]) -> list[list[date]]:
    """Days that follow each other, together: what lies between them is read once."""
    runs: list[list[date]] = []
    for day in sorted(wanted):
        if runs and runs[-1][-1] + ONE_DAY == day:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs
