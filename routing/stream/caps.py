"""Caps on the open streams of a process: in all, by address, by account or buyer.

A stream over a cap is refused (429 or 503 with Retry-After) and none is ended for it: ended ones come back at once,
and each coming back costs a replay. Used in the event loop alone, so counting needs no lock.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils.translation import gettext as _

from agents.errors import Overloaded
from core.http.addresses import network_of
from routing.stream.sending import Scope

RETRY_AFTER_SECONDS = 30
ALL = ("all", "")

_open: Counter[tuple[str, str]] = Counter()


class TooManyStreams(Overloaded):
    """One reader, or one address, has as many streams open as it may have."""

    status = 429

    def __init__(self) -> None:
        said = _("Too many streams are open: please try again in %(wait)s seconds.")
        super().__init__(said % {"wait": RETRY_AFTER_SECONDS}, RETRY_AFTER_SECONDS)
        self.code = "too_many_streams"


class NoRoomForStreams(TooManyStreams):
    """The process has as many streams open as it can carry."""

    status = 503


@contextmanager
def stream_of_address(scope: Scope) -> Iterator[None]:
    """Count a stream for the process and for the caller's address, before anything is looked up for it."""
    if _open[ALL] >= settings.STREAMS_PER_PROCESS:
        raise NoRoomForStreams
    client = scope.get("client") or ("", 0)
    address = ("address", network_of(str(client[0])))
    with counted(ALL, settings.STREAMS_PER_PROCESS), counted(address, settings.STREAMS_PER_ADDRESS):
        yield


@contextmanager
def counted(key: tuple[str, str], most: int) -> Iterator[None]:
    """Count one stream under `key`. Raises TooManyStreams where there are `most`."""
    if _open[key] >= most:
        raise TooManyStreams
    _open[key] += 1
    try:
        yield
    finally:
        _open[key] -= 1
        if not _open[key]:
            del _open[key]
