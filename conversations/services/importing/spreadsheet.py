"""The first sheet of an XLSX file as rows of text, one after another."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook

MOST_BYTES = 4 << 30
"""What a file may hold unpacked; more is no chat history but a bomb."""
BROKEN = (BadZipFile, KeyError, ValueError, TypeError, AttributeError, SyntaxError, EOFError)
"""What openpyxl says of a file that is none of its own (a ParseError of its XML is a SyntaxError)."""
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
            whole = sum(part.file_size for part in packed.infolist())
        if whole > MOST_BYTES:
            raise BadSheet(f"unpacked it would have {whole:,} bytes")
        return load_workbook(file, read_only=True, data_only=True)
    except BROKEN as error:
        raise BadSheet("not a spreadsheet (XLSX)") from error


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
