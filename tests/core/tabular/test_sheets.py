"""XLSX files: cells as people see them, faults that cost digits, and bounds that a file cannot talk its way around."""

import struct
import zipfile
import zlib
from collections.abc import Iterable
from datetime import datetime, time
from io import BytesIO
from types import SimpleNamespace

import pytest
from openpyxl import Workbook

from core.tabular import Bounds, CellFault, SheetError, SheetFault, SheetRow, sheet_rows, text_fault
from core.tabular.cells import cell_text

BOUNDS = Bounds(unpacked=4 << 20, kept=1 << 20, rows=20, columns=5, cell=100, last_row=1000, last_column=30)
SHEET = "xl/worksheets/sheet1.xml"


def book(*rows: Iterable[object], places: dict[str, object] | None = None) -> bytes:
    made = Workbook()
    for row in rows:
        made.active.append(list(row))
    for place, value in (places or {}).items():
        made.active[place] = value
    out = BytesIO()
    made.save(out)
    return out.getvalue()


def read(content: bytes, *, computed: bool = False, bounds: Bounds = BOUNDS) -> list[SheetRow]:
    return list(sheet_rows(BytesIO(content), bounds, computed=computed))


def fault_of(content: bytes) -> tuple[SheetFault, int]:
    with pytest.raises(SheetError) as bad:
        read(content)
    return bad.value.fault, bad.value.line


def replaced(content: bytes, part: str, data: bytes) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, data if name == part else old.read(name))
    return out.getvalue()


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (None, "General", ""),
        (1.5, "General", "1.5"),
        (10.0, "General", "10"),
        (False, "General", "false"),
        (7, "000", "007"),
        (7, "0", "7"),
        (7, "0.00", "7"),
        (datetime(2026, 3, 2, 9, 59, 59, 999_999), "yyyy-mm-dd hh:mm:ss", "2026-03-02 10:00:00"),
        (datetime(2026, 3, 2), "yyyy/m/d h:mm", "2026-03-02 00:00:00"),
        (datetime(2026, 3, 2), "yyyy/m/d", "2026-03-02"),
        (datetime(2026, 3, 2, 9, 5), "yyyy/m/d", "2026-03-02 09:05:00"),
    ],
)
def test_a_cell_is_the_text_that_people_see(value: object, number_format: str, text: str) -> None:
    assert cell_text(SimpleNamespace(value=value, data_type="n", number_format=number_format)) == text


def test_numbers_that_have_lost_digits_dates_errors_and_formulas_are_marked() -> None:
    row = [1234567890123456, "1234567890123456", 123456789012345, datetime(2026, 3, 2), "#N/A"]
    content = book(row, [1.234e19, -(10**15), time(9, 5), "=1+1", True])
    first, second = read(content)
    assert first.faults == {0: CellFault.DIGITS, 3: CellFault.DATE, 4: CellFault.ERROR}
    assert second.faults == {0: CellFault.DIGITS, 1: CellFault.DIGITS, 2: CellFault.DATE, 3: CellFault.FORMULA}
    assert CellFault.FORMULA not in read(content, computed=True)[1].faults.values()


@pytest.mark.parametrize("text", ["1.23457E+19", "1E+15", "1.2345678901234568e+19", "-2.5E+100"])
def test_a_text_that_was_a_long_number_is_marked(text: str) -> None:
    assert text_fault(text) is CellFault.DIGITS


@pytest.mark.parametrize("text", ["12e5", "1E5", "abc", "12345678901234567890", "1.5", "e+10", "12E+19x", ""])
def test_other_texts_are_not(text: str) -> None:
    assert text_fault(text) is None


def test_empty_rows_are_left_out_and_lines_counted_as_people_do() -> None:
    assert [row.number for row in read(book(["a"], [], [" "], ["b"]))] == [1, 4]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"PK", (SheetFault.NOT_XLSX, 0)),
        (book(*[["x"]] * 21), (SheetFault.TOO_MANY_ROWS, 21)),
        (book(["a", "b", "c", "d", "e", "f"]), (SheetFault.TOO_WIDE, 1)),
        (book(["a"], places={"B1001": "x"}), (SheetFault.TOO_WIDE, 1001)),
        (book(["a"], ["x" * 101]), (SheetFault.CELL_TOO_LONG, 2)),
        (replaced(book(["a"]), SHEET, b" " * (5 << 20)), (SheetFault.TOO_LARGE, 0)),
        (replaced(book(["a"]), "xl/styles.xml", b" " * (2 << 20)), (SheetFault.TOO_LARGE, 0)),
        (replaced(book(["a"]), SHEET, b" " * 65_530 + b"<!DOCTYPE x>"), (SheetFault.NOT_XLSX, 0)),
        (replaced(book(["a"]), SHEET, b"<worksheet><sheetData><row>"), (SheetFault.NOT_XLSX, 0)),
    ],
)
def test_a_file_beyond_the_bounds_is_refused_with_its_line(content: bytes, fault: tuple[SheetFault, int]) -> None:
    assert fault_of(content) == fault


@pytest.mark.parametrize("part", [SHEET, "xl/styles.xml", "xl/workbook.xml"])
def test_a_part_that_is_larger_than_it_claims_is_refused(part: str) -> None:
    """Also where size and sum are those of its beginning, so that a reader which stops there finds nothing wrong."""
    content = bytearray(replaced(book(["a"]), part, b" " * (3 << 20)))
    for signature, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = -1
        while (at := content.find(signature, at + 1)) >= 0:
            if part.encode() in content[at : at + 90]:
                struct.pack_into("<I", content, at + place, 100)
                struct.pack_into("<I", content, at + place - 8, zlib.crc32(b" " * 100))
    assert fault_of(bytes(content)) == (SheetFault.NOT_XLSX, 0)
