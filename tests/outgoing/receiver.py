"""The other side: a real HTTP server in a thread, which notes what comes and answers as it is told."""

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """`answers`: what the next requests get, [(status, body, headers)…]; then always the last `otherwise`.
    `connections`: by which they came; a connection is left open, if it is not one that closes after each answer
    (`closing`), or, without a word, before it is used a second time (`leaving`)."""

    url: str = ""
    got: list[Received] = field(default_factory=list)
    answers: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)
    otherwise: tuple[int, str, dict[str, str]] = (200, "ok", {})
    delay: float = 0
    drip: bool = False
    connections: set[tuple[str, int]] = field(default_factory=set)
    closing: bool = False
    leaving: bool = False

    def next_answer(self) -> tuple[int, str, dict[str, str]]:
        return self.answers.pop(0) if self.answers else self.otherwise

    def refuse(self, *statuses: int) -> None:
        self.answers += [(status, "no", {}) for status in statuses]

    @property
    def events(self) -> list[str]:
        return [one.headers["Fenliu-Event"] for one in self.got]


def handler_of(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    """What notes each request with this receiver."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            receiver.connections.add(self.client_address)
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append(Received(self.path, dict(self.headers), body))
            time.sleep(receiver.delay)
            status, text, headers = receiver.next_answer()
            with suppress(OSError):  # the other side may have had enough
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text.encode())))
                if receiver.closing:
                    self.send_header("Connection", "close")
                self.end_headers()
                self._write(text.encode())
            if receiver.leaving:
                self.close_connection = True

        def _write(self, data: bytes) -> None:
            if not receiver.drip:
                self.wfile.write(data)
                return
            for byte in data:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.1)

        def log_message(self, *_arguments: object) -> None:
            pass

    return Handler


class Quiet(ThreadingHTTPServer):
    """A client that turns away is no news here."""

    daemon_threads = True

    def handle_error(self, *_arguments: object) -> None:
        pass


@contextmanager
def receiving(known: Receiver | None = None, certificate: tuple[Path, Path] | None = None) -> Iterator[Receiver]:
    """One that listens; `known`: what comes is noted and answered by that one. `certificate`: and its key, for TLS."""
    receiver = known or Receiver()
    server = Quiet(("127.0.0.1", 0), handler_of(receiver))
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    url = f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_port}/hook"
    listening = replace(receiver, url=url)
    if known is None:
        receiver.url = url
        listening = receiver
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield listening
    finally:
        server.shutdown()
        server.server_close()
