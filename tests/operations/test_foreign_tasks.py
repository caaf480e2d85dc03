"""A job runner executes the registry's jobs and nothing else, whatever stands in its tables or comes by its broker."""

import os
import shelve
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery.beat import PersistentScheduler, ScheduleEntry
from celery.schedules import schedule
from django.utils import timezone
from django_q import monitor
from django_q.models import Schedule, Task

from config import entry
from config.celery import app
from config.entry import CheckedQueue, checked_task, drop_foreign_schedules, is_job, refuse
from config.runner import sync_schedules
from tests.chaos.stack import Broker
from tests.servers import folder_for

ROOT = Path(__file__).resolve().parent.parent.parent
JOB = "routing.sweep_time_outs"


def task(**more: Any) -> dict[str, Any]:
    return {"id": "1", "name": "x", "func": "config.jobs.run", "args": (JOB,), "kwargs": {}} | more


@pytest.mark.parametrize(
    "foreign",
    [
        {"func": "os.system", "args": ("id",)},
        {"func": os.system, "args": ("id",)},
        {"func": "config.jobs.run", "args": ("no.such.job",)},
        {"func": "config.jobs.run", "args": ()},
        {"func": "config.jobs.run", "args": (JOB, {}, {}, "more")},
        {"func": "config.jobs.run", "args": (JOB, ["no dict"])},
        {"func": "config.jobs.run", "kwargs": {"name": JOB}},
        {"func": "config.jobs.enqueue", "args": (JOB,)},
        {"func": "config.runner.jobs.run", "args": (JOB,)},
    ],
)
def test_a_task_that_is_no_job_is_refused(foreign: dict[str, Any]) -> None:
    found = checked_task(task(**foreign))
    assert found["func"] is refuse and found["args"] == () and found["kwargs"] == {}


def test_a_job_keeps_its_arguments_and_loses_what_would_be_called_after_it() -> None:
    given = task(
        args=(JOB, {"shop": 1}, {"job_id": "a"}), hook="os.system", chain=[("os.system", ("id",), {})], group="g"
    )
    found = checked_task(given)
    assert (found["func"], found["args"]) == ("config.jobs.run", given["args"])
    assert not {"hook", "chain", "group"} & set(found)
    assert CheckedQueue(type("Q", (), {"get": lambda self: "STOP"})()).get() == "STOP"
    assert is_job("config.jobs.run", [JOB], {})


@pytest.mark.django_db
def test_schedules_that_are_not_the_registry_s_are_dropped() -> None:
    sync_schedules()
    own = Schedule.objects.count()
    assert drop_foreign_schedules() == 0
    Schedule.objects.create(name="nightly report", func="os.system", args="'id'", schedule_type=Schedule.ONCE)
    Schedule.objects.create(func="config.jobs.run", args=repr((JOB,)), schedule_type=Schedule.MINUTES)
    changed = Schedule.objects.get(name=f"fenliu: {JOB}")
    Schedule.objects.filter(pk=changed.pk).update(hook="os.system")
    Schedule.objects.filter(name="fenliu: routing.sweep_leases").update(kwargs="q_options={'hook': 'os.system'}")
    far = timezone.now() + timedelta(days=400)
    Schedule.objects.filter(name="fenliu: routing.sweep_counters").update(next_run=far)
    Schedule.objects.filter(name="fenliu: metrics.announce_penalties").update(intended_date_kwarg="x")
    assert drop_foreign_schedules() == 6
    sync_schedules()
    assert Schedule.objects.count() == own


@pytest.mark.django_db
def test_an_altered_schedule_is_written_anew_by_the_scheduler_itself(monkeypatch) -> None:
    monkeypatch.setattr(entry, "_scheduler", lambda broker=None: None)
    sync_schedules()
    Schedule.objects.filter(name=f"fenliu: {JOB}").update(func="os.system", args="'id'")
    entry.checked_scheduler()
    row = Schedule.objects.get(name=f"fenliu: {JOB}")
    assert (row.func, row.args) == ("config.jobs.run", repr((JOB,)))


def test_results_are_saved_nowhere() -> None:
    assert monitor.save_task is entry.save_nothing


