from typing import Any

from django.core.management import BaseCommand, CommandError

from core.secrets import rotate_all


class Command(BaseCommand):
    help = "Encrypt every stored secret again with the newest key of FENLIU_SECRETS_KEY."
    requires_system_checks = "__all__"

    def handle(self, *args: Any, **options: Any) -> None:
        """Exit code 1 where a value cannot be read by any key: then no key may be taken away yet."""
        done = rotate_all()
        for one in done:
            self.stdout.write(f"{one.label}: {one.changed} encrypted again, {one.unreadable} unreadable")
        lost = sum(one.unreadable for one in done)
        if lost:
            raise CommandError(f"{lost} values cannot be read: FENLIU_SECRETS_KEY lacks the key that encrypted them")
