"""Celery with beat, for production: the schedule is the registry's."""

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab

from config import jobs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

REDELIVERED = "jobs.redelivered"
"""Sweep of the failure log: runs whose process died; key: job and run."""

app = Celery("fenliu")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    # Without it beat would plan a task of Celery's own.
    result_expires=None,
    accept_content=["json"],
    task_serializer="json",
    result_serializer="json",
    # Commands that come by the broker (shutdown, pool_grow, revoke …): nothing here sends them.
    worker_enable_remote_control=False,
    task_time_limit=600,
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    # Redis gives a killed worker's task back only after this; every sweep finds the same work sooner.
    broker_transport_options={"visibility_timeout": 900, "socket_timeout": 5, "socket_connect_timeout": 2},
    broker_connection_timeout=2,
    # What cannot be handed over is found by the next sweep: the request that asked for it does not wait.
    task_publish_retry=False,
)


@app.task(name="fenliu.run_job", bind=True)
def run_job(task: Any, name: str, arguments: dict[str, Any] | None = None, ticket: jobs.Ticket | None = None) -> None:
    """Run a job of the registry. One whose process died while it ran comes again, at most MAX_TRIES times."""
    again, key = bool((task.request.delivery_info or {}).get("redelivered")), f"{name} {task.request.id}"
    died = RuntimeError("its process died while it ran")
    if again and jobs.failure_log().failed(REDELIVERED, key, died):
        return
    jobs.run(name, arguments, ticket)
    if again:
        jobs.failure_log().succeeded(REDELIVERED, key)


@jobs.repeats(REDELIVERED)
def acknowledge(_key: str) -> None:
    """Let an operator strike a parked run off the list: the next sweep asks for its work anew."""


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
