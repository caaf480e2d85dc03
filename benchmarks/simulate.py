"""Events a second through the simulator: 30 % open, 40 % message, 20 % close, 10 % presence, 50 agents; and what a
month of a large shop takes.

More is opened than is closed: by the end each agent holds ten times what they can answer, and whoever goes offline
leaves it all to the others. So the longer the run, the more decisions come of an event; both are told.
"""

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar

from agents.vocabulary import Platform
from benchmarks.table import Row
from routing.simulator.run import Run
from routing.simulator.scenario import Scenario, read_scenario
from routing.simulator.writing import written

T = TypeVar("T")
EVENTS, AGENTS = 100_000, 50
SHORT = 20_000
MONTH = (30_000, 300_000)


def scenario(platform: Platform, length: int = EVENTS) -> dict[str, Any]:
    rng, at = Random(1), datetime(2026, 3, 2, 1, tzinfo=UTC)
    names = [f"a{i:02}" for i in range(AGENTS)]
    events: list[dict[str, Any]] = [{"type": "presence", "agent": name, "status": "online"} for name in names]
    going_on: list[str] = []
    while len(events) < length:
        draw = rng.random()
        if draw < 0.3 or not going_on:
            name = f"c{len(events)}"
            opening = {"type": "open", "conversation": name, "buyer": f"b{rng.randrange(EVENTS)}"}
            events.append(opening | {"entry": "goods_detail"})
            going_on.append(name)
        elif draw < 0.7:
            sender = rng.choice(["buyer", "agent"])
            events.append({"type": "message", "conversation": rng.choice(going_on), "sender": sender})
        elif draw < 0.9:
            events.append({"type": "close", "conversation": going_on.pop(rng.randrange(len(going_on))), "by": "agent"})
        else:
            status = rng.choice(["online", "online", "break", "offline"])
            events.append({"type": "presence", "agent": rng.choice(names), "status": status})
    for event in events:
        at += timedelta(seconds=1)
        event["at"] = at.isoformat()
    return {"platform": platform.value, "agents": [{"account": name} for name in names], "events": events}


def timed(do: Callable[[], T]) -> tuple[float, T]:
    """Seconds, and what came of it."""
    gc.collect()
    start = time.perf_counter()
    done = do()
    return time.perf_counter() - start, done


def rows() -> Iterator[Row]:
    for platform in Platform:
        for length in (SHORT, EVENTS):
            yield from _rows(platform, length)
    yield from _month()


def _rows(platform: Platform, length: int) -> Iterator[Row]:
    content = json.dumps(scenario(platform, length))
    parse, value = timed(lambda: json.loads(content))
    checked, read = timed(lambda: read_scenario(value))
    for traces in (True, False):
        what = f"{platform.value}, {length:,} events, {'with traces' if traces else 'without'}"
        run, write, decisions = _run(read, traces)
        yield Row(
            f"{what}: the run",
            f"{length / run:,.0f} events/s",
            f"{run / parse:.1f} × the time of parsing the JSON; {decisions / length:.2f} decisions an event",
        )
        whole = parse + checked + run + write
        yield Row(
            f"{what}: file to result",
            f"{length / whole:,.0f} events/s",
            f"{whole / parse:.1f} × the time of parsing the JSON",
        )


def _run(read: Scenario, traces: bool) -> tuple[float, float, int]:
    """Seconds for the run and for its result as text, and the number of decisions."""
    run, done = timed(lambda: Run(read, traces=traces))
    write, _ = timed(lambda: sum(len(piece) for piece in written(done)))
    return run, write, len(done.decisions)


def _month() -> Iterator[Row]:
    """Each in a process of its own: what is measured is the most memory that it ever had."""
    for asked in ("nothing", "decisions"):
        took: list[float] = []
        for conversations in MONTH:
            command = [sys.executable, "-m", "benchmarks.month", str(conversations), asked]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            took.append(found["mebibytes"] - found["before"])
            yield Row(
                f"a month, {conversations:,} conversations, {asked} asked for",
                f"{found['events'] / found['seconds']:,.0f} events/s, {found['mebibytes']:.0f} MiB",
                f"{took[-1] / took[0]:.1f} × the memory of {MONTH[0]:,}" if len(took) > 1 else "",
            )
