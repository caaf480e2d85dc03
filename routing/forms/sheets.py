"""Small tables out of files that people upload: CSV as spreadsheets write it, and XLSX.

The file is a stranger's. It is small (the caller asked), but a small file can unfold into a large one, name a cell a
million rows down, or be something else altogether. What does not fit is refused, never left out in silence.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from agents.errors import Refused

MAX_BYTES = 1024 * 1024
MAX_UNFOLDED = 8 * MAX_BYTES
MAX_PARTS = 100
MOST_ROWS = 500
MOST_CELLS = 50
LAST_ROW, LAST_CELL = 100_000, 1000
"""Further out nobody's list has anything, not even an empty cell with a border."""
LONGEST_CELL = 1000
EXTENSIONS = (".csv", ".txt", ".xlsx")

ZIP, OLD_EXCEL = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Line:
    """A row that is not empty. `number`: as editors and spreadsheets count, from 1. `formulas`: cells that are one."""

    number: int
    cells: tuple[str, ...]
    formulas: frozenset[int] = frozenset()


def _bad(code: str, words: str) -> Refused:
    return Refused(code, words, field="file")


def read_sheet(name: str, content: bytes) -> list[Line]:
    """The rows of a CSV or of an XLSX's first sheet, the head among them. Raises Refused at `file`."""
    if len(content) > MAX_BYTES:
        raise _bad("too_large", _("The file is larger than 1 MB."))
    if not name.lower().endswith(EXTENSIONS) or content.startswith(OLD_EXCEL):
        raise _bad("wrong_kind", _("Only CSV and XLSX files are read. Save it as one of these."))
    if content.startswith(ZIP):
        rows = _xlsx(content)
    elif name.lower().endswith(".xlsx"):
        raise _not_xlsx()
    else:
        rows = _csv(content)
    found: list[Line] = []
    for line in rows:
        if not any(line.cells):
            continue
        if len(found) > MOST_ROWS:
            raise _bad("too_many_rows", _("More than %(most)s rows. Split the file.") % {"most": MOST_ROWS})
        if any(len(cell) > LONGEST_CELL for cell in line.cells):
            raise _bad("cell_too_long", _("Line %(line)s: a cell is too long.") % {"line": line.number})
        found.append(line)
    if not found:
        raise _bad("empty_file", _("The file is empty."))
    return found


def _text(content: bytes) -> str:
    """As Excel and WPS save it: UTF-8 with or without a mark, GB18030, or UTF-16 ("Unicode text")."""
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if re.search(r"[\x00-\x08\x0e-\x1f]", text):
            break
        return text
    raise _bad("not_text", _("This is no text file. Save the table as CSV or XLSX."))


def _csv(content: bytes) -> Iterator[Line]:
    text = _text(content)
    head = next((line for line in text.splitlines() if line.strip()), "")
    mark = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _bad("bad_csv", _("Line %(line)s cannot be read as CSV.") % {"line": number}) from error
        yield Line(number, tuple(cell.strip() for cell in cells))


def _not_xlsx() -> Refused:
    return _bad("not_xlsx", _("This file cannot be read as XLSX. Save it anew, or as CSV."))


def _repacked(content: bytes) -> io.BytesIO:
    """The archive anew, with no more in it than was counted here: what a part says of its own size is only its word."""
    out = io.BytesIO()
    total = 0
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(out, "w") as counted:
        parts = given.infolist()
        if len(parts) > MAX_PARTS:
            raise _not_xlsx()
        for part in parts:
            with given.open(part) as source:
                data = source.read(MAX_UNFOLDED - total + 1)
            total += len(data)
            if total > MAX_UNFOLDED:
                raise _bad("too_large", _("Unpacked, the file is too large. Save only the table, or as CSV."))
            if part.filename.endswith((".xml", ".rels")) and (b"\x00" in data or b"<!DOCTYPE" in data):
                raise _not_xlsx()
            counted.writestr(part.filename, data)
    out.seek(0)
    return out


def _xlsx(content: bytes) -> Iterator[Line]:
    """The first sheet, row by row: openpyxl reads as it goes, and pads what is left out with one empty row."""
    try:
        book = load_workbook(_repacked(content), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # else every row left out is padded to the width that the file claims
        for number, row in enumerate(sheet.iter_rows(), start=1):
            far = len(row) > LAST_CELL or any(cell.value is not None for cell in row[MOST_CELLS:])
            if far or number > LAST_ROW:
                raise _bad("too_wide", _("Line %(line)s: more columns or rows than a list has.") % {"line": number})
            if not row:
                continue
            near = row[:MOST_CELLS]
            formulas = frozenset(i for i, cell in enumerate(near) if cell.data_type == "f")
            yield Line(number, tuple(_said(cell.value) for cell in near), formulas)
    except Refused:
        raise
    except (
        zipfile.BadZipFile,
        zlib.error,
        InvalidFileException,
        AttributeError,
        EOFError,
        IndexError,
        KeyError,
        NotImplementedError,
        OSError,
        RuntimeError,
        SyntaxError,
        TypeError,
        ValueError,
    ) as error:  # what a spoilt file makes of a reader that expects a good one
        raise _not_xlsx() from error


def _said(value: object) -> str:
    """A cell as people see it: 10, not 10.0."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
