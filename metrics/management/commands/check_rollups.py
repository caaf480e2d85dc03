from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from metrics.formulas.days import day_of
from metrics.management._options import find_shop, parse_date
from metrics.services import check_days


class Command(BaseCommand):
    help = "Compare the rollups of shop days with their messages; exit code 1 where they differ. Default: yesterday."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--shop", required=True, metavar="SHOP")
        parser.add_argument("--from", dest="date_from", metavar="DATE", help="the first shop day, YYYY-MM-DD")
        parser.add_argument("--to", dest="date_to", metavar="DATE", help="the last shop day, included")

    def handle(self, *args: Any, **options: Any) -> None:
        shop, now = find_shop(options["shop"]), timezone.now()
        yesterday = day_of(now, shop.zone) - timedelta(days=1)
        date_to = parse_date("--to", options["date_to"]) or yesterday
        date_from = parse_date("--from", options["date_from"]) or date_to
        if date_to < date_from:
            raise CommandError(f"--to: {date_to} lies before --from {date_from}", returncode=2)
        if shop.kept_from is not None and date_from < shop.kept_from:
            self.stdout.write(f"before {shop.kept_from} no messages are kept: those days are passed over")
        drifts = check_days(shop=shop, date_from=date_from, date_to=date_to, now=now)
        for drift in drifts:
            self.stdout.write(f"{drift.date}: {drift.lines} lines differ, the day is counted again")
            for line, there, true in drift.sample:
                self.stdout.write(f"  {line}: {there}, by its messages {true}")
        if drifts:
            raise CommandError(f"{len(drifts)} days differ")
        self.stdout.write(f"{date_from} to {date_to}: as the messages say")
