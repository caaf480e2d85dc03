"""Rows as a table."""

import json
import os
from collections.abc import Iterable
from typing import NamedTuple


class Row(NamedTuple):
    """What was measured, its figure with unit, and the ratio to what it is held against."""

    what: str
    figure: str
    ratio: str = ""


def show(title: str, rows: Iterable[Row]) -> None:
    """As a table; as JSON for a run inside another (BENCH_ROWS=json)."""
    if os.environ.get("BENCH_ROWS") == "json":
        print(json.dumps(list(rows)), flush=True)
        return
    print(f"\n{title}", flush=True)
    for row in rows:
        print(f"  {row.what:58} {row.figure:>34}  {row.ratio}", flush=True)
