"""Each job once through a real django-q cluster on SQLite, and once through a real Celery worker on Redis."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django_q.models import Schedule

from config import jobs
from config.celery import beat_schedule
from config.entry import PREFIX
from config.runner import sync_schedules

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
LOGGED = {"LOG_LEVEL": "INFO", "LOG_FORMAT": "json"}

pytestmark = pytest.mark.slow


@contextmanager
def worker(environment: dict[str, str]) -> Iterator[None]:
    with (Path(environment["FENLIU_VAR"]) / "worker.log").open("wb") as log:
        command = [PYTHON, "manage.py", "worker"]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, stderr=log)
    try:
        yield
        assert process.poll() is None, "the worker has ended by itself"
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def drive(environment: dict[str, str]) -> None:
    """Migrate an empty database, start a worker, see each job's work done."""
    subprocess.run([PYTHON, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=environment, check=True)
    with worker(environment):
        driven = subprocess.run(
            [PYTHON, "-m", "tests.runner_driver"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    assert driven.returncode == 0, driven.stdout + driven.stderr
    check_logged((Path(environment["FENLIU_VAR"]) / "worker.log").read_text())


def check_logged(said: str) -> None:
    """Every line of a worker is JSON; each run of a job has an id of its own, those of one run the same."""
    lines = [json.loads(line) for line in said.splitlines()]
    done = [line for line in lines if line["event"] == "job done"]
    assert {"routing.sweep_time_outs", "routing.sweep_counters"} <= {one["job"] for one in done}
    ids = [line["job_id"] for line in done]
    assert len(ids) == len(set(ids)) and all(len(one) == 32 for one in ids)
    assert not [line for line in lines if line["level"] in ("error", "critical") and "job" not in line], lines


def test_every_job_through_a_django_q_cluster_on_sqlite(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    drive(environment | {"FENLIU_VAR": str(tmp_path), "TASK_RUNNER": "django_q", **LOGGED})


@pytest.mark.redis
@pytest.mark.django_db(transaction=True)
def test_every_job_through_a_celery_worker_on_redis(tmp_path: Path) -> None:
    if "REDIS_URL" not in os.environ or connection.vendor != "postgresql":
        pytest.skip("needs PostgreSQL and Redis: run through `make test`")
    name = "fenliu_runners"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
    drive(os.environ | {"DATABASE_URL": url, "FENLIU_VAR": str(tmp_path), "TASK_RUNNER": "celery", **LOGGED})


def test_both_runners_are_given_every_schedule_of_the_registry() -> None:
    wanted = {name for name, job in jobs.REGISTRY.items() if job.cron}
    assert wanted >= {"routing.sweep_time_outs", "routing.sweep_counters", "metrics.sweep_assessments"}
    assert set(beat_schedule()) == wanted


@pytest.mark.django_db
def test_django_q_s_schedules_follow_the_registry() -> None:
    Schedule.objects.create(name=PREFIX + "gone", func="x", schedule_type=Schedule.CRON, cron="* * * * *")
    sync_schedules()
    sync_schedules()
    names = sorted(Schedule.objects.values_list("name", flat=True))
    assert names == sorted(PREFIX + name for name, job in jobs.REGISTRY.items() if job.cron)


def test_a_job_that_nobody_knows_is_refused_at_once() -> None:
    with pytest.raises(KeyError, match="no job"):
        jobs.enqueue("routing.nonsense")
    with pytest.raises(ValueError, match="a second job"):
        jobs.job(name="routing.sweep_time_outs")(lambda: None)
