"""Reading a chat-history file as a stream of raw rows; what is wrong with the whole file is one BadFile."""

import csv
from _csv import Reader
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from io import BufferedReader
from pathlib import Path
from typing import IO, Any, AnyStr

from core.json_text import parse_json
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
)

REQUIRED = ("conversation", "buyer", "sender", "sent_at")
COLUMNS = (*REQUIRED, "agent", "message_id", "kind", "text", "entry", "order_status", "to_robot")
MAX_LINE = 1 << 20
"""Characters of one line. Longer is no chat, and a stream must not swallow a file that has no line ends."""
BOUNDS = Bounds(unpacked=4 << 30, kept=256 << 20, rows=1 << 20, columns=1000, cell=1 << 17)


class Format(Enum):
    CSV = "csv"
    NDJSON = "ndjson"
    XLSX = "xlsx"


ENDINGS = {".csv": Format.CSV, ".ndjson": Format.NDJSON, ".jsonl": Format.NDJSON, ".xlsx": Format.XLSX}


class BadFile(Exception):
    """The file as a whole is refused; the text names the place."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row as it stands in the file: column -> value, or why it cannot be one. `line` counts from 1. `lost`: columns
    of a spreadsheet that do not hold what was typed."""

    line: int
    values: Mapping[str, Any] | None
    fault: str = ""
    lost: Mapping[str, CellFault] = field(default_factory=dict)


