"""The live screens: from a message sent to a message seen, and what streams cost while nothing happens.

A real uvicorn beside this process. Who sends and who reads stand here and share the machine with it.
"""

import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.management import call_command
from django.db import connection

from agents.models import Account, Shop, SubAccount
from agents.permissions import Actor
from agents.services import create_key, create_shop, create_token
from benchmarks.table import Row
from routing import services

ROOT = Path(__file__).resolve().parent.parent
SECONDS, RATE, PEOPLE = 15.0, 50, 10
PORT = 8765
TICKS = os.sysconf("SC_CLK_TCK")


def prepare(shops: int) -> list[dict[str, Any]]:
    """Shops of PEOPLE: a leader and agents, with twenty open conversations; keys and tokens to speak with."""
    call_command("migrate", verbosity=0)
    return [_shop(f"bench-live-{number}-{uuid4().hex[:6]}") for number in range(shops)]


def _shop(slug: str) -> dict[str, Any]:
    shop = create_shop(slug=slug, platform="pinduoduo", main=f"{slug}-main", password="bench-Pass-1")
    main = SubAccount.objects.select_related("account").get(shop=shop, name=f"{slug}-main")
    tokens = [create_token(account=_account(main))]
    for number in range(PEOPLE - 1):
        account = Account.objects.create(account=f"{slug}-{number}", home_shop=shop)
        SubAccount.objects.create(shop=shop, name=account.account, account=account, roles=["agent"])
        services.set_presence(shop=shop, agent=account.account, status="online")
        tokens.append(create_token(account=account))
    opened = [_open(shop, number) for number in range(20)]
    key = create_key(actor=Actor(shop, account=main.account, sub_account=main), name="bench")[1]
    return {"slug": slug, "tokens": tokens, "key": key, "conversations": opened}


def _account(row: SubAccount) -> Account:
    assert row.account is not None
    return row.account


def _open(shop: Shop, number: int) -> int:
    return int(services.open_conversation(shop=shop, buyer=f"b{number}", entry="goods_detail").conversation.pk)


class Stream:
    """One reader: when each message was seen, by its text."""

    def __init__(self) -> None:
        self.seen: dict[str, float] = {}
        self.ready = asyncio.Event()

    async def read(self, token: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
        head = f"GET /api/v1/stream/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Token {token}\r\n\r\n"
        writer.write(head.encode())
        while line := await reader.readline():
            if line.startswith(b"event: ready"):
                self.ready.set()
            if line.startswith(b"data: ") and b'"kind":"message"' in line:
                message = json.loads(line[6:])["message"]
                self.seen[message["text"]] = time.perf_counter()


@asynccontextmanager
async def serving() -> AsyncIterator[int]:
    """uvicorn in a process of its own; its pid."""
    command = [sys.executable, "-W", "ignore", "-m", "uvicorn", "config.asgi:application", f"--port={PORT}"]
    command += ["--no-access-log", "--log-level=critical", "--timeout-graceful-shutdown=1"]
    caps = {f"FENLIU_STREAMS_PER_{what}": "100000" for what in ("PROCESS", "ADDRESS", "ACCOUNT")}
    server = subprocess.Popen(command, cwd=ROOT, env=os.environ | caps)
    try:
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", PORT)
                writer.close()
                break
            except OSError:
                await asyncio.sleep(0.1)
        yield server.pid
    finally:
        server.terminate()
        server.wait(20)


async def post(shop: dict[str, Any], text: str) -> float:
    """Send one message; the seconds until it was accepted."""
    begin = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    body = json.dumps({"sender": "buyer", "text": text}).encode()
    path = f"/api/v1/shops/{shop['slug']}/conversations/{random.choice(shop['conversations'])}/messages/"
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Token {shop['key']}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + body)
    status = await reader.readline()
    assert b" 201 " in status, status
    await reader.read()
    writer.close()
    return time.perf_counter() - begin


