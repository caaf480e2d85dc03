"""The encoding and the delimiter of a CSV file, by how spreadsheet programs write it: found out, not asked for."""

import codecs
import re
from io import TextIOWrapper
from typing import BinaryIO

DELIMITERS = ",;\t"
PIECE = 1 << 20
WIDE_CHARACTER = re.compile(rb"[\xe3-\xe9\xef][\x80-\xbf]{2}")
"""A Chinese character, or Chinese punctuation, in UTF-8."""


class NotText(ValueError):
    """In none of the encodings. `line` and `byte` count from 1 and say where it is not UTF-8."""

    def __init__(self, line: int, byte: int) -> None:
        super().__init__(line, byte)
        self.line, self.byte = line, byte


def open_text(file: BinaryIO, *, newline: str = "") -> TextIOWrapper:
    """The file as text: UTF-8 with or without a mark, UTF-16 with one ("Unicode text"), or GB18030. The file is read
    once whole to know; memory does not grow with it. Raises NotText.

    GB18030 has a meaning for most bytes. Therefore a file that begins as Chinese text in UTF-8 is UTF-8, and a fault in
    it is a fault, not the sign of another encoding.
    """
    encoding = _encoding_of(file)
    file.seek(0)
    return TextIOWrapper(file, encoding=encoding, newline=newline)


def delimiter_of(head: str) -> str:
    """The delimiter that the head has most of, outside of quotes; a comma where there is none."""
    plain = re.sub(r'"[^"]*"', "", head)
    return max(DELIMITERS, key=plain.count)


def _encoding_of(file: BinaryIO) -> str:
    file.seek(0)
    start = file.read(2)
    if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if _fault_at(file, "utf-16") is not None:
            raise NotText(1, 1)
        return "utf-16"
    fault = _fault_at(file, "utf-8-sig")
    if fault is None:
        return "utf-8-sig"
    chinese, line, byte = _look_before(file, fault)
    if chinese or _fault_at(file, "gb18030") is not None:
        raise NotText(line, byte)
    return "gb18030"


def _fault_at(file: BinaryIO, encoding: str) -> int | None:
    """The place of the first byte that is not in `encoding`; None where all are."""
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    done = 0
    while True:
        piece = file.read(PIECE)
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            return done - held + error.start
        if not piece:
            return None
        done += len(piece)


def _look_before(file: BinaryIO, place: int) -> tuple[bool, int, int]:
    """Look for Chinese text in UTF-8 before that place. Return (found, line of the place, byte in the line), from 1."""
    file.seek(0)
    chinese, line, begin, done, tail = False, 1, 0, 0, b""
    while done < place:
        piece = file.read(min(PIECE, place - done))
        chinese = chinese or WIDE_CHARACTER.search(tail + piece) is not None
        line += piece.count(b"\n")
        begin = done + piece.rfind(b"\n") + 1 if b"\n" in piece else begin
        done += len(piece)
        tail = piece[-2:]
    return chinese, line, place - begin + 1
