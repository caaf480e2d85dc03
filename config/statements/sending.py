"""The connection, and a statement on it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper


def connected() -> BaseDatabaseWrapper:
    """The connection itself: `django.db.connection` looks for it anew at every attribute."""
    return connections[DEFAULT_DB_ALIAS]


def sends_together(database: BaseDatabaseWrapper) -> bool:
    """Whether statements can follow each other without waiting for answers (config.postgresql)."""
    return hasattr(database, "keeping_cursor")


@contextmanager
def together() -> Iterator[None]:
    """Statements of which nobody waits for an answer: on PostgreSQL they are sent one after the other, and waited for
    at the end."""
    database = connected()
    if not sends_together(database):
        yield
        return
    with database.wrap_database_errors, database.connection.pipeline():
        yield


def sent(database: BaseDatabaseWrapper, sql: str, values: Sequence[Any], place: int = 0) -> Any:
    """The cursor, with the statement sent: one whose statements the server keeps, where the backend has them. Those
    sent `together` whose answers are read afterwards need a `place` each."""
    database.validate_no_broken_transaction()
    cursor = database.keeping_cursor(place) if sends_together(database) else database.cursor()  # type: ignore[attr-defined]
    with database.wrap_database_errors:
        cursor.execute(sql, values)
    return cursor
