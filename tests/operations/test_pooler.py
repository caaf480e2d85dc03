"""The product behind PgBouncer in transaction mode: two web processes, a worker, streams; PgBouncer hung and gone."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import psycopg
import pytest

from core.db.connecting import limit_settings
from tests.asgi import Reader, wait_until
from tests.live.processes import Installation
from tests.operations.pooler import PASSWORD, PgBouncer
from tests.servers import folder_for, postgresql_server

MAX_REPEATS = 40
pytestmark = [pytest.mark.operations, pytest.mark.slow]
CALLERS, ROUNDS = 8, 7
"""Each round is five requests."""
PAGES = ("audit/", "audit.csv", "reply-rates/", "reply-rates/detail/")

FURNISH = """
import json
from agents.services import create_shop, create_token
from routing.services import add_sub_account, set_presence
from tests.agents.factories import make_key
shop = create_shop(slug="pooled", platform="pinduoduo", main="boss", password="pooler-Pass-1")
agent = add_sub_account(shop=shop, account="ann", password="pooler-Pass-1", roles=["agent"], max_concurrent=500)
set_presence(shop=shop, agent="ann", status="online")
print(json.dumps({"key": make_key(shop)[1], "token": create_token(account=agent.account), "password": "pooler-Pass-1"}))
"""


@dataclass
class Pooled:
    installation: Installation
    pooler: PgBouncer
    direct: str
    keys: dict[str, str]

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.installation.port, timeout=30)
        line.request(method, path, body, headers or {})
        answer = line.getresponse()
        return answer.status, answer.read()

    def call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Token {self.keys['key']}", "Content-Type": "application/json"}
        for _ in range(MAX_REPEATS):
            status, content = self.ask(method, f"/api/v1/shops/pooled/{path}", body and json.dumps(body), headers)
            if status != 503 or json.loads(content)["code"] != "busy":
                break
            time.sleep(0.5)  # more than a busy machine can do at once: refused before it was run, as it says
        return status, json.loads(content)

    def open(self, buyer: str) -> tuple[int, Any]:
        return self.call("POST", "conversations/", {"buyer": buyer, "entry": "goods_detail"})

    def cookies(self) -> str:
        """Those of a browser in which the main account has signed in."""
        line = http.client.HTTPConnection("127.0.0.1", self.installation.port, timeout=30)
        line.request("GET", "/sign-in/")
        answer = line.getresponse()
        answer.read()
        token = answer.headers["Set-Cookie"].partition("=")[2].partition(";")[0]
        form = {"username": "boss", "password": self.keys["password"], "csrfmiddlewaretoken": token}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"csrftoken={token}"}
        line.request("POST", "/sign-in/", urlencode(form), headers)
        answer = line.getresponse()
        answer.read()
        assert answer.status == 302, answer.status
        given = [value.partition(";")[0] for value in answer.headers.get_all("Set-Cookie")]
        return "; ".join(given)


@pytest.fixture(scope="module")
def pooled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pooled]:
    user = "postgres" if os.geteuid() == 0 else None
    try:
        with postgresql_server() as server, folder_for(user) as folder:
            wait_until(lambda: is_ready(server.url))
            with psycopg.connect(server.url, autocommit=True) as administrator:
                administrator.execute("CREATE DATABASE fenliu")
            direct = f"postgres://fenliu:{PASSWORD}@127.0.0.1:{server.port}/fenliu"
            pooler = PgBouncer(folder, user, server.port)
            installation = None
            os.environ["DATABASE_DIRECT_URL"] = direct
            try:
                installation = Installation(pooler.url, tmp_path_factory.mktemp("pooled"))
                keys = furnish(installation)
                installation.start("web", "--workers=2")
                installation.start("worker")
                yield Pooled(installation, pooler, direct, keys)
            finally:
                del os.environ["DATABASE_DIRECT_URL"]
                if installation is not None:
                    installation.stop()
                pooler.stop()
    except FileNotFoundError as missing:
        assert os.environ.get("FENLIU_DEMAND_SERVERS") != "1", missing
        pytest.skip(str(missing))


def is_ready(url: str) -> bool:
    """A server listens a moment before it takes connections."""
    with suppress(psycopg.OperationalError):
        psycopg.connect(url).close()
        return True
    return False


def furnish(installation: Installation) -> dict[str, str]:
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", FURNISH]
    done = subprocess.run(command, env=installation.environment, stdout=subprocess.PIPE, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_requests_at_once_through_the_pooler_are_all_answered_rightly(pooled: Pooled) -> None:
    cookies = pooled.cookies()

    def work(caller: int) -> Counter[str]:
        seen: Counter[str] = Counter()
        for n in range(ROUNDS):
            status, talk = pooled.open(f"b{caller}-{n}")
            seen[f"open {status}"] += 1
            identity = f"m{caller}-{n}"
            body = {"sender": "buyer", "text": "在吗", "message_id": identity}
            place = f"conversations/{talk['id']}"
            seen[f"message {pooled.call('POST', f'{place}/messages/', body)[0]}"] += 1
            rows = pooled.call("GET", f"{place}/messages/")[1]["results"]
            assert [row["message_id"] for row in rows] == [identity]
            seen[f"close {pooled.call('POST', f'{place}/close/', {})[0]}"] += 1
            page = PAGES[n % len(PAGES)]
            seen[f"page {pooled.ask('GET', f'/s/pooled/{page}', headers={'Cookie': cookies})[0]}"] += 1
        return seen

    with ThreadPoolExecutor(CALLERS) as callers:
        seen = sum(callers.map(work, range(CALLERS)), Counter())
    done = CALLERS * ROUNDS
    assert seen == {"open 201": done, "message 201": done, "close 200": done, "page 200": done}, pooled.pooler.log()
    assert done * 5 >= 200


def test_connections_of_the_pooler_have_the_limits_of_web_processes(pooled: Pooled) -> None:
    with psycopg.connect(pooled.pooler.url, autocommit=True) as watching:
        for name, value in limit_settings("web").items():
            [there] = watching.execute(
                "SELECT setting::int FROM pg_settings WHERE name = %s", [name], prepare=False
            ).fetchone()
            assert there == value, name


def test_a_stream_is_told_at_once_by_listen_past_the_pooler(pooled: Pooled) -> None:
    with psycopg.connect(pooled.direct, autocommit=True) as watching:
        reader = Reader(pooled.installation.url, Authorization=f"Token {pooled.keys['token']}")
        assert reader.status == 200, reader.error
        reader.ready()
        wait_until(
            lambda: watching.execute("SELECT 1 FROM pg_stat_activity WHERE query = 'LISTEN fenliu_events'").fetchone()
        )
        for n in range(5):
            assert pooled.open(f"told-{n}")[0] == 201
            reader.next(seconds=20)
        reader.cut()


def test_jobs_run_on_connections_past_the_pooler(pooled: Pooled) -> None:
    wait_until(lambda: json.loads(pooled.ask("GET", "/readyz")[1])["jobs"] == "ok", 90)


def test_a_pooler_that_hangs_or_is_gone_is_told_within_seconds_and_so_is_its_return(pooled: Pooled) -> None:
    for name, stop, go_on in (
        ("hangs", lambda: os.kill(pooled.pooler.process.pid, signal.SIGSTOP), continue_pooler),
        ("is gone", pooled.pooler.stop, lambda made: made.pooler.start()),
    ):
        assert pooled.open(f"before it {name}")[0] == 201
        stop()
        try:
            wait_until(lambda: pooled.ask("GET", "/healthz")[0] == 503, 60)
            assert pooled.open("meanwhile")[0] == 503
        finally:
            go_on(pooled)
        wait_until(lambda name=name: pooled.open(f"after it {name}")[0] == 201, 60)


def continue_pooler(pooled: Pooled) -> None:
    os.kill(pooled.pooler.process.pid, signal.SIGCONT)
