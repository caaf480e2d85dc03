"""uvicorn with two workers behind nginx as in deploy/: TLS, static files, streams, limits, figures of both workers."""

import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.operations.behind_nginx import HOST, STREAMS, Installation, nginx_program
from tests.operations.installation import place
from tests.routing.factories import png

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]
PASSWORD = "behind-Nginx-1"


@pytest.fixture
def installation(db: None, tmp_path: Path) -> Iterator[Installation]:
    if nginx_program() is None:
        assert os.environ.get("FENLIU_DEMAND_SERVERS") != "1", "no nginx"
        pytest.skip("needs nginx")
    made = place("nginx", tmp_path)
    made.run("manage.py", "migrate", "--verbosity=0")
    made.run("manage.py", "create_operator", "op", "--password", PASSWORD)
    made.run("manage.py", "create_shop", "first", "--platform=pinduoduo", "--main=boss", f"--password={PASSWORD}")
    running = Installation(made, tmp_path)
    yield running
    running.stop()


def test_the_installation_of_the_manual(installation: Installation, subtests: pytest.Subtests) -> None:
    status, _, body = installation.ask("POST", "/api/v1/auth/token/", {"account": "boss", "password": PASSWORD})
    assert status == 200, body
    token = f"Token {json.loads(body)['token']}"
    for step in STEPS:
        with subtests.test(step.__name__):
            step(installation, token)


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def plain_http_is_sent_on_and_pages_come_over_tls_with_their_headers(installation: Installation, token: str) -> None:
    status, headers, body = installation.ask("GET", "/sign-in/")
    assert status == 200 and b"csrfmiddlewaretoken" in body
    assert "max-age=31536000" in headers["strict-transport-security"]
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "Secure" in headers["set-cookie"] and len(headers["x-request-id"]) == 32


def static_files_are_nginx_s_own_and_kept_for_a_year(installation: Installation, token: str) -> None:
    _, _, body = installation.ask("GET", "/sign-in/")
    named = re.findall(rb'/static/[^"]+\.[0-9a-f]{12}\.(?:css|js)', body)
    assert named
    before = sum(v for k, v in installation.figures().items() if 'view="static"' in k)
    for path in named[:2]:
        status, headers, found = installation.ask("GET", path.decode(), **{"Accept-Encoding": "gzip"})
        assert status == 200 and "immutable" in headers["cache-control"] and headers["content-encoding"] == "gzip"
        assert found[:2] == b"\x1f\x8b"
    assert sum(v for k, v in installation.figures().items() if 'view="static"' in k) == before


def what_is_for_machines_inside_is_not_there_from_outside(installation: Installation, token: str) -> None:
    for path in ("/metrics", "/livez", "/readyz"):
        assert installation.ask("GET", path)[0] == 404, path
    assert installation.ask("GET", "/healthz")[0] == 200


def an_image_of_five_megabytes_goes_through_and_a_larger_one_is_refused(installation: Installation, token: str) -> None:
    _, _, body = installation.ask(
        "POST", "/api/v1/shops/first/conversations/", {"buyer": "b1", "entry": "goods_detail"}, Authorization=token
    )
    url = f"/api/v1/shops/first/conversations/{json.loads(body)['id']}/messages/"
    edge = {"Authorization": token, "Content-Type": "multipart/form-data; boundary=x"}
    padded = png() + b"\0" * (5 * 1024 * 1024 - 1000)
    form = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n%s\r\n--x--\r\n'
    status, _, answer = installation.ask("POST", url, form % padded, **edge)
    assert status in (201, 400, 403, 422), answer  # the product's own answer, not nginx's
    assert json.loads(answer)
    assert installation.ask("POST", url, form % (padded + b"\0" * 2_000_000), **edge)[0] == 413


def an_event_reaches_a_stream_at_once_and_either_worker_tells_of_both(installation: Installation, token: str) -> None:
    stream = installation.connect()
    stream.request("GET", "/api/v1/stream/", headers={"Host": HOST, "Authorization": token})
    answer = stream.getresponse()
    assert answer.status == 200
    while answer.readline().strip() != b"event: ready":
        pass
    body = {"buyer": "b2", "entry": "goods_detail"}
    assert installation.ask("POST", "/api/v1/shops/first/conversations/", body, Authorization=token)[0] == 201
    # Held back by a buffer it would not come before the stream ends; read() would wait until then.
    while answer.readline().strip() != b"event: open":
        pass
    for _ in range(20):
        assert installation.ask("GET", "/api/v1/me/", Authorization=token)[0] == 200
    name = 'fenliu_http_requests_total{method="GET",status="200",view="api_me"}'
    asked = {(told[name], told["fenliu_streams"]) for told in (installation.figures() for _ in range(12))}
    assert asked == {(20, 1)}
    assert installation.figures()["fenliu_stream_lag_seconds_count"] >= 1
    given = answer.headers["X-Request-ID"]
    (line,) = [line for line in installation.lines() if line.get("request_id") == given]
    assert (line["event"], line["path"], line["status"]) == ("stream", "/api/v1/stream/", 200)
    _a_worker_dies(installation, name)
    stream.close()


