"""Three questions to a process, each with its own address (docs/operations.md):

`/livez`    does it answer at all? Whoever restarts processes asks this: a database that is away is no reason to.
`/readyz`   may it be given requests? Whoever shares out requests asks this; it also tells of the worker.
`/healthz`  the same verdict in one word, as it has been from the beginning.
"""

from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.models import JobRecord
from config.watching.job_records import late_jobs
from core.clock import ClockJumped, guard
from core.db.direct import direct_alias
from core.db.time import database_time


@require_safe
@never_cache
def livez(request: HttpRequest) -> JsonResponse:
    """200 {"status": "ok"}. Asks nothing of anybody."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 {"status": "ok"}, or 503 with what is wrong: "database", "migrations" or "clock"; tells nothing else."""
    verdict = _verdict()
    return JsonResponse({"status": verdict}, status=200 if verdict == "ok" else 503)


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """The verdict of /healthz, and beside it {"jobs": "ok", "late" or "never"}: pages work while the worker is down, so
    that makes no 503. Which job is late stands in /metrics, not here: everybody may ask this."""
    verdict = _verdict()
    if verdict != "ok":
        return JsonResponse({"status": verdict}, status=503)
    return JsonResponse({"status": "ok", "jobs": _jobs()})


def _verdict() -> str:
    try:
        executor = MigrationExecutor(connections[direct_alias()])
        behind = bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError:
        return "database"
    return "migrations" if behind else _clock()


def _clock() -> str:
    """ "clock" where nothing is accepted because this machine's clock is not to be believed."""
    try:
        guard.check(timezone.now(), lambda: database_time(connections[direct_alias()]))
    except ClockJumped:
        return "clock"
    except DatabaseError:
        return "database"
    return "ok"


def _jobs() -> str:
    records = {row.name: row for row in JobRecord.objects.using(direct_alias())}
    if not any(row.succeeded_at for row in records.values()):
        return "never"
    return "late" if late_jobs(timezone.now(), records) else "ok"
