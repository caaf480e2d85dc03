"""Django's PostgreSQL backend, but for times: psycopg's compiled loader reads them instead of Django's subclass of its
Python one. Of a table of messages that is more than half of the time it takes to read. Only in UTC, as the settings
are: there both give the same."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any, cast

from django.db.backends.postgresql import base, operations
from django.db.backends.postgresql.psycopg_any import get_adapters_template
from psycopg import adapters
from psycopg.abc import AdaptContext, Loader
from psycopg.adapt import AdaptersMap
from psycopg.pq import Format

from core.db.confirming import forget_warnings, require_confirmation, watch_commits
from core.db.monitor import open_connections

TIMESTAMPTZ_OID = adapters.types["timestamptz"].oid
SERVER_BINDING: Any = base.ServerBindingCursor
KEPT = 8
"""Cursors of a connection that are made at once: as many statements as go out together."""
COMPILED = adapters.get_loader(TIMESTAMPTZ_OID, Format.TEXT)


class UtcLoader:
    """Makes compiled loaders; tells Django, which asks its own class, the time zone that they read in."""

    format = Format.TEXT
    timezone = UTC

    def __new__(cls, oid: int, context: AdaptContext | None = None) -> Any:
        assert COMPILED is not None
        return COMPILED(oid, context)


class DatabaseOperations(operations.DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str:
        """A statement that the server keeps is told as it is sent: its values are not in it."""
        return super().last_executed_query(cursor, sql, params) or str(sql)


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
    _keeping: Sequence[Any] = ()

    def keeping_cursor(self, place: int = 0) -> Any:
        """A cursor that sends values beside the statement, so that the server can keep its plan (`prepare_threshold`);
        Django's own writes them into it. For config.statements: not everything that Django words can be sent so.

        One of each `place` for the connection's life, not to be closed: making it takes as long as a short statement.
        """
        self.ensure_connection()
        if place >= len(self._keeping) or self._keeping[0].connection is not self.connection:
            self._keeping = [SERVER_BINDING(self.connection) for _ in range(max(place + 1, KEPT))]
        cursor = self._keeping[place]
        if not self.execute_wrappers and not self.queries_logged:
            # Nobody watches: without the two layers that Django puts round it for those who do.
            return cursor
        wrapper: Any = self  # the stubs do not know the method
        return wrapper._prepare_cursor(cursor)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        connection = super().get_new_connection(conn_params)
        open_connections.add(connection)
        return connection

    def _configure_connection(self, connection: Any) -> bool:
        """Called once for each connection, by the pool or by Django."""
        open_connections.add(connection)
        watch_commits(connection)
        wrapper: Any = super()
        return bool(wrapper._configure_connection(connection))

    def _commit(self) -> None:
        """Raises OperationalError for a commit that the synchronous standby has not confirmed."""
        wrapper: Any = super()
        if self.connection is None:
            return
        forget_warnings(self.connection)
        wrapper._commit()
        with self.wrap_database_errors:
            require_confirmation(self.connection)

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        if self.timezone == UTC:
            template = AdaptersMap(get_adapters_template(True, UTC))
            template.register_loader(TIMESTAMPTZ_OID, cast("type[Loader]", UtcLoader))
            params["context"] = template
        return params
