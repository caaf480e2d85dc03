"""Report tables as charts: what static/js/charts.js draws. Nothing is in a chart that is not in its table."""

from bisect import bisect_left
from collections.abc import Callable, Sequence

from metrics.formulas.figures import Unit
from metrics.formulas.measures import EDGES
from metrics.tables import Table

Threshold = tuple[int, str]
"""Seconds, and the metric's name."""
Drawn = dict[str, object]


def chart_of(table: Table, thresholds: Sequence[Threshold]) -> Drawn:
    """By the table's key."""
    return DRAW[table.key](table, thresholds)


def _values(table: Table, column: int) -> list[float | None]:
    """Percent as 0 to 100, the rest as it is."""
    cells = [row.cells[column] for row in table.rows]
    factor = 100 if table.columns[column].unit is Unit.PERCENT else 1
    return [None if cell.value is None else round(factor * cell.value, 2) for cell in cells]


def _axis(unit: Unit) -> Drawn:
    """Nothing counted has halves."""
    return {"percent": unit is Unit.PERCENT, "whole": unit is Unit.COUNT, "seconds": unit is Unit.SECONDS}


def _trend(table: Table, _thresholds: Sequence[Threshold]) -> Drawn:
    now, before = table.columns
    return {
        "x": [row.label for row in table.rows],
        "axes": [_axis(now.unit)],
        "series": [
            {"name": now.label, "type": "line", "tone": "acc", "data": _values(table, 0)},
            {"name": before.label, "type": "line", "tone": "off", "data": _values(table, 1)},
        ],
    }


def _took(table: Table, thresholds: Sequence[Threshold]) -> Drawn:
    """A threshold falls between two classes: its line stands after so many of them, after the one that it is in where a
    shop has one of its own."""
    places: dict[int, list[str]] = {}
    for seconds, name in thresholds:
        places.setdefault(bisect_left(EDGES, seconds) + 1, []).append(name)
    return {
        "x": [row.label for row in table.rows],
        "axes": [{"whole": True}, {"percent": True, "max": 100}],
        "series": [
            {"name": table.columns[0].label, "type": "bar", "tone": "acc", "data": _values(table, 0)},
            {"name": table.columns[2].label, "type": "line", "tone": "text", "axis": 1, "data": _values(table, 2)},
        ],
        "cuts": [{"at": place, "name": " · ".join(names)} for place, names in sorted(places.items())],
    }


def _map(table: Table, _thresholds: Sequence[Threshold]) -> Drawn:
    data = [
        [hour, weekday, value]
        for hour in range(len(table.columns))
        for weekday, value in enumerate(_values(table, hour))
        if value is not None
    ]
    return {
        "heat": {
            "x": [column.label for column in table.columns],
            "y": [row.label for row in table.rows],
            "data": data,
            "percent": table.columns[0].unit is Unit.PERCENT,
        }
    }


MOST_BESIDE = 30
"""Bars that can be told apart; the table has all of them."""


def _beside(table: Table, _thresholds: Sequence[Threshold]) -> Drawn:
    column = table.columns[0]
    return {
        "x": [row.label for row in table.rows[:MOST_BESIDE]],
        "axes": [_axis(column.unit)],
        "series": [{"name": column.label, "type": "bar", "tone": "acc", "data": _values(table, 0)[:MOST_BESIDE]}],
        "sideways": True,
    }


def _load(table: Table, _thresholds: Sequence[Threshold]) -> Drawn:
    questions, staff, _slow = table.columns
    return {
        "x": [row.label for row in table.rows],
        "axes": [{"name": questions.label}, {"name": staff.label}],
        "series": [
            {"name": questions.label, "type": "bar", "tone": "pale", "data": _values(table, 0)},
            {"name": staff.label, "type": "step", "tone": "acc", "axis": 1, "data": _values(table, 1)},
        ],
    }


DRAW: dict[str, Callable[[Table, Sequence[Threshold]], Drawn]] = {
    "trend": _trend,
    "took": _took,
    "map": _map,
    "beside": _beside,
    "load": _load,
}
