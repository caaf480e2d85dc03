"""`manage.py worker`: runs the jobs with the runner that TASK_RUNNER names, schedule included."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from config.runner import app, sync_schedules
from config.watching.job_records import know_jobs


class Command(BaseCommand):
    help = "Runs Fenliu's jobs: django-q2's cluster, or a Celery worker with beat (TASK_RUNNER)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--without-beat", action="store_true", help="Celery: leave the schedule to another process")

    def handle(self, *args: Any, **options: Any) -> None:
        know_jobs()
        if settings.TASK_RUNNER == "celery":
            arguments = ["--quiet", "worker", f"--loglevel={settings.LOG_LEVEL}", "--concurrency=2"]
            if not options["without_beat"]:
                arguments += ["--beat", f"--schedule={settings.VAR_DIR / 'celerybeat-schedule'}"]
            app.worker_main(arguments)
            return
        sync_schedules()
        call_command("qcluster")