def _a_worker_dies(installation: Installation, name: str) -> None:
    """What it counted stays, its streams are gone; the server starts another."""
    before = set(installation.workers())
    assert len(before) == 2
    for worker in before:
        os.kill(worker, signal.SIGKILL)
    until(lambda: len(set(installation.workers()) - before) == 2)
    installation._wait()
    until(lambda: installation.figures().get("fenliu_streams", 0) == 0)
    assert installation.figures()[name] == 20


def streams_over_the_cap_are_refused_and_everything_else_goes_on(installation: Installation, token: str) -> None:
    streams, answers = [], []
    for _ in range(STREAMS + 8):
        stream = installation.connect()
        stream.request("GET", "/api/v1/stream/", headers={"Host": HOST, "Authorization": token})
        streams.append(stream)
        answers.append(stream.getresponse())
    refused = [answer for answer in answers if answer.status == 429]
    assert [answer.status for answer in answers[:STREAMS]] == [200] * STREAMS and len(refused) == 8
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
    assert json.loads(refused[0].read())["code"] == "too_many_streams"
    assert installation.ask("GET", "/api/v1/me/", Authorization=token)[0] == 200
    while answers[STREAMS - 1].readline().strip() != b"event: ready":
        pass
    body = {"buyer": "b9", "entry": "goods_detail"}
    assert installation.ask("POST", "/api/v1/shops/first/conversations/", body, Authorization=token)[0] == 201
    while answers[STREAMS - 1].readline().strip() != b"event: open":
        pass
    for stream in streams:
        stream.close()
    until(lambda: installation.figures().get("fenliu_streams", 0) == 0)


def one_id_leads_from_nginx_s_line_to_ours_and_no_secret_is_in_either(installation: Installation, token: str) -> None:
    _, headers, _ = installation.ask(
        "GET", "/api/v1/shops/first/?secret=hunter2", Authorization=token, **{"X-Request-ID": "forged"}
    )
    given = headers["x-request-id"]
    assert given != "forged"

    def outside() -> list[str]:
        lines = map(json.loads, (installation.folder / "access.log").read_text().splitlines())
        return [line["path"] for line in lines if line["request_id"] == given]

    until(outside)  # nginx writes its line once the answer is out
    assert outside() == ["/api/v1/shops/first/"]
    until(lambda: any(line.get("request_id") == given for line in installation.lines()))
    (ours,) = [line for line in installation.lines() if line.get("request_id") == given]
    assert (ours["account"], ours["shop"], ours["status"]) == ("boss", "first", 200)
    logs = "".join((installation.folder / name).read_text() for name in ("access.log", "web.log"))
    for secret in (PASSWORD, token.split()[1], "hunter2", "forged"):
        assert secret not in logs


def where_somebody_comes_from_is_what_nginx_says_not_what_they_say(installation: Installation, token: str) -> None:
    forged = {"X-Forwarded-For": "10.66.66.66"}
    installation.ask("POST", "/api/v1/auth/token/", {"account": "boss", "password": "wrong"}, **forged)
    addresses = installation.place.sql("SELECT network FROM agents_signinfailure")
    assert addresses and all("10.66.66.66" not in str(row) for row in addresses)


def figures_are_for_who_has_the_token(installation: Installation, token: str) -> None:
    with pytest.raises(HTTPError, match="401"):
        urlopen(f"http://127.0.0.1:{installation.web_port}/metrics", timeout=10)
    assert installation.figures()["fenliu_database_up"] == 1


STEPS: list[Callable[[Installation, str], None]] = [
    plain_http_is_sent_on_and_pages_come_over_tls_with_their_headers,
    static_files_are_nginx_s_own_and_kept_for_a_year,
    what_is_for_machines_inside_is_not_there_from_outside,
    an_image_of_five_megabytes_goes_through_and_a_larger_one_is_refused,
    an_event_reaches_a_stream_at_once_and_either_worker_tells_of_both,
    streams_over_the_cap_are_refused_and_everything_else_goes_on,
    one_id_leads_from_nginx_s_line_to_ours_and_no_secret_is_in_either,
    where_somebody_comes_from_is_what_nginx_says_not_what_they_say,
    figures_are_for_who_has_the_token,
]
