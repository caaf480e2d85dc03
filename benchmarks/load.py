"""Load: mixed traffic against the real servers, at a rising rate, until the slowest hundredth of openings waits longer
than 250 ms. `make run`'s server on SQLite, and two web processes on PostgreSQL; worker and a hundred streams beside.

    python -m benchmarks load                     both, rising
    LOAD_MINUTES=30 python -m benchmarks load     then half the rate that was held, for so long: memory
    LOAD_MINUTES=30 LOAD_RATE=20 LOAD_ON=sqlite python -m benchmarks load      that rate alone, on this one alone

Who asks runs on the same machine, and its share of a core is told.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.load_traffic import STEADY, Line, Told, Traffic
from benchmarks.processes import Processes
from benchmarks.table import Row
from tests.live.processes import Installation
from tests.servers import free_port, postgresql_server

SHOPS, STREAMS = 10, 100
RATES = (20, 40, 60, 80, 100, 120, 140, 160, 180, 200, 240, 280, 320, 360, 400)
SECONDS, LIMIT = 15.0, 0.25
MINUTES, LOOKS = float(os.environ.get("LOAD_MINUTES", "0")), 6
"""How long a rate is kept, and how often memory is looked at meanwhile."""
RATE, ON = float(os.environ.get("LOAD_RATE", "0")), os.environ.get("LOAD_ON", "sqlite postgresql").split()


def rows() -> Iterator[Row]:
    servers = {
        "sqlite": ("make run, SQLite", _make_run),
        "postgresql": ("2 web processes, PostgreSQL", _two_on_postgresql),
    }
    for what, running in (servers[name] for name in ON):
        try:
            with running() as (port, processes, shops):
                yield from _collected(what, port, processes, shops)
        except FileNotFoundError as missing:
            yield Row(f"load: {what}", f"skipped: {missing}")


def _collected(what: str, port: int, processes: Processes, shops: list[dict[str, Any]]) -> list[Row]:
    async def collect() -> list[Row]:
        return [row async for row in _loaded(what, port, processes, shops)]

    return asyncio.run(collect())


async def _loaded(what: str, port: int, processes: Processes, shops: list[dict[str, Any]]) -> AsyncIterator[Row]:
    line = Line(port)
    tokens = [token for shop in shops for _, token in shop["agents"]][:STREAMS]
    streams = [asyncio.create_task(line.listen(token)) for token in tokens]
    traffic = Traffic(line, shops)
    await traffic.run(RATES[0], SECONDS)
    rate = RATE
    if not rate:
        async for row in _rising(what, traffic, processes):
            yield row
        rate = traffic.held / 2
    if MINUTES and rate:
        yield await _kept_up(what, rate, traffic, processes)
    for stream in streams:
        stream.cancel()


async def _rising(what: str, traffic: Traffic, processes: Processes) -> AsyncIterator[Row]:
    for rate in RATES:
        processes.start()
        told = await traffic.run(rate, SECONDS)
        busy = processes.busy()
        yield _row(f"{what}, {rate} requests/s", told, busy, processes)
        if told.quantile("open", 0.99) > LIMIT or sum(told.failed.values()) > rate * SECONDS / 100:
            break
        traffic.held = rate
    yield Row(f"{what}: held", f"{traffic.held:.0f} requests/s, {traffic.held * 0.3:.0f} of them openings")


async def _kept_up(what: str, rate: float, traffic: Traffic, processes: Processes) -> Row:
    traffic.mix = STEADY
    seen, told = [processes.memory()], Told()
    for _ in range(LOOKS):
        told.add(await traffic.run(rate, MINUTES * 60 / LOOKS))
        seen.append(processes.memory())
    grown = "; ".join(f"{name} {', '.join(str(memory[name]) for memory in seen)} MB" for name in seen[0])
    times = f"opening p50 {told.median('open') * 1000:.0f}, p99 {told.quantile('open', 0.99) * 1000:.0f} ms"
    return Row(f"{what}: {rate:.0f} requests/s for {MINUTES:.0f} minutes", times, grown + _failures(told))


def _row(what: str, told: Told, busy: dict[str, float], processes: Processes) -> Row:
    times = f"opening p50 {told.median('open') * 1000:.0f}, p99 {told.quantile('open', 0.99) * 1000:.0f} ms"
    pages = f"pages p50 {told.median('page') * 1000:.0f}, p99 {told.quantile('page', 0.99) * 1000:.0f} ms"
    cores = ", ".join(f"{name} {share:.2f}" for name, share in busy.items())
    memory = sum(processes.memory().values())
    return Row(what, times, f"{pages}; cores: {cores}; {memory} MB{_failures(told)}")


def _failures(told: Told) -> str:
    return "".join(f"; {count} × {what}" for what, count in told.failed.most_common(3))


@contextmanager
def _make_run() -> Iterator[tuple[int, Processes, list[dict[str, Any]]]]:
    with tempfile.TemporaryDirectory() as folder:
        environment = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL", "BENCH_ROWS")}
        port = free_port()
        environment |= {"FENLIU_VAR": folder, "DATABASE_URL": f"sqlite:///{folder}/load.sqlite3", "PORT": str(port)}
        command = [sys.executable, "-m", "config.run"]
        running = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True)
        try:
            assert running.stdout is not None
            while "Ctrl-C" not in (line := running.stdout.readline()):
                if not line:
                    raise RuntimeError("make run ended at once")
            yield port, Processes(web=(running.pid, "uvicorn"), worker=(running.pid, "worker")), _shops(environment)
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(30)


@contextmanager
def _two_on_postgresql() -> Iterator[tuple[int, Processes, list[dict[str, Any]]]]:
    with ExitStack() as stack:
        database = stack.enter_context(postgresql_server())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        fenliu = Installation(database.url, folder)
        stack.callback(fenliu.stop)
        fenliu.start("web", "--workers=2")
        fenliu.start("worker")
        roots = {name: (running.pid, "") for name, running in fenliu.running.items()}
        yield fenliu.port, Processes(**roots, database=(database.server.pid, "")), _shops(fenliu.environment)


def _shops(environment: dict[str, str]) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "benchmarks.load_shops", str(SHOPS)]
    told = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
    return list(json.loads(told.stdout.splitlines()[-1]))
