"""Tables on their way out of the browser, as CSV or XLSX that spreadsheet programs read rightly and do not run."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, islice, zip_longest
from tempfile import TemporaryFile
from unicodedata import east_asian_width

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
from core.tabular import MAX_EXACT


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
MOMENT_WIDTH, DAY_WIDTH = 20, 12
"""Characters of a column; of one with times, and with days, which a narrower one shows as ####."""
MEASURED_ROWS = 100
"""So many rows say how wide the columns are: widths stand in the file before its rows."""
MAX_CSV_ROWS, MAX_XLSX_ROWS = 500_000, 100_000
"""A download ends with a sentence after so many rows: whoever asks does not choose how long it takes."""
FORMULA = re.compile(r"[\s\ufeff\u200b-\u200f\x00-\x1f]*[=+\-@＝＋－＠﹢﹣﹦﹫−]|[\t\r\n]")
"""A text that begins so may be taken for a formula: programs skip blanks before the sign, and read full-width ones."""
CONVERTED = re.compile(
    r"0[0-9]+|[0-9]{12,250}|[0-9]+(\.[0-9]+)?[eE][-+]?[0-9]+"
    r"|(?!\d{4}-\d\d-\d\d\Z)[0-9]{1,4}[-/][0-9]{1,2}([-/][0-9]{1,4})?"
)
"""A text that Excel, opening a CSV file, takes for a number or a date: 007, 202611200905123456, 12E5, 3-2."""


class _Echo:
    """What csv writes into, when each line is to be handed on at once."""

    def write(self, value: str) -> str:
        return value


def download(
    request: HttpRequest, name: str, head: Sequence[object], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """As the request's `format` asks: csv, csv_excel or xlsx. Raises BadRequest for another. `name`: no ending."""
    if query(request).text("format") == "xlsx":
        return xlsx_download(name, head, rows)
    return download_csv(request, name, head, rows)


def download_csv(
    request: HttpRequest, name: str, head: Sequence[object], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """The same where there is no spreadsheet: csv (the values as they are) or csv_excel (as Excel will show them)."""
    form = query(request).text("format", "csv")
    if form not in ("csv", "csv_excel"):
        raise BadRequest("format")
    return csv_download(name, head, rows, for_excel=form == "csv_excel")


def csv_download(
    name: str, head: Sequence[object], rows: Iterable[Sequence[object]], *, for_excel: bool = False
) -> StreamingHttpResponse:
    """The rows under their head, as a stream: memory does not grow with the table. `name` without its ending.
    `for_excel`: texts of digits are written so that Excel keeps them whole, and other programs do not read them."""
    response = StreamingHttpResponse(
        _written(head, bounded(rows, MAX_CSV_ROWS), for_excel), content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def xlsx_download(name: str, head: Sequence[object], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """The same as a spreadsheet: a head and a first column that stay in sight, texts that are never formulas. Written
    to a file row by row: memory does not grow with the table."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    sheet.freeze_panes = "B2"
    whole = bounded(rows, MAX_XLSX_ROWS)
    first = list(islice(whole, MEASURED_ROWS))
    for place, cells in enumerate(zip_longest(*first), 1):
        sheet.column_dimensions[get_column_letter(place)].width = _width(head[place - 1 : place], cells)
    for row in chain([head], first, whole):
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


def _width(head: Sequence[object], cells: Sequence[object]) -> float:
    """Characters of a column by its head and its first cells. One that is empty there may have times further down."""
    filled = [cell for cell in cells if cell not in (None, "")]
    widths = [_characters(str(title)) + 2 for title in head] + [_cell_width(cell) for cell in filled]
    return max(NARROW if filled else MOMENT_WIDTH, min(WIDE, max(widths, default=0)))


def _cell_width(value: object) -> int:
    if isinstance(value, datetime):
        return MOMENT_WIDTH
    if isinstance(value, date):
        return DAY_WIDTH
    return _characters(value.text if isinstance(value, Figure) else str(value)) + 2


def _characters(text: str) -> int:
    """Width in Latin characters: a Chinese one takes two."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text[:WIDE])


def _cell(sheet: WriteOnlyWorksheet, value: object) -> object:
    """Numbers and times as such, without a zone, which spreadsheets do not know; a text as a text, digits too."""
    if isinstance(value, int) and abs(value) >= MAX_EXACT:
        value = str(value)
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
    if CONVERTED.fullmatch(value):
        cell.number_format = "@"
    return cell


def _written(head: Sequence[object], rows: Iterable[Sequence[object]], for_excel: bool) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield BOM + writer.writerow(head)
    write = protect_from_excel if for_excel else harmless
    for row in rows:
        yield writer.writerow([write(cell) for cell in row])


def protect_from_excel(cell: object) -> object:
    """As `harmless`; what Excel would make a number or a date of is written as the formula of a text."""
    if isinstance(cell, int) and abs(cell) >= MAX_EXACT:
        cell = str(cell)
    if isinstance(cell, str) and CONVERTED.fullmatch(cell):
        return f'="{cell}"'
    return harmless(cell)


def harmless(cell: object) -> object:
    """A text that a spreadsheet would run is written as text; numbers, negative ones too, stay numbers."""
    if isinstance(cell, Figure):
        return cell.text
    return f"'{cell}" if isinstance(cell, str) and FORMULA.match(cell) else cell
