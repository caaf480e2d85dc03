"""What a supervisor is told in the morning: yesterday, what is in force, who and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from agents.models import Shop, SubAccount
from metrics.formulas.days import day_of
from metrics.formulas.definitions import Definition
from metrics.selectors.definitions import shop_definitions
from metrics.selectors.penalties import PenaltyRow, penalty_windows
from metrics.selectors.rates import DayFigures, assessed_days
from metrics.selectors.reports import Line, Range, Report, by_hour, lines_by, report, week_map

MOST_AGENTS = 5


@dataclass(frozen=True, slots=True)
class Morning:
    """`metrics`: each of the day's metrics as assessed, None where it was not counted. `worst_hour`: the one with the
    most slow replies. `agents`: (label, line) of those with slow replies, the most first."""

    shop: Shop
    day: date
    metrics: tuple[tuple[Definition, DayFigures | None], ...]
    penalties: Sequence[PenaltyRow]
    report: Report
    worst_hour: int | None
    agents: tuple[tuple[str, Line], ...]


def morning(shop: Shop, now: datetime) -> Morning:
    """Of the shop day that is just over, as last counted."""
    day = day_of(now, shop.zone) - timedelta(days=1)
    asked = Range(day, day)
    rates = assessed_days(shop, day, day)
    found = {key: rows[-1] if rows else None for key, rows in rates.items()}
    hours = by_hour(week_map(shop, asked, ""))
    slow = [(one.slow, hour) for hour, one in hours.items() if one.slow]
    labels = {str(row.pk): row.label for row in SubAccount.objects.for_shop(shop).select_related("account")}
    lines = [line for line in lines_by(shop, asked, "agent", rates=False) if line.now.amounts["slow"] and line.key]
    lines.sort(key=lambda line: (-line.now.amounts["slow"], line.key))
    return Morning(
        shop=shop,
        day=day,
        metrics=tuple((d, found.get(d.key)) for d in shop_definitions(shop).on(day)),
        penalties=penalty_windows(shop),
        report=report(shop, asked, "day"),
        worst_hour=max(slow)[1] if slow else None,
        agents=tuple((labels.get(line.key, ""), line) for line in lines[:MOST_AGENTS]),
    )
