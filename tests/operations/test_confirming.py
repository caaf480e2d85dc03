"""A commit that the synchronous standby has not confirmed is an error, though PostgreSQL reports success."""

import os
from collections.abc import Iterator
from threading import Thread
from typing import Any

import environ
import psycopg
import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler

from core.db.connecting import postgresql_databases
from core.db.faults import AWAY, passing_fault
from tests.asgi import wait_until
from tests.operations.test_pooler import is_ready
from tests.servers import postgresql_server

pytestmark = [pytest.mark.operations, pytest.mark.slow]


@pytest.fixture(scope="module", params=["command", "web"])
def alone(request: pytest.FixtureRequest, django_db_blocker: Any) -> Iterator[tuple[Any, str]]:
    """A connection to a primary whose standby is away; of a web process with a pool."""
    try:
        with postgresql_server("synchronous_standby_names=away") as server, django_db_blocker.unblock():
            wait_until(lambda: is_ready(server.url))
            given = environ.Env.db_url_config(server.url)
            made = ConnectionHandler(postgresql_databases(given, None, request.param, None, 4))["default"]
            with made.cursor() as cursor:
                cursor.execute("SET synchronous_commit = local; CREATE TABLE kept (number int)")
                cursor.execute("SET synchronous_commit = 'on'")
            yield made, server.url
            made.close()
            if made.pool:
                made.close_pool()
    except FileNotFoundError as missing:
        assert os.environ.get("FENLIU_DEMAND_SERVERS") != "1", missing
        pytest.skip(str(missing))


def insert(connection: Any, number: int) -> None:
    connection.set_autocommit(False)
    try:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO kept VALUES (%s)", [number])
        connection.commit()
    finally:
        connection.rollback()
        connection.set_autocommit(True)


def cancel_waiting_commit(url: str) -> None:
    """Cancel a commit that hangs, as an operator does."""
    waiting = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    with psycopg.connect(url, autocommit=True) as operator:
        wait_until(lambda: operator.execute(waiting).fetchone())


def test_a_commit_whose_wait_for_the_standby_was_cut_short_is_no_success(alone: tuple[Any, str]) -> None:
    connection, url = alone
    canceller = Thread(target=cancel_waiting_commit, args=(url,))
    canceller.start()
    with pytest.raises(OperationalError) as raised:
        insert(connection, 1)
    canceller.join(30)
    assert passing_fault(raised.value) == AWAY, "the caller is asked to send it again"
    with connection.cursor() as cursor:
        cursor.execute("SELECT number FROM kept")
        assert cursor.fetchall() == [(1,)], "PostgreSQL has committed it here"


def test_the_connection_goes_on_and_a_commit_that_needs_no_standby_is_one(alone: tuple[Any, str]) -> None:
    connection, _ = alone
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = local")
    insert(connection, 2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM kept WHERE number = 2")
        assert cursor.fetchone() == (1,)
        cursor.execute("SET synchronous_commit = 'on'")
