"""Sending what is due: under a lease per place, in order, outside any transaction, again with growing pauses.

At least once: the answers are written after the sending, a batch at a time, so who is killed in between leaves the
batch to be sent again, in its order, when the lease has run out.
"""

import logging
import random
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Generic, TypeVar
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from config.statements import together, update
from outgoing.http import Answer, Kept
from outgoing.models import Leased, Sending
from outgoing.vocabulary import DUE_STATES, DeliveryState

PAUSES = tuple(timedelta(seconds=s) for s in (5, 30, 120, 600, 1800, 3600))
"""After the first failure, the second…; the last one again and again."""
JITTER = 0.2
"""A pause is up to so much longer, so that what failed together does not come together."""
LONGEST_REST = timedelta(minutes=10)
GIVE_UP = timedelta(hours=24)
LEASE = timedelta(seconds=30)
"""Longer than a batch can take: what is begun within BATCH_SECONDS, and the last one's time. So long nothing goes to a
place whose sender was killed."""
BATCH = 100
BATCH_SECONDS = 1.0
"""So many, or begun within so long, are sent before what came of them is written: what each costs beside the sending
is a twentieth of what it would cost alone, and who is killed sends no more than that twice."""
STUBBORN = 5
"""Attempts after which something no longer goes before what came later."""
DOWN = {429, 502, 503, 504}
"""Statuses by which the other side says that it takes nothing at all for now."""
NOTED = ("state", "attempts", "next_at", "log")
INSIDE = "inside"
"""What is said of a fault of our own."""
KEPT = 20
"""Attempts of a delivery whose answers are kept."""
EXCERPT = 1000
"""Characters of an answer that are kept."""

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
Place = TypeVar("Place", bound=Leased)


def nothing(_place: Any, _now: datetime) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Sent:
    row: Any
    answer: Answer
    at: datetime


@dataclass(frozen=True)
class Line(Generic[Place]):
    """How one kind of place is sent to.

    `rows`: what goes there. `ready`: whether anything may. `send`: one of the rows, over the network, by the connection
    that is kept if it likes; it gets no transaction. The others run in the transaction that writes what came of it:
    `lost`: a row has been given up; `failed`: the place has failed once more; `gone`: it says by one of `gone_statuses`
    that it is gone; `arrived`. `failed` and `gone` come last and may save the place, or delete it.
    """

    places: type[Place]
    rows: Callable[[Place], Any]
    ready: Callable[[Place], bool]
    send: Callable[[Place, Any, datetime, Kept], Answer]
    lost: Callable[[Place, Any, datetime], None]
    failed: Callable[[Place, datetime], None]
    gone: Callable[[Place, datetime], None]
    gone_statuses: frozenset[int] = frozenset({410})
    arrived: Callable[[Place, datetime], None] = nothing


def pause_after(attempts: int) -> timedelta:
    return PAUSES[min(attempts, len(PAUSES)) - 1] * (1 + JITTER * random.random())


def always() -> bool:
    return True


def send_due(
    line: Line[Place],
    pk: int,
    *,
    clock: Clock,
    seconds: float = 30,
    only: int | None = None,
    go_on: Callable[[], bool] = always,
) -> int:
    """Send what is due at one place until nothing is, it fails, or the time is up; how many were tried. 0 where
    somebody else is at it. `only`: the key of the one row that is wanted. `go_on`: asked before each."""
    lease, tried = uuid4().hex, 0
    chosen = {} if only is None else {"pk": only}
    until = clock() + timedelta(seconds=seconds)
    if not _take(line, pk, lease, clock(), fresh=True):
        return 0
    with ExitStack() as ends:
        ends.callback(_release, line, pk, lease)
        kept = ends.enter_context(closing(Kept()))
        while go_on() and (now := clock()) < until and _take(line, pk, lease, now):
            place = line.places._default_manager.filter(pk=pk).first()
            if place is None or not line.ready(place) or (place.rest_until and place.rest_until > now):
                break
            rows = _next(line.rows(place).filter(state__in=DUE_STATES, next_at__lte=now, **chosen))
            if not rows:
                break
            _let_go_of_the_database()
            sent = _send(line, place, rows, kept, clock, go_on)
            _note(line, pk, sent)
            tried += len(sent)
            if only is not None:
                break
    return tried


