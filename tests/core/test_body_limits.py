"""Bodies that are too large are refused before they are read, by the real server."""

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from config.body_rules import BODY_RULES, DEFAULT_BODY_BYTES
from core.http.body_limits import BodyLimits
from tests.asgi import Server, serving

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MB = 1024**2


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    with serving() as running:
        yield running


def send(server: Server, path: str, *head: str, chunks: int = 0, size: int = 64 * 1024) -> tuple[int, dict, int]:
    """(status, JSON if it is, bytes sent until the server answered or closed)."""
    parts, sent = urlsplit(server.url), 0
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as line:
        lines = [f"POST {path} HTTP/1.1", f"Host: {parts.hostname}", "Content-Type: application/json", *head]
        line.sendall("\r\n".join([*lines, "", ""]).encode())
        try:
            for _ in range(chunks):
                line.sendall(f"{size:x}\r\n".encode() + b" " * size + b"\r\n")
                sent += size
        except OSError:
            pass
        answer = b""
        try:
            while piece := line.recv(65536):
                answer += piece
        except OSError:
            pass
    top, _, body = answer.partition(b"\r\n\r\n")
    status = int(top.split()[1]) if top else 0
    return status, json.loads(body) if body.startswith(b"{") else {}, sent


@pytest.mark.parametrize(
    "path", ["/api/v1/auth/token/", "/chat/shop/start/", "/api/v1/simulate/", "/sign-in/", "/s/x/"]
)
def test_an_announced_body_of_200_mb_is_refused_without_a_byte_of_it(server: Server, path: str) -> None:
    status, told, _sent = send(server, path, f"Content-Length: {200 * MB}")
    assert status == 413
    if path.startswith(("/api/", "/chat/")):
        assert told["code"] == "too_large" and told["message"] and told["fields"] == {}


def test_a_chunked_body_is_refused_when_it_crosses_the_limit(server: Server) -> None:
    status, _told, sent = send(server, "/api/v1/auth/token/", "Transfer-Encoding: chunked", chunks=3200)
    assert status in (413, 0), "closed while still sending: the answer may be lost"
    assert sent < 60 * MB


def test_the_answer_to_a_chunked_body_just_over_says_so(server: Server) -> None:
    status, told, _sent = send(server, "/api/v1/auth/token/", "Transfer-Encoding: chunked", chunks=2)
    assert (status, told["code"]) == (413, "too_large")


def test_each_path_has_its_limit() -> None:
    limits = {
        "/sign-in/": 64 * 1024,
        "/api/v1/auth/token/": 64 * 1024,
        "/chat/a/messages/": 64 * 1024,
        "/chat/a/images/": 5 * MB + 64 * 1024,
        "/api/v1/shops/a/conversations/1/messages/": 5 * MB + 64 * 1024,
        "/api/v1/shops/a/conversations/": MB,
        "/api/v1/simulate/": 6 * MB,
        "/api/v1/shops/a/routing/": 6 * MB,
        "/s/a/conversations/1/post/": 6 * MB,
        "/nowhere/": 64 * 1024,
    }
    limited = BodyLimits(lambda *_: None, BODY_RULES, DEFAULT_BODY_BYTES)
    assert {path: limited.limit_of(path) for path in limits} == limits
