"""Mixed traffic at a fixed rate, over HTTP: requests are sent when they are due, whatever became of those before, and a
wait for their turn counts as theirs."""

import asyncio
import json
import random
import statistics
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

MIX = {"open": 30, "message": 45, "close": 15, "presence": 5, "page": 5}
"""Of a hundred requests. Conversations that nobody closes stay open, as in life."""
STEADY = MIX | {"open": 25, "message": 40, "close": 25}
"""The same with as many closed as opened, so that what grows is not the shops."""
PAGES = ("/s/{slug}/reply-rates/", "/s/{slug}/routing/", "/s/{slug}/conversations/", "/s/{slug}/conversations/list/")
PATIENCE = 20.0
IDLE = 3.0
"""Seconds; uvicorn closes after five."""


class Line:
    """Kept-alive connections to one server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._free: list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
        """Status and content. Raises OSError or TimeoutError."""
        data = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(data)}"]
        lines += ["Content-Type: application/json", *(f"{name}: {value}" for name, value in headers.items())]
        reader, writer = await self._connection()
        try:
            async with asyncio.timeout(PATIENCE):
                writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + data)
                status, content = await _answer(reader)
        except BaseException:
            writer.close()
            raise
        self._free.append((time.monotonic(), reader, writer))
        return status, content

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """The last one used, unless the server may be closing it just now."""
        while self._free:
            since, reader, writer = self._free.pop()
            if time.monotonic() - since < IDLE:
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def listen(self, token: str) -> None:
        """A stream, read and thrown away until it ends."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        head = f"GET /api/v1/stream/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Token {token}\r\n\r\n"
        writer.write(head.encode())
        while await reader.read(65536):
            pass


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = int(head.split(" ", 2)[1])
    if "transfer-encoding: chunked" in head:
        content = b""
        while size := int((await reader.readline()).strip(), 16):
            content += await reader.readexactly(size)
            await reader.readline()
        await reader.readline()
        return status, content
    [length] = [line.split(":")[1] for line in head.split("\r\n") if line.startswith("content-length:")]
    return status, await reader.readexactly(int(length))


@dataclass
class Told:
    """What came of one stretch at one rate: seconds by kind of request, refusals by status."""

    took: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: Counter[str] = field(default_factory=Counter)

    def add(self, more: "Told") -> None:
        for kind, times in more.took.items():
            self.took[kind] += times
        self.failed.update(more.failed)

    def quantile(self, kind: str, share: float) -> float:
        times = sorted(self.took[kind])
        return times[min(int(len(times) * share), len(times) - 1)] if times else 0.0

    def median(self, kind: str) -> float:
        return statistics.median(self.took[kind] or [0.0])


class Traffic:
    def __init__(self, line: Line, shops: list[dict[str, Any]]) -> None:
        self.line, self.shops, self.rng, self.mix = line, shops, random.Random(1), MIX
        self.open: list[tuple[dict[str, Any], int]] = []
        self.held = 0.0
        """The largest rate that the server has kept up with."""

    async def run(self, rate: float, seconds: float) -> Told:
        told, start, running = Told(), time.perf_counter(), set()
        for number in range(int(rate * seconds)):
            due = start + number / rate
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            one = asyncio.create_task(self._one(due, told))
            running.add(one)
            one.add_done_callback(running.discard)
        await asyncio.gather(*running)
        return told

    async def _one(self, due: float, told: Told) -> None:
        kind = self.rng.choices(list(self.mix), list(self.mix.values()))[0]
        if kind in ("message", "close") and not self.open:
            kind = "open"
        try:
            status = await getattr(self, f"_{kind}")()
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            status = 0
        told.took[kind].append(time.perf_counter() - due)
        if not 200 <= status < 400:
            told.failed[f"{kind} {status or 'no answer'}"] += 1

    async def _open(self) -> int:
        shop = self.rng.choice(self.shops)
        body = {"buyer": uuid4().hex, "entry": "goods_detail", "external_id": uuid4().hex}
        status, content = await self._by_key(shop, "conversations/", body)
        if status == 201:
            self.open.append((shop, json.loads(content)["id"]))
        return status

    async def _message(self) -> int:
        shop, conversation = self.rng.choice(self.open)
        body = {
            "sender": self.rng.choice(["buyer", "agent"]),
            "text": "这件什么时候发货呀？",
            "message_id": uuid4().hex,
        }
        status, _ = await self._by_key(shop, f"conversations/{conversation}/messages/", body)
        # It may have been closed meanwhile.
        return 200 if status == 409 else status

    async def _close(self) -> int:
        shop, conversation = self.open.pop(self.rng.randrange(len(self.open)))
        status, _ = await self._by_key(shop, f"conversations/{conversation}/close/", {})
        return status

    async def _presence(self) -> int:
        _name, token = self.rng.choice(self.rng.choice(self.shops)["agents"])
        body = {"status": self.rng.choice(["online", "online", "online", "break"])}
        status, _ = await self.line.ask("PUT", "/api/v1/me/presence/", body, Authorization=f"Token {token}")
        return status

    async def _page(self) -> int:
        shop = self.rng.choice(self.shops)
        path = self.rng.choice(PAGES).format(slug=shop["slug"])
        status, _ = await self.line.ask("GET", path, Cookie=f"sessionid={shop['session']}")
        return status

    async def _by_key(self, shop: dict[str, Any], path: str, body: Any) -> tuple[int, bytes]:
        whole = f"/api/v1/shops/{shop['slug']}/{path}"
        return await self.line.ask("POST", whole, body, Authorization=f"Token {shop['key']}")
