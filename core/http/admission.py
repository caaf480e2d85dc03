"""Admission: how many requests run at once, in which order the others wait, and which are refused at once.

An overloaded server that queues everything answers nobody: callers leave before their turn, and their requests are run
all the same. Here a request runs, waits for a bounded time in a bounded queue, or is refused within milliseconds. No
party (a shop, a key, an address) takes all places, so one shop whose transactions are stuck leaves room to the others.

For one event loop; not thread-safe.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import IntEnum


class Priority(IntEnum):
    """The order in which waiting requests are admitted: the smaller first."""

    URGENT = 0
    """Opening, sending, closing, transferring, presence, sign-in: a buyer or an agent waits for it."""
    NORMAL = 1
    """Every other call of the API."""
    PAGE = 2
    """Pages, lists and reports."""


MAX_WAIT_SECONDS: Mapping[Priority, float] = {Priority.URGENT: 5.0, Priority.NORMAL: 4.0, Priority.PAGE: 3.0}
"""Under overload the queue is full and refuses at once; these end the wait behind requests that are stuck."""
RETRY_AFTER_SECONDS: Mapping[Priority, int] = {Priority.URGENT: 1, Priority.NORMAL: 2, Priority.PAGE: 5}


class NotAdmitted(Exception):
    """The request is not run. `retry_after`: seconds after which it may be sent again."""

    def __init__(self, reason: str, retry_after: int) -> None:
        super().__init__(reason)
        self.reason, self.retry_after = reason, retry_after


@dataclass(frozen=True)
class Limits:
    """`slots`: requests that run at once. `per_party`: how many of them may be one party's. `pages`: how many may be
    pages. `waiting` and `waiting_per_party`: requests in the queue."""

    slots: int
    per_party: int
    pages: int
    waiting: int
    waiting_per_party: int

    @classmethod
    def for_slots(cls, slots: int) -> "Limits":
        """Three quarters of the places for one party, and for pages; a queue of four times the places."""
        share = max(1, slots * 3 // 4)
        return cls(slots, per_party=share, pages=share, waiting=slots * 4, waiting_per_party=slots * 2)


@dataclass(eq=False)
class _Waiting:
    parties: tuple[str, ...]
    admitted: asyncio.Future[None]


@dataclass
class Admission:
    """Places for requests. `refused` counts refusals by reason: "full", "party" or "late"."""

    limits: Limits
    running: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    _by_priority: Counter[Priority] = field(default_factory=Counter)
    _by_party: Counter[str] = field(default_factory=Counter)
    _waiting_by_party: Counter[str] = field(default_factory=Counter)
    _queues: dict[Priority, deque[_Waiting]] = field(
        default_factory=lambda: {priority: deque() for priority in Priority}
    )

    @property
    def waiting(self) -> int:
        return sum(len(queue) for queue in self._queues.values())

    @asynccontextmanager
    async def admit(self, priority: Priority, parties: Iterable[str]) -> AsyncIterator[None]:
        """Hold a place for a request of `parties`. Raises NotAdmitted if there is none within MAX_WAIT_SECONDS."""
        whose = tuple(dict.fromkeys(parties))
        if not self._has_room(priority, whose) or any(self._queues[p] for p in Priority if p <= priority):
            await self._wait(priority, whose)
        else:
            self._take(priority, whose)
        try:
            yield
        finally:
            self._release(priority, whose)

    async def _wait(self, priority: Priority, parties: tuple[str, ...]) -> None:
        self._check_queue(priority, parties)
        waiting = _Waiting(parties, asyncio.get_running_loop().create_future())
        queue = self._queues[priority]
        queue.append(waiting)
        self._waiting_by_party.update(parties)
        # A request that waits for its own party lets the others pass.
        self._admit_waiting()
        try:
            async with asyncio.timeout(MAX_WAIT_SECONDS[priority]):
                await waiting.admitted
        except NotAdmitted:
            raise
        except BaseException as error:
            if waiting in queue:
                queue.remove(waiting)
                self._forget(parties)
            elif not waiting.admitted.cancelled() and waiting.admitted.exception() is None:
                # Admitted in the same turn of the loop: the place goes back.
                self._release(priority, parties)
            if isinstance(error, TimeoutError):
                raise self._refuse("late", priority) from None
            raise

    def _check_queue(self, priority: Priority, parties: tuple[str, ...]) -> None:
        if any(self._waiting_by_party[party] >= self.limits.waiting_per_party for party in parties):
            raise self._refuse("party", priority)
        if self.waiting >= self.limits.waiting and not self._displace(priority):
            raise self._refuse("full", priority)

    def _displace(self, priority: Priority) -> bool:
        """Refuse the newest waiting request of the lowest priority below `priority`, if there is one."""
        for lower in sorted(Priority, reverse=True):
            if lower > priority and self._queues[lower]:
                newest = self._queues[lower][-1]
                newest.admitted.set_exception(self._refuse("full", lower))
                self._queues[lower].pop()
                self._forget(newest.parties)
                return True
        return False

    def _refuse(self, reason: str, priority: Priority) -> NotAdmitted:
        self.refused[reason] += 1
        return NotAdmitted(reason, RETRY_AFTER_SECONDS[priority])

    def _has_room(self, priority: Priority, parties: tuple[str, ...]) -> bool:
        if self.running >= self.limits.slots:
            return False
        if priority == Priority.PAGE and self._by_priority[priority] >= self.limits.pages:
            return False
        return all(self._by_party[party] < self.limits.per_party for party in parties)

    def _take(self, priority: Priority, parties: tuple[str, ...]) -> None:
        self.running += 1
        self._by_priority[priority] += 1
        self._by_party.update(parties)

    def _release(self, priority: Priority, parties: tuple[str, ...]) -> None:
        self.running -= 1
        self._by_priority[priority] -= 1
        for party in parties:
            self._by_party[party] -= 1
            if not self._by_party[party]:
                del self._by_party[party]
        self._admit_waiting()

    def _forget(self, parties: tuple[str, ...]) -> None:
        for party in parties:
            self._waiting_by_party[party] -= 1
            if not self._waiting_by_party[party]:
                del self._waiting_by_party[party]

    def _admit_waiting(self) -> None:
        for priority in Priority:
            queue = self._queues[priority]
            for waiting in list(queue):
                if self.running >= self.limits.slots:
                    return
                if self._has_room(priority, waiting.parties):
                    queue.remove(waiting)
                    self._forget(waiting.parties)
                    self._take(priority, waiting.parties)
                    waiting.admitted.set_result(None)
