"""A stream over ASGI: head, events, a word now and then so that both ends know the other is there, the end.

Knows nothing of who reads: the agents' stream and the buyers' both send through here.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

from routing.stream.cursor import Cursor, written
from routing.stream.subscriber import Subscriber
from routing.stream.tailer import Tailer, tailer
from routing.stream.telling import Told

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

HEARTBEAT = 15.0
"""Seconds of silence after which a comment is sent: proxies keep what talks."""
RETRY = 1500
"""Milliseconds that a browser waits before it comes again."""
END = {"type": "http.response.body", "body": b"", "more_body": False}
HEAD = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


def event(kind: str, data: dict[str, Any], cursor: Cursor) -> bytes:
    """One server-sent event; its id is where the reader goes on."""
    words = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"id: {written(cursor)}\nevent: {kind}\ndata: {words}\n\n".encode()


def told_event(subscriber: Subscriber, told: Told) -> bytes | None:
    """As the subscriber sees it; None where it is nothing to them. Either way they are past it."""
    view = subscriber.views.get(told.shop.pk)
    if view is None or told.seq <= subscriber.cursor.get(told.shop.pk, -1):
        return None
    subscriber.cursor[told.shop.pk] = told.seq
    seen = view.see(told)
    if seen is None:
        return None
    whole = {"shop": told.shop.slug, "seq": told.seq, "at": told.at, "kind": told.kind, **seen}
    return event(whole["kind"], whole, subscriber.cursor)


async def send_stream(
    receive: Receive, send: Send, subscriber: Subscriber, given: Cursor | None, head: list[tuple[bytes, bytes]] = HEAD
) -> None:
    """Until either end has had enough, or the server stops."""
    sending = asyncio.create_task(_send(send, subscriber, given, head))
    leaving = asyncio.create_task(_gone(receive))
    stopped = False
    try:
        await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
    except asyncio.CancelledError:
        stopped = True
    finally:
        for task in (sending, leaving):
            task.cancel()
            with suppress(asyncio.CancelledError, OSError):
                await task
    if stopped:
        with suppress(RuntimeError):  # it had not begun
            await send(END)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(send: Send, subscriber: Subscriber, given: Cursor | None, head: list[tuple[bytes, bytes]]) -> None:
    follow = tailer()
    try:
        until = await follow.subscribe(subscriber, given)
        await send({"type": "http.response.start", "status": 200, "headers": head})
        async for piece in _pieces(follow, subscriber, until):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send(END)
    finally:
        follow.leave(subscriber)


async def _pieces(follow: Tailer, subscriber: Subscriber, until: Cursor) -> AsyncIterator[bytes]:
    begin = dict(subscriber.cursor)
    yield f"retry: {RETRY}\n\n".encode()
    for shop in subscriber.reset:
        yield event("reset", {"shop": shop}, subscriber.cursor)
    async for told in follow.missed(begin, until):
        if (piece := told_event(subscriber, told)) is not None:
            yield piece
    yield event("ready", {}, subscriber.cursor)
    while True:
        try:
            item = await asyncio.wait_for(subscriber.queue.get(), HEARTBEAT)
        except TimeoutError:
            yield f"id: {written(subscriber.cursor)}\n:\n\n".encode()
            continue
        if item is None:
            return
        if isinstance(item, Told):
            if (piece := told_event(subscriber, item)) is not None:
                yield piece
        else:
            yield event("access", {}, subscriber.cursor)
