"""Databases of their own, commands run on them as an operator does, and what their tables hold."""

import os
import re
import sqlite3
import subprocess
import sys
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import psycopg
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass
class Place:
    """A database and a folder. `run` runs a command of the project there; its exit code must be `code`."""

    url: str
    var: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        given = {"DATABASE_URL": self.url, "FENLIU_VAR": str(self.var), "LOG_LEVEL": "ERROR"}
        return {**os.environ, **given, **self.extra}

    def run(self, *command: str, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, *command], cwd=ROOT, env=self.environment)

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        if self.url.startswith("sqlite"):
            with sqlite3.connect(self.url.removeprefix("sqlite:///")) as opened:
                return opened.execute(statement).fetchall()
        with psycopg.connect(self.url) as opened:
            return opened.execute(statement).fetchall()

    def tables(self) -> list[str]:
        listed = (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            if self.url.startswith("sqlite")
            else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        return sorted(str(name) for (name,) in self.sql(listed))

    def sums(self) -> dict[str, tuple[int, str]]:
        """By table, how many rows there are and a digest of all of them."""
        found = {}
        for table in self.tables():
            rows = sorted(repr(row) for row in self.sql(f'SELECT * FROM "{table}"'))
            found[table] = (len(rows), sha256("\n".join(rows).encode()).hexdigest())
        return found

    def schema(self) -> list[str]:
        """Tables, columns, constraints and indexes, as they are."""
        if self.url.startswith("sqlite"):
            return sorted(str(sql) for (sql,) in self.sql("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
        columns = """SELECT table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable
                     || ' ' || coalesce(character_maximum_length::text, '') FROM information_schema.columns
                     WHERE table_schema = 'public'"""
        constraints = """SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
                         WHERE conrelid <> 0 AND connamespace = 'public'::regnamespace"""
        # Names of indexes end in a digest of what else there is.
        indexes = """SELECT regexp_replace(indexdef, '_[0-9a-f]{8}(_like|_uniq)?', '_') FROM pg_indexes
                     WHERE schemaname = 'public'"""
        found = (str(row[0]) for sql in (columns, constraints, indexes) for row in self.sql(sql))
        # A restored expression is written with its casts in other places, and means the same.
        return sorted(re.sub(r"::(?:text|character varying)(?:\[\])?|[()]", "", line) for line in found)


def place(name: str, folder: Path) -> Place:
    """An empty one, on the kind of database that the tests run on."""
    var = folder / name
    var.mkdir()
    if connection.vendor == "sqlite":
        return Place(f"sqlite:///{var / 'fenliu.sqlite3'}", var)
    server, _, _ = os.environ["DATABASE_URL"].rpartition("/")
    name += os.environ.get("PYTEST_XDIST_WORKER", "")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as opened:
        opened.execute(f"DROP DATABASE IF EXISTS fenliu_{name} WITH (FORCE)")
        opened.execute(f"CREATE DATABASE fenliu_{name}")
    return Place(f"{server}/fenliu_{name}", var)


def own_place(folder: Path) -> Place:
    """The database of this test run itself: migrated from nothing by this release."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return Place(f"sqlite:///{name}", folder)
    return Place(f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}", folder)
