"""What becomes of each run of a job: in the log under its own id, and in its row of `JobRecord`."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from uuid import uuid4

from croniter import croniter
from django.db import DatabaseError
from django.db.models import F
from django.utils import timezone
from structlog.contextvars import bound_contextvars, get_contextvars

from config.jobs import REGISTRY, Ticket
from config.models import JobRecord

LATE_SECONDS = 300
EVERY_MINUTE_LATE_SECONDS = 60

log = logging.getLogger("fenliu.jobs")


def new_ticket() -> Ticket:
    """For a job that is asked for now."""
    ticket = {"job_id": uuid4().hex}
    if asked_by := get_contextvars().get("request_id"):
        ticket["request_id"] = str(asked_by)
    return ticket


@contextmanager
def recorded(name: str, ticket: Ticket | None) -> Iterator[None]:
    """Around a run. A failure is logged, recorded and raised on."""
    begun = time.perf_counter()
    with bound_contextvars(job=name, **(ticket or new_ticket())):
        try:
            yield
        except Exception:
            log.exception("job failed")
            _note(name, failed=True, seconds=time.perf_counter() - begun)
            raise
        seconds = time.perf_counter() - begun
        log.info("job done", extra={"ms": round(seconds * 1000, 1)})
        _note(name, failed=False, seconds=seconds)


def _note(name: str, *, failed: bool, seconds: float) -> None:
    """A database that is away must not make a job that went well fail."""
    now = timezone.now()
    values = (
        {"failed_at": now, "failures": F("failures") + 1}
        if failed
        else {"succeeded_at": now, "runs": F("runs") + 1, "seconds": F("seconds") + seconds, "last_seconds": seconds}
    )
    try:
        if not JobRecord.objects.filter(pk=name).update(**values):
            know_jobs()
            JobRecord.objects.filter(pk=name).update(**values)
    except DatabaseError as error:
        log.warning("no record of job %s: %s", name, error)


def know_jobs() -> None:
    """A row for every job of the registry: from now on one that never runs is late. Called when a server or a worker
    begins."""
    rows = [JobRecord(name=name) for name in REGISTRY]
    JobRecord.objects.bulk_create(rows, ignore_conflicts=True)


def lateness(cron: str, since: datetime, now: datetime) -> float:
    """Seconds since a job was due that last went well at `since`; 0 while it is not due."""
    due: datetime = croniter(cron, timezone.localtime(since)).get_next(datetime)
    return max(0.0, (now - due).total_seconds())


def late_jobs(now: datetime, records: dict[str, JobRecord]) -> list[str]:
    """The jobs that are late, by name; all of them where no worker has ever run. `records` by name."""
    known = {name: row.succeeded_at or row.since for name, row in records.items()}
    return [
        job.name
        for job in REGISTRY.values()
        if job.cron and job.name in known and lateness(job.cron, known[job.name], now) >= allowance(job.cron)
    ]


def allowance(cron: str) -> int:
    """Seconds after its due time at which a job is called late: a minute for those of every minute."""
    return EVERY_MINUTE_LATE_SECONDS if cron.startswith("* ") else LATE_SECONDS