def _next(due: QuerySet[Any]) -> list[Any]:
    """In the order in which they were made; one that has failed often lets the others go first, it may be what the
    other side chokes on."""
    due = due.order_by("pk")
    return list(due.filter(attempts__lt=STUBBORN)[:BATCH]) or list(due[:1])


def _send(
    line: Line[Place], place: Place, rows: list[Any], kept: Kept, clock: Clock, go_on: Callable[[], bool]
) -> list[Sent]:
    """One after the other until one is not accepted: that has consequences for the rest."""
    began, sent = monotonic(), list[Sent]()
    for row in rows:
        answer = _answer(line, place, row, clock(), kept)
        sent.append(Sent(row, answer, clock()))
        if not answer.accepted or monotonic() - began >= BATCH_SECONDS or not go_on():
            break
    return sent


def _answer(line: Line[Place], place: Place, row: Any, now: datetime, kept: Kept) -> Answer:
    """A fault of our own is a failure of this row: what went before it in the batch has been sent."""
    try:
        return line.send(place, row, now, kept)
    except Exception:
        logger.exception("%s: could not be sent", row)
        return Answer(INSIDE)


def _take(line: Line[Place], pk: int, lease: str, now: datetime, *, fresh: bool = False) -> bool:
    """Take the lease, or hold it longer; False where it is somebody else's."""
    free = Q(leased_until=None) | Q(leased_until__lte=now) if fresh else Q(leased_by=lease)
    rows = line.places._default_manager.filter(free, pk=pk)
    return bool(rows.update(leased_by=lease, leased_until=now + LEASE))


def _release(line: Line[Place], pk: int, lease: str) -> None:
    line.places._default_manager.filter(pk=pk, leased_by=lease).update(leased_by="", leased_until=None)


def _let_go_of_the_database() -> None:
    """The network may take its time; a connection of the pool need not wait with it. Never within a transaction: in
    the product there is none here."""
    if not connection.in_atomic_block:
        connection.close()


def _note(line: Line[Place], pk: int, sent: list[Sent]) -> None:
    """Write what came of a batch; only its last can have failed. What has been deleted meanwhile stays deleted."""
    with transaction.atomic():
        place = line.places._default_manager.select_for_update(of=("self",)).filter(pk=pk).first()
        if place is None:
            return
        kept = line.rows(place).select_for_update(of=("self",)).in_bulk([one.row.pk for one in sent])
        noted = [one for one in sent if one.row.pk in kept]
        for one in noted:
            _noted(line, place, kept[one.row.pk], one)
        with together():
            for row in kept.values():
                update(row, NOTED)
        place.save()
        for one in noted:
            if not one.answer.accepted:
                (line.gone if one.answer.status in line.gone_statuses else line.failed)(place, one.at)


def _noted(line: Line[Place], place: Place, row: Any, sent: Sent) -> None:
    _log(row, sent.answer, sent.at)
    if sent.answer.accepted:
        row.state = DeliveryState.DELIVERED
        place.failing, place.failing_since, place.rest_until = 0, None, None
        line.arrived(place, sent.at)
    else:
        _failed(line, place, row, sent.answer, sent.at)


def _log(row: Sending, answer: Answer, now: datetime) -> None:
    row.attempts += 1
    entry = {
        "at": now.isoformat(),
        "status": answer.status,
        "error": answer.error,
        "answer": answer.text[:EXCERPT].replace("\x00", ""),
        "ms": answer.ms,
    }
    row.log = [*row.log, entry][-KEPT:]


def _failed(line: Line[Place], place: Place, row: Sending, answer: Answer, now: datetime) -> None:
    place.failing += 1
    place.failing_since = place.failing_since or now
    if answer.status in DOWN or (answer.status is None and answer.error != INSIDE):
        place.rest_until = now + min(pause_after(place.failing), LONGEST_REST)
    if answer.status in line.gone_statuses:
        row.state = DeliveryState.GIVEN_UP
    elif now - row.since >= GIVE_UP:
        row.state = DeliveryState.GIVEN_UP
        line.lost(place, row, now)
    else:
        row.state, row.next_at = DeliveryState.FAILED, now + pause_after(row.attempts)
