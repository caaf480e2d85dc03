"""Decisions a second with 10, 100 and 1,000 agents online, traces on."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from agents.vocabulary import Platform, Status
from benchmarks.table import Row
from routing.engine.decide import decide
from routing.engine.state import ShopState
from routing.engine.types import Conversation
from routing.engine.vocabulary import Trigger
from routing.simulator.scenario import read_scenario

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
SECONDS = 1.5


def shop(platform: Platform, agents: int) -> ShopState:
    content: dict[str, Any] = {
        "platform": platform.value,
        "agents": [{"account": f"a{i:04}", "max_concurrent": 200} for i in range(agents)],
        "events": [],
    }
    read = read_scenario(content)
    state = ShopState(read.settings, read.zone, 1, read.fresh_agents())
    for agent in state.agents.values():
        state.set_status(agent, Status.ONLINE)
    return state


def decisions_a_second(platform: Platform, agents: int) -> float:
    state, n = shop(platform, agents), 0
    start = time.perf_counter()
    while (spent := time.perf_counter() - start) < SECONDS:
        for _ in range(50):
            n += 1
            decide(state, Conversation(f"c{n}", "b", entry="goods_detail"), AT, Trigger.OPENED)
    return n / spent


def rows() -> Iterator[Row]:
    for platform in Platform:
        base = 0.0
        for agents in (10, 100, 1000):
            rate = decisions_a_second(platform, agents)
            base = base or rate
            yield Row(
                f"{platform.value}, {agents:,} agents online",
                f"{rate:,.0f} decisions/s",
                f"{base / rate:.2f} × the time with 10",
            )
