"""The registry of jobs, at the bottom so that every app may use it: knows no app and no runner (DESIGN 5).

A job is idempotent, safe to run twice and at once, and finds its work in rows: what a runner drops,
the next sweep finds.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import transaction

Run = TypeVar("Run", bound=Callable[..., object])
Dispatch = Callable[[str, dict[str, Any]], None]
Ticket = dict[str, str]
"""What goes along with a run from when it is asked for: {"job_id", "request_id"}, its own id and that of the request
that asked, if one did."""
Around = Callable[[str, Ticket | None], AbstractContextManager[None]]


@dataclass(frozen=True)
class Job:
    """`cron`: five fields, None for a job that is only asked for."""

    name: str
    run: Callable[..., object]
    cron: str | None


REGISTRY: dict[str, Job] = {}
_dispatch: list[Dispatch] = []
_around: list[Around] = []


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


def enqueue(name: str, **arguments: Any) -> None:
    """Ask for a job after the commit of the present transaction."""
    if name not in REGISTRY:
        raise KeyError(f"no job {name}")
    transaction.on_commit(lambda: _dispatch[0](name, arguments))


def run(name: str, arguments: dict[str, Any] | None = None, ticket: Ticket | None = None) -> object:
    """Run a job here and now: what the runners call."""
    with _around[0](name, ticket) if _around else nullcontext():
        return REGISTRY[name].run(**(arguments or {}))
