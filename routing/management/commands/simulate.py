"""`manage.py simulate`: a scenario file through the rules; touches no database."""

import sys
from argparse import ArgumentParser
from collections.abc import Collection
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from routing.engine.checking import Malformed
from routing.simulator.check import failures
from routing.simulator.collecting import no_garbage_collection
from routing.simulator.lines import simulate_lines
from routing.simulator.reading import parsed
from routing.simulator.run import WHOLE, Part, Run
from routing.simulator.scenario import Scenario, read_scenario
from routing.simulator.writing import written


class Command(BaseCommand):
    help = "Runs a scenario file and prints the result as JSON; --check holds files against what they expect."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="scenario file, - for standard input")
        parser.add_argument("--check", action="store_true", help="print what differs from the expectations")
        parser.add_argument("--no-traces", action="store_true", help="leave the traces of decisions out: quicker")
        parser.add_argument(
            "--only",
            action="append",
            choices=[part.value for part in Part],
            help="this part of the result alone; may be given several times. What is not asked for takes no memory",
        )
        parser.add_argument(
            "--lines",
            action="store_true",
            help="FILE has the scenario without its events on its first line, then an event a line; "
            "decisions go out a line each as they are made, the rest of the result on the last line",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        files: list[str] = options["files"]
        asked = [name for name in ("no_traces", "only", "lines") if options[name]]
        if options["check"] and asked:
            raise CommandError(f"--check goes without --{asked[0].replace('_', '-')}", returncode=2)
        if options["check"]:
            self._check(files)
            return
        if len(files) > 1:
            raise CommandError("one file at a time, or --check", returncode=2)
        parts = [Part(name) for name in options["only"]] if options["only"] else WHOLE
        try:
            if options["lines"]:
                self._lines(files[0], parts, traces=not options["no_traces"])
            else:
                self._whole(files[0], parts, traces=not options["no_traces"])
        except Malformed as error:
            raise CommandError(f"{files[0]}: {error}", returncode=2) from None

    def _whole(self, name: str, parts: Collection[Part], *, traces: bool) -> None:
        with no_garbage_collection():
            run = Run(read_file(name), traces=traces, parts=parts)
            for piece in written(run):
                self.stdout.write(piece, ending="")
        self.stdout.write("")

    def _lines(self, name: str, parts: Collection[Part], *, traces: bool) -> None:
        if name == "-":
            simulate_lines(sys.stdin.buffer, self.stdout.write, parts=parts, traces=traces)
            return
        try:
            with Path(name).open("rb") as lines:
                simulate_lines(lines, self.stdout.write, parts=parts, traces=traces)
        except OSError as error:
            raise Malformed("", error.strerror or str(error)) from None

    def _check(self, files: list[str]) -> None:
        failed, malformed = 0, False
        for name in files:
            try:
                lines = failures(Run(read_file(name)))
            except Malformed as error:
                lines, malformed = [str(error)], True
            failed += bool(lines)
            for line in lines:
                self.stdout.write(f"{name}: {line}")
        self.stdout.write(f"{len(files) - failed} passed, {failed} failed")
        if failed:
            sys.exit(2 if malformed else 1)


def read_file(name: str) -> Scenario:
    """The scenario in a file, or on standard input for "-". Raises Malformed, naming the place."""
    try:
        raw = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        raise Malformed("", error.strerror or str(error)) from None
    return read_scenario(parsed(raw))
