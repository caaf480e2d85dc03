"""Tables on their way out of the browser, as CSV or XLSX that spreadsheet programs read rightly and do not run."""

import csv
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, islice
from tempfile import TemporaryFile

from asgiref.sync import sync_to_async
from django.core.exceptions import BadRequest
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.writer.excel import save_workbook

from core.http.parameters import query


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as a spreadsheet shows it, and as a text file has it."""

    value: float
    number_format: str
    text: str


BOM = "\ufeff"
"""Without it Excel takes UTF-8 for something else."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
NARROW, WIDE = 10, 40
"""Characters of a column."""
PARTS = 500
"""Lines of a text, or blocks of 4 kB of a file, that go out together."""
FORMULA = re.compile(r"[\s\ufeff\u200b-\u200f\x00-\x1f]*[=+\-@＝＋－＠﹢﹣﹦﹫−]|[\t\r\n]")
"""A text that begins so may be taken for a formula: programs skip blanks before the sign, and read full-width ones."""


class InPieces(StreamingHttpResponse):
    """Also where Django would read the whole of it first: under ASGI it hands out plain iterators as one list."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        parts = iter(self)
        while piece := await sync_to_async(lambda: b"".join(islice(parts, PARTS)))():
            yield piece


class FileInPieces(InPieces, FileResponse):
    """A file, the same way."""


class _Echo:
    """What csv writes into, when each line is to be handed on at once."""

    def write(self, value: str) -> str:
        return value


def download(request: HttpRequest, name: str, head: Sequence[object], rows: Iterable[Sequence[object]]) -> InPieces:
    """As the request's `format` asks, csv or xlsx; raises BadRequest for another. `name` without its ending."""
    made = {"csv": csv_download, "xlsx": xlsx_download}.get(query(request).text("format", "csv"))
    if made is None:
        raise BadRequest("format")
    return made(name, head, rows)


def csv_download(name: str, head: Sequence[object], rows: Iterable[Sequence[object]]) -> InPieces:
    """The rows under their head, as a stream: memory does not grow with the table. `name` without its ending."""
    response = InPieces(_written(head, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def xlsx_download(name: str, head: Sequence[object], rows: Iterable[Sequence[object]]) -> InPieces:
    """The same as a spreadsheet: a head and a first column that stay in sight, texts that are never formulas. Written
    to a file row by row: memory does not grow with the table."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "B2"
    for place, title in enumerate(head, 1):
        sheet.column_dimensions[get_column_letter(place)].width = max(NARROW, min(WIDE, 2 * len(str(title)) + 2))
    for row in chain([head], rows):
        sheet.append([_cell(sheet, value) for value in row])
    kept = TemporaryFile()  # noqa: SIM115  (the response closes it)
    save_workbook(book, kept)
    kept.seek(0)
    return FileInPieces(kept, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)


def _cell(sheet: WriteOnlyWorksheet, value: object) -> object:
    """Numbers and times as such, without a zone, which spreadsheets do not know; a text as a text."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None)
    if isinstance(value, Figure):
        figure = WriteOnlyCell(sheet, value.value)
        figure.number_format = value.number_format
        return figure
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value))
    cell.data_type = "s"
    # Typed as a text, and kept one where somebody edits the cell or saves the sheet as CSV.
    cell.quotePrefix = bool(FORMULA.match(value))
    return cell


def _written(head: Sequence[object], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield BOM + writer.writerow(head)
    for row in rows:
        yield writer.writerow([harmless(cell) for cell in row])


def harmless(cell: object) -> object:
    """A text that a spreadsheet would run is written as text; numbers, negative ones too, stay numbers."""
    if isinstance(cell, Figure):
        return cell.text
    return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell
