"""One look over everything that goes out: events become deliveries, what is due is sent, by a few threads at once.

Whoever hangs holds one thread for ten seconds and then rests; a shop holds two at most, so no shop waits for another's
receiver.
"""

import os
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from outgoing.models import Delivery
from outgoing.services.alerting import watch_queue, watching_queues
from outgoing.services.following import follow, outlets_behind
from outgoing.services.posting import OUTLETS
from outgoing.services.sending import Clock, send_due
from outgoing.vocabulary import DUE_STATES
from routing.stream.log import PIECE

THREADS = 8
PER_SHOP = 2
KEPT = timedelta(days=30)
DROPPED_AT_ONCE = 5000

Key = tuple[str, int]
"""Which line, and the key of the place."""


class Crew:
    """This process's threads that send, and what they are at."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="fenliu-out")
        self._at: dict[Key, int] = {}
        self._lock = threading.Lock()
        self.stopping = False

    def take(self, key: Key, shop: int, work: Callable[[], object]) -> Future[None] | None:
        """Have it done, unless it is being done, or the shop has its share."""
        with self._lock:
            if key in self._at or Counter(self._at.values())[shop] >= PER_SHOP:
                return None
            self._at[key] = shop
        return self._pool.submit(self._do, key, work)

    def _do(self, key: Key, work: Callable[[], object]) -> None:
        try:
            work()
        finally:
            connection.close()
            with self._lock:
                del self._at[key]

    def goes_on(self) -> bool:
        return not self.stopping

    def stop(self) -> None:
        """Begin nothing more; what is under way ends with its present sending."""
        self.stopping = True
        self._pool.shutdown(wait=False, cancel_futures=True)


_made = threading.Lock()
_crew: list[Crew] = []


def crew() -> Crew:
    """This process's; one that has been forked away from makes its own."""
    with _made:
        if not _crew or _crew[0].process != os.getpid():
            _crew[:] = [Crew()]
        return _crew[0]


def stop_sending() -> None:
    """This process ends."""
    with _made:
        while _crew:
            _crew.pop().stop()


def sweep(*, clock: Clock = timezone.now, patience: float = 0) -> int:
    """Follow, watch, send; how many places were taken up. `patience`: seconds to wait until they are done; what is
    not done then goes on by itself."""
    for pk in outlets_behind():
        while follow(pk) == PIECE:
            pass
    now = clock()
    for pk in watching_queues():
        watch_queue(pk, now)
    taken = [crew().take(("outlet", pk), shop, _sending(pk, clock)) for pk, shop in due_outlets(now)]
    under_way: list[Future[Any]] = [future for future in taken if future is not None]
    if patience:
        wait(under_way, timeout=patience)
    return len(under_way)


def _sending(pk: int, clock: Clock) -> Callable[[], object]:
    goes_on = crew().goes_on
    return lambda: send_due(OUTLETS, pk, clock=clock, go_on=goes_on)


def due_outlets(now: datetime) -> list[tuple[int, int]]:
    """(key, shop) of outlets with something to send that neither rest nor are being sent to; the longest due first."""
    rows = Delivery.objects.filter(state__in=DUE_STATES, next_at__lte=now, outlet__on=True)
    rows = rows.filter(Q(outlet__rest_until=None) | Q(outlet__rest_until__lte=now))
    rows = rows.filter(Q(outlet__leased_until=None) | Q(outlet__leased_until__lte=now))
    found = rows.order_by("next_at").values_list("outlet", F("shop"))[:DROPPED_AT_ONCE]
    return list(dict.fromkeys(found))


def drop_old_deliveries(*, now: datetime) -> int:
    """Forget what is older than thirty days; how many."""
    old = list(Delivery.objects.filter(created_at__lt=now - KEPT).values_list("pk", flat=True)[:DROPPED_AT_ONCE])
    return Delivery.objects.filter(pk__in=old).delete()[0]
