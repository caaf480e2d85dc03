from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from agents.management.commands._refusing import refusals_as_errors
from agents.services import create_operator


class Command(BaseCommand):
    help = "Make a login that runs the installation: it creates shops and their first main account."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account")
        parser.add_argument("--password", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        with refusals_as_errors():
            made = create_operator(account=options["account"], password=options["password"])
        self.stdout.write(f"operator {made.account}")
