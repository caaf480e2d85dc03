"""Options of every PostgreSQL connection: those of DATABASE_URL, and time limits on locks, statements and silence.

A transaction that is stuck must cost its own shop seconds and the others nothing. Limits that the operator gives in
DATABASE_URL (`?options=-c lock_timeout=…`, `connect_timeout`, `sslmode` and all the rest of libpq's) win over ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CONNECT_TIMEOUT_SECONDS = 2
"""libpq's least."""
TCP_USER_TIMEOUT_MS = 5_000
KEEPALIVES = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}


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


def connection_options(given: Mapping[str, Any], process: str) -> dict[str, Any]:
    """The libpq parameters of a connection of a process of the kind `process`; `given`: those of DATABASE_URL."""
    limits = LIMITS[process]
    settings = {
        "lock_timeout": limits.lock_ms,
        "statement_timeout": limits.statement_ms,
        "idle_in_transaction_session_timeout": limits.idle_in_transaction_ms,
    }
    own = " ".join(f"-c {name}={value}" for name, value in settings.items() if value)
    network = {"connect_timeout": CONNECT_TIMEOUT_SECONDS, "tcp_user_timeout": TCP_USER_TIMEOUT_MS, **KEEPALIVES}
    options = f"{own} {given.get('options', '')}".strip()
    return network | dict(given) | ({"options": options} if options else {})
