"""Chat history from XLSX: the first sheet, dates as spreadsheets keep them, the same rows as from CSV."""

import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from openpyxl import Workbook

from conversations.models import Message
from conversations.services.importing import BadFile, ChatFile
from conversations.services.importing.rows import BadRow, judge
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


def judged(path: Path) -> list[str]:
    """Each row's reason, or the ids of the row."""
    found = []
    for raw in ChatFile(path).rows():
        assert raw.values is not None
        try:
            row = judge(raw.line, raw.values, ZoneInfo("Asia/Shanghai"), raw.lost)
        except BadRow as bad:
            found.append(str(bad))
        else:
            found.append(f"{row.conversation} {row.buyer} {row.identity}")
    return found


LONG = 1234567890123456
TIME = datetime(2026, 3, 2, 10, 0)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["c1", LONG, "buyer", None, TIME, "x", "m1"], "buyer: '1234567890123456' is a number of 16 and more digits"),
        ([LONG, "b1", "buyer", None, TIME, "x", "m1"], "conversation: '1234567890123456' is a number of 16"),
        (["c1", "b1", "buyer", None, TIME, "x", LONG], "message_id: '1234567890123456' is a number of 16"),
        (["c1", "b1", "agent", LONG, TIME, "x", "m1"], "agent: '1234567890123456' is a number of 16"),
        (["c1", "b1", "buyer", None, TIME, LONG, "m1"], "text: '1234567890123456' is a number of 16"),
        (["c1", TIME, "buyer", None, TIME, "x", "m1"], "buyer: '2026-03-02 10:00:00' is a date; format the column"),
        (["c1", "#N/A", "buyer", None, TIME, "x", "m1"], "buyer: '#N/A' holds an error of a formula"),
        (["c1", "b1", "buyer", None, datetime(2026, 3, 2), "x", "m1"], "sent_at: '2026-03-02' is no time"),
    ],
)
def test_a_row_that_a_spreadsheet_has_spoilt_is_refused_with_what_to_do(
    tmp_path: Path, row: list[object], reason: str
) -> None:
    made = Workbook()
    for cells in (HEAD, row):
        made.active.append(cells)
    if row[4] == datetime(2026, 3, 2):
        made.active["E2"].number_format = "yyyy/m/d"
    made.save(tmp_path / "chats.xlsx")
    [found] = judged(tmp_path / "chats.xlsx")
    assert found.startswith(reason)


def test_ids_as_text_and_numbers_in_columns_that_are_not_read_are_fine(tmp_path: Path) -> None:
    rows = [
        ["c1", str(LONG), "buyer", LONG, TIME, TIME, "m1"],
        ["c1", str(LONG + 1), "buyer", None, TIME, "x", 123456789012345],
    ]
    path = book(tmp_path / "chats.xlsx", [*HEAD[:3], "weather", *HEAD[4:7]], *rows)
    assert judged(path) == ["c1 1234567890123456 m1", "c1 1234567890123457 123456789012345"]


@pytest.mark.parametrize("column", ["conversation", "buyer", "message_id", "agent"])
@pytest.mark.parametrize("left", ["1.23457E+19", "#REF!"])
def test_an_id_that_a_csv_file_has_lost_is_refused(tmp_path: Path, column: str, left: str) -> None:
    row = {"conversation": "c1", "buyer": "b1", "sender": "agent", "agent": "a", "message_id": "1"}
    row["sent_at"] = str(TIME)
    path = tmp_path / "chats.csv"
    path.write_text(f"{','.join(row)},text\n{','.join((row | {column: left}).values())},1.23457E+19\n")
    [found] = judged(path)
    assert found.startswith(f"{column}: '{left}' ")
    assert ("format the column as text" in found) == left.startswith("1")
