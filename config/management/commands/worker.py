"""`manage.py worker`: runs the jobs with the runner that TASK_RUNNER names, schedule included."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from config.entry import guard_celery
from config.runner import app, sync_schedules
from config.watching.job_records import know_jobs


class Command(BaseCommand):
    help = "Runs Fenliu's jobs: django-q2's cluster, or a Celery worker with beat (TASK_RUNNER)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--without-beat", action="store_true", help="Celery: leave the schedule to another process")
        parser.add_argument("--alone", action="store_true", help="run here, without a supervisor and without beat")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["alone"]:
            self._supervise(with_beat=settings.TASK_RUNNER == "celery" and not options["without_beat"])
        know_jobs()
        if settings.TASK_RUNNER == "celery":
            guard_celery(app)
            app.worker_main(["--quiet", "worker", f"--loglevel={settings.LOG_LEVEL}", "--concurrency=2"])
            return
        sync_schedules()
        call_command("qcluster")

    def _supervise(self, *, with_beat: bool) -> None:
        """Become a supervisor: whichever of its processes ends, all of them do, and it is seen."""
        manage = [sys.executable, os.path.abspath(sys.argv[0])]  # noqa: PTH100 (links of an installation are kept)
        commands = ["--", *manage, "worker", "--alone"] + (["--", *manage, "beat"] if with_beat else [])
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", "core.supervisor", *commands])
