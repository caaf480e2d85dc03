"""A held lock, a hung PostgreSQL, a hung Redis, TLS: the web server and its database as real processes."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.chaos.stack import Broker, _children_of
from tests.live.processes import Installation
from tests.servers import PostgreSQL, folder_for, postgresql_server

pytestmark = [pytest.mark.operations, pytest.mark.slow]
OPEN = {"buyer": "b1", "entry": "goods_detail"}


keys_of: dict[str, dict[str, str]] = {}
"""Keys of the shops by the address of the database: one is furnished once."""


@pytest.fixture(scope="module")
def database() -> Iterator[PostgreSQL]:
    try:
        with postgresql_server() as server:
            yield server
    except FileNotFoundError as missing:
        assert os.environ.get("FENLIU_DEMAND_SERVERS") != "1", missing
        pytest.skip(str(missing))


FURNISH = """
import json
from tests.agents.factories import make_key, make_shop
from tests.chat.builders import make_chat
shops = [make_chat(make_shop(slug)) for slug in ("stuck", "other")]
print(json.dumps({shop.slug: make_key(shop)[1] for shop in shops}))
"""


class Running:
    """A web server with two shops, and how to call it."""

    def __init__(self, database: PostgreSQL, folder: Path, **environment: str) -> None:
        self.database = database
        self.installation = Installation(database.url, folder)
        self.installation.environment |= environment
        self.keys = keys_of.get(database.url) or self._furnish()
        keys_of[database.url] = self.keys
        self.installation.start("web")

    def _furnish(self) -> dict[str, str]:
        done = subprocess.run(
            [sys.executable, "manage.py", "shell", "-v0", "-c", FURNISH],
            env=self.installation.environment,
            stdout=subprocess.PIPE,
            check=True,
        )
        return dict(json.loads(done.stdout.splitlines()[-1]))

    def ask(self, path: str, *, body: Any = None, shop: str = "", seconds: float = 30) -> tuple[int, Any, float]:
        """(status, Retry-After or "", seconds taken)."""
        begun = time.monotonic()
        line = HTTPConnection("127.0.0.1", self.installation.port, timeout=seconds)
        headers = {"Content-Type": "application/json"}
        if shop:
            headers["Authorization"] = f"Token {self.keys[shop]}"
        line.request("GET" if body is None else "POST", path, body and json.dumps(body), headers)
        answer = line.getresponse()
        answer.read()
        line.close()
        return answer.status, answer.headers.get("Retry-After", ""), time.monotonic() - begun

    def open(self, shop: str, buyer: str) -> tuple[int, Any, float]:
        return self.ask(f"/api/v1/shops/{shop}/conversations/", body=OPEN | {"buyer": buyer}, shop=shop)

    @contextmanager
    def held_lock(self, shop: str) -> Iterator[None]:
        """Hold the shop's row in a transaction that does not end."""
        with psycopg.connect(self.database.url) as holder:
            holder.execute(
                "SELECT 1 FROM routing_lane WHERE shop_id = (SELECT id FROM agents_shop WHERE slug = %s) FOR UPDATE",
                [shop],
            )
            yield
            holder.rollback()

    @contextmanager
    def hung_database(self) -> Iterator[None]:
        """Every process of PostgreSQL stands still; its kernel goes on taking what is sent."""
        server = self.database.server.pid
        pids = [server, *_children_of(server)]
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in reversed(pids):
                os.kill(pid, signal.SIGCONT)


@pytest.fixture
def running(database: PostgreSQL, tmp_path: Path) -> Iterator[Running]:
    made = Running(database, tmp_path)
    yield made
    made.installation.stop()


def until(true: Any, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_a_held_lock_costs_its_own_shop_alone(running: Running) -> None:
    assert running.open("stuck", "b0")[0] == 201
    with running.held_lock("stuck"):
        callers = [threading.Thread(target=running.open, args=("stuck", f"s{n}")) for n in range(40)]
        for caller in callers:
            caller.start()
        time.sleep(0.5)
        for n in range(5):
            status, _, seconds = running.open("other", f"o{n}")
            assert status == 201 and seconds < 5
            assert running.ask("/sign-in/")[0] == 200
            assert running.ask("/healthz")[0] == 200
        status, retry_after, _ = running.open("stuck", "late")
        assert status == 503 and int(retry_after) > 0
        for caller in callers:
            caller.join(60)
            assert not caller.is_alive()
    until(lambda: running.open("stuck", "afterwards")[0] == 201)


def test_a_hung_database_is_noticed_within_seconds_and_so_is_its_return(running: Running) -> None:
    assert running.open("other", "c0")[0] == 201
    answers: list[tuple[int, Any, float]] = []
    with running.hung_database():
        callers = [
            threading.Thread(target=lambda n=n: answers.append(running.open("other", f"h{n}"))) for n in range(20)
        ]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join(30)
        assert [status for status, _, _ in answers] == [503] * 20
        assert all(int(retry_after) > 0 for _, retry_after, _ in answers)
        assert max(seconds for _, _, seconds in answers) < 15
        assert running.ask("/healthz")[0] == 503
        assert running.ask("/livez")[0] == 200
        status, _, seconds = running.open("other", "at once")
        assert status == 503 and seconds < 2, "refused without trying"
    until(lambda: running.open("other", "afterwards")[0] == 201)
    assert running.ask("/healthz")[0] == 200


def test_a_hung_redis_holds_up_no_buyer(database: PostgreSQL, tmp_path: Path) -> None:
    with folder_for(None) as folder:
        redis = Broker("redis", folder)
        running = Running(database, tmp_path, REDIS_URL=redis.url, CELERY_BROKER_URL=redis.url, TASK_RUNNER="celery")
        try:
            assert running.ask("/chat/other/start/", body={"entry": "goods_detail"})[0] == 200
            os.kill(redis.process.pid, signal.SIGSTOP)
            taken = [running.ask("/chat/other/start/", body={"entry": "goods_detail"}) for _ in range(10)]
            assert [status for status, _, _ in taken] == [200] * 10
            assert sum(seconds for _, _, seconds in taken) < 10
            assert running.open("other", "while redis hangs")[0] == 201
            os.kill(redis.process.pid, signal.SIGCONT)
            assert running.ask("/chat/other/start/", body={"entry": "goods_detail"})[0] == 200
        finally:
            running.installation.stop()
            redis.kill()
