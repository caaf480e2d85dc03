"""The real web server in a thread of the tests, and a reader of server-sent events."""

import http.client
import json
import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import uvicorn

from tests.servers import free_port

PATIENCE = 15.0
"""Seconds to wait for what must come; nothing is measured by it."""


@dataclass(frozen=True)
class Server:
    url: str


@contextmanager
def serving() -> Iterator[Server]:
    """uvicorn with config.asgi, on this process's database."""
    application = import_module("config.asgi").application
    port = free_port()
    config = uvicorn.Config(
        application, port=port, log_level="error", timeout_graceful_shutdown=1, lifespan="on", access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="uvicorn", daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    try:
        yield Server(f"http://127.0.0.1:{port}")
    finally:
        server.should_exit = True
        thread.join(10)
        # On a busy machine a stream may not have ended by then. What it would look after meanwhile is other tests'.
        server.force_exit = True
        thread.join(30)
        assert not thread.is_alive(), "the server goes on"


def wait_until(true: Any, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


@dataclass(frozen=True)
class Event:
    kind: str
    id: str
    data: dict[str, Any]


class Reader:
    """One stream, read by a thread of its own. `status` and, for a refusal, `error`; `ended` once it is over."""

    def __init__(self, url: str, *, path: str = "/api/v1/stream/", **headers: str) -> None:
        parts = urlsplit(url)
        self.events: queue.Queue[Event] = queue.Queue()
        self.last_id = ""
        self.ended = threading.Event()
        self._http = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        self._http.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items() if v})
        self._socket = self._http.sock
        self._response = self._http.getresponse()
        self.status = self._response.status
        self.error: dict[str, Any] = {}
        if self.status == 200:
            threading.Thread(target=self._read, daemon=True).start()
        else:
            self.error = json.loads(self._response.read())
            self.ended.set()

    def _read(self) -> None:
        fields: dict[str, str] = {}
        try:
            while line := self._response.readline():
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name:
                    fields[name] = value
                    continue
                self.last_id = fields.get("id", self.last_id)
                if "data" in fields:
                    self.events.put(Event(fields["event"], fields["id"], json.loads(fields["data"])))
                fields = {}
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            pass
        finally:
            self.ended.set()

    def next(self, kind: str = "", seconds: float = PATIENCE) -> Event:
        """The next event, or the next of a kind."""
        while True:
            event = self.events.get(timeout=seconds)
            if kind in ("", event.kind):
                return event

    def ready(self) -> "Reader":
        self.next("ready")
        return self

    def cut(self) -> None:
        """Break the connection, as a network does."""
        self._socket.shutdown(socket.SHUT_RDWR)
