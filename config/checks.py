"""What is wrong with the settings, told when anything starts: `manage.py check`."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

LEAST_DAYS = 60
"""A metric's window reaches thirty days back, and its preview counts thirty such days."""
KEPT = (
    "KEEP_EVENTS_DAYS",
    "KEEP_DELIVERIES_DAYS",
    "KEEP_CONVERSATIONS_DAYS",
    "KEEP_BUYERS_DAYS",
    "KEEP_ADDRESSES_DAYS",
    "KEEP_AUDIT_DAYS",
    "KEEP_RECORDS_DAYS",
)


@register()
def check_kept(**_: Any) -> list[CheckMessage]:
    wrong: list[CheckMessage] = []
    for name in KEPT:
        days = getattr(settings, name)
        least = (
            1 if name in ("KEEP_ADDRESSES_DAYS", "KEEP_EVENTS_DAYS", "KEEP_DELIVERIES_DAYS", "KEEP_RECORDS_DAYS") else 0
        )
        if days < least:
            wrong.append(Error(f"FENLIU_{name}: {days} is less than {least}", id="config.E001"))
    days = settings.KEEP_CONVERSATIONS_DAYS
    if 0 < days < LEAST_DAYS:
        wrong.append(Error(f"FENLIU_KEEP_CONVERSATIONS_DAYS: {days} is less than {LEAST_DAYS}", id="config.E002"))
    return wrong
