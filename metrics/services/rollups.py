"""Writing rollups and buyers' days, many rows at a time. What is added to is not read first."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import islice
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

from agents.models import Shop
from metrics.formulas.facts import Facts
from metrics.formulas.facts_json import written
from metrics.formulas.measures import MEASURES
from metrics.formulas.tally import Tally
from metrics.models import Attendance, BuyerDay, RateRollup, Rollup

LINE = ("shop_id", "date", "hour", "dimension", "key")
UNITS = ("passed", "failed", "pending")
BUYER_DAY = ("shop_id", "date", "buyer_id", "facts", "counted_at", "changes_at")
ATTENDANCE = ("shop_id", "agent_id", "date", "hour", "online_seconds", "break_seconds", "most_open")
ROWS = 200
"""Of one statement: some thousands of values."""

T = TypeVar("T")


def pieces(rows: Iterable[T], size: int = ROWS) -> Iterator[list[T]]:
    left = iter(rows)
    while piece := list(islice(left, size)):
        yield piece


def insert_tallies(shop: Shop, tallies: Mapping[date, Tally]) -> None:
    """Days of which there is nothing yet."""
    _insert(Rollup, (*LINE, *MEASURES), _measures(shop, tallies))
    _insert(RateRollup, (*LINE, "metric", *UNITS), _rates(shop, tallies))


def add_tallies(shop: Shop, tallies: Mapping[date, Tally]) -> None:
    """What is in `tallies`, negative amounts too, on top of what there is."""
    _add(Rollup, LINE, MEASURES, _measures(shop, tallies))
    _add(RateRollup, (*LINE, "metric"), UNITS, _rates(shop, tallies))


def insert_attendance(rows: Iterable[tuple[Any, ...]]) -> None:
    """Rows in the order of ATTENDANCE; none of them may be there."""
    _insert(Attendance, ATTENDANCE, rows)


def insert_buyer_days(rows: Iterable[tuple[Any, ...]]) -> None:
    """Rows in the order of BUYER_DAY, `facts` as Facts; none of them may be there."""
    _insert(BuyerDay, BUYER_DAY, ((*row[:3], _json(row[3]), *row[4:]) for row in rows))


def _json(facts: Facts) -> str:
    return _encoded(written(facts))


_encoded = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def _measures(shop: Shop, tallies: Mapping[date, Tally]) -> Iterator[tuple[Any, ...]]:
    """In the order of their keys: two at once that write the same lines wait for each other, and no more."""
    for day in sorted(tallies):
        for cell, amounts in sorted(tallies[day].measures.items()):
            if any(amounts):
                yield (shop.pk, day, *cell, *amounts)


def _rates(shop: Shop, tallies: Mapping[date, Tally]) -> Iterator[tuple[Any, ...]]:
    for day in sorted(tallies):
        for cell, units in sorted(tallies[day].rates.items()):
            if any(units):
                yield (shop.pk, day, *cell, *units)


def _insert(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    table = connection.ops.quote_name(model._meta.db_table)
    columns = ", ".join(map(connection.ops.quote_name, names))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(names))
        for piece in pieces(rows):
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", piece)


def _add(model: type[Model], keys: Sequence[str], amounts: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    columns = ", ".join(map(quote, (*keys, *amounts)))
    line = f"({', '.join(['%s'] * (len(keys) + len(amounts)))})"
    added = ", ".join(f"{quote(name)} = {table}.{quote(name)} + excluded.{quote(name)}" for name in amounts)
    end = f"ON CONFLICT ({', '.join(map(quote, keys))}) DO UPDATE SET {added}"
    with connection.cursor() as cursor:
        for piece in pieces(rows):
            lines = ", ".join([line] * len(piece))
            cursor.execute(
                f"INSERT INTO {table} ({columns}) VALUES {lines} {end}", [value for row in piece for value in row]
            )
