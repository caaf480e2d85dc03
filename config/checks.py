"""What is wrong with the settings, told when anything starts: `manage.py check`."""

import os
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError

from core.secrets import BadSecretsKey, read_keys, unreadable_columns

LEAST_DAYS = 60
"""A metric's window reaches thirty days back, and its preview counts thirty such days."""
KEPT = (
    "KEEP_EVENTS_DAYS",
    "KEEP_DELIVERIES_DAYS",
    "KEEP_CONVERSATIONS_DAYS",
    "KEEP_BUYERS_DAYS",
    "KEEP_ADDRESSES_DAYS",
    "KEEP_AUDIT_DAYS",
    "KEEP_READINGS_DAYS",
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


@register()
def check_secrets_key(**_: Any) -> list[CheckMessage]:
    try:
        read_keys(settings.SECRETS_KEYS)
    except BadSecretsKey as bad:
        words = "Make one: python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'"
        return [Error(str(bad), hint=words, id="config.E003")]
    return []


@register(Tags.security, deploy=True)
def check_secrets_key_is_shared(**_: Any) -> list[CheckMessage]:
    if os.environ.get("FENLIU_SECRETS_KEY"):
        return []
    words = "Machines that share a database need the same key; back it up apart from the database."
    return [Warning("FENLIU_SECRETS_KEY is not set: the key is a file in FENLIU_VAR", hint=words, id="config.W003")]


@register(Tags.database)
def check_secrets(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Run by `migrate` and `check --database default`."""
    if not databases:
        return []
    try:
        lost = unreadable_columns()
    except DatabaseError:  # not migrated yet
        return []
    return [
        Error(
            f"{one.label}: {one.unreadable} values cannot be read by any key of FENLIU_SECRETS_KEY",
            hint="Add the key that encrypted them behind the newest, or enter the secrets anew.",
            id="config.E004",
        )
        for one in lost
    ]
