"""One POST to an address that has been looked at: no redirects, a bound on time and on what is read.

urllib3's connection takes the checked address and, apart from it, the name for the certificate; nothing resolves the
name a second time.
"""

import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, TimeoutError
from urllib3.util import Timeout

from outgoing.guard import Address, BadAddress, Target, addresses_of, read_url

CONNECT = 5.0
TOTAL = 10.0
"""Seconds to connect, and for everything together."""
MOST = 4096
"""Bytes of an answer that are read."""
ADDRESSES = 3
"""Of a name that has many, as many are tried."""
AGENT = "Fenliu/1"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a POST. `error`: a code of `outgoing.labels.ERRORS`, empty where it was accepted."""

    error: str
    status: int | None = None
    text: str = ""
    ms: int = 0

    @property
    def accepted(self) -> bool:
        return not self.error


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send it; never raises. The database is not needed meanwhile."""
    began = time.monotonic()
    error, status, text = _posted(url, body, headers, began + TOTAL)
    return Answer(error, status, text, round((time.monotonic() - began) * 1000))


def _posted(url: str, body: bytes, headers: Mapping[str, str], deadline: float) -> tuple[str, int | None, str]:
    try:
        target = read_url(url)
        addresses = addresses_of(target, private=settings.ALLOW_PRIVATE_WEBHOOKS)[:ADDRESSES]
    except BadAddress as bad:
        return bad.code, None, ""
    error = "unreachable"
    for address in addresses:
        left = deadline - time.monotonic()
        if left <= 0:
            return "timed_out", None, ""
        connection = _connection(target, address, min(CONNECT, left))
        try:
            connection.connect()
        except (HTTPError, OSError, ValueError) as failed:
            connection.close()
            error = _why(failed)
            if error == "tls":
                return error, None, str(failed)[:200]
            continue
        return _exchange(connection, target, body, headers, deadline)
    return error, None, ""


def _why(failed: Exception) -> str:
    """A code for a connection that did not come about."""
    if isinstance(failed, ssl.SSLError | ValueError):  # urllib3's own error about a name is a ValueError
        return "tls"
    return "timed_out" if isinstance(failed, ConnectTimeoutError | TimeoutError | socket.timeout) else "unreachable"


def _connection(target: Target, address: Address, timeout: float) -> HTTPConnection:
    limit = Timeout(connect=timeout, read=TOTAL)
    if target.scheme == "http":
        return HTTPConnection(str(address), target.port, timeout=limit.connect_timeout)
    return HTTPSConnection(
        str(address),
        target.port,
        timeout=limit.connect_timeout,
        ssl_context=_certificates(),
        server_hostname=target.host,
        assert_hostname=target.host,
    )


@cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()


def _exchange(
    connection: HTTPConnection, target: Target, body: bytes, headers: Mapping[str, str], deadline: float
) -> tuple[str, int | None, str]:
    """Over the open connection. What is still under way at the deadline is cut off, also an answer that drips."""
    cut = _Cut(connection, deadline)
    try:
        sent = {"Host": target.header, "User-Agent": AGENT, "Connection": "close", **headers}
        connection.request("POST", target.path, body=body, headers=sent, preload_content=False, decode_content=False)
        response = connection.getresponse()
        status = int(response.status)
        text = response.read(MOST).decode("utf-8", "replace")
    except (HTTPError, OSError, ValueError, AttributeError) as failed:
        late = cut.fell or isinstance(failed, TimeoutError | socket.timeout)
        return "timed_out" if late else "broken", None, ""
    finally:
        cut.end()
        connection.close()
    if cut.fell:
        return "timed_out", status, text
    if 200 <= status < 300:
        return "", status, text
    return "redirect" if 300 <= status < 400 else "status", status, text


class _Cut:
    """Shuts the connection at the deadline: a socket's own time-out begins anew with each byte."""

    def __init__(self, connection: HTTPConnection, deadline: float) -> None:
        self.fell = False
        self._socket = connection.sock
        left = max(0.0, deadline - time.monotonic())
        if self._socket is not None:
            self._socket.settimeout(max(left, 0.001))
        self._timer = threading.Timer(left, self._fall)
        self._timer.daemon = True
        self._timer.start()

    def _fall(self) -> None:
        self.fell = True
        if self._socket is not None:
            # The plain socket's own, also below TLS: no farewell is waited for.
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def end(self) -> None:
        self._timer.cancel()
