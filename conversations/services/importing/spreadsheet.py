"""The first sheet of an XLSX file as rows of text, one after another."""

import lzma
import struct
import zlib
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from openpyxl import load_workbook

MOST_BYTES = 4 << 30
"""What a file may hold unpacked; more is no chat history but a bomb."""
MOST_KEPT = 256 << 20
"""… in the parts that are read whole into memory: texts, styles."""
MOST_TIMES, SMALL = 100, 16 << 20
"""What is packed more tightly than that is no table either, once it is more than a little."""
BROKEN = (
    *(BadZipFile, LookupError, ArithmeticError, ValueError, TypeError, AttributeError, SyntaxError, EOFError),
    *(RuntimeError, OSError, AssertionError, zlib.error, struct.error, lzma.LZMAError),
)
"""What openpyxl and zipfile say of a file that is none of their own (a ParseError of its XML is a SyntaxError, an
encrypted or unknown packing a RuntimeError)."""
HALF_A_SECOND = timedelta(microseconds=500_000)


class BadSheet(Exception):
    """The file is no spreadsheet that can be read."""


def sheet_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of the first sheet, from 1, empty lines left out. The rows are read one by one; of the file's
    texts openpyxl keeps each different one once, as the format does.

    Raises BadSheet.
    """
    with path.open("rb") as file:
        book = _opened(file)
        try:
            if not book.worksheets:
                raise BadSheet("there is no sheet in it")
            for line, cells in enumerate(book.worksheets[0].iter_rows(values_only=True), 1):
                row = [cell_text(cell) for cell in cells]
                if any(row):
                    yield line, row
        except BROKEN as error:
            raise BadSheet("the spreadsheet breaks off") from error
        finally:
            book.close()


def _opened(file: BinaryIO) -> Any:
    try:
        with ZipFile(file) as packed:
            _refuse_bomb(packed.infolist())
        return load_workbook(file, read_only=True, data_only=True)
    except BROKEN as error:
        raise BadSheet("not a spreadsheet (XLSX)") from error


def _refuse_bomb(parts: list[ZipInfo]) -> None:
    """By the sizes that the archive claims. One that lies can still have zipfile unpack a part before it is found out
    (docs/security.md): this is for the command; what comes over the web is counted anew (routing.forms.sheets)."""
    whole = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    kept = sum(part.file_size for part in parts if not part.filename.startswith("xl/worksheets/"))
    if whole > MOST_BYTES or kept > MOST_KEPT or whole > max(SMALL, MOST_TIMES * packed):
        raise BadSheet(f"unpacked it would have {whole:,} bytes")


def cell_text(value: Any) -> str:
    """A cell as it would stand in a CSV file. Times are to the second: spreadsheets keep them as parts of a day."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return (value + HALF_A_SECOND).replace(microsecond=0).isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
