"""Faults of the database that pass: what stands behind an error, and after how long it is worth another try."""

from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, InternalError, OperationalError

LOCK_NOT_AVAILABLE, QUERY_CANCELED, DEADLOCK, TOO_MANY = "55P03", "57014", "40P01", "53300"
SERIALIZATION, IDLE_IN_TRANSACTION = "40001", "25P03"
SHUTDOWNS = frozenset({"57P01", "57P02", "57P03"})
CONNECTION_CLASS = "08"
"""Begins the states of connections that fail; PgBouncer gives 08P01 for whatever it cannot do."""
READ_ONLY = "25006"
"""The server has become a standby."""
DISK_FULL = "53100"


@dataclass(frozen=True)
class PassingFault:
    """`kind`: "lock" (another transaction holds the row), "slow" (a statement over its limit), "away" (no
    connection)."""

    kind: str
    retry_after: int


LOCK, SLOW, AWAY = PassingFault("lock", 2), PassingFault("slow", 5), PassingFault("away", 2)


def passing_fault(error: BaseException) -> PassingFault | None:
    """The passing fault behind an error of Django's or psycopg's; None for any other error, a full disk among them."""
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None)
    if isinstance(error, InternalError) and state == READ_ONLY:
        return AWAY
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    if state in (LOCK_NOT_AVAILABLE, DEADLOCK, SERIALIZATION):
        return LOCK
    if state == QUERY_CANCELED:
        return SLOW
    if state in (TOO_MANY, IDLE_IN_TRANSACTION) or state in SHUTDOWNS:
        return AWAY
    if state is not None and state.startswith(CONNECTION_CLASS):
        return AWAY
    if state is None and type(cause).__module__.startswith("psycopg"):
        # No answer of the server at all: refused, cut, timed out, or no connection left in the pool.
        return AWAY
    return LOCK if "database is locked" in str(error) else None


def is_lock_timeout(error: DatabaseError) -> bool:
    """Another transaction has held the row for longer than `lock_timeout`."""
    fault = passing_fault(error)
    return fault is not None and fault.kind == "lock"
