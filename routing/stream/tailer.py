"""One a process: follows the shops' events for all its streams.

The event loop waits; everything that asks the database runs in one thread of the tailer's own, so that streams hold
neither a connection nor a thread. It is woken by `routing.waking` (this process, and NOTIFY on PostgreSQL) and looks
for itself all the same, because a call may be lost.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import Context
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

import psycopg
from django.db import DatabaseError, connection, connections
from django.utils import timezone

from agents.models import Shop
from core.db.direct import direct_parameters
from routing import waking
from routing.stream.cursor import Cursor
from routing.stream.figures import LAG, LOOKED, STREAMS
from routing.stream.log import news, numbers, start
from routing.stream.readers import Views
from routing.stream.subscriber import Subscriber
from routing.stream.telling import Told

POLL_AWAKE = 1.0
"""Seconds between two looks where NOTIFY wakes us."""
POLL_BLIND = 0.1
"""… where another process's events can only be found by looking (SQLite, or no LISTEN)."""
REPLAYERS = 2
"""Threads, each with a connection while it reads, for readers who come back with an old cursor."""
RECHECK = 2.0
"""Seconds after which each reader's rights are asked for again."""


logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class Tailer:
    def __init__(self) -> None:
        self.subscribers: set[Subscriber] = set()
        self._shops: dict[int, Shop] = {}
        self._at: Cursor = {}
        self._loop = asyncio.get_running_loop()
        self._silence: Callable[[], None] = lambda: None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fenliu-tailer")
        self._starters = ThreadPoolExecutor(REPLAYERS, thread_name_prefix="fenliu-stream-start")
        self._replayers = ThreadPoolExecutor(REPLAYERS, thread_name_prefix="fenliu-replay")
        self._wake = asyncio.Event()
        self._listens = False
        self._tasks: list[asyncio.Task[None]] = []
        self._lock = asyncio.Lock()

    # -- from streams ------------------------------------------------------------------------

    async def subscribe(self, subscriber: Subscriber, given: Cursor | None) -> Cursor:
        """Join, and learn how far `missed` goes. What comes later comes by the queue, without gap or repeat: the
        shops' numbers stand still meanwhile."""
        self._begin()
        # Where it begins is looked up beside the tailer's own thread, many who come at once delay no event; and beside
        # the replays, which may take long.
        begin = await self._beside(
            self._starters, partial(start, list(subscriber.views), given, subscriber.most_replayed)
        )
        async with self._lock:
            await self.ask(partial(self._join, subscriber))
            subscriber.cursor = dict(begin.cursor)
            subscriber.reset = [self._shops[shop].slug for shop in begin.reset]
            self.subscribers.add(subscriber)
            STREAMS.set(len(self.subscribers))
            return {shop: self._at[shop] for shop in subscriber.views}

    async def missed(self, begin: Cursor, until: Cursor) -> AsyncIterator[Told]:
        """Read the events between two cursors piece by piece, beside the thread that follows new ones."""
        for shop, last in until.items():
            after = begin[shop]
            while after < last:
                piece = await self._beside(self._replayers, partial(news, self._shops[shop], after, last))
                for told in piece:
                    yield told
                if not piece:
                    break
                after = piece[-1].seq

    def leave(self, subscriber: Subscriber) -> None:
        self.subscribers.discard(subscriber)
        STREAMS.set(len(self.subscribers))

    async def ask(self, work: Callable[[], Answer]) -> Answer:
        """Run something that needs the database in the tailer's thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, _quietly(work))

    async def _beside(self, pool: ThreadPoolExecutor, work: Callable[[], Answer]) -> Answer:
        """Run something that needs the database in a bounded pool of its own; the others there wait for each other."""
        return await asyncio.get_running_loop().run_in_executor(pool, _briefly(work))

    def _join(self, subscriber: Subscriber) -> None:
        self._forget()
        self._watch(subscriber.views)

    def _forget(self) -> None:
        """Nobody looks at the other shops now: who comes back to one begins at its number of then."""
        watched = {shop for subscriber in self.subscribers for shop in subscriber.views}
        self._at = {shop: at for shop, at in self._at.items() if shop in watched}

    def _watch(self, views: Views) -> None:
        new = [shop for shop in views if shop not in self._at]
        if new:
            self._shops |= {shop.pk: shop for shop in Shop.objects.filter(pk__in=new)}
            self._at |= numbers(new)

    # -- the loop ----------------------------------------------------------------------------

    def _begin(self) -> None:
        if not self._tasks:
            self._silence = waking.listen(lambda _shop: _wake_in(self._loop, self._wake))
            steps = [self._follow(), self._check()]
            if connection.vendor == "postgresql":
                steps.append(self._hear())
            # In a context of their own: they are not the work of the stream that happens to be the first.
            self._tasks = [asyncio.create_task(step, context=Context()) for step in steps]

    async def _follow(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), POLL_AWAKE if self._listens else POLL_BLIND)
            self._wake.clear()
            if self.subscribers:
                await self._survive(self._look)

    async def _look(self) -> None:
        async with self._lock:
            told = await self.ask(self._news)
            now = timezone.now()
            LOOKED.set(now.timestamp())
            by_shop = defaultdict(list)
            for subscriber in self.subscribers:
                for shop in subscriber.views:
                    by_shop[shop].append(subscriber)
            for one in told:
                LAG.observe(max(0.0, (now - datetime.fromisoformat(one.at)).total_seconds()))
                for subscriber in by_shop[one.shop.pk]:
                    subscriber.hand(one)

    def _news(self) -> list[Told]:
        self._forget()
        found: list[Told] = []
        for shop, now in numbers(list(self._at)).items():
            if now < self._at[shop]:
                self._put_back(shop, now)
            while self._at[shop] < now:
                piece = news(self._shops[shop], self._at[shop])
                if not piece:
                    break
                found += piece
                self._at[shop] = piece[-1].seq
        return found

    def _put_back(self, shop: int, now: int) -> None:
        """The database has been put back to an earlier state: who comes again is told to load the shop anew."""
        self._at[shop] = now
        for subscriber in self.subscribers:
            if shop in subscriber.views:
                self._loop.call_soon_threadsafe(subscriber.end)

    async def stop(self) -> None:
        """The server ends: streams are over, the connection is closed."""
        for subscriber in self.subscribers:
            subscriber.end()
        self._silence()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.ask(connections.close_all)
        self._thread.shutdown()
        for pool in (self._starters, self._replayers):
            await asyncio.to_thread(pool.shutdown, wait=True, cancel_futures=True)

    async def _check(self) -> None:
        while True:
            await asyncio.sleep(RECHECK)
            if self.subscribers:
                await self._survive(self._recheck)

    async def _recheck(self) -> None:
        async with self._lock:
            by_kind: dict[type, list[Subscriber]] = defaultdict(list)
            for subscriber in self.subscribers:
                by_kind[type(subscriber.access)].append(subscriber)
            for kind, many in by_kind.items():
                views = await self.ask(lambda kind=kind, many=many: self._views(kind, many))  # type: ignore[misc]
                for subscriber, now in zip(many, views, strict=True):
                    _put_views(subscriber, now, self._at)

    def _views(self, kind: Any, many: list[Subscriber]) -> list[Views | None]:
        found: list[Views | None] = kind.views_of([subscriber.access for subscriber in many])
        for views in found:
            self._watch(views or {})
        return found

    async def _hear(self) -> None:
        """LISTEN, on a connection of its own; while there is none, the poll is short."""
        while True:
            try:
                opened = await psycopg.AsyncConnection.connect(**direct_parameters(), autocommit=True)
                async with opened:
                    await opened.execute(f"LISTEN {waking.CHANNEL}")
                    self._listens = True
                    self._wake.set()
                    async for _ in opened.notifies():
                        self._wake.set()
            except psycopg.Error as error:
                logger.warning("LISTEN failed, polling until it is back: %s", error)
            finally:
                self._listens = False
            await asyncio.sleep(1)

    async def _survive(self, step: Callable[[], Any]) -> None:
        """A database that is away is waited for; streams stay open meanwhile."""
        try:
            await step()
        except DatabaseError as error:
            logger.warning("The stream's tailer waits for the database: %s", error)
            await asyncio.sleep(0.5)
        except Exception:
            logger.exception("The stream's tailer failed; it goes on")
            await asyncio.sleep(0.5)


def _wake_in(loop: asyncio.AbstractEventLoop, wake: asyncio.Event) -> None:
    with suppress(RuntimeError):  # the loop has ended, and its streams with it
        loop.call_soon_threadsafe(wake.set)


def _put_views(subscriber: Subscriber, now: Views | None, at: Cursor) -> None:
    """The reader's rights as they are now; a shop that is new to them begins here."""
    if now is None:
        subscriber.end()
    elif now != subscriber.views:
        subscriber.views = now
        subscriber.cursor |= {shop: at[shop] for shop in now if shop not in subscriber.cursor}
        subscriber.hand(now)


def _quietly(work: Callable[[], Answer]) -> Callable[[], Answer]:
    """A connection that failed is put away, so that the next question opens a new one."""

    def run() -> Answer:
        try:
            return work()
        except DatabaseError:
            connection.close()
            raise

    return run


def _briefly(work: Callable[[], Answer]) -> Callable[[], Answer]:
    """The connection is given back after each piece: replays hold none while they send."""

    def run() -> Answer:
        try:
            return work()
        finally:
            connection.close()

    return run


_running: dict[asyncio.AbstractEventLoop, Tailer] = {}


def tailer() -> Tailer:
    """The tailer of this process's event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _running:
        _running[loop] = Tailer()
    return _running[loop]


async def stop_tailer() -> None:
    """When the server ends."""
    if (running := _running.pop(asyncio.get_running_loop(), None)) is not None:
        await running.stop()
