"""Options of every PostgreSQL connection: those of DATABASE_URL, and time limits on locks, statements and silence.

A transaction that is stuck must cost its own shop seconds and the others nothing. Limits that the operator gives in
DATABASE_URL (`?options=-c lock_timeout=…`, `connect_timeout`, `sslmode` and all the rest of libpq's) win over ours.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured

CONNECT_TIMEOUT_SECONDS = 2
"""libpq's least."""
TCP_USER_TIMEOUT_MS = 5_000
CONNECTION_SECONDS = 60
"""For which a connection outside the pool is kept."""
RECONNECT_SECONDS = 2
"""For which the pool tries to replace a connection, at ever longer pauses; after that the next request tries anew. Else
a database that was away for 15 s would be tried up to 16 s after it is back."""
ENGINE = "django.db.backends.postgresql"
KEEPALIVES = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}

Database = dict[str, Any]
"""An entry of Django's DATABASES."""


@dataclass(frozen=True)
class TimeLimits:
    """Milliseconds; 0 is no limit."""

    lock_ms: int
    statement_ms: int
    idle_in_transaction_ms: int


LIMITS: Mapping[str, TimeLimits] = {
    "web": TimeLimits(3_000, 20_000, 30_000),
    "worker": TimeLimits(3_000, 300_000, 60_000),
    "command": TimeLimits(0, 0, 0),
}
"""By kind of process. A command of the operator (migrate, import_chats, backup) may take as long as it takes."""


def process_kind(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """The kind of this process, a key of LIMITS: config.asgi sets FENLIU_WEB, `manage.py worker` runs the jobs."""
    if environment.get("FENLIU_WEB") == "1":
        return "web"
    return "worker" if list(arguments[1:2]) in (["worker"], ["qcluster"]) else "command"


def limit_settings(process: str) -> dict[str, int]:
    """PostgreSQL's parameters for the limits of a process of the kind `process`, in milliseconds."""
    limits = LIMITS[process]
    settings = {
        "lock_timeout": limits.lock_ms,
        "statement_timeout": limits.statement_ms,
        "idle_in_transaction_session_timeout": limits.idle_in_transaction_ms,
    }
    return {name: value for name, value in settings.items() if value}


def connection_options(given: Mapping[str, Any], process: str) -> dict[str, Any]:
    """The libpq parameters of a connection of a process of the kind `process`; `given`: those of DATABASE_URL."""
    own = " ".join(f"-c {name}={value}" for name, value in limit_settings(process).items())
    options = f"{own} {given.get('options', '')}".strip()
    return pooled_options(given) | ({"options": options} if options else {})


def pooled_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """The libpq parameters of a connection to a pooler: it sets the limits itself, and refuses `options`."""
    network = {"connect_timeout": CONNECT_TIMEOUT_SECONDS, "tcp_user_timeout": TCP_USER_TIMEOUT_MS, **KEEPALIVES}
    return network | dict(given)


def postgresql_databases(
    given: Database, direct: Database | None, process: str, prepare: int | None, pool_size: int
) -> dict[str, Database]:
    """Django's DATABASES of a process of the kind `process`.

    `given`: DATABASE_URL, `direct`: DATABASE_DIRECT_URL where a pooler in transaction mode stands at DATABASE_URL.
    Requests of web processes go through the pooler; everything else is few connections, and needs what belongs to a
    session. `prepare`: after so many times the server keeps a statement; None: 3, and never behind a pooler. Raises
    ImproperlyConfigured for an address that is not PostgreSQL's.
    """
    for name, address in {"DATABASE_URL": given, "DATABASE_DIRECT_URL": direct}.items():
        if address is not None and address["ENGINE"] != ENGINE:
            raise ImproperlyConfigured(f"{name}: neither PostgreSQL's address (postgres://…) nor a file of SQLite's")
    direct = None if direct == given else direct
    if process != "web":
        own = _database(direct or given, connection_options, process, 3 if prepare is None else prepare)
        return {"default": own | {"CONN_MAX_AGE": CONNECTION_SECONDS}}
    probe = _database(direct or given, connection_options, process, 3 if prepare is None else prepare)
    # Probes ask on a connection of their own: they answer however busy the others are.
    probe |= {"CONN_MAX_AGE": CONNECTION_SECONDS, "TEST": {"MIRROR": "default"}}
    if direct is None:
        default = _database(given, connection_options, process, 3 if prepare is None else prepare)
    else:
        default = _database(given, lambda options, _process: pooled_options(options), process, prepare or 0)
        default["DISABLE_SERVER_SIDE_CURSORS"] = True
    # Threads share connections through a pool: those of requests, of streams and of what runs beside them.
    default["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": pool_size,
        "timeout": 2,
        "reconnect_timeout": RECONNECT_SECONDS,
    }
    return {"default": default, "probe": probe}


def _database(
    given: Database, options: Callable[[Mapping[str, Any], str], dict[str, Any]], process: str, prepare: int
) -> Database:
    return {
        **given,
        "ENGINE": "config.postgresql",
        # A connection from before the database was restarted is found out before a request is given it.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options(given.get("OPTIONS", {}), process) | {"prepare_threshold": prepare or None},
    }
