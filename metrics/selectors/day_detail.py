"""A shop day unit by unit (M14): who asked, who answered when, what made it pass or fail. Reads the day's messages."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agents.models import Shop, SubAccount
from conversations.models import Buyer
from conversations.states import Sender
from metrics.formulas.definitions import Definition
from metrics.formulas.streaks import is_reply
from metrics.formulas.units import Figures, Judged, Verdict, Wait, judge
from metrics.selectors.day_threads import Thread, day_chunks, day_threads, day_waits
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
    `figures` are the first one's, of all rows."""

    day: date
    definitions: tuple[Definition, ...]
    rows: list[DetailRow]
    figures: Figures


ORDER = (Verdict.FAILED, Verdict.PENDING, Verdict.PASSED)


def day_detail(shop: Shop, day: date, now: datetime) -> DayDetail:
    """Every unit of the day: the failed ones, then the pending ones with the least time first, then the passed ones;
    the settled ones the latest first."""
    columns = columns_of(shop_definitions(shop).on(day))
    rows: list[DetailRow] = []
    if columns:
        people = _people(shop)
        for chunk in day_chunks(shop, day, now):
            threads = {t.conversation: t for t in day_threads(shop, day, chunk, columns, now)}
            rows += _rows(shop, day, columns, threads, people, now)
    rows.sort(key=_order)
    verdicts = [row.verdict for row in rows]
    return DayDetail(day, columns, rows, Figures(*(verdicts.count(v) for v in Verdict)))


def _order(row: DetailRow) -> tuple[int, float]:
    asked = row.asked_at.timestamp()
    return ORDER.index(row.verdict), asked if row.verdict is Verdict.PENDING else -asked


def columns_of(definitions: Sequence[Definition]) -> tuple[Definition, ...]:
    """The strictest assessed metric first (where none is, the strictest), then those with the same unit."""
    ordered = sorted(definitions, key=lambda d: (d.pass_line is None, d.threshold_seconds))
    if not ordered:
        return ()
    first = ordered[0]
    return (first, *(d for d in definitions if d is not first and d.unit == first.unit))


def _rows(
    shop: Shop,
    day: date,
    columns: Sequence[Definition],
    threads: dict[int, Thread],
    people: dict[int, str],
    now: datetime,
) -> list[DetailRow]:
    judged = {
        d.key: {
            unit.key: unit
            for unit in judge(list(day_waits(tuple(threads.values()), day, d, now, shop.zone)), d, now, shop.zone)
        }
        for d in columns
    }
    first = columns[0]
    units = judged[first.key]
    buyers = dict(
        Buyer.objects.filter(pk__in={unit.waits[0].buyer for unit in units.values()}).values_list("pk", "external_id")
    )
    return [_row(unit, first, _verdicts(key, judged), threads, people, buyers, now) for key, unit in units.items()]


def _verdicts(key: Hashable, judged: dict[str, dict[Hashable, Judged]]) -> dict[str, Verdict]:
    return {metric: units[key].verdict for metric, units in judged.items() if key in units}


def _row(
    unit: Judged,
    definition: Definition,
    verdicts: dict[str, Verdict],
    threads: dict[int, Thread],
    people: dict[int, str],
    buyers: dict[int, str],
    now: datetime,
) -> DetailRow:
    worst = max(unit.waits, key=lambda wait: (wait.streak.answered_at is None, _took(wait, now)))
    sender, author = _answerer(threads[worst.conversation], worst, definition)
    threshold = timedelta(seconds=definition.threshold_seconds)
    pending = unit.verdict is Verdict.PENDING
    return DetailRow(
        buyer=buyers[worst.buyer],
        conversation=worst.conversation,
        asked_at=worst.streak.asked_at,
        answered_at=worst.streak.answered_at,
        took=round(_took(worst, now).total_seconds()),
        rounds=len(unit.waits),
        by="" if author is None else people.get(author, ""),
        robot=sender == Sender.ROBOT,
        charged="" if worst.agent is None else people.get(worst.agent, ""),
        verdict=unit.verdict,
        verdicts=verdicts,
        left=round((worst.streak.asked_at + threshold - now).total_seconds()) if pending else None,
    )


def _took(wait: Wait, now: datetime) -> timedelta:
    return (wait.streak.answered_at or now) - wait.streak.asked_at


def _answerer(thread: Thread, wait: Wait, definition: Definition) -> tuple[str, int | None]:
    """(sender, author) of the reply that ended the streak; ("", None) while there is none."""
    for said in thread.ordered:
        if said.sent_at == wait.streak.answered_at and is_reply(said, definition):
            return said.sender, said.agent
    return "", None


def _people(shop: Shop) -> dict[int, str]:
    rows = SubAccount.objects.for_shop(shop).select_related("account")
    return {row.pk: row.label for row in rows}
