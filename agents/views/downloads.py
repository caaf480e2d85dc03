"""Tables on their way out of the browser, as CSV or XLSX that spreadsheet programs read rightly and do not run."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from tempfile import TemporaryFile

from django.core.exceptions import BadRequest
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.utils.translation import gettext as _
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
MAX_CSV_ROWS, MAX_XLSX_ROWS = 500_000, 100_000
"""A download ends with a sentence after so many rows: whoever asks does not choose how long it takes."""
FORMULA = re.compile(r"[\s\ufeff\u200b-\u200f\x00-\x1f]*[=+\-@＝＋－＠﹢﹣﹦﹫−]|[\t\r\n]")
"""A text that begins so may be taken for a formula: programs skip blanks before the sign, and read full-width ones."""


class _Echo:
    """What csv writes into, when each line is to be handed on at once."""

    def write(self, value: str) -> str:
        return value


def download(
    request: HttpRequest, name: str, head: Sequence[object], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """As the request's `format` asks, csv or xlsx; raises BadRequest for another. `name` without its ending."""
    made = {"csv": csv_download, "xlsx": xlsx_download}.get(query(request).text("format", "csv"))
    if made is None:
        raise BadRequest("format")
    return made(name, head, rows)


def csv_download(name: str, head: Sequence[object], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """The rows under their head, as a stream: memory does not grow with the table. `name` without its ending."""
    response = StreamingHttpResponse(
        _written(head, bounded(rows, MAX_CSV_ROWS)), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def xlsx_download(name: str, head: Sequence[object], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """The same as a spreadsheet: a head and a first column that stay in sight, texts that are never formulas. Written
    to a file row by row: memory does not grow with the table."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "B2"
    for place, title in enumerate(head, 1):
        sheet.column_dimensions[get_column_letter(place)].width = max(NARROW, min(WIDE, 2 * len(str(title)) + 2))
    for row in chain([head], bounded(rows, MAX_XLSX_ROWS)):
        sheet.append([_cell(sheet, value) for value in row])
    kept = TemporaryFile()  # noqa: SIM115  (the response closes it)
    save_workbook(book, kept)
    kept.seek(0)
    return FileResponse(kept, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)


def bounded(rows: Iterable[Sequence[object]], most: int) -> Iterator[Sequence[object]]:
    """Yield the first `most` rows, then, if there are more, a row that says so."""
    for number, row in enumerate(rows):
        if number == most:
            yield [_("Only the first %(most)s rows: ask for a shorter time.") % {"most": most}]
            return
        yield row


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
