"""Readings of conversations by people who do not hold them, in the audit log: sampled, one row an hour.

A poll costs no write: each process remembers what it has recorded this hour, and a second process's row meets the
unique constraint. Rows go after FENLIU_KEEP_READINGS_DAYS.
"""

import threading
from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from agents.acting import acting
from agents.models import AuditEntry
from agents.permissions import Actor
from agents.vocabulary import AuditAction

MAX_REMEMBERED = 50_000
EVERYTHING = ""
"""Subject of a reading that is of no single conversation: a program's, or the live stream of a whole shop."""

Mark = tuple[int, str, str]


class _Remembered:
    """The readings of this hour that stand in the log already."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hour: datetime | None = None
        self._marks: set[Mark] = set()

    def unknown(self, hour: datetime, marks: Iterable[Mark]) -> list[Mark]:
        with self._lock:
            known = self._marks if self._hour == hour else set()
            return [mark for mark in dict.fromkeys(marks) if mark not in known]

    def add(self, hour: datetime, marks: Iterable[Mark]) -> None:
        with self._lock:
            if self._hour != hour or len(self._marks) > MAX_REMEMBERED:
                self._hour, self._marks = hour, set()
            self._marks.update(marks)

    def forget(self) -> None:
        with self._lock:
            self._hour = None


remembered = _Remembered()


def record_readings(
    *, actor: Actor, conversations: Iterable[tuple[int, int | None]], now: datetime | None = None
) -> None:
    """Record that the actor reads conversations, given as (key, holder's key), but for those that they hold.

    At most one row per reader, conversation and hour, in one INSERT; of a program one per hour, for it reads all.
    """
    own = None if actor.sub_account is None else actor.sub_account.pk
    others = [str(pk) for pk, holder in conversations if holder is None or holder != own]
    _record(actor, [EVERYTHING] if actor.key is not None else others, now)


def record_live_reading(*, actor: Actor, now: datetime | None = None) -> None:
    """Record that the actor follows all conversations of the shop as they happen."""
    _record(actor, [EVERYTHING], now)


def _record(actor: Actor, subjects: Iterable[str], now: datetime | None) -> None:
    now = now or timezone.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    name = str(actor.key or actor.account or "")
    marks = remembered.unknown(hour, ((actor.shop.pk, name, subject) for subject in subjects))
    if not marks:
        return
    address = acting().address
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(
                shop=actor.shop,
                at=hour,
                action=AuditAction.CONVERSATION_READ,
                subject=subject,
                after={"first_read": f"{now.astimezone(actor.shop.zone):%H:%M:%S}"},
                by=actor.account,
                by_name=name,
                address=address,
            )
            for _shop, _name, subject in marks
        ],
        ignore_conflicts=True,
    )
    remembered.add(hour, marks)
