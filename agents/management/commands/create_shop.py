from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from agents.management.commands._refusing import refusals_as_errors
from agents.services import create_shop
from agents.vocabulary import Platform


class Command(BaseCommand):
    help = "Make a shop and, with --main, its first main account."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--platform", required=True, help=", ".join(Platform))
        parser.add_argument("--name", default="", help="default: the slug")
        parser.add_argument("--timezone", default="Asia/Shanghai", help="default: Asia/Shanghai")
        parser.add_argument("--main", metavar="ACCOUNT")
        parser.add_argument("--password")

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("slug", "platform", "name", "timezone", "main", "password")
        with refusals_as_errors():
            shop = create_shop(**{name: options[name] for name in names})
        self.stdout.write(f"shop {shop.slug} ({shop.platform}, {shop.timezone})")
