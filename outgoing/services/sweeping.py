"""One look over everything that goes out: events become deliveries, what is due is sent, by a few threads at once.

Whoever hangs holds one thread for ten seconds and then rests; a shop holds two at most, so no shop waits for another's
receiver.
"""

import logging
import os
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.urls import set_script_prefix
from django.utils import timezone

from config.jobs import each
from outgoing.models import Delivery, Outlet, Push, PushSubscription
from outgoing.services.alerting import watch_queue, watching_queues
from outgoing.services.following import follow, outlets_behind
from outgoing.services.morning import tell_morning, wanting_mornings
from outgoing.services.posting import OUTLETS
from outgoing.services.pushing import PUSHES, follow_pushes, shops_behind
from outgoing.services.sending import Clock, Line, send_due
from outgoing.vocabulary import DUE_STATES
from routing.stream.log import PIECE

THREADS = 8
SHARE = 2
AT_ONCE = 5000
"""Rows that are dropped in one go."""

logger = logging.getLogger(__name__)

Key = tuple[str, int]
"""Which line, and the key of the place; or what whose share of threads is counted."""


class Crew:
    """This process's threads that send, and what they are at."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self._pool = ThreadPoolExecutor(
            THREADS, "fenliu-out", initializer=set_script_prefix, initargs=(f"{settings.PREFIX}/",)
        )
        self._at: dict[Key, Key] = {}
        self._lock = threading.Lock()
        self.stopping = False

    def take(self, key: Key, whose: Key, work: Callable[[], object]) -> Future[None] | None:
        """Have it done, unless it is being done, or its shop (for pushes: account) has its share."""
        with self._lock:
            if key in self._at or Counter(self._at.values())[whose] >= SHARE:
                return None
            self._at[key] = whose
        return self._pool.submit(self._do, key, work)

    def _do(self, key: Key, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception:
            logger.exception("%s %s: sending failed; the next look goes on", *key)
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
    each("outgoing.outlets", outlets_behind(), _follow_all)
    now = clock()
    each("outgoing.queues", watching_queues(), lambda pk: watch_queue(pk, now))
    each("outgoing.mornings", wanting_mornings(now), lambda pk: tell_morning(pk, now))
    each("outgoing.push_shops", shops_behind(), lambda pk: follow_pushes(pk, now))
    taken = [crew().take(("outlet", pk), ("shop", shop), _sending(OUTLETS, pk, clock)) for pk, shop in due_outlets(now)]
    taken += [
        crew().take(("push", pk), ("account", account), _sending(PUSHES, pk, clock)) for pk, account in due_pushes(now)
    ]
    under_way: list[Future[Any]] = [future for future in taken if future is not None]
    if patience:
        wait(under_way, timeout=patience)
    return len(under_way)


def _follow_all(pk: int) -> int:
    """Turn all events that an outlet has not looked at into deliveries; how many events."""
    followed = 0
    while (count := follow(pk)) == PIECE:
        followed += count
    return followed + count


def _sending(line: Line[Any], pk: int, clock: Clock) -> Callable[[], object]:
    goes_on = crew().goes_on
    return lambda: send_due(line, pk, clock=clock, go_on=goes_on)


def due_outlets(now: datetime) -> list[tuple[int, int]]:
    """(key, shop) of outlets with something to send that neither rest nor are being sent to; whose first due thing is
    the oldest comes first."""
    return _due(Outlet.objects.filter(on=True), Delivery, "outlet", "shop", now)


def due_pushes(now: datetime) -> list[tuple[int, int]]:
    """(key, account) of browsers, in the same way."""
    return _due(PushSubscription.objects.all(), Push, "subscription", "account", now)


def _due(
    places: QuerySet[Any], model: type[Delivery] | type[Push], name: str, whose: str, now: datetime
) -> list[tuple[int, int]]:
    """Asked of the places, so that a hundred thousand rows that wait at one do not hide the others; by the first of its
    rows and not by whether there is one, for which PostgreSQL reads through all that has been delivered."""
    free = [Q(**{by: None}) | Q(**{f"{by}__lte": now}) for by in ("rest_until", "leased_until")]
    due = model._default_manager.filter(state__in=DUE_STATES, next_at__lte=now, **{name: OuterRef("pk")})
    first = due.order_by("pk").values("pk")[:1]
    rows = places.filter(*free).annotate(first=Subquery(first)).filter(first__isnull=False).order_by("first")
    return list(rows.values_list("pk", whose))


def drop_old_deliveries(*, now: datetime) -> int:
    """Forget what is older than KEEP_DELIVERIES_DAYS, a piece at a time; how many."""
    return sum(_drop_old(model, now) for model in (Delivery, Push))


def _drop_old(model: type[Delivery] | type[Push], now: datetime) -> int:
    before = now - timedelta(days=settings.KEEP_DELIVERIES_DAYS)
    old = list(model._default_manager.filter(created_at__lt=before).values_list("pk", flat=True)[:AT_ONCE])
    return model._default_manager.filter(pk__in=old).delete()[0]
