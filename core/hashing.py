"""Password hashing: a bounded number of hashes at once, and none of them holds a database connection.

A hash is slow and takes 46 MB on purpose. Unbounded, forty sign-ins at once take every core, every connection and
every thread of the process. In a web process a hash runs, waits in a short line, or is refused at once; a command and a
worker wait for their turn. Everything that goes through Django's hashers is covered: the check of a password, a new
one, and the dummy hash for an account that does not exist.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher
from django.db import connections

RETRY_AFTER_SECONDS = 1
WAITING_PER_SLOT = 2
"""Hashes that wait for each one that runs; they take threads, so they are few."""


class HashingBusy(Exception):
    """No hash was made: too many at once. Answered with 503 and Retry-After."""

    retry_after = RETRY_AFTER_SECONDS


class HashingLine:
    """Turns to hash, in order of arrival. `patience_seconds`: None waits for ever, in a line of any length."""

    def __init__(self, slots: int, waiting: int, patience_seconds: float | None) -> None:
        self.slots, self.waiting, self.patience_seconds = slots, waiting, patience_seconds
        self._lock = threading.Lock()
        self._running = 0
        self._line: deque[threading.Event] = deque()
        self._mine = threading.local()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold one of the slots; within it the same thread has its turn already. Raises HashingBusy."""
        if getattr(self._mine, "held", False):
            yield
            return
        self._take()
        self._mine.held = True
        try:
            yield
        finally:
            self._mine.held = False
            self._give()

    def _take(self) -> None:
        with self._lock:
            if self._running < self.slots:
                self._running += 1
                return
            if self.patience_seconds is not None and len(self._line) >= self.waiting:
                raise HashingBusy
            mine = threading.Event()
            self._line.append(mine)
        if mine.wait(self.patience_seconds):
            return
        with self._lock:
            if mine.is_set():  # the turn came in this very moment
                return
            self._line.remove(mine)
        raise HashingBusy

    def _give(self) -> None:
        with self._lock:
            if self._line:
                self._line.popleft().set()  # the slot passes on without becoming free
            else:
                self._running -= 1


@cache
def hashing_line() -> HashingLine:
    """The line of this process."""
    slots = settings.PASSWORD_HASHES
    return HashingLine(slots, slots * WAITING_PER_SLOT, settings.PASSWORD_PATIENCE_SECONDS)


def release_connections() -> None:
    """Give back the connections of this thread, but for one with an open transaction."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block and connection.get_autocommit():
            connection.close()


class _Bounded:
    """Mixin of a hasher: takes its turn, and holds no connection meanwhile."""

    def encode(self, *args: Any, **kwargs: Any) -> str:
        release_connections()
        with hashing_line().turn():
            return str(super().encode(*args, **kwargs))  # type: ignore[misc]

    def verify(self, password: str, encoded: str) -> bool:
        release_connections()
        with hashing_line().turn():
            return bool(super().verify(password, encoded))  # type: ignore[misc]


class Argon2(_Bounded, Argon2PasswordHasher):
    """Argon2id with 46 MB and one lane (OWASP's first choice): 51 ms of one core, against 229 ms of PBKDF2."""

    time_cost = 1
    memory_cost = 46 * 1024
    parallelism = 1


class PBKDF2(_Bounded, PBKDF2PasswordHasher):
    """Hashes made before Argon2; Django makes a new one at the next sign-in."""


class RandomArgon2(Argon2):
    """For passwords of 81 random bits, of which nobody guesses one: 1 MB. Made anew in full at their first sign-in."""

    memory_cost = 1024
