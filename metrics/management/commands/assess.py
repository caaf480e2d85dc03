import json
from datetime import date, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from agents.models import Shop
from metrics.formulas.days import day_of
from metrics.formulas.units import Figures
from metrics.management._options import find_shop, parse_date
from metrics.selectors import DayFigures, PenaltyRow, assessed_days, windows_between
from metrics.services import assess

LONGEST = timedelta(days=3700)


class Command(BaseCommand):
    help = "Recompute reply rates, compliance and penalties for shop days, now. Default: yesterday and today."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--shop", required=True, metavar="SHOP")
        parser.add_argument("--from", dest="date_from", metavar="DATE", help="the first shop day, YYYY-MM-DD")
        parser.add_argument("--to", dest="date_to", metavar="DATE", help="the last shop day, included")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        shop = find_shop(options["shop"])
        now = timezone.now()
        date_from, date_to = _range(options, shop, now)
        assess(shop=shop, date_from=date_from, date_to=date_to, now=now)
        rates = assessed_days(shop, date_from, date_to)
        penalties = windows_between(shop, date_from, date_to)
        if options["json"]:
            self.stdout.write(json.dumps(_document(rates, penalties, shop), indent=2))
        else:
            self._tell(rates, penalties)

    def _tell(self, rates: dict[str, list[DayFigures]], penalties: list[PenaltyRow]) -> None:
        for metric, rows in rates.items():
            for row in rows:
                verdict = {True: "passes", False: "fails", None: "not assessed"}[row.passes]
                self.stdout.write(f"{metric} {row.day}  {_line(row.own)}  window {_line(row.window)}  {verdict}")
        for penalty in penalties:
            end = penalty.ends_at.isoformat() if penalty.ends_at else "open end"
            self.stdout.write(f"{penalty.kind} opened {penalty.opened_on}  until {end}  {penalty.state}")


def _range(options: dict[str, Any], shop: Shop, now: datetime) -> tuple[date, date]:
    """The days asked for; yesterday and today in shop time where nothing is said, and never later than today."""
    today = day_of(now, shop.zone)
    date_from = parse_date("--from", options["date_from"])
    date_to = parse_date("--to", options["date_to"]) or max(today, date_from or today)
    date_from = date_from or min(today - timedelta(days=1), date_to)
    if date_to < date_from:
        raise CommandError(f"--to: {date_to} lies before --from {date_from}", returncode=2)
    if date_to - date_from > LONGEST:
        raise CommandError(f"--from: more than {LONGEST.days} days before --to", returncode=2)
    return date_from, date_to


def _line(figures: Figures) -> str:
    rate = "—" if figures.rate is None else f"{figures.rate:.1%}"
    return f"{figures.passed}/{figures.decided} {rate} (+{figures.pending} pending)"


def _figures(figures: Figures) -> dict[str, Any]:
    return {
        "passed": figures.passed,
        "failed": figures.failed,
        "pending": figures.pending,
        "rate": figures.rate,
    }


def _document(rates: dict[str, list[DayFigures]], penalties: list[PenaltyRow], shop: Shop) -> dict[str, Any]:
    return {
        "metrics": {metric: {str(row.day): _day(row) for row in rows} for metric, rows in rates.items()},
        "penalties": [_penalty(penalty, shop) for penalty in penalties],
    }


def _day(row: DayFigures) -> dict[str, Any]:
    return {
        "day": _figures(row.own),
        "window": _figures(row.window),
        "assessed": row.assessed,
        "passes": row.passes,
    }


def _penalty(penalty: PenaltyRow, shop: Shop) -> dict[str, Any]:
    ends_at = penalty.ends_at
    return {
        "kind": penalty.kind,
        "opened_on": str(penalty.opened_on),
        "starts_at": penalty.starts_at.astimezone(shop.zone).isoformat(),
        "ends_at": None if ends_at is None else ends_at.astimezone(shop.zone).isoformat(),
        "state": penalty.state,
        "prolonged_on": [str(p.day) for p in penalty.prolongations],
    }
