"""Importing a chat-history file: first read whole, then written batch by batch."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.db import transaction

from agents.models import Shop
from conversations.services.importing.files import ChatFile, RawRow
from conversations.services.importing.rows import BadRow, Row, judge
from conversations.services.importing.store import Stored, store_batch

BATCH = 1000


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that did not go in: its line in the file, from 1, and why."""

    line: int
    reason: str


Progress = Callable[[int, int], None]
"""Told (rows read, rows in the file) after each batch."""


@dataclass(slots=True)
class Report:
    """read = imported + skipped (seen before) + refused; a strict import that failed imported and skipped none."""

    read: int = 0
    imported: int = 0
    skipped: int = 0
    refused: int = 0
    new_agents: list[str] = field(default_factory=list)


class NothingImported(Exception):
    """Some row is bad and the import is strict."""


def import_history(
    *,
    shop: Shop,
    file: ChatFile,
    strict: bool,
    now: datetime,
    on_refused: Callable[[Refusal], None],
    on_stored: Callable[[Stored], None],
    on_progress: Progress = lambda read, total: None,
) -> Report:
    """Import `file` into `shop` and return the Report.

    Raises BadFile, with nothing changed, when the file is not whole. Bad rows go to `on_refused` and the others in;
    with `strict` one bad row leaves everything out. `on_stored` runs in the transaction of each batch. Memory does
    not grow with the file.
    """
    total = file.check()
    report = Report()
    try:
        with transaction.atomic() if strict else nullcontext():
            for batch in _batches(file.rows()):
                _import_batch(shop, batch, now, report, on_refused, on_stored)
                on_progress(report.read, total)
            if strict and report.refused:
                raise NothingImported
    except NothingImported:
        report.skipped = report.imported = 0
        report.new_agents.clear()
    return report


def _batches(rows: Iterator[RawRow]) -> Iterator[list[RawRow]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _import_batch(
    shop: Shop,
    batch: list[RawRow],
    now: datetime,
    report: Report,
    on_refused: Callable[[Refusal], None],
    on_stored: Callable[[Stored], None],
) -> None:
    rows, refusals = _judged(shop, batch)
    with transaction.atomic():
        stored = store_batch(shop, rows, now)
        on_stored(stored)
    refusals += [Refusal(row.line, reason) for row, reason in stored.refused]
    for refusal in sorted(refusals, key=lambda r: r.line):
        on_refused(refusal)
    report.read += len(batch)
    report.imported += stored.imported
    report.skipped += stored.skipped
    report.refused += len(refusals)
    report.new_agents += stored.new_agents


def _judged(shop: Shop, batch: list[RawRow]) -> tuple[list[Row], list[Refusal]]:
    rows, refusals = [], []
    for raw in batch:
        try:
            if raw.values is None:
                raise BadRow(raw.fault)
            rows.append(judge(raw.line, raw.values, shop.zone, raw.lost))
        except BadRow as bad:
            refusals.append(Refusal(raw.line, str(bad)))
    return rows, refusals
