"""The one wiring of jobs to the runner that TASK_RUNNER names: django-q2 or Celery."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django_q.tasks import async_task

from config import jobs
from config.celery import app, run_job
from config.entry import ENTRY, drop_foreign_schedules, guard_django_q, write_schedules
from config.failures import Failures
from config.watching.job_records import new_ticket, recorded


def by_django_q(name: str, arguments: dict[str, Any]) -> None:
    async_task(ENTRY, name, arguments, new_ticket(), task_name=name)


def by_celery(name: str, arguments: dict[str, Any]) -> None:
    ticket = new_ticket()
    run_job.apply_async((name, arguments, ticket), task_id=ticket["job_id"])


RUNNERS = {"django_q": by_django_q, "celery": by_celery}


def install() -> None:
    """Make `jobs.enqueue` work. Raises ImproperlyConfigured for an unknown TASK_RUNNER."""
    if settings.TASK_RUNNER not in RUNNERS:
        raise ImproperlyConfigured(f'TASK_RUNNER: "{settings.TASK_RUNNER}" is neither celery nor django_q')
    jobs.dispatch_with(RUNNERS[settings.TASK_RUNNER])
    jobs.surround_with(recorded)
    jobs.log_failures_with(Failures())
    guard_django_q()


def sync_schedules() -> None:
    """Drop every schedule that is not the registry's, and write the registry's."""
    drop_foreign_schedules()
    write_schedules()


__all__ = ["app", "install", "sync_schedules"]
