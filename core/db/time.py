"""The database's own clock."""

from datetime import datetime
from typing import Any


def database_time(connection: Any) -> datetime | None:
    """The time of the server behind a Django connection; None for SQLite, which has no clock of its own."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
        return found