async def measure(shops: list[dict[str, Any]], streams: int, rate: int) -> tuple[list[float], list[float]]:
    """(seconds from sent to seen by each who sees it, seconds from sent to accepted)."""
    readers = [Stream() for _ in range(streams)]
    tokens = [token for shop in shops for token in shop["tokens"]][:streams]
    tasks = [asyncio.create_task(reader.read(token)) for reader, token in zip(readers, tokens, strict=True)]
    await asyncio.gather(*(reader.ready.wait() for reader in readers))
    sent: dict[str, float] = {}
    posts = []
    begin = time.perf_counter()
    for number in range(int(SECONDS * rate)):
        await asyncio.sleep(max(0, begin + number / rate - time.perf_counter()))
        text = uuid4().hex
        sent[text] = time.perf_counter()
        posts.append(asyncio.create_task(post(random.choice(shops), text)))
    accepted = list(await asyncio.gather(*posts))
    await asyncio.sleep(1)
    for task in tasks:
        task.cancel()
    seen = [at - sent[text] for reader in readers for text, at in reader.seen.items() if text in sent]
    missing = set(sent) - {text for reader in readers for text in reader.seen}
    assert not missing, f"{len(missing)} messages were never seen"
    return sorted(seen), sorted(accepted)


async def idle(shops: list[dict[str, Any]], streams: int) -> float:
    """Part of a core that the server needs while `streams` are open and nothing happens."""
    async with serving() as pid:
        tokens = [token for shop in shops for token in shop["tokens"]]
        readers = [Stream() for _ in range(streams)]
        tasks = [asyncio.create_task(one.read(tokens[n % len(tokens)])) for n, one in enumerate(readers)]
        await asyncio.gather(*(reader.ready.wait() for reader in readers))
        await asyncio.sleep(2)
        begin = _ticks(pid)
        await asyncio.sleep(SECONDS)
        used = (_ticks(pid) - begin) / TICKS / SECONDS
        for task in tasks:
            task.cancel()
        return used


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


async def _run(shops: list[dict[str, Any]], streams: int, rate: int) -> tuple[list[float], list[float]]:
    async with serving():
        return await measure(shops, streams, rate)


def _latencies(what: str, seen: list[float], accepted: list[float]) -> Iterator[Row]:
    p50, p95 = statistics.median(seen), seen[int(len(seen) * 0.95)]
    own50, own95 = statistics.median(accepted), accepted[int(len(accepted) * 0.95)]
    yield Row(f"{what}: the sender's own answer", f"p50 {own50 * 1000:.0f} ms  p95 {own95 * 1000:.0f} ms")
    ratio = f"{p50 / own50:.2f} × p50 and {p95 / own95:.2f} × p95 of the sender's answer"
    yield Row(f"{what}: sent to seen", f"p50 {p50 * 1000:.0f} ms  p95 {p95 * 1000:.0f} ms", ratio)


def rows() -> Iterator[Row]:
    if connection.vendor == "postgresql":
        shops = prepare(20)
        yield from _latencies(f"PostgreSQL, 200 streams, {RATE} a second", *asyncio.run(_run(shops, 200, RATE)))
        few, many = asyncio.run(idle(shops, 10)), asyncio.run(idle(shops, 500))
        yield Row("10 idle streams", f"{few:.2%} of a core")
        yield Row("500 idle streams", f"{many:.2%} of a core", f"{many / max(few, 0.0001):.1f} × 10 streams")
        yield from _on_sqlite()
    else:
        shops = prepare(2)
        yield from _latencies(f"SQLite, 20 streams, {RATE} a second", *asyncio.run(_run(shops, 20, RATE)))


def _on_sqlite() -> Iterator[Row]:
    """The same once more in a process whose database is a file."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        command = [sys.executable, "-m", "benchmarks", "stream"]
        environment |= {"FENLIU_VAR": folder, "BENCH_ROWS": "json"}
        done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
        yield from (Row(*row) for row in json.loads(done.stdout.splitlines()[-1]))
