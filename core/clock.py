"""The clock guard: notices that this machine's clock has jumped before anything is written with its time.

Two witnesses: the time since the machine started, which no setting of the clock changes, and the database's clock. A
clock that runs away by a few seconds is no jump. A jump that the database's clock confirms is accepted up to
MAX_ACCEPTED_SECONDS (a machine that was suspended); a larger one is refused until the process is started again.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

MAX_JUMP_SECONDS = 30.0
MAX_DIFFERENCE_SECONDS = 30.0
MAX_ACCEPTED_SECONDS = 3600.0
COMPARE_EVERY_SECONDS = 10.0


class ClockJumped(Exception):
    """The clock is not to be believed. `seconds`: by how much it is ahead (negative: behind)."""

    def __init__(self, seconds: float, witness: str) -> None:
        super().__init__(f"the clock is {seconds:+.0f} s off by {witness}")
        self.seconds, self.witness = seconds, witness


def running_seconds() -> float:
    """Seconds since the machine started, time asleep included where the system tells it."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if clock is None else time.clock_gettime(clock)


@dataclass
class ClockGuard:
    """One for a process. `running`: seconds that no setting of the clock changes."""

    running: Callable[[], float] = running_seconds
    _offset: float | None = None
    _compared_at: float | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, now: datetime, database_time: Callable[[], datetime | None]) -> None:
        """Compare `now`, just read off the clock, with the witnesses. Raises ClockJumped.

        `database_time` asks the database for its clock; None where it has none of its own. It is asked every
        COMPARE_EVERY_SECONDS and whenever the clock seems to have jumped.
        """
        with self._lock:
            running = self.running()
            offset = now.timestamp() - running
            jump = 0.0 if self._offset is None else offset - self._offset
            jumped = abs(jump) > MAX_JUMP_SECONDS
            if not jumped and self._compared_at is not None and running - self._compared_at < COMPARE_EVERY_SECONDS:
                return
            theirs = database_time()
            if theirs is not None:
                difference = now.timestamp() - theirs.timestamp()
                if abs(difference) > MAX_DIFFERENCE_SECONDS:
                    raise ClockJumped(difference, "the database's clock")
            if jumped and (theirs is None or abs(jump) > MAX_ACCEPTED_SECONDS):
                raise ClockJumped(jump, "the time since the machine started")
            self._offset, self._compared_at = offset, running


guard = ClockGuard()
