"""A cell as the text that people see, and the faults by which a cell has lost what was typed into it."""

import re
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Protocol

MAX_EXACT = 10**15
"""Numbers from here on have 16 digits and more; spreadsheet programs keep 15 and put zeros for the rest."""
SCIENTIFIC = re.compile(r"[-+]?[0-9](\.[0-9]+)?[eE]\+[0-9]{2,3}")
"""A long number as such programs write it into CSV files: 1.23457E+19."""
ERRORS = frozenset(("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!", "#CALC!"))
ZEROS = re.compile(r"0{2,}")
"""A number format that shows leading zeros."""
HALF_A_SECOND = timedelta(microseconds=500_000)


class CellFault(StrEnum):
    """A cell that does not hold what its author sees in it or typed."""

    DIGITS = "digits"
    """A number of 16 and more digits: the last ones are lost."""
    DATE = "date"
    """A date, where an id that looked like one may have been typed."""
    ERROR = "error"
    """The error of a formula (#N/A)."""
    FORMULA = "formula"


class SheetCell(Protocol):
    """The part of openpyxl's cells that is read."""

    @property
    def value(self) -> object: ...
    @property
    def data_type(self) -> str: ...
    @property
    def number_format(self) -> str: ...


def cell_fault(cell: SheetCell) -> CellFault | None:
    value = cell.value
    if cell.data_type in ("f", "e"):
        return CellFault.FORMULA if cell.data_type == "f" else CellFault.ERROR
    if isinstance(value, date | time | timedelta):
        return CellFault.DATE
    if isinstance(value, int | float) and abs(value) >= MAX_EXACT:
        return CellFault.DIGITS
    return None


def text_fault(text: str) -> CellFault | None:
    """The same of a text that should be an id: what a spreadsheet program left of it when it wrote a CSV file."""
    if SCIENTIFIC.fullmatch(text):
        return CellFault.DIGITS
    return CellFault.ERROR if text in ERRORS else None


def cell_text(cell: SheetCell) -> str:
    """A cell as it would stand in a CSV file: 10, not 10.0; 007 where the format shows the zeros; a date alone where no
    time is shown and none is there. Times are to the second: spreadsheets keep them as parts of a day."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return _moment_text(value, cell.number_format)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and ZEROS.fullmatch(cell.number_format):
        return str(value).zfill(len(cell.number_format))
    return str(value)


def _moment_text(value: datetime, number_format: str) -> str:
    value = (value + HALF_A_SECOND).replace(microsecond=0)
    midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
    return value.date().isoformat() if midnight and "h" not in number_format.lower() else value.isoformat(sep=" ")
