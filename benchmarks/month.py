"""A month of a large shop through the simulator, event by event: `python -m benchmarks.month CONVERSATIONS ASKED`.

Prints `{"events", "seconds", "decisions", "mebibytes", "before"}`: the peak of this process, and what it took before
the first event. ASKED: `nothing`, or `decisions` (each with its trace, as a line of JSON).
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path
from random import Random
from typing import Any

from routing.engine.types import Decision
from routing.simulator.streaming import read_head, stream
from routing.simulator.writing import Writer

DAYS, AGENTS = 30, 100
START = datetime(2026, 3, 1, 16, tzinfo=UTC)
"""Midnight in Shanghai."""
NAMES = [f"a{n:03}" for n in range(AGENTS)]
HEAD = {
    "platform": "pinduoduo",
    "agents": [{"account": name, "max_concurrent": 30} for name in NAMES],
    "routing": {"pages": {"goods_detail": NAMES[:40], "order_detail": NAMES[40:70]}, "auto_close_minutes": 120},
}
ENTRIES = ["goods_detail", "order_detail", "shop_home", "logistics"]


def rows(conversations: int) -> Iterator[dict[str, Any]]:
    """The events in order of time, no more of them at once than are under way. From 08:00 to 24:00; a third of the
    buyers have been there before."""
    rng, number = Random(7), 0
    agenda: list[tuple[datetime, int, dict[str, Any]]] = []

    def plan(at: datetime, **event: Any) -> None:
        nonlocal number
        number += 1
        heappush(agenda, (at, number, event))

    a_day = conversations // DAYS
    for day in range(DAYS):
        midnight = START + timedelta(days=day)
        for n, name in enumerate(NAMES):
            begins = midnight + timedelta(hours=8 + n % 4 * 2, seconds=rng.uniform(0, 600))
            for hours, status in ((0, "online"), (4, "break"), (4.5, "online"), (9, "offline")):
                plan(begins + timedelta(hours=hours), type="presence", agent=name, status=status)
        at = midnight + timedelta(hours=8)
        for n in range(a_day):
            at += timedelta(hours=16) / a_day
            while agenda and agenda[0][0] <= at:
                yield _told(*heappop(agenda))
            name = f"c{day * a_day + n}"
            buyer = f"b{rng.randrange(conversations * 2 // 3)}"
            opening = {"type": "open", "conversation": name, "buyer": buyer, "entry": rng.choice(ENTRIES)}
            yield _told(at, 0, opening)
            said = at
            for turn in range(rng.choice([1, 2, 2, 3])):
                if turn:
                    said += timedelta(seconds=rng.expovariate(1 / 60))
                    plan(said, type="message", conversation=name, sender="buyer")
                said += timedelta(seconds=rng.expovariate(1 / 45))
                plan(said, type="message", conversation=name, sender="agent")
            plan(said + timedelta(seconds=rng.uniform(60, 600)), type="close", conversation=name, by="agent")
    while agenda:
        yield _told(*heappop(agenda))


def _told(at: datetime, _number: int, event: dict[str, Any]) -> dict[str, Any]:
    return {"at": at.isoformat()} | event


def main(conversations: int, asked: str) -> None:
    head, made, read = read_head(HEAD), 0, 0
    writer = Writer(head.zone, traces=True, indent=False)
    before = peak()
    start = time.perf_counter()

    def counted() -> Iterator[dict[str, Any]]:
        nonlocal read
        for row in rows(conversations):
            read += 1
            yield row

    with Path(os.devnull).open("w", encoding="utf-8") as sink:

        def write(decision: Decision) -> None:
            nonlocal made
            made += 1
            sink.write(writer.decision(decision))

        stream(head, counted(), write if asked == "decisions" else None)
    spent = time.perf_counter() - start
    print(json.dumps({"events": read, "seconds": spent, "decisions": made, "mebibytes": peak(), "before": before}))


def peak() -> float:
    """The most memory that this process has had, in MiB. Not `ru_maxrss`: that one begins with the parent's."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
