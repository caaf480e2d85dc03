"""Sessions of an account as its holder sees them, beside Django's own rows, which alone open anything."""

from datetime import datetime

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet

from agents.models import Account, AccountSession, Device, PresenceLease


def open_session(
    *, account: Account, session_key: str, browser: str, address: str, now: datetime, device: Device | None = None
) -> None:
    """Note a session, or that it was seen again: one UPDATE for one that is known."""
    seen = {"account": account, "browser": browser[:200], "address": address[:45], "last_seen_at": now}
    if device is not None:
        seen["device"] = device
    if not AccountSession.objects.filter(session_key=session_key).update(**seen):
        row = AccountSession(session_key=session_key, created_at=now, **seen)
        AccountSession.objects.bulk_create([row], ignore_conflicts=True)


def rename_session(*, old_key: str, new_key: str) -> None:
    """The same session goes on under another key."""
    AccountSession.objects.filter(session_key=old_key).update(session_key=new_key)
    PresenceLease.objects.filter(session_key=old_key).exclude(session_key="").update(session_key=new_key)


@transaction.atomic
def end_session(*, account: Account, pk: int) -> bool:
    """Sign out one session of the account; False if it has none such."""
    return _end(AccountSession.objects.filter(account=account, pk=pk)) > 0


@transaction.atomic
def end_sessions(*, account: Account, but: str = "") -> int:
    """Sign out all sessions of the account but the one with the key `but`; how many."""
    return _end(AccountSession.objects.filter(account=account).exclude(session_key=but))


def _end(rows: QuerySet[AccountSession]) -> int:
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    AccountSession.objects.filter(session_key__in=keys).delete()
    return len(keys)
