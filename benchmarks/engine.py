"""The engine alone: a conversation opened and closed with 10, 100 and 1,000 agents online, and a close with 5 and with
5,000 waiting."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median
from typing import Any

from agents.vocabulary import Platform, Status
from benchmarks.table import Row
from conversations.states import ClosedBy, Sender
from routing.engine.apply import happen
from routing.engine.events import Close, Message, Open, Presence
from routing.engine.state import ShopState
from routing.engine.vocabulary import ENTRIES, ORDER_STATUSES, Outcome
from routing.simulator.scenario import read_scenario

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)
PIECES, PIECE = 15, 100
ONLINE, WAITING = (10, 100, 1000), (5, 5000)
LISTED = 20


def shop(platform: Platform, agents: int, cap: int, routing: dict[str, Any] | None = None) -> ShopState:
    """All online."""
    content: dict[str, Any] = {
        "platform": platform.value,
        "agents": [{"account": f"a{i:04}", "max_concurrent": cap} for i in range(agents)],
        "routing": routing or {},
        "events": [],
    }
    read = read_scenario(content)
    state = ShopState(read.settings, read.zone, 1, read.fresh_agents())
    for name in state.agents:
        happen(state, Presence(name, Status.ONLINE), AT)
    return state


def rounds(state: ShopState) -> Iterator[float]:
    """Seconds for a conversation opened, answered and closed, each agent holding three others meanwhile; piece by
    piece."""
    number = 0

    def opened() -> str:
        nonlocal number
        number += 1
        happen(state, Open(f"c{number}", f"b{number}", "goods_detail"), AT)
        return f"c{number}"

    held, rng = [opened() for _ in range(3 * len(state.agents))], Random(3)
    for _ in range(PIECES):
        start = time.perf_counter()
        for _ in range(PIECE):
            held.append(opened())
            happen(state, Message(held[-1], Sender.AGENT), AT)
            place = rng.randrange(len(held))
            held[place], last = held[-1], held[place]
            held.pop()
            happen(state, Close(last, ClosedBy.AGENT), AT)
        yield (time.perf_counter() - start) / PIECE


ROUTING: dict[Platform, dict[str, Any]] = {
    Platform.PINDUODUO: {"pages": {"goods_detail": [f"a{i:04}" for i in range(8)]}},
    Platform.KUAISHOU: {
        "mode": "grouped",
        "groups": [
            {
                "name": status,
                "members": [{"account": f"a{i:04}"} for i in range(4 * n, 4 * n + 8)],
                "order_statuses": [status],
            }
            for n, status in enumerate(ORDER_STATUSES[1:4])
        ],
    },
    Platform.DOUYIN: {
        "entries": {
            "goods_detail": {"agents": [f"a{i:04}" for i in range(8)]},
            "live": {
                "assign": "by_question",
                "questions": {"q1": ["a0003", "a0004"], "q2": [f"a{i:04}" for i in range(9, LISTED)]},
            },
        }
    },
    Platform.TAOBAO: {
        "groups": [{"name": "g", "members": [{"account": f"a{i:04}"} for i in range(10)], "order_statuses": ["unpaid"]}]
    },
}
"""Shops with lists and groups, so that those who wait wait for different people."""


def closes(platform: Platform, waiting: int) -> Iterator[float]:
    """Seconds for a close by a full agent while `waiting` wait, one of whom is placed at once; piece by piece."""
    state, rng, at, number = shop(platform, LISTED, 5, ROUTING[platform]), Random(3), AT, 0
    held: list[str] = []

    def opened() -> None:
        nonlocal number
        number += 1
        entry = rng.choice(ENTRIES.get(platform, ("",)))
        event = Open(f"c{number}", f"b{number}", entry, rng.choice([None, "q1", "q2"]), rng.choice(ORDER_STATUSES))
        held.extend(d.conversation for d in happen(state, event, at) if d.outcome is Outcome.ASSIGNED)

    while len(state.waiting()) < waiting:
        opened()
    for _ in range(PIECES):
        spent = 0.0
        for _ in range(PIECE):
            at += timedelta(seconds=1)
            opened()
            name = held.pop(rng.randrange(len(held)))
            start = time.perf_counter()
            decisions = happen(state, Close(name, ClosedBy.AGENT), at)
            spent += time.perf_counter() - start
            held += [d.conversation for d in decisions if d.outcome is Outcome.ASSIGNED]
        yield spent / PIECE


def side_by_side(*measured: Iterator[float]) -> list[float]:
    """The median of each one's pieces, taken in turn: what else this machine does meets all of them alike."""
    return [median(pieces) for pieces in zip(*zip(*measured, strict=True), strict=True)]


def rows() -> Iterator[Row]:
    for platform in Platform:
        for traced in (True, False):
            shops = [shop(platform, agents, 200) for agents in ONLINE]
            for state in shops:
                state.traced = traced
            found = side_by_side(*(rounds(state) for state in shops))
            for agents, took in zip(ONLINE, found, strict=True):
                yield Row(
                    f"{platform.value}, {agents:,} online, {'with traces' if traced else 'without'}",
                    f"{took * 1e6:,.0f} µs opened to closed",
                    f"{took / found[0]:.2f} × the time with {ONLINE[0]}",
                )
        few, many = side_by_side(*(closes(platform, waiting) for waiting in WAITING))
        yield Row(f"{platform.value}, {WAITING[0]} waiting", f"{few * 1e6:,.0f} µs a close")
        yield Row(
            f"{platform.value}, {WAITING[1]:,} waiting",
            f"{many * 1e6:,.0f} µs a close",
            f"{many / few:.2f} × the time with {WAITING[0]}",
        )
