"""Waking those who follow the shops' events: in this process at once, in others through PostgreSQL's NOTIFY.

An optimisation, never the rule (DESIGN 9): who follows also looks for itself from time to time, and loses nothing when
a call does not arrive. It goes out after the commit, on a connection of its own: inside the transaction NOTIFY would
serialise the commits of all shops.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import connection

from core.db.direct import direct_parameters

CHANNEL = "fenliu_events"
PAUSE = 1.0
"""Seconds before a connection that failed is tried again; what is asked for meanwhile is dropped."""

GAP = 0.05
"""Seconds at least between two calls of a process."""
CALL = "SELECT pg_notify(%s, shop) FROM unnest(%s::text[]) AS shop"

logger = logging.getLogger(__name__)
_listeners: set[Callable[[int], None]] = set()


def wake(shop: int) -> None:
    """Something has happened in the shop with this key; never raises and never waits."""
    for listener in tuple(_listeners):
        listener(shop)
    if connection.vendor == "postgresql":
        caller().call(shop)


def listen(listener: Callable[[int], None]) -> Callable[[], None]:
    """Have `listener` called, from any thread, with the shop's key; the returned function ends it."""
    _listeners.add(listener)
    return lambda: _listeners.discard(listener)


class Caller:
    """A thread that sends NOTIFY: at once after a quiet time, else with GAP in between, since each costs the process
    about as much as an eighth of a routed conversation. Shops named twice before it comes round are called once."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self._shops: set[int] = set()
        self._any = threading.Condition()
        self._last = -GAP
        threading.Thread(target=self._run, name="fenliu-notify", daemon=True).start()

    def call(self, shop: int) -> None:
        with self._any:
            self._shops.add(shop)
            self._any.notify()

    def _take(self) -> set[int]:
        with self._any:
            while not self._shops:
                self._any.wait()
        time.sleep(max(0.0, self._last + GAP - time.monotonic()))
        with self._any:
            taken, self._shops = self._shops, set()
        self._last = time.monotonic()
        return taken

    def _run(self) -> None:
        opened: psycopg.Connection[Any] | None = None
        while True:
            shops = self._take()
            try:
                opened = opened or psycopg.connect(**direct_parameters(), autocommit=True)
                opened.execute(CALL, (CHANNEL, [str(shop) for shop in shops]))
            except psycopg.Error as error:
                logger.warning("NOTIFY failed, the poll stands in for it: %s", error)
                if opened is not None:
                    opened.close()
                opened = None
                threading.Event().wait(PAUSE)


_made = threading.Lock()
_caller: list[Caller] = []


def caller() -> Caller:
    """This process's caller; one that has been forked away from makes its own."""
    with _made:
        if not _caller or _caller[0].process != os.getpid():
            _caller[:] = [Caller()]
        return _caller[0]
