"""The plans of what takes long in PostgreSQL, as its own auto_explain tells them: all days of a shop counted, today's
page, every report of 30 days, an import. For `docs/performance.md`; `python -m benchmarks plans`, after or before
`metrics` in the same database."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from agents.models import Shop
from benchmarks.metrics import prepare, write_chats
from benchmarks.pages import pages
from benchmarks.table import Row
from metrics.models import AssessmentState
from metrics.services import sweep_shop

LIMIT = int(os.environ.get("BENCH_PLANS", "100"))
"""Milliseconds from which a statement's plan is told."""
IMPORTED = 50_000
TOLD = re.compile(r"duration: (?P<ms>[\d.]+) ms\s+plan:\s*Query Text: (?P<sql>.*?)\n(?P<plan>.*)", re.DOTALL)
PLACES = re.compile(r"\$\d+|%s|'[^']*'|\b\d+\b")


@dataclass
class Slow:
    """Statements of one shape: how many, their milliseconds, and the plan of the slowest."""

    sql: str
    count: int = 0
    whole: float = 0.0
    most: float = 0.0
    plan: str = ""

    def add(self, ms: float, plan: str) -> None:
        self.count, self.whole = self.count + 1, self.whole + ms
        if ms > self.most:
            self.most, self.plan = ms, plan


@contextmanager
def explained() -> Iterator[dict[str, Slow]]:
    """By shape, what takes longer than LIMIT meanwhile on this connection. Needs a superuser, as `make bench` has."""
    found: dict[str, Slow] = {}

    def told(notice: Any) -> None:
        match = TOLD.search(notice.message_primary or "")
        if match:
            shape = PLACES.sub("?", match["sql"])
            found.setdefault(shape, Slow(match["sql"])).add(float(match["ms"]), match["plan"])

    connection.ensure_connection()
    driver: Any = connection.connection
    driver.add_notice_handler(told)
    with connection.cursor() as cursor:
        cursor.execute(
            f"LOAD 'auto_explain'; SET auto_explain.log_min_duration = {LIMIT}; SET auto_explain.log_analyze = on;"
            "SET auto_explain.log_timing = off; SET auto_explain.log_buffers = on; SET client_min_messages = log"
        )
    try:
        yield found
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET auto_explain.log_min_duration = -1; SET client_min_messages = notice")
        driver.remove_notice_handler(told)


def rows() -> Iterator[Row]:
    if connection.vendor != "postgresql":
        yield Row("plans", "skipped: needs PostgreSQL")
        return
    call_command("migrate", verbosity=0)
    now = timezone.now()
    prepare(now)
    shop = Shop.objects.get(slug="bench-history-000")
    AssessmentState.objects.filter(shop=shop).update(counted_by="")
    with explained() as slow:
        sweep_shop(shop=shop, now=now)
    yield from _told("all days of a shop counted", slow)
    with explained() as slow:
        list(pages(now))
    yield from _told("today's page, the reports of 30 days and the SQL by hand", slow)
    with explained() as slow, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "chats.csv"
        write_chats(path, IMPORTED)
        call_command("import_chats", str(path), shop="bench-history-001", verbosity=0, stdout=path.open("a"))
    yield from _told(f"import_chats, {IMPORTED:,} rows", slow)


def _told(what: str, slow: dict[str, Slow]) -> Iterator[Row]:
    if not slow:
        yield Row(what, f"nothing over {LIMIT} ms")
    for one in sorted(slow.values(), key=lambda one: -one.whole):
        yield Row(what, f"{one.count} × {one.whole / one.count:.0f} ms", f"\n{one.sql[:600]}\n{one.plan}\n")
