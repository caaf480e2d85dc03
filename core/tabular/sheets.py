"""The first sheet of an XLSX file as rows of text, one after another.

The file is a stranger's. A small one can unfold into a large one, name a cell a million rows down, or be something else
altogether. Its parts are counted as they are unpacked before openpyxl sees them: a part's own word on its size is
believed only where it says too much.
"""

import lzma
import struct
import zlib
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from core.tabular.cells import CellFault, cell_fault, cell_text

PIECE = 1 << 16
MAX_RATIO, SMALL = 100, 16 << 20
"""Unpacked bytes a packed one, and bytes below which the ratio does not matter: no table is packed more tightly."""
BROKEN = (
    *(BadZipFile, LookupError, ArithmeticError, ValueError, TypeError, AttributeError, SyntaxError, EOFError),
    *(RuntimeError, OSError, AssertionError, InvalidFileException, zlib.error, struct.error, lzma.LZMAError),
)
"""Errors of openpyxl and zipfile about a file that is none of their own (a ParseError of its XML is a SyntaxError, an
encrypted or unknown packing a RuntimeError)."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """`unpacked`: bytes of all parts; `kept`: of those that are read whole into memory, texts and styles; `parts`:
    their number; `rows`: that are not empty, the head among them; `last_row`, `last_column`: beyond which not even an
    empty cell stands; `columns`: in which something stands; `cell`: characters of one."""

    unpacked: int
    kept: int
    rows: int
    columns: int
    cell: int
    parts: int = 1000
    last_row: int = 1 << 20
    last_column: int = 1 << 14


class SheetFault(StrEnum):
    NOT_XLSX = "not_xlsx"
    BROKEN = "broken"
    """It breaks off, or is wrong inside."""
    TOO_LARGE = "too_large"
    NO_SHEET = "no_sheet"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_WIDE = "too_wide"
    CELL_TOO_LONG = "cell_too_long"


class SheetError(ValueError):
    """The file as a whole is refused. `line` from 1, 0 where the fault has none; `size`: bytes of what is too large."""

    def __init__(self, fault: SheetFault, line: int = 0, size: int = 0) -> None:
        super().__init__(fault, line, size)
        self.fault, self.line, self.size = fault, line, size


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row that is not empty. `number`: as spreadsheets count, from 1; `faults`: by the cell's place, from 0."""

    number: int
    cells: tuple[str, ...]
    faults: Mapping[int, CellFault] = field(default_factory=dict)


def sheet_rows(file: BinaryIO, bounds: Bounds, *, computed: bool) -> Iterator[SheetRow]:
    """The rows of the first sheet, empty ones left out. `computed`: of a formula the value that stands with it, else
    the formula, marked as a fault. Of the file's texts openpyxl keeps each different one once, as the format does.

    Raises SheetError.
    """
    book = _opened(file, bounds, computed)
    found = 0
    try:
        if not book.worksheets:
            raise SheetError(SheetFault.NO_SHEET)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # else every row left out is padded to the width that the file claims
        for number, row in enumerate(sheet.iter_rows(), 1):
            read = _row(number, row, bounds)
            if read is None:
                continue
            found += 1
            if found > bounds.rows:
                raise SheetError(SheetFault.TOO_MANY_ROWS, number)
            yield read
    except SheetError:
        raise
    except BROKEN as error:
        raise SheetError(SheetFault.BROKEN) from error
    finally:
        book.close()


def _row(number: int, row: tuple[Any, ...], bounds: Bounds) -> SheetRow | None:
    far = len(row) > bounds.last_column or any(cell.value is not None for cell in row[bounds.columns :])
    if far or number > bounds.last_row:
        raise SheetError(SheetFault.TOO_WIDE, number)
    near = row[: bounds.columns]
    cells = tuple(cell_text(cell) if cell.value is not None else "" for cell in near)
    if not any(cell.strip() for cell in cells):
        return None
    if any(len(cell) > bounds.cell for cell in cells):
        raise SheetError(SheetFault.CELL_TOO_LONG, number)
    faults = {place: fault for place, cell in enumerate(near) if (fault := cell_fault(cell))}
    return SheetRow(number, cells, faults)


def _opened(file: BinaryIO, bounds: Bounds, computed: bool) -> Any:
    try:
        with ZipFile(file) as packed:
            _check_claims(packed.infolist(), bounds)
            for part in packed.infolist():
                _check_part(packed, part)
        return load_workbook(file, read_only=True, data_only=computed, keep_links=False)
    except SheetError:
        raise
    except BROKEN as error:
        raise SheetError(SheetFault.NOT_XLSX) from error


def _check_claims(parts: list[ZipInfo], bounds: Bounds) -> None:
    """By the sizes that the archive claims."""
    whole = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    kept = sum(part.file_size for part in parts if not part.filename.startswith("xl/worksheets/"))
    if whole > bounds.unpacked or kept > bounds.kept or whole > max(SMALL, MAX_RATIO * packed):
        raise SheetError(SheetFault.TOO_LARGE, size=whole)
    if len(parts) > bounds.parts:
        raise SheetError(SheetFault.NOT_XLSX)


def _check_part(packed: ZipFile, part: ZipInfo) -> None:
    """Unpack a part piece by piece: as large as it claims, and without a document type, by which entities come.

    With a byte more than it claims zipfile unpacks on, where it would cut off; the check of the sum then fails for
    every part that does not end where it says.
    """
    open_end = copy(part)
    open_end.file_size += 1
    written = part.filename.endswith((".xml", ".rels"))
    total, tail = 0, b""
    with packed.open(open_end) as source:
        while piece := source.read(PIECE):
            total += len(piece)
            if total > part.file_size:
                raise SheetError(SheetFault.TOO_LARGE, size=total)
            if written and (b"\x00" in piece or b"<!DOCTYPE" in tail + piece):
                raise SheetError(SheetFault.NOT_XLSX)
            tail = piece[-8:]
