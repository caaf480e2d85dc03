"""Events a second through the simulator: 30 % open, 40 % message, 20 % close, 10 % presence, 50 agents."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from agents.vocabulary import Platform
from benchmarks.table import Row
from routing.simulator.run import Run
from routing.simulator.scenario import read_scenario

EVENTS, AGENTS = 100_000, 50


def scenario(platform: Platform) -> dict[str, Any]:
    rng, at = Random(1), datetime(2026, 3, 2, 1, tzinfo=UTC)
    names = [f"a{i:02}" for i in range(AGENTS)]
    events: list[dict[str, Any]] = [{"type": "presence", "agent": name, "status": "online"} for name in names]
    going_on: list[str] = []
    while len(events) < EVENTS:
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


def rows() -> Iterator[Row]:
    for platform in Platform:
        content = json.dumps(scenario(platform))
        start = time.perf_counter()
        value = json.loads(content)
        parsed = time.perf_counter()
        read = read_scenario(value)
        checked = time.perf_counter()
        run = Run(read)
        done = time.perf_counter()
        json.dumps(run.result())
        told = time.perf_counter()
        yield Row(
            f"{platform.value}, {EVENTS:,} events, {AGENTS} agents: the run",
            f"{EVENTS / (done - checked):,.0f} events/s",
            f"{(done - checked) / (parsed - start):.1f} × the time of parsing the JSON",
        )
        yield Row(
            f"{platform.value}, file to result",
            f"{EVENTS / (told - start):,.0f} events/s",
            f"{(told - start) / (parsed - start):.1f} × the time of parsing the JSON",
        )
