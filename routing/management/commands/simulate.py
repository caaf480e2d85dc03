"""`manage.py simulate`: a scenario file through the rules; touches no database."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from routing.engine.checking import Malformed
from routing.simulator.check import failures
from routing.simulator.run import Run
from routing.simulator.scenario import Scenario, read_scenario


class Command(BaseCommand):
    help = "Runs a scenario file and prints the result as JSON; --check holds files against what they expect."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", metavar="FILE", help="scenario file, - for standard input")
        parser.add_argument("--check", action="store_true", help="print what differs from the expectations")

    def handle(self, *args: Any, **options: Any) -> None:
        files: list[str] = options["files"]
        if options["check"]:
            self._check(files)
            return
        if len(files) > 1:
            raise CommandError("one file at a time, or --check", returncode=2)
        try:
            run = Run(read_file(files[0]))
        except Malformed as error:
            raise CommandError(f"{files[0]}: {error}", returncode=2) from None
        self.stdout.write(json.dumps(run.result(), ensure_ascii=False, indent=1))

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
        value = json.loads(raw.decode("utf-8-sig"))
        json.dumps(value, ensure_ascii=False).encode()
        return read_scenario(value)
    except OSError as error:
        raise Malformed("", error.strerror or str(error)) from None
    except UnicodeEncodeError:
        raise Malformed("", "holds a lone surrogate, which is no text") from None
    except UnicodeDecodeError as error:
        raise Malformed("", f"is not UTF-8 (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise Malformed(f"line {error.lineno}, column {error.colno}", f"no JSON: {error.msg}") from None
    except RecursionError:
        raise Malformed("", "is nested too deeply") from None
