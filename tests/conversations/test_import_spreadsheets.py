"""Chat history from XLSX: the first sheet, dates as spreadsheets keep them, the same rows as from CSV."""

import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from django.core.management import call_command
from openpyxl import Workbook

from conversations.models import Message
from conversations.services.importing import BadFile, ChatFile
from conversations.services.importing.spreadsheet import cell_text
from tests.metrics.rows import make_shop

HEAD = ["conversation", "buyer", "sender", "agent", "sent_at", "text", "message_id", "to_robot"]


def book(path: Path, *rows: list[object], title: str = "Sheet") -> Path:
    made = Workbook(write_only=True)
    sheet = made.create_sheet(title)
    for row in rows:
        sheet.append(row)
    made.create_sheet("other").append(["nothing", "of", "interest"])
    made.save(path)
    return path


def test_cells_become_the_text_of_a_csv_file(tmp_path: Path) -> None:
    row = ["c1", 7, "buyer", None, datetime(2026, 3, 2, 10, 0, 0, 400), "在吗", 3.0, True]
    path = book(tmp_path / "chats.xlsx", HEAD, row)
    [raw] = ChatFile(path).rows()
    assert raw.line == 2
    values = {"conversation": "c1", "buyer": "7", "sender": "buyer", "agent": "", "sent_at": "2026-03-02 10:00:00"}
    assert raw.values == values | {
        "text": "在吗", "message_id": "3", "to_robot": "true", "kind": None, "entry": None, "order_status": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (1.5, "1.5"), (datetime(2026, 3, 2, 9, 59, 59, 999_999), "2026-03-02 10:00:00"), (False, "false")],
)
def test_a_cell_as_text(value: object, text: str) -> None:
    assert cell_text(value) == text


def test_empty_lines_are_passed_over_and_short_rows_filled(tmp_path: Path) -> None:
    full = ["c1", "b1", "buyer", "", "2026-03-02 10:00:00", "x", "1", ""]
    path = book(tmp_path / "chats.xlsx", [], HEAD, [], full, full[:5], [*full, "too", "many"])
    rows = list(ChatFile(path).rows())
    assert [row.line for row in rows] == [4, 5, 6]
    assert rows[1].values is not None
    assert rows[1].values["message_id"] == ""
    assert rows[2].fault == "10 fields where the header has 8"


def test_a_missing_column_and_an_empty_sheet_are_said_with_their_place(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="line 2: no column sent_at"):
        ChatFile(book(tmp_path / "a.xlsx", [], ["conversation", "buyer", "sender"])).check()
    with pytest.raises(BadFile, match="the first sheet is empty"):
        ChatFile(book(tmp_path / "b.xlsx")).check()


def test_a_cut_file_a_foreign_archive_and_a_bomb_are_refused(tmp_path: Path) -> None:
    good = book(tmp_path / "good.xlsx", HEAD, ["c1", "b1", "buyer", "", "2026-03-02 10:00:00"]).read_bytes()
    foreign = BytesIO()
    with zipfile.ZipFile(foreign, "w") as packed:
        packed.writestr("letter.txt", "dear")
    for name, content in (("cut.xlsx", good[: len(good) // 2]), ("foreign.xlsx", foreign.getvalue())):
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(BadFile, match="not a spreadsheet"):
            ChatFile(path).check()


def test_a_sheet_that_is_broken_inside_is_refused(tmp_path: Path) -> None:
    path = book(tmp_path / "chats.xlsx", HEAD, ["c1", "b1", "buyer", "", "2026-03-02 10:00:00"])
    broken = tmp_path / "broken.xlsx"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(broken, "w") as new:
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, content[: len(content) // 2] if part.endswith("sheet1.xml") else content)
    with pytest.raises(BadFile, match=r"not a spreadsheet|breaks off"):
        ChatFile(broken).check()


def test_a_name_without_an_ending_is_told_by_how_it_begins(tmp_path: Path) -> None:
    path = book(tmp_path / "export.xlsx", HEAD, ["c1", "b1", "buyer", "", "2026-03-02 10:00:00"])
    assert ChatFile(path.rename(tmp_path / "export")).check() == 1


@pytest.mark.django_db
def test_the_command_reads_it_twice_without_doubling_anything(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    shop = make_shop()
    rows = [
        ["c1", "b1", "buyer", None, datetime(2026, 3, 2, 10, 0), "在吗", None, None],
        ["c1", "b1", "agent", "zoe", datetime(2026, 3, 2, 10, 1), "在的", None, None],
        ["c2", "b2", "buyer", None, "not a time", "?", None, None],
    ]
    path = book(tmp_path / "chats.xlsx", HEAD, *rows)
    for expected in ("read 3, imported 2, skipped 0, refused 1", "read 3, imported 0, skipped 2, refused 1"):
        call_command("import_chats", str(path), shop=shop.slug)
        assert capsys.readouterr().out.splitlines()[-1] == expected
    first = Message.objects.order_by("sent_at")[0]
    assert first.sent_at.astimezone(shop.zone).replace(tzinfo=None) == datetime(2026, 3, 2, 10, 0)
