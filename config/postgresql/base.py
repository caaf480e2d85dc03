"""Django's PostgreSQL backend, but for times: psycopg's compiled loader reads them instead of Django's subclass of its
Python one. Of a table of messages that is more than half of the time it takes to read. Only in UTC, as the settings
are: there both give the same."""

from datetime import UTC
from typing import Any, cast

from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import get_adapters_template
from psycopg import adapters
from psycopg.abc import AdaptContext, Loader
from psycopg.adapt import AdaptersMap
from psycopg.pq import Format

TIMESTAMPTZ_OID = adapters.types["timestamptz"].oid
COMPILED = adapters.get_loader(TIMESTAMPTZ_OID, Format.TEXT)


class UtcLoader:
    """Makes compiled loaders; tells Django, which asks its own class, the time zone that they read in."""

    format = Format.TEXT
    timezone = UTC

    def __new__(cls, oid: int, context: AdaptContext | None = None) -> Any:
        assert COMPILED is not None
        return COMPILED(oid, context)


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        if self.timezone == UTC:
            template = AdaptersMap(get_adapters_template(True, UTC))
            template.register_loader(TIMESTAMPTZ_OID, cast("type[Loader]", UtcLoader))
            params["context"] = template
        return params
