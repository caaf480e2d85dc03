"""Scenarios over HTTP: small ones at once, larger ones as a job in a process of bounded memory, time and output."""

import json
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from agents.errors import Overloaded, Refused
from agents.models import Account
from config.jobs import enqueue
from routing.engine.checking import Malformed
from routing.models import Simulation
from routing.simulator.bounded import Ended
from routing.simulator.run import Run
from routing.simulator.scenario import read_scenario

MAX_INLINE_EVENTS, MAX_INLINE_PRODUCT = 2_000, 200_000
"""Events, and events times agents, of a scenario that is answered at once: some 0.2 s."""
MAX_EVENTS, MAX_AGENTS = 50_000, 2_000
"""… that a job takes; anything larger is for `manage.py simulate`."""
MAX_WAITING = 20
"""Simulations that wait in the whole installation."""
SECONDS, MEMORY_BYTES, RESULT_BYTES = 60, 1024**3, 32 * 1024**2
"""Of one run in a job."""
SILENT, KEPT, MAX_TRIES = timedelta(seconds=3 * SECONDS), timedelta(days=1), 2
RETRY_AFTER_SECONDS = 2

_turn = threading.BoundedSemaphore(1)


def size_of(scenario: Any) -> tuple[int, int]:
    """(events, agents) of a scenario that nobody has read yet; 0 for what is no list."""
    given = scenario if isinstance(scenario, dict) else {}
    events, agents = given.get("events"), given.get("agents")
    return (len(events) if isinstance(events, list) else 0, len(agents) if isinstance(agents, list) else 0)


def needs_job(scenario: Any) -> bool:
    """Tell if a scenario is too large to be run while its caller waits. Raises Refused 413 for one beyond a job."""
    events, agents = size_of(scenario)
    if events > MAX_EVENTS or agents > MAX_AGENTS:
        said = _("At most %(events)s events and %(agents)s agents; run a larger file by “manage.py simulate”.")
        field = "events" if events > MAX_EVENTS else "agents"
        raise Refused("too_large", said % {"events": MAX_EVENTS, "agents": MAX_AGENTS}, field=field, status=413)
    return events > MAX_INLINE_EVENTS or events * agents > MAX_INLINE_PRODUCT


def simulate(*, scenario: Any, traces: bool = True) -> dict[str, Any]:
    """Run a small scenario now, one at a time in a process. Raises Refused `malformed`, Overloaded."""
    with _in_turn():
        try:
            return Run(read_scenario(scenario), traces=traces).result()
        except Malformed as error:
            raise Refused("malformed", str(error), field=error.path or "scenario") from None


@contextmanager
def _in_turn() -> Iterator[None]:
    if not _turn.acquire(timeout=RETRY_AFTER_SECONDS):
        said = _("Other scenarios are being run: please try again in %(wait)s seconds.")
        raise Overloaded(said % {"wait": RETRY_AFTER_SECONDS}, RETRY_AFTER_SECONDS)
    try:
        yield
    finally:
        _turn.release()


@transaction.atomic
def ask_for_simulation(*, account: Account, scenario: Any, traces: bool = True, now: datetime) -> Simulation:
    """Store a large scenario for the job. Raises Overloaded while the account's last one is not over, or many wait."""
    forget_simulations(now=now)
    waiting = Simulation.objects.filter(state__in=("waiting", "running"))
    if waiting.filter(account=account).exists() or waiting.count() >= MAX_WAITING:
        said = _("A large scenario is still waiting: please try again in %(wait)s seconds.") % {"wait": SECONDS}
        raise Overloaded(said, SECONDS)
    packed = zlib.compress(json.dumps(scenario).encode(), 1)
    made = Simulation.objects.create(account=account, scenario=packed, traces=traces, asked_at=now, alive_at=now)
    enqueue("routing.simulate", pk=made.pk)
    return made


def forget_simulations(*, now: datetime) -> int:
    """Drop what was asked for longer ago than KEPT; how many."""
    return Simulation.objects.filter(asked_at__lt=now - KEPT).delete()[0]


def dropped_simulations(*, now: datetime) -> list[int]:
    """Those that a runner has dropped: asked for and not begun, or begun and silent. After MAX_TRIES they fail."""
    rows = Simulation.objects.filter(state__in=("waiting", "running"), alive_at__lt=now - SILENT)
    rows.filter(tries__gte=MAX_TRIES).update(state="failed", error="lost:")
    return list(rows.order_by("pk").values_list("pk", flat=True))


def run_simulation(*, pk: int, now: datetime) -> bool:
    """Run what was asked for in a bounded process; False if it is over or somebody else runs it."""
    mine = Simulation.objects.filter(pk=pk, state="waiting") | Simulation.objects.filter(
        pk=pk, state="running", alive_at__lt=now - SILENT
    )
    row = mine.first()
    if row is None or not mine.update(state="running", alive_at=now, tries=row.tries + 1):
        return False
    result, error = _bounded(zlib.decompress(row.scenario), traces=row.traces)
    packed = None if result is None else zlib.compress(result, 1)
    state = "failed" if packed is None else "done"
    Simulation.objects.filter(pk=pk, state="running").update(state=state, result=packed, error=error[:1000])
    return True


def _bounded(scenario: bytes, *, traces: bool) -> tuple[bytes | None, str]:
    """(result, "") or (None, "code:place\\twords")."""
    limits = ["--seconds", str(SECONDS), "--memory", str(MEMORY_BYTES), "--result", str(RESULT_BYTES)]
    command = [sys.executable, "-m", "routing.simulator.bounded", *limits, *([] if traces else ["--no-traces"])]
    try:
        done = subprocess.run(
            command, input=scenario, capture_output=True, timeout=SECONDS * 2, check=False, cwd=settings.BASE_DIR
        )
    except subprocess.TimeoutExpired:
        return None, "too_slow:"
    if done.returncode == Ended.DONE:
        return done.stdout, ""
    codes = {Ended.TOO_MUCH_MEMORY: "too_much_memory:", Ended.TOO_LONG_RESULT: "too_long_result:"}
    if done.returncode == Ended.MALFORMED:
        return None, f"malformed:{done.stderr.decode(errors='replace')}"
    # Killed, or out of memory while it was saying so: either way it was too much.
    return None, "too_slow:" if done.returncode == Ended.TOO_SLOW else codes.get(done.returncode, "too_much_memory:")  # type: ignore[call-overload]
