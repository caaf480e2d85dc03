"""Celery with beat, for production: the schedule is the registry's."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab

from config import jobs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("fenliu")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    task_time_limit=600,
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    # Redis gives a killed worker's task back only after this; every sweep finds the same work sooner.
    broker_transport_options={"visibility_timeout": 900},
)


@app.task(name="fenliu.run_job")
def run_job(name: str, arguments: dict[str, Any] | None = None, ticket: jobs.Ticket | None = None) -> None:
    jobs.run(name, arguments, ticket)


def beat_schedule() -> dict[str, dict[str, Any]]:
    """The registry's schedules as beat wants them."""
    return {
        job.name: {"task": "fenliu.run_job", "schedule": _crontab(job.cron), "args": [job.name]}
        for job in jobs.REGISTRY.values()
        if job.cron
    }


def _crontab(cron: str) -> crontab:
    minute, hour, day_of_month, month_of_year, day_of_week = cron.split()
    return crontab(
        minute=minute, hour=hour, day_of_month=day_of_month, month_of_year=month_of_year, day_of_week=day_of_week
    )
