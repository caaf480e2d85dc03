"""Items of sweeps that fail: noted, tried again after growing pauses, parked, repeated by hand."""

import logging
from datetime import timedelta

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from config.jobs import MAX_KEY, repeat_of
from config.models import FailedItem
from core.db.faults import passing_fault

MAX_TRIES = 5
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
MAX_ERROR = 2000

logger = logging.getLogger("fenliu.jobs")


class Failures:
    """The failure log of `config.jobs.each`, in rows that all processes share."""

    def noted(self, sweep: str) -> dict[str, bool]:
        """Keys of the items that have failed; True while the next try of one is not due yet."""
        now = timezone.now()
        rows = FailedItem.objects.filter(sweep=sweep).values_list("key", "next_at")
        return {key: next_at > now for key, next_at in rows}

    def failed(self, sweep: str, key: str, error: Exception) -> bool:
        """Note a failure; True once the item is parked.

        A fault of the database that passes (a lock that another transaction holds) is logged and does not count: the
        next sweep tries again.
        """
        if passing_fault(error) is not None:
            logger.warning("item waits", extra={"sweep": sweep, "key": key, "error": str(error)})
            return False
        logger.exception("item failed", extra={"sweep": sweep, "key": key}, exc_info=error)
        try:
            return _note(sweep, key[:MAX_KEY], error)
        except DatabaseError as fault:
            logger.warning("no note of a failed item: %s", fault)
            return False

    def park(self, sweep: str, key: str, error: Exception) -> None:
        """Note an item that its sweep goes on without."""
        logger.exception("item parked", extra={"sweep": sweep, "key": key}, exc_info=error)
        _note(sweep, key[:MAX_KEY], error, tries=MAX_TRIES)

    def succeeded(self, sweep: str, key: str) -> None:
        """Forget the failures of an item."""
        FailedItem.objects.filter(sweep=sweep, key=key).delete()


def _note(sweep: str, key: str, error: Exception, tries: int = 1) -> bool:
    if connection.needs_rollback:
        return False
    with transaction.atomic():
        row, _ = FailedItem.objects.select_for_update().get_or_create(sweep=sweep, key=key)
        now = timezone.now()
        row.attempts += tries
        row.last_failed_at = now
        row.error = f"{type(error).__name__}: {error}"[:MAX_ERROR].replace("\x00", "")
        row.next_at = now + min(FIRST_PAUSE * 2 ** min(row.attempts - 1, 10), LONGEST_PAUSE)
        if row.attempts >= MAX_TRIES:
            row.parked_at = row.parked_at or now
            row.next_at = now + LONGEST_PAUSE
        row.save()
    return row.parked_at is not None


def repeat_failed(*, row: FailedItem) -> bool:
    """Try a failed item again: at once where its sweep has gone on without it, else with the next sweep.

    True where it has gone well at once.
    """
    repeat = repeat_of(row.sweep)
    if repeat is None:
        FailedItem.objects.filter(pk=row.pk).update(attempts=0, parked_at=None, next_at=timezone.now())
        return False
    try:
        repeat(row.key)
    except Exception as error:
        Failures().failed(row.sweep, row.key, error)
        return False
    row.delete()
    return True
