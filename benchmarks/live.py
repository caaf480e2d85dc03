"""Opening conversations on PostgreSQL: 50 shops of 20 agents, beside bare psycopg with the same statements. In turn, so
that what else the machine does falls on both."""

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from uuid import uuid4

import psycopg
from django.core.management import call_command
from django.db import connection

from agents.models import Shop
from benchmarks.bare import open_bare
from benchmarks.table import Row
from routing import services
from tests.agents.factories import make_agent

SHOPS, AGENTS = 50, 20
BURSTS, SECONDS = 7, 2.0
ROOT = Path(__file__).resolve().parent.parent


def prepare() -> None:
    call_command("migrate", verbosity=0)
    for i in range(SHOPS):
        shop, made = Shop.objects.get_or_create(slug=f"bench-{i}", defaults={"name": "Bench", "platform": "pinduoduo"})
        if not made:
            continue
        for j in range(AGENTS):
            make_agent(shop, f"a{j:02}")
            services.set_presence(shop=shop, agent=f"a{j:02}", status="online")


def measure(kind: str, number: int, seconds: float) -> list[float]:
    """One process: latencies in seconds."""
    shops = list(Shop.objects.filter(slug__startswith="bench-"))
    opener: Callable[[Shop], object]
    if kind == "bare":
        bare = psycopg.connect(os.environ["DATABASE_URL"])
        opener = lambda shop: open_bare(bare, shop.pk, uuid4().hex)  # noqa: E731
    else:
        opener = lambda shop: services.open_conversation(  # noqa: E731
            shop=shop, buyer=uuid4().hex, external_id=uuid4().hex, entry="goods_detail"
        )

    rng, taken = Random(number), []
    for shop in shops:
        opener(shop)
    deadline = time.perf_counter() + seconds
    while (start := time.perf_counter()) < deadline:
        opener(rng.choice(shops))
        taken.append(time.perf_counter() - start)
    return taken


class _Crew:
    """So many processes that open conversations whenever they are told to."""

    def __init__(self, kind: str, count: int) -> None:
        command = [sys.executable, "-m", "benchmarks.live_worker", kind]
        self._running = [
            subprocess.Popen([*command, str(i)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for i in range(count)
        ]

    def burst(self, seconds: float) -> list[float]:
        """The latencies of all of them."""
        for process in self._running:
            assert process.stdin is not None
            process.stdin.write(f"{seconds}\n")
            process.stdin.flush()
        return [latency for process in self._running for latency in json.loads(_line(process))]

    def end(self) -> None:
        for process in self._running:
            process.communicate()


def _line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def rows() -> Iterator[Row]:
    if connection.vendor != "postgresql":
        yield Row("live path", "skipped: needs PostgreSQL")
        return
    prepare()
    for count in (1, 4):
        crews = {kind: _Crew(kind, count) for kind in ("bare", "live")}
        for crew in crews.values():
            crew.burst(SECONDS)  # until the server knows the statements
        bursts = [{kind: crew.burst(SECONDS) for kind, crew in crews.items()} for _ in range(BURSTS)]
        for crew in crews.values():
            crew.end()
        ratios = sorted(len(burst["live"]) / len(burst["bare"]) for burst in bursts)
        for kind, what in (("bare", "bare psycopg, same statements"), ("live", "open_conversation")):
            latencies = sorted(latency for burst in bursts for latency in burst[kind])
            rate = len(latencies) / SECONDS / BURSTS
            p50, p99 = statistics.median(latencies), latencies[int(len(latencies) * 0.99)]
            told = f"{statistics.median(ratios):.2f} × the bare script's rate ({ratios[0]:.2f} to {ratios[-1]:.2f})"
            yield Row(
                f"{what}, {count} process{'es' * (count > 1)}",
                f"{rate:,.0f}/s  p50 {p50 * 1000:.1f} ms  p99 {p99 * 1000:.1f} ms",
                told if kind == "live" else "",
            )
