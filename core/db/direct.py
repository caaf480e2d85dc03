"""Connections beside Django's own: LISTEN, NOTIFY, the monitor and the probes, past any pooler.

A pooler in transaction mode (PgBouncer) gives a connection another server process for each transaction: LISTEN would
be lost, and a question after the database would wait for a place in the pool.
"""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

PROBE_ALIAS = "probe"
"""In web processes on PostgreSQL; always the direct address."""
OWN_OPTIONS = frozenset({"pool", "prepare_threshold", "isolation_level", "assume_role", "server_side_binding"})
"""Options that are Django's or psycopg's and no parameters of libpq."""


def direct_alias() -> str:
    """The alias whose connections no pooler stands before."""
    return PROBE_ALIAS if PROBE_ALIAS in connections.settings else DEFAULT_DB_ALIAS


def direct_parameters() -> dict[str, Any]:
    """The libpq parameters of a connection past the pooler, with all options of the database's address."""
    given = connections[direct_alias()].settings_dict
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    found = {ours: given[key] for key, ours in names.items() if given.get(key)}
    return found | {name: value for name, value in given["OPTIONS"].items() if name not in OWN_OPTIONS}


def pooler_address() -> tuple[str, int] | None:
    """Host (or folder of the socket) and port of the pooler that requests go through; None where there is none."""
    default, direct = (connections[alias].settings_dict for alias in (DEFAULT_DB_ALIAS, direct_alias()))
    address = (str(default["HOST"] or "localhost"), int(default["PORT"] or 5432))
    return None if address == (str(direct["HOST"] or "localhost"), int(direct["PORT"] or 5432)) else address
