"""Origins, as browsers name them: scheme, host and port, and nothing behind. Pure."""

import re
from urllib.parse import urlsplit

LONGEST = 200
HOST = re.compile(r"(?=.{1,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")
IP6 = re.compile(r"\[[0-9a-f:.]+\]")
DEFAULT_PORT = {"http": 80, "https": 443}


class BadOrigin(ValueError):
    """What was given is no origin. The argument says why: `scheme`, `host`, `port`, `more`, `long`."""


def read_origin(given: str) -> str:
    """`HTTPS://Shop.Example.com:443/` → `https://shop.example.com`. Raises BadOrigin.

    Only http and https; no path, no user, no wildcard: what is listed here may show the chat and read its answers.
    """
    text = given.strip()
    if len(text) > LONGEST:
        raise BadOrigin("long")
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise BadOrigin("port") from None
    if parts.scheme not in DEFAULT_PORT:
        raise BadOrigin("scheme")
    if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc or text.endswith(("?", "#")):
        raise BadOrigin("more")
    host = _host(parts.netloc.lower())
    if port in (None, DEFAULT_PORT[parts.scheme]):
        return f"{parts.scheme}://{host}"
    return f"{parts.scheme}://{host}:{port}"


def _host(netloc: str) -> str:
    """The host by the name that browsers use: ASCII, also where it was written in Chinese."""
    host = re.sub(r":\d*\Z", "", netloc)
    if IP6.fullmatch(host):
        return host
    try:
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        raise BadOrigin("host") from None
    if not HOST.fullmatch(host):
        raise BadOrigin("host")
    return host


def same_host(origin: str, host: str) -> bool:
    """Whether an `Origin` header names our own host: whatever the scheme is called behind a proxy."""
    return urlsplit(origin).netloc.lower() == host.lower()
