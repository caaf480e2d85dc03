"""The figures of the reports: how each follows from summed amounts. No denominator, no figure: None, not nought."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from metrics.formulas.measures import MEASURES

ONLINE, BREAK, MOST = ATTENDED = ("online_seconds", "break_seconds", "most_open")
"""Beside the measures: what is known of people's hours. The last is a maximum, never a sum."""

Amounts = Mapping[str, int]


class Unit(StrEnum):
    COUNT = "count"
    SECONDS = "seconds"
    PERCENT = "percent"  # a part of 1
    RATIO = "ratio"


class Family(StrEnum):
    """What belongs together in a table's head."""

    BUYERS = "buyers"
    REPLIES = "replies"
    ROUTING = "routing"
    PEOPLE = "people"


@dataclass(frozen=True)
class Figure:
    """`better`: 1 where more is better, -1 where less is, 0 where neither. `main`: shown where there is little room."""

    key: str
    family: Family
    unit: Unit
    of: Callable[[Amounts], float | None]
    better: int = 0
    main: bool = False


def _sum(*plus: str, less: tuple[str, ...] = ()) -> Callable[[Amounts], float | None]:
    return lambda amounts: sum(amounts[name] for name in plus) - sum(amounts[name] for name in less)


def _part(of: str, whole: str, *more: str) -> Callable[[Amounts], float | None]:
    def part(amounts: Amounts) -> float | None:
        below = amounts[whole] + sum(amounts[name] for name in more)
        return amounts[of] / below if below else None

    return part


def _most(amounts: Amounts) -> float | None:
    return amounts[MOST] or None


FIGURES: tuple[Figure, ...] = (
    Figure("buyers", Family.BUYERS, Unit.COUNT, _sum("buyers"), main=True),
    Figure("answered_buyers", Family.BUYERS, Unit.COUNT, _sum("answered_buyers")),
    Figure("robot_buyers", Family.BUYERS, Unit.COUNT, _sum("robot_buyers")),
    Figure(
        "unanswered_buyers",
        Family.BUYERS,
        Unit.COUNT,
        _sum("buyers", less=("answered_buyers", "robot_buyers")),
        better=-1,
        main=True,
    ),
    Figure("first_response", Family.REPLIES, Unit.SECONDS, _part("first_seconds", "first_responses"), better=-1),
    Figure("mean_response", Family.REPLIES, Unit.SECONDS, _part("response_seconds", "responses"), better=-1, main=True),
    Figure("slow", Family.REPLIES, Unit.COUNT, _sum("slow"), better=-1, main=True),
    Figure("never", Family.REPLIES, Unit.COUNT, _sum("never"), better=-1),
    Figure("questions", Family.REPLIES, Unit.COUNT, _sum("questions")),
    Figure("answers", Family.REPLIES, Unit.COUNT, _sum("answers")),
    Figure("answer_ratio", Family.REPLIES, Unit.RATIO, _part("answers", "questions"), better=1),
    Figure("characters", Family.REPLIES, Unit.COUNT, _sum("characters")),
    Figure("satisfaction", Family.REPLIES, Unit.PERCENT, _part("satisfied", "satisfied", "dissatisfied"), better=1),
    Figure("ratings", Family.REPLIES, Unit.COUNT, _sum("satisfied", "dissatisfied")),
    Figure("received", Family.ROUTING, Unit.COUNT, _sum("received"), main=True),
    Figure("direct", Family.ROUTING, Unit.COUNT, _sum("direct")),
    Figure("transferred_in", Family.ROUTING, Unit.COUNT, _sum("transferred_in")),
    Figure("transferred_out", Family.ROUTING, Unit.COUNT, _sum("transferred_out")),
    Figure("recent_share", Family.ROUTING, Unit.PERCENT, _part("recent", "received")),
    Figure("offline", Family.ROUTING, Unit.COUNT, _sum("offline")),
    Figure("offline_open", Family.ROUTING, Unit.COUNT, _sum("offline", less=("offline_answered",)), better=-1),
    Figure("waits", Family.ROUTING, Unit.COUNT, _sum("waits"), better=-1),
    Figure("wait", Family.ROUTING, Unit.SECONDS, _part("wait_seconds", "waits_over"), better=-1),
    Figure("abandoned", Family.ROUTING, Unit.COUNT, _sum("abandoned"), better=-1),
    Figure("handling", Family.PEOPLE, Unit.SECONDS, _part("handling_seconds", "closed"), better=-1),
    Figure("most_open", Family.PEOPLE, Unit.COUNT, _most),
    Figure("online", Family.PEOPLE, Unit.SECONDS, _sum(ONLINE)),
    Figure("break", Family.PEOPLE, Unit.SECONDS, _sum(BREAK)),
)

BY_KEY = {figure.key: figure for figure in FIGURES}


def nothing() -> dict[str, int]:
    return dict.fromkeys((*MEASURES, *ATTENDED), 0)


def pooled(rows: list[Amounts]) -> dict[str, int]:
    """Several lines as one: amounts add up, the most at once is the most of any of them."""
    found = nothing()
    for row in rows:
        for name, amount in row.items():
            found[name] = max(found[name], amount) if name == MOST else found[name] + amount
    return found
