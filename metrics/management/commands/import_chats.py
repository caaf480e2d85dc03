import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from tqdm import tqdm

from conversations.services.importing import BadFile, ChatFile, Refusal, Report
from metrics.management._options import find_shop
from metrics.services import import_chats


class Command(BaseCommand):
    help = "Import chat history from a CSV or NDJSON file, one row a message; a file may be imported twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--shop", required=True, metavar="SHOP")
        parser.add_argument(
            "--map", action="append", default=[], metavar="COLUMN=NAME", help="a column that has another name there"
        )
        parser.add_argument("--strict", action="store_true", help="one bad row: nothing is imported")

    def handle(self, *args: Any, **options: Any) -> None:
        shop = find_shop(options["shop"])
        try:
            file = ChatFile(options["file"], _renamed(options["map"]))
            with tqdm(unit=" rows", file=sys.stderr, disable=not sys.stderr.isatty(), leave=False) as bar:
                report = import_chats(
                    shop=shop,
                    file=file,
                    strict=options["strict"],
                    now=timezone.now(),
                    on_refused=self._list,
                    on_progress=lambda read, total: _show(bar, read, total),
                )
        except BadFile as bad:
            raise CommandError(str(bad), returncode=2) from bad
        self._conclude(report, strict=options["strict"])

    def _list(self, refusal: Refusal) -> None:
        with tqdm.external_write_mode(sys.stderr):
            self.stderr.write(f"line {refusal.line}: {refusal.reason}")

    def _conclude(self, report: Report, *, strict: bool) -> None:
        if report.new_agents:
            self.stdout.write(f"new disabled sub-accounts: {', '.join(report.new_agents)}")
        counts = f"read {report.read}, imported {report.imported}, skipped {report.skipped}, refused {report.refused}"
        self.stdout.write(counts)
        if strict and report.refused:
            raise CommandError(f"--strict: {report.refused} bad rows, nothing was imported", returncode=2)


def _show(bar: "tqdm[Any]", read: int, total: int) -> None:
    bar.total = total
    bar.update(read - bar.n)


def _renamed(pairs: list[str]) -> dict[str, str]:
    renamed: dict[str, str] = {}
    for pair in pairs:
        column, equals, name = pair.partition("=")
        if not (column and equals and name):
            raise BadFile(f'--map {pair}: must be COLUMN=NAME, as in "sent_at=created_at"')
        if column in renamed:
            raise BadFile(f"--map {pair}: {column} is mapped twice")
        renamed[column] = name
    return renamed
