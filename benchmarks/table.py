"""Rows as a table."""

from collections.abc import Iterable
from typing import NamedTuple


class Row(NamedTuple):
    """What was measured, its figure with unit, and the ratio to what it is held against."""

    what: str
    figure: str
    ratio: str = ""


def show(title: str, rows: Iterable[Row]) -> None:
    print(f"\n{title}", flush=True)
    for row in rows:
        print(f"  {row.what:58} {row.figure:>34}  {row.ratio}", flush=True)
