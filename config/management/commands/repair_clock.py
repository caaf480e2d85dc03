"""`manage.py repair_clock --shop SHOP [--dry-run]`: repair what was written while the clock was ahead."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from config.clock_repair import repair_clock
from metrics.management._options import find_shop


class Command(BaseCommand):
    help = "Give rows with a time in the future a time between the last right one and now, in their order."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--shop", required=True, metavar="SHOP")
        parser.add_argument("--dry-run", action="store_true", help="count the rows, change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        repaired = repair_clock(shop=find_shop(options["shop"]), now=timezone.now(), dry_run=options["dry_run"])
        for name, count in sorted(repaired.rows.items()):
            self.stdout.write(f"{count:>8}  {name}")
        verb = "would be changed" if options["dry_run"] else "changed"
        since = f" since {timezone.localtime(repaired.since):%Y-%m-%d %H:%M:%S}" if repaired.since else ""
        self.stdout.write(f"{repaired.total} rows {verb}{since}")
