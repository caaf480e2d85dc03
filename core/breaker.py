"""Breaker: leave a dependency alone for a while after it has failed, so that its time-out is paid once."""

import threading
from collections.abc import Callable
from time import monotonic


class Breaker:
    """Closed until `failed`; then open for `pause_seconds`, after which one caller tries again while the others wait
    on.

    Safe to use from several threads.
    """

    def __init__(self, pause_seconds: float, clock: Callable[[], float] = monotonic) -> None:
        self.pause_seconds = pause_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._open_until: float | None = None

    def allows(self) -> bool:
        """The dependency may be asked now."""
        with self._lock:
            if self._open_until is None:
                return True
            now = self._clock()
            if now < self._open_until:
                return False
            self._open_until = now + self.pause_seconds
            return True

    def failed(self) -> None:
        with self._lock:
            self._open_until = self._clock() + self.pause_seconds

    def succeeded(self) -> None:
        with self._lock:
            self._open_until = None
