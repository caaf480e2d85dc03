"""Opening conversations on PostgreSQL: 50 shops of 20 agents, beside bare psycopg with the same statements."""

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

from agents.models import Shop, SubAccount
from benchmarks.bare import open_bare
from benchmarks.table import Row
from routing import services

SHOPS, AGENTS, SECONDS = 50, 20, 6.0
ROOT = Path(__file__).resolve().parent.parent


def prepare() -> None:
    call_command("migrate", verbosity=0)
    for i in range(SHOPS):
        shop, made = Shop.objects.get_or_create(slug=f"bench-{i}", defaults={"name": "Bench", "platform": "pinduoduo"})
        if not made:
            continue
        for j in range(AGENTS):
            SubAccount.objects.create(shop=shop, name=f"a{j:02}", roles=["agent"])
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


def processes(kind: str, count: int) -> list[float]:
    command = [sys.executable, "-m", "benchmarks.live_worker", kind]
    running = [subprocess.Popen([*command, str(i)], cwd=ROOT, stdout=subprocess.PIPE, text=True) for i in range(count)]
    return [latency for process in running for latency in json.loads(process.communicate()[0])]


def rows() -> Iterator[Row]:
    if connection.vendor != "postgresql":
        yield Row("live path", "skipped: needs PostgreSQL")
        return
    prepare()
    for count in (1, 4):
        rates = {}
        for kind in ("bare", "live"):
            latencies = sorted(processes(kind, count))
            rates[kind] = len(latencies) / SECONDS
            p50, p99 = statistics.median(latencies), latencies[int(len(latencies) * 0.99)]
            ratio = "" if kind == "bare" else f"{rates['live'] / rates['bare']:.2f} × the bare script's rate"
            what = "bare psycopg, same statements" if kind == "bare" else "open_conversation"
            yield Row(
                f"{what}, {count} process{'es' * (count > 1)}",
                f"{rates[kind]:,.0f}/s  p50 {p50 * 1000:.1f} ms  p99 {p99 * 1000:.1f} ms",
                ratio,
            )
