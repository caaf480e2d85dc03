"""A report's table as a file's rows: numbers with their formats, days as days, times that nobody takes for others."""

from collections.abc import Iterator

from agents.views.downloads import Figure
from metrics.formulas.figures import Unit
from metrics.tables import Cell, Table

FORMATS = {Unit.COUNT: "#,##0", Unit.SECONDS: "[h]:mm:ss", Unit.PERCENT: "0.0%", Unit.RATIO: "0.00"}
DAY_SECONDS = 86_400
"""Spreadsheets count times in days."""


def file_of(table: Table) -> tuple[list[str], Iterator[list[object]]]:
    """Head and rows for a file: numbers with their formats."""
    rows = [*table.rows, *([table.total] if table.total else [])]
    return [table.first, *(column.label for column in table.columns)], (
        [row.day or row.label, *(_file_cell(cell) for cell in row.cells)] for row in rows
    )


def _file_cell(cell: Cell) -> object:
    if cell.value is None:
        return ""
    if cell.unit is Unit.SECONDS:
        return Figure(cell.value / DAY_SECONDS, FORMATS[cell.unit], clock(cell.value))
    return Figure(cell.value, FORMATS[cell.unit], cell.text.replace(",", ""))


def clock(seconds: float) -> str:
    """0:05:30: what reads 5:30 in a file would be taken for hours and minutes."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
