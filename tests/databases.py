"""Test databases: copied from a template that is migrated once, and emptied without truncating.

Migrating takes 5 to 8 s of processor time for each process of a run; copying a template takes 0.1 s. The template's
name holds a hash of all migrations, so a changed migration makes a new one. Emptying deletes from the tables that hold
rows: 3 ms where TRUNCATE of all tables takes 270 ms on PostgreSQL.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import OperationalError, connection
from psycopg import sql

KEPT_TABLES = frozenset({"django_migrations", "django_content_type", "auth_permission"})
"""Written by `migrate` itself and the same for every test."""
MAX_TRIES = 10
TEMPLATE_LOCK = 0x0FE41111


def migrations_hash() -> str:
    """Hash the migrations of all installed apps; 12 hexadecimal digits."""
    digest = hashlib.sha256(version("django").encode())
    for config in apps.get_app_configs():
        for path in sorted((Path(config.path) / "migrations").glob("*.py")):
            digest.update(config.label.encode() + path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def fresh_database(worker: str) -> Iterator[None]:
    """Point Django's default connection to a fresh migrated database of the xdist worker `worker`."""
    settings = connection.settings_dict
    connection.close()
    close_pool()
    before = settings["NAME"]
    if connection.vendor == "postgresql":
        drop = _make_postgresql(settings, f"test_fenliu_{os.getpid()}_{worker}")
    else:
        drop = _make_sqlite(settings, worker)
    try:
        yield
    finally:
        connection.close()
        close_pool()
        drop()
        settings["NAME"] = before


def close_pool() -> None:
    if getattr(connection, "pool", None):
        connection.close_pool()  # type: ignore[attr-defined]


def _make_postgresql(settings: dict[str, Any], name: str) -> Any:
    template = f"fenliu_template_{migrations_hash()}"
    place = {"host": settings["HOST"], "port": settings["PORT"], "user": settings["USER"], "dbname": settings["NAME"]}
    place = {key: value for key, value in place.items() if value} | (
        {"password": settings["PASSWORD"]} if settings["PASSWORD"] else {}
    )

    def execute(statement: str, *names: str) -> None:
        with psycopg.connect(**place, autocommit=True) as administrator:
            administrator.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    with psycopg.connect(**place, autocommit=True) as administrator:
        administrator.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
        found = administrator.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone()
        if not found:
            execute("DROP DATABASE IF EXISTS {}", f"{template}_new")
            execute("CREATE DATABASE {}", f"{template}_new")
            settings["NAME"] = f"{template}_new"
            call_command("migrate", verbosity=0, interactive=False)
            connection.close()
            close_pool()
            execute("ALTER DATABASE {} RENAME TO {}", f"{template}_new", template)
    execute("CREATE DATABASE {} TEMPLATE {}", name, template)
    settings["NAME"] = name
    return lambda: execute("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


def _make_sqlite(settings: dict[str, Any], worker: str) -> Any:
    template = Path(tempfile.gettempdir()) / f"fenliu-template-{migrations_hash()}.sqlite3"
    folder = Path(tempfile.mkdtemp(prefix="fenliu-test-"))
    with template.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not template.exists():
            settings["NAME"] = str(folder / "new.sqlite3")
            call_command("migrate", verbosity=0, interactive=False)
            connection.close()
            (folder / "new.sqlite3").rename(folder / "whole.sqlite3")
            shutil.copy(folder / "whole.sqlite3", template)
    settings["NAME"] = str(folder / f"{worker}.sqlite3")
    shutil.copy(template, settings["NAME"])
    return lambda: shutil.rmtree(folder, ignore_errors=True)


def empty_tables() -> None:
    """Delete the rows that a test has committed; what `migrate` wrote itself stays."""
    with connection.cursor() as cursor:
        present = connection.introspection.django_table_names(only_existing=False, include_views=False)
        quoted = [connection.ops.quote_name(table) for table in sorted(set(present) - KEPT_TABLES)]
        probes = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {table})" for table in quoted)
        cursor.execute(probes)
        filled = [table for (table,) in cursor.fetchall()]
    for attempt in range(MAX_TRIES):
        try:
            connection.ops.execute_sql_flush([f"DELETE FROM {table}" for table in filled])
            return
        except OperationalError:  # a web server's thread was still writing: a deadlock
            if attempt == MAX_TRIES - 1:
                raise
            time.sleep(0.2)
