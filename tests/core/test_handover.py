"""The hand-over of requests to threads, driven as an ASGI server drives it."""

import asyncio
import threading
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse

from core.http import handover as module
from core.http.handover import ClientGone, Handover, build_environ, join_chunks, read_body
from tests.loops import run_to_end

SCOPE = {
    "type": "http",
    "method": "POST",
    "path": "/s/小满/",
    "root_path": "",
    "query_string": b"q=%E4%BD%A0&raw=\xe4",
    "http_version": "1.1",
    "scheme": "https",
    "server": ("shop.example", 443),
    "client": ("10.1.2.3", 5),
    "headers": [
        (b"content-type", b"application/json"),
        (b"content-length", b"3"),
        (b"x-forwarded-for", b"1.1.1.1"),
        (b"x_forwarded_for", b"6.6.6.6"),
        (b"cookie", b"a=1"),
        (b"cookie", b"b=2"),
    ],
}


def run(wsgi: Callable[..., Iterable[bytes]], body: bytes = b"abc", send: Any = None) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def keep(message: dict[str, Any]) -> None:
        sent.append(message)

    run_to_end(Handover(wsgi, 1).run(SCOPE, BytesIO(body), send or keep))
    return sent


def answered(response: HttpResponse | StreamingHttpResponse) -> Callable[..., Iterable[bytes]]:
    def wsgi(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response(f"{response.status_code} x", list(response.items()))
        return response

    return wsgi


def test_an_answer_in_one_piece_is_sent_whole() -> None:
    sent = run(answered(HttpResponse("你好", status=201, headers={"X-A": "b"})))
    assert sent[0]["status"] == 201 and (b"x-a", b"b") in sent[0]["headers"]
    assert sent[1] == {"type": "http.response.body", "body": "你好".encode()}
    assert len(sent) == 2


def test_small_chunks_of_a_streamed_answer_go_out_together() -> None:
    assert list(join_chunks([b"a", b"", b"bc", b"d"], 3)) == [b"abc", b"d"]
    assert list(join_chunks([b"a" * 5, b"b"], 3)) == [b"a" * 5, b"b"]
    assert list(join_chunks([b"", b""])) == []


def test_a_streamed_answer_is_sent_as_it_is_made_and_closed_in_its_thread(monkeypatch) -> None:
    monkeypatch.setattr(module, "join_chunks", lambda chunks: (chunk for chunk in chunks if chunk))
    seen: list[str] = []

    def chunks() -> Iterator[bytes]:
        try:
            yield from (b"a", b"", b"b")
        finally:
            seen.append(threading.current_thread().name)

    sent = run(answered(StreamingHttpResponse(chunks())))
    assert [message.get("body") for message in sent[1:]] == [b"a", b"b", b""]
    assert [message.get("more_body", False) for message in sent[1:]] == [True, True, False]
    assert seen[0].startswith("request")


def test_a_receiver_that_takes_nothing_frees_the_thread(monkeypatch) -> None:
    monkeypatch.setattr(module, "MAX_SEND_SECONDS", 0.05)
    closed = []

    async def stops(message: dict[str, Any]) -> None:
        if message.get("body"):
            await asyncio.Event().wait()

    def chunks() -> Iterator[bytes]:
        try:
            while True:
                yield b"x" * 1000
        finally:
            closed.append(True)

    with pytest.raises(ClientGone):
        run(answered(StreamingHttpResponse(chunks())), send=stops)
    assert closed == [True]


def test_the_environ_is_that_of_the_request() -> None:
    environ = build_environ(SCOPE, BytesIO(b"abcd"))
    assert environ["PATH_INFO"].encode("latin1").decode() == "/s/小满/"
    assert environ["QUERY_STRING"].encode("latin1") == b"q=%E4%BD%A0&raw=\xe4"
    assert (environ["REMOTE_ADDR"], environ["SERVER_NAME"], environ["wsgi.url_scheme"]) == (
        "10.1.2.3",
        "shop.example",
        "https",
    )
    assert environ["CONTENT_LENGTH"] == "4", "what has come, not what was announced"
    assert environ["HTTP_COOKIE"] == "a=1; b=2"


def test_a_header_with_an_underscore_does_not_pass_for_the_one_with_a_hyphen() -> None:
    assert build_environ(SCOPE, BytesIO())["HTTP_X_FORWARDED_FOR"] == "1.1.1.1"


def receive(*messages: dict[str, Any]) -> Any:
    left = iter(messages)

    async def next_message() -> dict[str, Any]:
        return next(left)

    return next_message


def piece(body: bytes, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": body, "more_body": more}


@pytest.mark.parametrize("size", [1, module.MAX_BODY_IN_MEMORY + 1])
def test_a_body_in_pieces_is_read_whole(size: int) -> None:
    body = run_to_end(read_body(receive(piece(b"a" * size, True), piece(b"", True), piece(b"z", False))))
    assert body.read() == b"a" * size + b"z"
    body.close()


@pytest.mark.parametrize("first", [[], [piece(b"a", True)]])
def test_a_caller_that_leaves_before_its_request_is_complete_is_not_run(first: list[dict[str, Any]]) -> None:
    with pytest.raises(ClientGone):
        run_to_end(read_body(receive(*first, {"type": "http.disconnect"})))
