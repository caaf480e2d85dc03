"""`manage.py demo`: the demo shops, once. Running it again changes nothing."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from agents.models import Account, Shop
from agents.services import create_operator
from config.demo.build import build_shop, is_built, set_passwords
from config.demo.shops import SHOPS

OPERATOR = "operator"


class Command(BaseCommand):
    help = "Makes the demo shops pdd-demo, ks-demo, dy-demo and tb-demo with two weeks of traffic."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--password", help="of every demo login; without it a random one is made and printed")
        parser.add_argument("--if-empty", action="store_true", help="only where there is no shop yet")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["if_empty"] and Shop.objects.exclude(slug__in=[demo.slug for demo in SHOPS]).exists():
            return
        missing = [demo for demo in SHOPS if not is_built(demo)]
        if not missing:
            self.stdout.write("The demo shops are there already; nothing was changed.")
            self._tell("as printed when they were made")
            return
        password = options["password"] or secrets.token_urlsafe(9)
        now = timezone.now()
        if not Account.objects.filter(account=OPERATOR).exists():
            create_operator(account=OPERATOR, password=secrets.token_urlsafe(16))
        for demo in missing:
            build_shop(demo, now)
            self.stdout.write(f"{demo.slug}  {demo.name}")
        set_passwords(OPERATOR, missing, password)
        self._tell(password)

    def _tell(self, password: str) -> None:
        self.stdout.write("")
        self.stdout.write(f"Demo logins, password: {password}")
        for demo in SHOPS:
            s = demo.slug
            self.stdout.write(
                f"  {demo.name:10} owner {s}-main   manager {s}-mg   operations {s}-op   agents {s}-a1 … -a6"
            )
        self.stdout.write(f"  runs the installation: {OPERATOR}")
