"""Handover: run a WSGI application for an ASGI server, one hop to a thread and back for each request.

Django's own ASGI handler hops between the event loop and threads several times for each request, in a thread made for
it; here a fixed number of threads runs the whole request. The body is read before a place is taken, so a slow sender
holds no thread; an answer in one piece returns in one hop. A streamed answer keeps its thread until it is sent or the
receiver has been silent for MAX_SEND_SECONDS.
"""

import asyncio
import contextvars
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any
from wsgiref.types import WSGIEnvironment

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]
WSGI = Callable[..., Iterable[bytes]]

MAX_BODY_IN_MEMORY = 1024 * 1024
PIECE_BYTES = 64 * 1024
MAX_SEND_SECONDS = 30.0
"""A receiver that takes nothing for so long has gone."""


class ClientGone(Exception):
    """The caller has closed the connection before its request was complete or its answer sent."""


class Handover:
    """An ASGI application for HTTP that runs `wsgi` in `threads` threads."""

    def __init__(self, wsgi: WSGI, threads: int) -> None:
        self.wsgi = wsgi
        self.executor = ThreadPoolExecutor(threads, thread_name_prefix="request")

    async def run(self, scope: Scope, body: IO[bytes], send: Send) -> None:
        """Run the request in a thread and send its answer."""
        loop = asyncio.get_running_loop()
        answer = Answer(self.wsgi, build_environ(scope, body), loop, send)
        await loop.run_in_executor(self.executor, contextvars.copy_context().run, answer.make)
        await answer.finish()


async def read_body(receive: Receive) -> IO[bytes]:
    """Read the request's body; above MAX_BODY_IN_MEMORY it goes to a file. Raises ClientGone."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientGone
    if not message.get("more_body"):
        return BytesIO(message.get("body", b""))
    body: IO[bytes] = SpooledTemporaryFile(MAX_BODY_IN_MEMORY)  # noqa: SIM115 (closed with the request)
    try:
        body.write(message.get("body", b""))
        while message.get("more_body"):
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            body.write(message.get("body", b""))
    except BaseException:
        body.close()
        raise
    body.seek(0)
    return body


def build_environ(scope: Scope, body: IO[bytes]) -> WSGIEnvironment:
    """Describe the request as WSGI does (PEP 3333). `path` of the scope is that within the installation.

    A header whose name holds an underscore is left out: it would pass for the one with a hyphen, as `X_Forwarded_For`
    does.
    """
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": scope.get("root_path", "").encode().decode("latin1"),
        "PATH_INFO": scope["path"].encode().decode("latin1"),
        "QUERY_STRING": scope["query_string"].decode("latin1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "REMOTE_ADDR": client[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    size = body.seek(0, 2)
    body.seek(0)
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin1"), raw_value.decode("latin1")
        if "_" in name or name in ("content-length", "transfer-encoding"):
            continue
        key = "CONTENT_TYPE" if name == "content-type" else f"HTTP_{name.upper().replace('-', '_')}"
        joint = "; " if name == "cookie" else ","
        environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value
    environ["CONTENT_LENGTH"] = str(size)
    return environ


class Answer:
    """One request's answer: made in a thread, sent by the event loop."""

    def __init__(
        self,
        wsgi: Callable[..., Iterable[bytes]],
        environ: WSGIEnvironment,
        loop: asyncio.AbstractEventLoop,
        send: Send,
    ) -> None:
        self._wsgi, self._environ, self._loop, self._send = wsgi, environ, loop, send
        self._status, self._headers = 500, Headers()
        self._body: bytes | None = None

    def make(self) -> None:
        """In the thread. An answer in one piece is kept for `finish`; one in many pieces is sent from here."""
        chunks = self._wsgi(self._environ, self._start_response)
        try:
            if getattr(chunks, "streaming", True):
                self._stream(chunks)
            else:
                self._body = b"".join(chunks)
        finally:
            close = getattr(chunks, "close", None)
            if close is not None:
                close()

    async def finish(self) -> None:
        """In the event loop: send what `make` has kept."""
        if self._body is not None:
            await self._send(self._start())
            await self._send({"type": "http.response.body", "body": self._body})

    def _start_response(self, status: str, headers: list[tuple[str, str]], _error: Any = None) -> Callable[..., object]:
        self._status = int(status.split(" ", 1)[0])
        self._headers = [(name.lower().encode("latin1"), value.encode("latin1")) for name, value in headers]
        return _no_write

    def _start(self) -> MutableMapping[str, Any]:
        return {"type": "http.response.start", "status": self._status, "headers": self._headers}

    def _stream(self, chunks: Iterable[bytes]) -> None:
        self._send_from_thread(self._start())
        for piece in join_chunks(chunks):
            self._send_from_thread({"type": "http.response.body", "body": piece, "more_body": True})
        self._send_from_thread({"type": "http.response.body", "body": b""})

    def _send_from_thread(self, message: MutableMapping[str, Any]) -> None:
        sending = asyncio.run_coroutine_threadsafe(self._bounded_send(message), self._loop)
        sending.result()

    async def _bounded_send(self, message: MutableMapping[str, Any]) -> None:
        try:
            async with asyncio.timeout(MAX_SEND_SECONDS):
                await self._send(message)
        except TimeoutError:
            raise ClientGone from None


def join_chunks(chunks: Iterable[bytes], least: int = PIECE_BYTES) -> Iterator[bytes]:
    """Join small chunks into pieces of at least `least` bytes, the last one excepted: each piece costs two hops."""
    waiting, size = list[bytes](), 0
    for chunk in chunks:
        waiting.append(chunk)
        size += len(chunk)
        if size >= least:
            yield b"".join(waiting)
            waiting, size = [], 0
    if size:
        yield b"".join(waiting)


def _no_write(_data: bytes) -> None:
    raise NotImplementedError("Django does not write by the callable of start_response")
