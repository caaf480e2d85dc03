"""Options that the commands share; wrong ones are one clear error, exit code 2 (CONTRACT, head)."""

from datetime import date

from django.core.management.base import CommandError

from agents.models import Shop


def find_shop(slug: str) -> Shop:
    shop = Shop.objects.filter(slug=slug).first()
    if shop is None:
        raise CommandError(f'--shop: no shop "{slug}"', returncode=2)
    return shop


def parse_date(option: str, text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise CommandError(f'{option}: "{text}" is no date (YYYY-MM-DD)', returncode=2) from error