class ChatFile:
    """A CSV file as spreadsheet programs write it (UTF-8, UTF-16 or GB18030; comma, semicolon or tab), an NDJSON file
    in UTF-8, or an XLSX file, whose first sheet is read. Can be read again and again.

    `renamed` maps the contract's column names to the file's (`--map sent_at=created_at`).
    """

    def __init__(self, path: Path, renamed: Mapping[str, str] | None = None) -> None:
        self.path = path
        self.renamed = dict(renamed or {})
        for column in self.renamed:
            if column not in COLUMNS:
                raise BadFile(f"--map {column}: no such column; there are {', '.join(COLUMNS)}")
        self.format = self._find_format()

    def _find_format(self) -> Format:
        """By the name's ending, else by how the file begins."""
        suffix = self.path.suffix.lower()
        if suffix == ".xls":
            raise BadFile(f"{self.path}: the old XLS format is not read; save it as XLSX or CSV (UTF-8)")
        if suffix in ENDINGS:
            return ENDINGS[suffix]
        with self._open() as file:
            start = file.read(200)
        if start.startswith(b"PK\x03\x04"):
            return Format.XLSX
        json_like = start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")
        return Format.NDJSON if json_like else Format.CSV

    def _open(self) -> BufferedReader:
        try:
            return self.path.open("rb")
        except OSError as error:
            raise BadFile(f"{self.path}: {error.strerror}") from error

    def rows(self) -> Iterator[RawRow]:
        """Every row in the file's order; blank lines are passed over. Raises BadFile where the file breaks off."""
        with self._open() as file:
            if self.format is Format.XLSX:
                yield from self._xlsx(file)
            else:
                yield from self._csv(file) if self.format is Format.CSV else self._ndjson(file)

    def check(self) -> int:
        """Read the file once to its end and return the number of rows; raises BadFile if it is not whole."""
        return sum(1 for _ in self.rows())

    def _utf8_lines(self, file: BufferedReader) -> Iterator[tuple[int, str]]:
        for number, raw in self._bounded(file):
            try:
                text = raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise BadFile(f"{self.path}: line {number}: not UTF-8 (byte {error.start + 1})") from error
            yield number, text

    def _bounded(self, file: "IO[AnyStr]") -> Iterator[tuple[int, AnyStr]]:
        number = 0
        while line := file.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                raise BadFile(f"{self.path}: line {number}: longer than {MAX_LINE} characters")
            yield number, line
        if not number:
            raise BadFile(f"{self.path}: the file is empty")

    def _csv(self, file: BufferedReader) -> Iterator[RawRow]:
        try:
            opened = open_text(file)
        except NotText as bad:
            place = f"{self.path}: line {bad.line}: not UTF-8 (byte {bad.byte})"
            raise BadFile(f"{place}, nor is the file GB18030 or UTF-16; save it as CSV UTF-8") from bad
        last = ""

        def texts() -> Iterator[str]:
            nonlocal last
            for _number, text in self._bounded(opened):
                last = text
                yield text

        delimiter = delimiter_of(opened.readline(MAX_LINE))
        opened.seek(0)
        reader = csv.reader(texts(), strict=True, delimiter=delimiter)
        try:
            header = self._header(self._next(reader, 1) or [])
        except csv.Error as error:
            raise BadFile(f"{self.path}: line 1: quotes do not match: {error}") from error
        while True:
            line = reader.line_num + 1
            try:
                fields = self._next(reader, line)
            except csv.Error as error:
                yield RawRow(line, None, f"quotes do not match: {error}")
                continue
            if fields is None:
                return
            if fields:
                yield self._csv_row(line, header, fields, cut=not last.endswith(("\n", "\r")))

    def _next(self, reader: "Reader", line: int) -> list[str] | None:
        """The next row, None at the end. A quote that is never closed means that the file is not whole."""
        try:
            return next(reader, None)
        except csv.Error as error:
            if "unexpected end" in str(error):
                raise BadFile(f"{self.path}: line {line}: a quote is not closed; is the file cut off?") from error
            if "field limit" in str(error):
                raise BadFile(f"{self.path}: line {line}: a field is too long; is a quote not closed?") from error
            raise

    def _header(self, names: list[str], line: int = 1) -> list[str]:
        names = [name.strip() for name in names]
        wanted = [self.renamed.get(column, column) for column in REQUIRED]
        missing = [name for name in [*wanted, *self.renamed.values()] if name not in names]
        if missing:
            raise BadFile(f"{self.path}: line {line}: no column {', '.join(dict.fromkeys(missing))}")
        twice = [name for name in names if names.count(name) > 1 and name in {*COLUMNS, *self.renamed.values()}]
        if twice:
            raise BadFile(f"{self.path}: line {line}: column {twice[0]} stands there twice")
        return names

    def _csv_row(self, line: int, header: list[str], fields: list[str], *, cut: bool) -> RawRow:
        if len(fields) < len(header) and cut:
            raise BadFile(f"{self.path}: line {line}: the file breaks off within the row")
        if len(fields) != len(header):
            return RawRow(line, None, f"{len(fields)} fields where the header has {len(header)}")
        return RawRow(line, self._named(dict(zip(header, fields, strict=True))))

    def _xlsx(self, file: BufferedReader) -> Iterator[RawRow]:
        """As CSV, but that a row may lack its last, empty cells."""
        header: list[str] | None = None
        try:
            for row in sheet_rows(file, BOUNDS, computed=True):
                if header is None:
                    header = self._header(list(row.cells), row.number)
                else:
                    yield self._xlsx_row(header, row)
        except SheetError as error:
            raise BadFile(f"{self.path}: {_sheet_fault(error)}") from error
        if header is None:
            raise BadFile(f"{self.path}: the first sheet is empty")

    def _xlsx_row(self, header: list[str], row: SheetRow) -> RawRow:
        filled = max((i for i, cell in enumerate(row.cells, 1) if cell), default=0)
        if filled > len(header):
            return RawRow(row.number, None, f"{filled} fields where the header has {len(header)}")
        values = row.cells[: len(header)] + ("",) * (len(header) - len(row.cells))
        faults = {header[place]: fault for place, fault in row.faults.items() if place < len(header)}
        lost = {column: fault for column, fault in self._named(faults).items() if fault}
        return RawRow(row.number, self._named(dict(zip(header, values, strict=True))), lost=lost)

    def _named(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values under the contract's names; a mapped column comes from where it was mapped, and only there."""
        return {column: values.get(self.renamed.get(column, column)) for column in COLUMNS}

    def _ndjson(self, file: BufferedReader) -> Iterator[RawRow]:
        wanted = {self.renamed.get(column, column) for column in REQUIRED} | set(self.renamed.values())
        some = False
        for number, text in self._utf8_lines(file):
            if not text.strip():
                continue
            some = True
            try:
                value = parse_json(text)
            except ValueError as error:
                if not text.endswith("\n"):
                    raise BadFile(f"{self.path}: line {number}: the file breaks off within the row") from error
                yield RawRow(number, None, "not JSON")
                continue
            if not isinstance(value, dict):
                yield RawRow(number, None, "not a JSON object")
                continue
            wanted -= value.keys()
            yield RawRow(number, self._named(value))
        if some and wanted:
            raise BadFile(f"{self.path}: no row has {', '.join(sorted(wanted))}")


def _sheet_fault(error: SheetError) -> str:
    return {
        SheetFault.NOT_XLSX: "not a spreadsheet (XLSX)",
        SheetFault.BROKEN: "the spreadsheet breaks off",
        SheetFault.TOO_LARGE: f"unpacked it would have {error.size:,} bytes",
        SheetFault.NO_SHEET: "there is no sheet in it",
        SheetFault.TOO_MANY_ROWS: f"more than {BOUNDS.rows:,} rows; split the file",
        SheetFault.TOO_WIDE: f"line {error.line}: more than {BOUNDS.columns:,} columns",
        SheetFault.CELL_TOO_LONG: f"line {error.line}: a cell is longer than {BOUNDS.cell:,} characters",
    }[error.fault]