@pytest.mark.django_db
def test_a_result_that_is_saved_with_a_hook_calls_nothing(tmp_path: Path) -> None:
    called = tmp_path / "called"
    sys.modules["evil_hook"] = type(sys)("evil_hook")
    sys.modules["evil_hook"].run = lambda _task: called.touch()  # type: ignore[attr-defined]
    now = timezone.now()
    Task.objects.create(id="1", name="x", func="f", hook="evil_hook.run", started=now, stopped=now, success=True)
    assert not called.exists()


def test_celery_s_file_of_schedules_is_no_way_in(tmp_path: Path) -> None:
    path = str(tmp_path / "celerybeat-schedule")
    with shelve.open(path, writeback=True) as store:
        evil = ScheduleEntry(name="evil", task="celery.map", schedule=schedule(timedelta(seconds=1)), app=app)
        altered = ScheduleEntry(name=JOB, task="evil", schedule=schedule(timedelta(seconds=1)), args=["x"], app=app)
        store["entries"] = {"evil": evil, JOB: altered}
        store["__version__"], store["tz"], store["utc_enabled"] = "5.6.3", "Asia/Shanghai", True
    scheduler = PersistentScheduler(app, schedule_filename=path)
    scheduler.setup_schedule()
    entries = scheduler.schedule
    assert "evil" not in entries
    assert {entry.task for entry in entries.values()} == {"fenliu.run_job"}
    assert entries[JOB].args == [JOB]
    scheduler.close()


@contextmanager
def worker(environment: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("wb") as opened:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "worker"],
            cwd=ROOT,
            env=environment,
            stderr=opened,
            stdout=opened,
            start_new_session=True,
        )
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


def shell(environment: dict[str, str], program: str) -> str:
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", program]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout


RUNS = """
from config.models import JobRecord
print(JobRecord.objects.filter(pk='routing.sweep_counters', runs__gt=0).exists())
"""


def wait_for_job(environment: dict[str, str], log: Path, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while "True" not in shell(environment, RUNS):
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.5)


@pytest.mark.operations
@pytest.mark.slow
def test_a_django_q_cluster_runs_its_jobs_and_no_foreign_row(tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
    environment |= {"FENLIU_VAR": str(tmp_path), "TASK_RUNNER": "django_q", "LOG_LEVEL": "INFO"}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
    marks = [tmp_path / f"mark-{n}" for n in range(4)]
    rows = f"""
import os
from datetime import timedelta
from django.utils import timezone
from django_q import monitor
from django_q.models import OrmQ, Schedule
from django_q.signing import SignedPackage
from django_q.tasks import async_task
past = timezone.now() - timedelta(minutes=5)
Schedule.objects.create(name="s", func="os.system", args="'touch {marks[0]}'", schedule_type="O", next_run=past)
async_task("os.system", "touch {marks[1]}")
async_task(os.system, "touch {marks[2]}")
chain = [("os.system", ("touch {marks[3]}",))]
async_task("config.jobs.run", "routing.sweep_counters", {{}}, hook="os.system", chain=chain)
"""
    shell(environment, rows)
    log = tmp_path / "worker.log"
    with worker(environment, log):
        wait_for_job(environment, log)
        shell(environment, rows)
        time.sleep(35)  # the scheduler looks every 30 s
    assert [mark.name for mark in marks if mark.exists()] == []
    assert "foreign" in log.read_text()


@pytest.mark.operations
@pytest.mark.slow
def test_a_celery_worker_runs_its_jobs_and_no_foreign_message(tmp_path: Path) -> None:
    with folder_for(None) as folder:
        try:
            redis = Broker("redis", folder)
        except FileNotFoundError as missing:
            assert os.environ.get("FENLIU_DEMAND_SERVERS") != "1", missing
            pytest.skip(str(missing))
        environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
        environment |= {"FENLIU_VAR": str(tmp_path), "TASK_RUNNER": "celery", "CELERY_BROKER_URL": redis.url}
        environment |= {"LOG_LEVEL": "INFO"}
        subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
        log = tmp_path / "worker.log"
        send = """
from config.celery import app, run_job
app.send_task("celery.backend_cleanup")
app.send_task("celery.map", ({"task": "fenliu.run_job", "args": [], "options": {}}, [["x"]]))
app.send_task("os.system", ("id",))
run_job.apply_async(("no.such.job",))
run_job.apply_async(("routing.sweep_counters",))
"""
        try:
            with worker(environment, log):
                shell(environment, send)
                wait_for_job(environment, log)
        finally:
            redis.kill()
    text = log.read_text()
    assert text.count("unregistered task") >= 3
    assert "no.such.job" in text
