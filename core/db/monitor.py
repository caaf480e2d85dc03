"""Monitor of the database: notices within seconds that it does not answer, and cuts the connections that wait for it.

libpq waits for ever for a server that hangs (its kernel still confirms what is sent, so no network time limit applies).
The monitor asks for `SELECT 1` every second on a connection of its own, past any pooler, and the pooler whether it
answers at all. If two tries in a row get no answer, every open connection of the process is cut: what waits on one
fails at once, new requests are refused without trying, until an answer comes again.
"""

import asyncio
import logging
import os
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from weakref import WeakSet

import psycopg

logger = logging.getLogger(__name__)

INTERVAL_SECONDS = 1.0
ANSWER_SECONDS = 2.0
"""A try that takes longer has failed."""
TRIES = 2
TLS_REQUEST = struct.pack("!ii", 8, 80877103)
"""The protocol's question after TLS: a pooler answers it by itself, with one byte, however busy its pool is."""

open_connections: WeakSet[psycopg.Connection[Any]] = WeakSet()
"""Connections of this process, by whom they were opened."""


class Monitor:
    """One for a process. `away` is read by whatever could refuse a request instead of letting it wait. `pooler`: host
    or folder, and port, of what stands between the requests and the database."""

    def __init__(self, parameters: Callable[[], dict[str, Any]], pooler: tuple[str, int] | None = None) -> None:
        self.parameters, self.pooler = parameters, pooler
        self.away = False
        self._connection: psycopg.AsyncConnection[Any] | None = None

    async def watch(self) -> None:
        """Ask until cancelled."""
        try:
            while True:
                await self.look()
                await asyncio.sleep(INTERVAL_SECONDS)
        finally:
            await self._close()

    async def look(self) -> None:
        """Ask once, and note what came of it."""
        for _ in range(TRIES):
            if await self._answers():
                if self.away:
                    logger.warning("The database answers again")
                self.away = False
                return
        if not self.away:
            logger.error("The database does not answer: its connections are cut, requests are refused")
        self.away = True
        cut_connections()

    async def _answers(self) -> bool:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                if self._connection is None:
                    self._connection = await psycopg.AsyncConnection.connect(**self.parameters(), autocommit=True)
                await self._connection.execute("SELECT 1")
                if self.pooler is not None:
                    await knock(*self.pooler)
        except (TimeoutError, psycopg.Error, OSError) as error:
            logger.info("no answer of the database: %r", error)
            await self._close()
            return False
        return True

    async def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error, OSError):
                await connection.close()


async def knock(host: str, port: int) -> None:
    """Raise OSError unless a pooler, or PostgreSQL, answers at this address; waits for as long as it takes."""
    if host.startswith("/"):
        reader, writer = await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{port}")
    else:
        reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(TLS_REQUEST)
        if not await reader.read(1):
            raise ConnectionResetError("the pooler closed the connection")
    finally:
        writer.close()


def cut_connections() -> int:
    """Shut the sockets of all open connections; how many. Whatever waits on one gets an error at once."""
    cut = 0
    for connection in list(open_connections):
        with suppress(psycopg.Error, OSError):
            handle = socket.socket(fileno=os.dup(connection.fileno()))
            with handle:
                handle.shutdown(socket.SHUT_RDWR)
            cut += 1
    return cut
