"""Commits that a synchronous standby has not confirmed must not be taken for accepted.

If a commit's wait for the standby is cut short (pg_cancel_backend, as an operator does with what hangs), PostgreSQL
commits on this server alone, sends a warning and reports success. A primary that fails then takes the commit with it.
"""

import weakref
from typing import Any
from weakref import WeakKeyDictionary

import psycopg

WAIT_FUNCTION = "SyncRepWaitForLSN"
"""PostgreSQL's function that warns; the warning's text is in the server's language, and its SQLSTATE says nothing."""

_unconfirmed: WeakKeyDictionary[psycopg.Connection[Any], bool] = WeakKeyDictionary()


def watch_commits(connection: psycopg.Connection[Any]) -> None:
    """Have warnings of this connection noted."""
    _unconfirmed[connection] = False
    connection.add_notice_handler(_NoticeHandler(connection))


class CommitUnconfirmed(psycopg.OperationalError):
    """Committed on the primary, and perhaps nowhere else."""

    sqlstate = "08007"  # transaction_resolution_unknown


def forget_warnings(connection: psycopg.Connection[Any]) -> None:
    """Before a commit: what was warned of earlier is not this commit's."""
    _unconfirmed[connection] = False


def require_confirmation(connection: psycopg.Connection[Any]) -> None:
    """After a commit. Raises CommitUnconfirmed if no standby has confirmed it though one should."""
    if _unconfirmed.get(connection):
        raise CommitUnconfirmed("the standby has not confirmed the commit")


class _NoticeHandler:
    """Holds the connection weakly: it is one of the connection's own handlers."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = weakref.ref(connection)

    def __call__(self, diagnostic: psycopg.errors.Diagnostic) -> None:
        connection = self._connection()
        if connection is not None and diagnostic.source_function == WAIT_FUNCTION:
            _unconfirmed[connection] = True
