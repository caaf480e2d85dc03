"""Connections through a pooler and past it: what each kind of process is given."""

import asyncio
import re
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import InternalError, OperationalError
from psycopg import errors

from core.db.connecting import limit_settings, postgresql_databases
from core.db.faults import AWAY, passing_fault
from core.db.monitor import knock
from tests.loops import run_to_end

POOLER = {"ENGINE": "django.db.backends.postgresql", "NAME": "f", "HOST": "pooler", "PORT": 6432}
DIRECT = {**POOLER, "HOST": "primary", "PORT": 5432}


def databases(process: str, direct: dict[str, Any] | None, prepare: int | None = None) -> dict[str, dict[str, Any]]:
    return postgresql_databases(dict(POOLER), dict(direct) if direct else None, process, prepare, 12)


def test_requests_of_a_web_process_go_through_the_pooler_and_its_probes_past_it() -> None:
    made = databases("web", DIRECT)
    assert made["default"]["HOST"] == "pooler" and made["probe"]["HOST"] == "primary"
    assert "options" not in made["default"]["OPTIONS"], "PgBouncer refuses a startup parameter that it does not know"
    assert "lock_timeout=3000" in made["probe"]["OPTIONS"]["options"]


def test_nothing_is_left_behind_on_a_connection_of_the_pooler() -> None:
    default = databases("web", DIRECT)["default"]
    assert default["OPTIONS"]["prepare_threshold"] is None
    assert default["DISABLE_SERVER_SIDE_CURSORS"] is True
    assert databases("web", DIRECT, 5)["default"]["OPTIONS"]["prepare_threshold"] == 5


@pytest.mark.parametrize("process", ["worker", "command"])
def test_workers_and_commands_need_sessions_and_never_go_through_the_pooler(process: str) -> None:
    made = databases(process, DIRECT)
    assert set(made) == {"default"} and made["default"]["HOST"] == "primary"
    assert made["default"]["OPTIONS"]["prepare_threshold"] == 3


@pytest.mark.parametrize("process", ["web", "worker", "command"])
def test_without_a_direct_address_everything_goes_to_the_one_there_is(process: str) -> None:
    for made in databases(process, None).values():
        assert made["HOST"] == "pooler" and made["OPTIONS"]["prepare_threshold"] == 3
        assert not made.get("DISABLE_SERVER_SIDE_CURSORS")


def test_the_shipped_pooler_sets_the_limits_that_web_processes_have_without_one() -> None:
    shipped = (Path(__file__).resolve().parents[2] / "deploy/pgbouncer/pgbouncer.ini").read_text()
    there = {name: int(value) for name, value in re.findall(r"SET (\w+) = (\d+)", shipped)}
    assert there == limit_settings("web")


@pytest.mark.parametrize(
    ("kind", "cause"),
    [(OperationalError, errors.ProtocolViolation), (InternalError, errors.ReadOnlySqlTransaction)],
)
def test_what_a_pooler_or_a_demoted_server_refuses_is_a_fault_that_passes(
    kind: type[Exception], cause: type[psycopg.Error]
) -> None:
    error = kind("away")
    error.__cause__ = cause("query_wait_timeout")
    assert passing_fault(error) == AWAY
    assert passing_fault(InternalError("a fault of the program")) is None


def test_a_pooler_that_takes_connections_and_says_nothing_is_no_answer() -> None:
    async def attempt(answer: bytes) -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readexactly(8)
            writer.write(answer)
            writer.close()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            await knock(*server.sockets[0].getsockname()[:2])

    run_to_end(attempt(b"N"))
    with pytest.raises(ConnectionResetError):
        run_to_end(attempt(b""))
