"""`manage.py erase_buyer --shop SHOP BUYER`: deletes one buyer's data, keeps the figures."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone, translation

from agents.errors import Refused
from config.erasing import erase_buyer
from metrics.management._options import find_shop


class Command(BaseCommand):
    help = "Delete what is personal of one buyer in a shop; figures stay. Doing it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("buyer", help="as the shop's platform or program names them")
        parser.add_argument("--shop", required=True, metavar="SHOP")

    def handle(self, *args: Any, **options: Any) -> None:
        shop, now = find_shop(options["shop"]), timezone.now()
        try:
            with translation.override("en"):
                erased = erase_buyer(shop=shop, buyer=options["buyer"], now=now)
        except Refused as refused:
            raise CommandError(f"{refused.code}: {refused.message}", returncode=2) from refused
        if erased.at != now:
            self.stdout.write(
                f"deleted already, at {timezone.localtime(erased.at):%Y-%m-%d %H:%M}; nothing was changed"
            )
            return
        self.stdout.write(
            f"deleted: {erased.messages} messages of {erased.conversations} conversations, {erased.notices} notices"
        )
