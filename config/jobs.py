"""The registry of jobs, at the bottom so that every app may use it: knows no app and no runner (DESIGN 5).

A job is idempotent, safe to run twice and at once, and finds its work in rows: what a runner drops,
the next sweep finds.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from django.db import transaction

Run = TypeVar("Run", bound=Callable[..., object])
Dispatch = Callable[[str, dict[str, Any]], None]
Ticket = dict[str, str]
"""What goes along with a run from when it is asked for: {"job_id", "request_id"}, its own id and that of the request
that asked, if one did."""
Around = Callable[[str, Ticket | None], AbstractContextManager[None]]


Item = TypeVar("Item")
MAX_KEY = 200
"""Characters of an item's key."""


class FailureLog(Protocol):
    """Remembers the items of the sweeps that failed (config.failures)."""

    def noted(self, sweep: str) -> Mapping[str, bool]:
        """Keys of the items of `sweep` that have failed; True while the next try of one is not due yet."""

    def failed(self, sweep: str, key: str, error: Exception) -> bool:
        """Note one more failure; True once the item is parked."""

    def park(self, sweep: str, key: str, error: Exception) -> None:
        """Note an item that its sweep goes on without: it is listed and can be repeated by hand."""

    def succeeded(self, sweep: str, key: str) -> None:
        """The item has gone well: forget its failures."""


@dataclass(frozen=True)
class Job:
    """`cron`: five fields, None for a job that is only asked for."""

    name: str
    run: Callable[..., object]
    cron: str | None


REGISTRY: dict[str, Job] = {}
_dispatch: list[Dispatch] = []
_around: list[Around] = []
_failures: list[FailureLog] = []
_repeats: dict[str, Callable[[str], object]] = {}


def job(*, name: str, cron: str | None = None) -> Callable[[Run], Run]:
    """Register a function as the job `name`. Its arguments must be JSON."""

    def register(run: Run) -> Run:
        if name in REGISTRY:
            raise ValueError(f"a second job {name}")
        REGISTRY[name] = Job(name, run, cron)
        return run

    return register


def dispatch_with(dispatch: Dispatch) -> None:
    """What hands a job to the runner; set once, by config.runner."""
    _dispatch[:] = [dispatch]


def surround_with(around: Around) -> None:
    """What stands around every run; set once, by config.runner."""
    _around[:] = [around]


def log_failures_with(log: FailureLog) -> None:
    """Set the log in which `each` notes failures; once, by config.runner."""
    _failures[:] = [log]


def failure_log() -> FailureLog:
    return _failures[0]


def each(sweep: str, items: Iterable[Item], work: Callable[[Item], int], key: Callable[[Item], object] = str) -> int:
    """Do `work` for each item of the sweep called `sweep`; the sum of what it returns.

    An item that raises leaves the others alone. It is noted, tried again after a growing pause, and parked after
    MAX_TRIES failures (config.failures): then it is listed, tried once an hour, and can be repeated by hand.
    """
    waiting = list(items)
    noted = failure_log().noted(sweep) if waiting else {}
    done = 0
    for item in waiting:
        name = str(key(item))[:MAX_KEY]
        if noted.get(name):
            continue
        try:
            done += work(item)
        except Exception as error:
            failure_log().failed(sweep, name, error)
        else:
            if name in noted:
                failure_log().succeeded(sweep, name)
    return done


def repeats(sweep: str) -> Callable[[Callable[[str], object]], Callable[[str], object]]:
    """Register how a parked item of `sweep` is repeated by hand, where its sweep has gone on without it."""

    def register(repeat: Callable[[str], object]) -> Callable[[str], object]:
        _repeats[sweep] = repeat
        return repeat

    return register


def repeat_of(sweep: str) -> Callable[[str], object] | None:
    return _repeats.get(sweep)


def enqueue(name: str, **arguments: Any) -> None:
    """Ask for a job after the commit of the present transaction."""
    if name not in REGISTRY:
        raise KeyError(f"no job {name}")
    transaction.on_commit(lambda: _dispatch[0](name, arguments))


def run(name: str, arguments: dict[str, Any] | None = None, ticket: Ticket | None = None) -> object:
    """Run a job here and now: what the runners call."""
    with _around[0](name, ticket) if _around else nullcontext():
        return REGISTRY[name].run(**(arguments or {}))
