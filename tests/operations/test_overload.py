"""Three times the load that the server can do: it refuses the rest at once, and recovers when the load ends.

OVERLOAD_SECONDS (8; 60 in `make test-nightly`) of load.
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.load_traffic import Line
from tests.live.processes import Installation
from tests.loops import run_to_end
from tests.servers import postgresql_server

pytestmark = [pytest.mark.operations, pytest.mark.slow]
SECONDS = float(os.environ.get("OVERLOAD_SECONDS", "8"))
SHOPS, CALIBRATION_SECONDS, CALLERS = 4, 4.0, 6
RECOVERY_SECONDS = 10.0
FURNISH = f"""
import json
from tests.agents.factories import make_key, make_member, make_shop
shops = [make_shop(f"shop-{{n}}") for n in range({SHOPS})]
print(json.dumps({{shop.slug: make_key(shop)[1] for shop in shops}}))
"""


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[tuple[Installation, dict[str, str]]]:
    try:
        with postgresql_server() as server:
            made = Installation(server.url, tmp_path)
            command = [sys.executable, "manage.py", "shell", "-v0", "-c", FURNISH]
            done = subprocess.run(command, env=made.environment, stdout=subprocess.PIPE, check=True)
            made.start("web")
            yield made, json.loads(done.stdout.splitlines()[-1])
            made.stop()
    except FileNotFoundError as missing:
        assert os.environ.get("FENLIU_DEMAND_SERVERS") != "1", missing
        pytest.skip(str(missing))


class Load:
    """Openings of conversations, which are urgent, and lists of conversations, which are not."""

    def __init__(self, port: int, keys: dict[str, str]) -> None:
        self.line, self.keys = Line(port), list(keys.items())
        self.statuses: dict[str, Counter[Any]] = defaultdict(Counter)
        self.seconds: list[float] = []
        self._count = 0

    async def ask(self, kind: str) -> int:
        self._count += 1
        slug, key = self.keys[self._count % len(self.keys)]
        begun = time.monotonic()
        try:
            if kind == "open":
                body = {"buyer": f"b{self._count}", "entry": "goods_detail"}
                path = f"/api/v1/shops/{slug}/conversations/"
                status, content = await self.line.ask("POST", path, body, Authorization=f"Token {key}")
            else:
                status, content = await self.line.ask("GET", f"/s/{slug}/reports/")
        except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
            self.statuses[kind][repr(error)] += 1
            return 0
        self.seconds.append(time.monotonic() - begun)
        if status == 503:
            assert b"busy" in content, content
        self.statuses[kind][status] += 1
        return status

    async def capacity(self) -> float:
        """Openings a second that a few callers get done."""
        end, done = time.monotonic() + CALIBRATION_SECONDS, 0

        async def call() -> None:
            nonlocal done
            while time.monotonic() < end:
                opened = await self.ask("open") == 201
                done += opened

        await asyncio.gather(*(call() for _ in range(CALLERS)))
        return done / CALIBRATION_SECONDS

    async def overload(self, rate: float) -> None:
        """`rate` requests a second, half of them pages, sent when they are due whatever became of those before."""
        begun, tasks = time.monotonic(), []
        for number in range(int(rate * SECONDS)):
            await asyncio.sleep(max(0.0, begun + number / rate - time.monotonic()))
            tasks.append(asyncio.create_task(self.ask("open" if number % 2 else "page")))
        await asyncio.gather(*tasks)

    async def recovery(self) -> float:
        """Seconds until ten openings in a row are done."""
        begun, in_a_row = time.monotonic(), 0
        while in_a_row < 10:
            in_a_row = in_a_row + 1 if await self.ask("open") == 201 else 0
            assert time.monotonic() - begun < RECOVERY_SECONDS
        return time.monotonic() - begun


def test_three_times_the_capacity_is_survived(installation: tuple[Installation, dict[str, str]]) -> None:
    running, keys = installation
    load = Load(running.port, keys)

    async def trial() -> tuple[float, float, int]:
        await load.capacity()  # the first requests of a process are slower
        capacity = await load.capacity()
        load.statuses.clear()
        load.seconds.clear()
        overload = asyncio.create_task(load.overload(3 * capacity))
        await asyncio.sleep(SECONDS / 2)
        health, _ = await Line(running.port).ask("GET", "/healthz")
        await overload
        return capacity, await load.recovery(), health

    capacity, recovery, health = run_to_end(trial())
    load.seconds.sort()
    told = f"{capacity:.0f}/s, recovery {recovery:.1f} s, {dict(load.statuses)}, slowest {load.seconds[-1]:.1f} s"
    print(told)
    assert set(load.statuses["open"]) <= {201, 503}, told
    assert set(load.statuses["page"]) <= {302, 503}, told
    assert load.statuses["page"][503] + load.statuses["open"][503] > 0, told
    assert load.statuses["open"][201] > capacity * SECONDS / 4, f"useful work goes on: {told}"
    assert health == 200
    assert load.seconds[-1] < 15, told
