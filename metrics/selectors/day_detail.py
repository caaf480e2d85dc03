"""A shop day unit by unit (M14): who asked, who answered when, what made it pass or fail, from the buyers' days."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agents.models import Shop, SubAccount
from conversations.states import Sender
from metrics.formulas.definitions import Definition, strictest_first
from metrics.formulas.facts import Facts
from metrics.formulas.facts_json import read
from metrics.formulas.units import Figures, Judged, Verdict, deciding, judge
from metrics.models import BuyerDay
from metrics.selectors.definitions import shop_definitions


@dataclass(frozen=True, slots=True)
class DetailRow:
    """One unit of the day's strictest assessed metric.

    `asked_at`, `answered_at`, `took` are those of the streak that decides: the longest wait, an unanswered one before
    all. `by`: who answered it ("" nobody, or an unknown person), `robot`: the robot did. `charged`: whose the wait is.
    `verdicts` of every metric of the day with the same unit, by key; `left`: whole seconds, while it is pending.
    """

    buyer: str
    conversation: int
    asked_at: datetime
    answered_at: datetime | None
    took: int
    rounds: int
    by: str
    robot: bool
    charged: str
    verdict: Verdict
    verdicts: dict[str, Verdict]
    left: int | None


@dataclass(frozen=True, slots=True)
class DayDetail:
    """`definitions`: the columns, the first one decides the rows; None where the platform has no metric that day.
    `figures` are the first one's, of all rows; `cut`: the day has more buyers than were read."""

    day: date
    definitions: tuple[Definition, ...]
    rows: list[DetailRow]
    figures: Figures
    cut: bool = False


PAGE_BUYERS = 10_000
"""Buyers of a day that are read for its page: about a second of processor time. The download reads every one."""

ORDER = (Verdict.FAILED, Verdict.PENDING, Verdict.PASSED)


def day_detail(shop: Shop, day: date, now: datetime, max_buyers: int | None = None) -> DayDetail:
    """Every unit of the day: the failed ones, then the pending ones with the least time first, then the passed ones;
    the settled ones the latest first. Who asked within the last minute may be missing (`sweep_assessments`).

    `max_buyers`: the most to be read, those whose day changed last."""
    columns = columns_of(shop_definitions(shop).on(day))
    rows: list[DetailRow] = []
    cut = False
    if columns:
        told = _Telling(shop, columns, _people(shop), now)
        buyer_days = BuyerDay.objects.filter(shop=shop, date=day).select_related("buyer").order_by()
        if max_buyers is not None:
            cut = buyer_days.count() > max_buyers
            buyer_days = buyer_days.order_by("-counted_at", "-pk")[:max_buyers]
        for one in buyer_days.only("facts", "date", "buyer__external_id").iterator(chunk_size=1000):
            rows += told.rows(one.buyer.external_id, read(one.facts, day))
    rows.sort(key=_order)
    verdicts = [row.verdict for row in rows]
    return DayDetail(day, columns, rows, Figures(*(verdicts.count(v) for v in Verdict)), cut)


def _order(row: DetailRow) -> tuple[int, float]:
    asked = row.asked_at.timestamp()
    return ORDER.index(row.verdict), asked if row.verdict is Verdict.PENDING else -asked


def columns_of(definitions: Iterable[Definition]) -> tuple[Definition, ...]:
    """The strictest assessed metric first (where none is, the strictest), then those with the same unit."""
    given = tuple(definitions)
    if not given:
        return ()
    first = strictest_first(given)[0]
    return (first, *(d for d in given if d is not first and d.unit == first.unit))


@dataclass(frozen=True, slots=True)
class _Telling:
    shop: Shop
    columns: Sequence[Definition]
    people: Mapping[int, str]
    now: datetime

    def rows(self, buyer: str, facts: Facts) -> list[DetailRow]:
        judged = {
            d.key: {unit.key: unit for unit in judge(facts.waits(d, 0, self.now), d, self.now, self.shop.zone)}
            for d in self.columns
        }
        units = judged[self.columns[0].key]
        return [self._row(buyer, unit, _verdicts(key, judged)) for key, unit in units.items()]

    def _row(self, buyer: str, unit: Judged, verdicts: dict[str, Verdict]) -> DetailRow:
        worst = deciding(unit.waits, self.now)
        streak = worst.streak
        threshold = timedelta(seconds=self.columns[0].threshold_seconds)
        pending = unit.verdict is Verdict.PENDING
        return DetailRow(
            buyer=buyer,
            conversation=worst.conversation,
            asked_at=streak.asked_at,
            answered_at=streak.answered_at,
            took=round(worst.took(self.now).total_seconds()),
            rounds=len(unit.waits),
            by="" if streak.author is None else self.people.get(streak.author, ""),
            robot=streak.sender == Sender.ROBOT,
            charged="" if worst.agent is None else self.people.get(worst.agent, ""),
            verdict=unit.verdict,
            verdicts=verdicts,
            left=round((streak.asked_at + threshold - self.now).total_seconds()) if pending else None,
        )


def _verdicts(key: Hashable, judged: dict[str, dict[Hashable, Judged]]) -> dict[str, Verdict]:
    return {metric: units[key].verdict for metric, units in judged.items() if key in units}


def _people(shop: Shop) -> dict[int, str]:
    rows = SubAccount.objects.for_shop(shop).select_related("account")
    return {row.pk: row.label for row in rows}
