"""A POST to an address that has been looked at: no redirects, a bound on time and on what is read.

What goes to the same place a moment later may go over the same connection: it leads to the address that was looked at.
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
from http.client import HTTPException

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, TimeoutError
from urllib3.util import Timeout

from outgoing.guard import Address, BadAddress, Target, permitted_addresses, read_url

CONNECT = 5.0
TOTAL = 10.0
"""Seconds to connect, and for everything together."""
MOST = 4096
"""Bytes of an answer that are read."""
ADDRESSES = 3
"""Of a name that has many, as many are tried."""
AGENT = "Fenliu/1"


Told = tuple[str, int | None, str]
"""Error, status and text of an answer."""


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


class Kept:
    """The connection that the last POST left open, if the other side leaves it so. Of one thread, for seconds: what is
    looked up anew is looked at anew."""

    def __init__(self) -> None:
        self._to: tuple[str, str, int] | None = None
        self._open: HTTPConnection | None = None

    def take(self, target: Target) -> HTTPConnection | None:
        """The open one to there, which then is whose takes it."""
        connection, self._open = self._open, None
        if connection is None or (self._to == _place(target) and connection.is_connected):
            return connection
        connection.close()
        return None

    def keep(self, target: Target, connection: HTTPConnection) -> None:
        self._to, self._open = _place(target), connection

    def close(self) -> None:
        if self._open is not None:
            self._open.close()


def _place(target: Target) -> tuple[str, str, int]:
    return target.scheme, target.host, target.port


def post(url: str, body: bytes, headers: Mapping[str, str], kept: Kept | None = None) -> Answer:
    """Send it; never raises. The database is not needed meanwhile. `kept`: over its connection, or one that it then
    keeps."""
    began = time.monotonic()
    error, status, text = _posted(url, body, headers, began + TOTAL, kept)
    return Answer(error, status, text, round((time.monotonic() - began) * 1000))


def _posted(url: str, body: bytes, headers: Mapping[str, str], deadline: float, kept: Kept | None) -> Told:
    try:
        target = read_url(url)
        again = kept.take(target) if kept else None
        if again is not None:
            told = _exchange(again, target, body, headers, deadline, kept)
            if told[0] != "broken":  # the other side may have closed it at this moment
                return told
        addresses = permitted_addresses(target)[:ADDRESSES]
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
        return _exchange(connection, target, body, headers, deadline, kept)
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
    connection: HTTPConnection,
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    deadline: float,
    kept: Kept | None,
) -> Told:
    """Over the open connection. What is still under way at the deadline is cut off, also an answer that drips."""
    cut, whole = _Cut(connection, deadline), False
    try:
        close = {} if kept else {"Connection": "close"}
        sent = {"Host": target.header, "User-Agent": AGENT, **close, **headers}
        connection.request("POST", target.path, body=body, headers=sent, preload_content=False, decode_content=False)
        response = connection.getresponse()
        status = int(response.status)
        data = response.read(MOST)
        # A connection that is to be closed has lost its socket by now; after so much there may be more to come.
        whole = len(data) < MOST and connection.sock is not None
    except (HTTPError, HTTPException, OSError, ValueError, AttributeError) as failed:
        late = cut.fell or isinstance(failed, TimeoutError | socket.timeout)
        return "timed_out" if late else "broken", None, ""
    finally:
        cut.end()
        if kept and whole and not cut.fell:
            kept.keep(target, connection)
        else:
            connection.close()
    text = data.decode("utf-8", "replace")
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
