"""The one function that a job runner executes, whatever stands in its tables.

Both runners call what a row or a message names. A row of django-q2's tables can be written by anybody with the admin or
the database; a message by anybody with the broker. Here a runner executes `config.jobs.run` with the name of a
registered job, refuses everything else, and drops schedules that are not the registry's.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django_q import cluster, monitor, signals
from django_q.models import Schedule, Task

from config.jobs import REGISTRY

ENTRY = "config.jobs.run"
PREFIX = "fenliu: "
"""Names of the registry's schedules in django-q2's table."""
LATEST_NEXT_RUN = timedelta(minutes=2)
FOREIGN_KEYS = ("hook", "chain", "cached", "iter_count", "iter_cached", "group")
"""Parts of a task by which django-q2 would call or queue something more."""

logger = logging.getLogger("fenliu.jobs")


class ForeignTask(Exception):
    """A task that is no job of the registry was refused."""


def wanted_schedules() -> dict[str, dict[str, Any]]:
    """The registry's schedules as rows of django-q2's table, by name."""
    return {
        PREFIX + job.name: {
            "func": ENTRY,
            "args": repr((job.name,)),
            "kwargs": None,
            "hook": None,
            "schedule_type": Schedule.CRON,
            "cron": job.cron,
            "repeats": -1,
            "cluster": None,
            "intended_date_kwarg": None,
        }
        for job in REGISTRY.values()
        if job.cron
    }


def write_schedules() -> None:
    """Write the registry's schedules where django-q2 looks for them."""
    for name, values in wanted_schedules().items():
        Schedule.objects.update_or_create(name=name, defaults=values)


def drop_foreign_schedules() -> int:
    """Delete every schedule that is not exactly one of the registry's; how many."""
    wanted = wanted_schedules()
    dropped = 0
    for row in Schedule.objects.all():
        due = wanted.get(row.name or "")
        own = due is not None and all((getattr(row, name) or None) == (value or None) for name, value in due.items())
        # Moved into the future, a schedule would be switched off without a trace.
        if not own or row.next_run > row.calculate_next_run(timezone.now()) + LATEST_NEXT_RUN:
            logger.warning("foreign schedule dropped", extra={"schedule": row.name, "func": row.func})
            dropped += row.delete()[0]
    return dropped


def checked_task(task: Any) -> Any:
    """The task as it may be executed: a job of the registry, with nothing to be called after it, or a refusal."""
    if not isinstance(task, dict):
        return task
    kept = {name: value for name, value in task.items() if name not in FOREIGN_KEYS}
    if is_job(task.get("func"), task.get("args"), task.get("kwargs")):
        return kept
    logger.warning("foreign task refused", extra={"task": str(task.get("name"))[:100]})
    return kept | {"func": refuse, "args": (), "kwargs": {}}


def is_job(func: Any, arguments: Any, keywords: Any) -> bool:
    """A call of the entry function: (name of a registered job, its arguments, its ticket)."""
    if func != ENTRY or keywords or not isinstance(arguments, tuple | list) or not 1 <= len(arguments) <= 3:
        return False
    name, given, ticket = (*arguments, None, None)[:3]
    return (
        isinstance(name, str)
        and name in REGISTRY
        and (given is None or isinstance(given, dict))
        and (ticket is None or isinstance(ticket, dict))
    )


def refuse() -> None:
    raise ForeignTask("no job of the registry")


class CheckedQueue:
    """django-q2's queue of tasks, as a worker process reads it."""

    def __init__(self, queue: Any) -> None:
        self._queue = queue

    def get(self, *arguments: Any, **keywords: Any) -> Any:
        return checked_task(self._queue.get(*arguments, **keywords))


_worker: Callable[..., None] = cluster.worker
_scheduler: Callable[..., None] = cluster.scheduler


def checked_worker(task_queue: Any, result_queue: Any, timer: Any, timeout: Any = None) -> None:
    """django-q2's worker process, reading checked tasks."""
    _worker(CheckedQueue(task_queue), result_queue, timer, timeout)


def checked_scheduler(broker: Any = None) -> None:
    """django-q2's scheduler, after foreign schedules have been dropped and what was altered written anew."""
    try:
        if drop_foreign_schedules():
            write_schedules()
    except Exception:
        logger.exception("foreign schedules could not be looked for; nothing is scheduled this time")
        return
    _scheduler(broker=broker)


def save_nothing(task: Any, broker: Any = None) -> None:
    """In place of django-q2's table of results, whose rows are pickles that its monitor reads back unsigned."""


def guard_django_q() -> None:
    """Put the checks into django-q2: its cluster, its table of results, its hook on saved results."""
    cluster.worker = checked_worker
    cluster.scheduler = checked_scheduler
    monitor.save_task = save_nothing
    signals.post_save.disconnect(signals.call_hook, sender=Task)


def guard_celery(app: Any) -> None:
    """Leave the worker no task but the entry's: Celery brings a dozen of its own."""
    app.finalize()
    for name in [name for name in app.tasks if name != "fenliu.run_job"]:
        app.tasks.unregister(name)
