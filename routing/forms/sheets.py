"""Small tables out of files that people upload: CSV as spreadsheets write it, and XLSX.

The file is a stranger's. What does not fit is refused in a sentence, never left out in silence.
"""

import csv
import io
import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from agents.errors import Refused
from core.tabular import (
    Bounds,
    CellFault,
    NotText,
    SheetError,
    SheetFault,
    SheetRow,
    delimiter_of,
    open_text,
    sheet_rows,
    text_fault,
)

MAX_BYTES = 1024 * 1024
MAX_UNFOLDED = 8 * MAX_BYTES
MAX_ROWS = 500
LONGEST_CELL = 1000
BOUNDS = Bounds(
    unpacked=MAX_UNFOLDED,
    kept=MAX_UNFOLDED,
    rows=MAX_ROWS + 1,
    columns=50,
    cell=LONGEST_CELL,
    parts=100,
    last_row=100_000,
    last_column=1000,
)
"""Further out nobody's list has anything, not even an empty cell with a border."""
EXTENSIONS = (".csv", ".txt", ".xlsx")

ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def _bad(code: str, words: str) -> Refused:
    return Refused(code, words, field="file")


def read_sheet(name: str, content: bytes) -> list[SheetRow]:
    """The rows of a CSV or of an XLSX's first sheet, the head among them. Raises Refused at `file`."""
    if len(content) > MAX_BYTES:
        raise _bad("too_large", _("The file is larger than 1 MB."))
    if not name.lower().endswith(EXTENSIONS) or content.startswith(OLD_EXCEL):
        raise _bad("wrong_kind", _("Only CSV and XLSX files are read. Save it as one of these."))
    if content.startswith(ZIP):
        found = _xlsx(content)
    elif name.lower().endswith(".xlsx"):
        raise _not_xlsx()
    else:
        found = _bounded(_csv(content))
    if not found:
        raise _bad("empty_file", _("The file is empty."))
    return found


def fault_text(fault: CellFault) -> str:
    """Say what a cell has lost, and what to do."""
    if fault is CellFault.DIGITS:
        return _(
            "A number of 16 and more digits, of which spreadsheets lose the last ones. Format the column as text, then "
            "enter it anew."
        )
    if fault is CellFault.DATE:
        return _("The cell holds a date. Format the column as text, then enter it anew.")
    if fault is CellFault.ERROR:
        return _("The cell holds an error of a formula: put its value there.")
    return _("The cell holds a formula: put its value there.")


def _bounded(rows: Iterator[SheetRow]) -> list[SheetRow]:
    found: list[SheetRow] = []
    for row in rows:
        if not any(row.cells):
            continue
        if len(found) > MAX_ROWS:
            raise _too_many_rows()
        if any(len(cell) > LONGEST_CELL for cell in row.cells):
            raise _cell_too_long(row.number)
        found.append(row)
    return found


def _too_many_rows() -> Refused:
    return _bad("too_many_rows", _("More than %(most)s rows. Split the file.") % {"most": MAX_ROWS})


def _cell_too_long(line: int) -> Refused:
    return _bad("cell_too_long", _("Line %(line)s: a cell is too long.") % {"line": line})


def _not_xlsx() -> Refused:
    return _bad("not_xlsx", _("This file cannot be read as XLSX. Save it anew, or as CSV."))


def _text(content: bytes) -> str:
    try:
        text = open_text(io.BytesIO(content)).read()
    except NotText:
        text = "\x00"
    if re.search(r"[\x00-\x08\x0e-\x1f]", text):
        raise _bad("not_text", _("This is no text file. Save the table as CSV or XLSX."))
    return text


def _csv(content: bytes) -> Iterator[SheetRow]:
    text = _text(content)
    head = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(head))
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _bad("bad_csv", _("Line %(line)s cannot be read as CSV.") % {"line": number}) from error
        yield _trimmed(SheetRow(number, tuple(cells)))


def _xlsx(content: bytes) -> list[SheetRow]:
    try:
        return [_trimmed(row) for row in sheet_rows(io.BytesIO(content), BOUNDS, computed=False)]
    except SheetError as error:
        raise _refused(error) from error


def _trimmed(row: SheetRow) -> SheetRow:
    """The row without blanks around its texts, and with what these texts tell of their faults."""
    cells = tuple(cell.strip() for cell in row.cells)
    faults = {place: fault for place, cell in enumerate(cells) if (fault := text_fault(cell))}
    return SheetRow(row.number, cells, faults | dict(row.faults))


def _refused(error: SheetError) -> Refused:
    if error.fault is SheetFault.TOO_LARGE:
        return _bad("too_large", _("Unpacked, the file is too large. Save only the table, or as CSV."))
    if error.fault is SheetFault.TOO_MANY_ROWS:
        return _too_many_rows()
    if error.fault is SheetFault.TOO_WIDE:
        words = _("Line %(line)s: more columns or rows than a list has.")
        return _bad("too_wide", words % {"line": error.line})
    if error.fault is SheetFault.CELL_TOO_LONG:
        return _cell_too_long(error.line)
    return _not_xlsx()
