"""Chat-history files that are wrong: refused with a place, or read; no traceback, and memory as for right ones."""

import json
import zipfile
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper
from openpyxl import Workbook

from conversations.models import Message
from conversations.services.importing import BadFile, ChatFile
from conversations.services.importing.rows import BadRow, judge
from tests.hostile.amount import SEED, part
from tests.hostile.mutate import Memory, cases, mutant, resident
from tests.metrics.rows import make_shop

HEAD = ["conversation", "buyer", "sender", "agent", "sent_at", "text", "message_id", "kind", "to_robot"]
ROWS: list[list[object]] = [
    ["c1", "b1", "buyer", "", "2026-03-02 10:00:00", "在吗", "m1", "text", ""],
    ["c1", "b1", "agent", "小美", "2026-03-02T10:01:00+08:00", "在的，“您说”\n两行", "m2", "text", ""],
    ["c2", "b2", "robot", "", "20260302T100200", "=1+1", "m3", "image", "true"],
    ["c2", "b2", "buyer", "", "2026-03-02 10:03:00", "x" * 300, "", "", "1"],
]
SHEET, STRINGS = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
ZONE = ZoneInfo("Asia/Shanghai")

pytestmark = pytest.mark.slow


def as_csv() -> bytes:
    quoted = [",".join(f'"{cell}"' for cell in row) for row in [HEAD, *ROWS]]
    return "\n".join(quoted).encode()


def as_ndjson() -> bytes:
    return "\n".join(json.dumps(dict(zip(HEAD, row, strict=True)), ensure_ascii=False) for row in ROWS).encode()


def as_xlsx() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [HEAD, *ROWS, ["c3", 7, "buyer", None, datetime(2026, 3, 2, 10), 1.5, 3.0, "text", True]]:
        sheet.append(row)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def with_strings(strings: bytes | None = None) -> dict[str, bytes]:
    """The parts of a book whose texts stand in a part of their own, as Excel has it; openpyxl puts them into cells."""
    with zipfile.ZipFile(BytesIO(as_xlsx())) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    office, kind = "http://schemas.openxmlformats.org", "application/vnd.openxmlformats-officedocument.spreadsheetml"
    types = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}.sharedStrings+xml"/></Types>'.encode()
    relation = f"{office}/officeDocument/2006/relationships/sharedStrings"
    link = f'<Relationship Id="rId99" Type="{relation}" Target="/xl/sharedStrings.xml"/></Relationships>'.encode()
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", types)
    parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(b"</Relationships>", link)
    sst = f'<sst xmlns="{office}/spreadsheetml/2006/main"><si><t>one</t></si><si><r><t>t</t></r></si></sst>'.encode()
    return parts | {STRINGS: sst if strings is None else strings}


def packed(parts: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def spoilt_books() -> Iterator[bytes]:
    """Mutants of the archive, and of the parts inside one that is whole."""
    parts, luck = with_strings(), Random(f"{SEED} parts")
    book = packed(parts)
    for number in range(part(4_000)):
        if number % 3 == 0:
            yield mutant(book, luck)
            continue
        name = luck.choice([*parts, *[SHEET, STRINGS] * 3])
        yield packed(parts | {name: mutant(parts[name], luck)})


FILES = {
    "csv": lambda: cases("csv", [as_csv(), as_csv().replace(b"\n", b"\r\n")], 3_000),
    "ndjson": lambda: cases("ndjson", [as_ndjson()], 3_000),
    "xlsx": spoilt_books,
}


@pytest.mark.parametrize("kind", FILES)
def test_a_spoilt_file_is_read_or_refused_with_its_place(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"chats.{kind}"
    memory, ends = Memory(part(4_000 if kind == "xlsx" else 3_000)), {"read": 0, "refused": 0}
    for content in FILES[kind]():
        path.write_bytes(content)
        ends[looked_at(path)] += 1
        memory.case()
    memory.check()
    assert min(ends.values()) > 10, ends


def looked_at(path: Path) -> str:
    """Anything raised but BadFile and BadRow fails the test."""
    try:
        for raw in ChatFile(path).rows():
            if raw.values is None:
                assert raw.fault
                continue
            try:
                judge(raw.line, raw.values, ZONE)
            except BadRow as bad:
                assert ": " in str(bad), bad
    except BadFile as bad:
        assert str(bad).startswith(str(path)), bad
        assert len(str(bad)) < len(str(path)) + 2_000
        return "refused"
    return "read"


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_what_is_taken_goes_in_and_what_is_not_changes_nothing(kind: str, tmp_path: Path) -> None:
    shop, path = make_shop(), tmp_path / f"chats.{kind}"
    sample = {"csv": as_csv, "ndjson": as_ndjson}[kind]()
    for content in cases(f"{kind} in", [sample], 500):
        path.write_bytes(content)
        before = Message.objects.count()
        out = BytesIO()
        try:
            call_command("import_chats", str(path), shop=shop.slug, stdout=Text(out), stderr=Text(out))
        except CommandError as refused:
            assert refused.returncode == 2
            assert Message.objects.count() == before
        assert b"Traceback" not in out.getvalue()


class Text(OutputWrapper):
    def __init__(self, out: BytesIO) -> None:
        super().__init__(out)

    def write(self, msg: str = "", *_given: object, **_named: object) -> None:
        self._out.write(msg.encode("utf-8", "replace"))


BOMBS = {
    "texts": (STRINGS, b"<si><t>" + b"0" * (1 << 20) + b"</t></si>"),
    "one text": (STRINGS, b"0" * (1 << 20)),
    "one cell": (SHEET, b"0" * (1 << 20)),
    "cells": (SHEET, b'<c t="inlineStr"><is><t>' + b"0" * (1 << 20) + b"</t></is></c>"),
    "styles": ("xl/styles.xml", b"<font/>" * 100_000),
    "nobody's part": ("xl/media/image1.png", bytes(1 << 20)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_no_memory(name: str, tmp_path: Path) -> None:
    path, (place, piece) = tmp_path / "bomb.xlsx", BOMBS[name]
    parts = with_strings()
    begin = parts.pop(place, b"").replace(b"</si></sst>", b"").replace(b"</row></sheetData></worksheet>", b"")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for other, content in parts.items():
            archive.writestr(other, content)
        with archive.open(place, "w", force_zip64=True) as inner:
            inner.write(begin)
            for _ in range(400):
                inner.write(piece)
    assert path.stat().st_size < 4 << 20
    before = resident()
    with pytest.raises(BadFile, match="unpacked it would have"):
        ChatFile(path).check()
    assert resident() - before < 50 << 20


def test_entities_that_name_each_other_are_not_written_out(tmp_path: Path) -> None:
    names = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    laughs = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{names}]><sst><si><t>&e9;</t></si></sst>'
    path = tmp_path / "laughs.xlsx"
    path.write_bytes(packed(with_strings(laughs.encode())))
    before = resident()
    with pytest.raises(BadFile):
        ChatFile(path).check()
    assert resident() - before < 150 << 20  # expat itself stops at a hundred times the file; written out it is 2 GB


def test_a_whole_book_with_its_texts_apart_is_read(tmp_path: Path) -> None:
    """The sample of the others: what they spoil is right."""
    path = tmp_path / "whole.xlsx"
    path.write_bytes(packed(with_strings()))
    assert ChatFile(path).check() == len(ROWS) + 1
