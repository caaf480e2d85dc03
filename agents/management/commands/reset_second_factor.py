from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agents.models import Account
from agents.services.second_factors import reset_second_factors


class Command(BaseCommand):
    help = "Remove the second factors of an account whose holder has lost them; its sessions and tokens end."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("account")

    def handle(self, *args: Any, **options: Any) -> None:
        account = Account.objects.filter(account=options["account"]).first()
        if account is None:
            raise CommandError(f'account: there is no account "{options["account"]}"', returncode=2)
        reset_second_factors(account=account)
        self.stdout.write(f"{account.account}: no second factor any more")
