"""Forty sign-ins at once from one address, against the real web server: all are answered, none with a fault."""

import json
import os
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest

from tests.live.processes import Installation
from tests.servers import postgresql_server

pytestmark = [pytest.mark.operations, pytest.mark.slow]
AT_ONCE, PASSWORD = 40, "one-Long-password"


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    try:
        with postgresql_server() as server:
            made = Installation(server.url, tmp_path)
            made.manage("create_shop", "pdd", "--platform", "pinduoduo", "--main", "老板", "--password", PASSWORD)
            made.start("web")
            yield made
            made.stop()
    except FileNotFoundError as missing:
        assert os.environ.get("FENLIU_DEMAND_SERVERS") != "1", missing
        pytest.skip(str(missing))


def ask(port: int, method: str, path: str, body: str = "", **headers: str) -> tuple[int, dict[str, str], str]:
    line = HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        line.request(method, path, body.encode(), {name.replace("_", "-"): value for name, value in headers.items()})
        answer = line.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read().decode()
    finally:
        line.close()


class Probe:
    """Asks for /healthz all the while."""

    def __init__(self, port: int) -> None:
        self.port, self.statuses, self.ended = port, Counter[int](), threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self.ended.is_set():
            self.statuses[ask(self.port, "GET", "/healthz")[0]] += 1
            time.sleep(0.02)

    def __enter__(self) -> "Probe":
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()


def test_forty_at_once_are_all_answered_and_the_server_stays_healthy(installation: Installation) -> None:
    port = installation.port
    _status, headers, page = ask(port, "GET", "/sign-in/")
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found
    cookie = headers["set-cookie"].split(";")[0]
    form = urlencode({"csrfmiddlewaretoken": found[1], "username": "老板", "password": PASSWORD})

    def one(number: int) -> tuple[int, dict[str, str], str]:
        if number % 2:
            body = json.dumps({"account": "老板", "password": PASSWORD})
            return ask(port, "POST", "/api/v1/auth/token/", body, Content_Type="application/json")
        return ask(port, "POST", "/sign-in/", form, Cookie=cookie, Content_Type="application/x-www-form-urlencoded")

    with Probe(port) as probe, ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(one, range(AT_ONCE)))
    statuses = Counter(status for status, _headers, _body in answers)
    print(statuses, probe.statuses)
    assert set(statuses) <= {200, 302, 503}
    assert statuses[200] + statuses[302] >= 1
    assert set(probe.statuses) == {200}
    for status, given, body in answers:
        if status == 503:
            assert given.get("retry-after"), given
            assert "busy" in body or "503" in body
    assert (
        ask(port, "POST", "/sign-in/", form, Cookie=cookie, Content_Type="application/x-www-form-urlencoded")[0] == 302
    )


def test_guesses_that_arrive_together_do_not_get_past_the_limit(installation: Installation) -> None:
    """Over the limit by no more than what one process hashes at once."""

    def guess(number: int) -> int:
        body = json.dumps({"account": "老板", "password": f"guess-{number}"})
        return ask(installation.port, "POST", "/api/v1/auth/token/", body, Content_Type="application/json")[0]

    with ThreadPoolExecutor(AT_ONCE) as pool:
        statuses = Counter(pool.map(guess, range(4 * AT_ONCE)))
    with psycopg.connect(installation.environment["DATABASE_URL"]) as connection:
        row = connection.execute("SELECT count(*) FROM agents_signinfailure").fetchone()
    slots = max(1, len(os.sched_getaffinity(0)) - 1)
    assert row is not None
    assert 1 <= row[0] <= 5 + slots - 1, statuses
    assert set(statuses) <= {400, 429, 503}
    assert statuses[429], statuses
