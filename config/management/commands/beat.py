"""`manage.py beat`: the jobs' schedule alone, for installations with several Celery workers."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.runner import app
from config.watching.job_records import know_jobs


class Command(BaseCommand):
    help = "Asks for the jobs at their times (Celery); the workers beside it run with --without-beat."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.TASK_RUNNER != "celery":
            raise CommandError("TASK_RUNNER is not celery: django-q2's cluster keeps the schedule itself", returncode=2)
        know_jobs()
        schedule = settings.VAR_DIR / "celerybeat-schedule"
        app.start(["--quiet", "beat", f"--loglevel={settings.LOG_LEVEL}", f"--schedule={schedule}", "--pidfile="])
