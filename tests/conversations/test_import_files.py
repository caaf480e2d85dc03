"""A file that is not whole, not UTF-8 or not chat history is one error that names the place; nothing is changed."""

from pathlib import Path

import pytest

from conversations.services.importing import BadFile, ChatFile
from conversations.services.importing.files import Format

HEADER = b"conversation,buyer,sender,agent,sent_at,text\n"
ROW = b"c1,b1,buyer,,2026-03-02T10:00:00Z,hello\n"
JSON = b'{"conversation": "c1", "buyer": "b1", "sender": "buyer", "sent_at": "2026-03-02T10:00:00Z"}\n'


def write(folder: Path, content: bytes, name: str = "chats.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("chats.csv", b"", "the file is empty"),
        ("chats.ndjson", b"", "the file is empty"),
        ("chats.csv", HEADER + ROW + ROW.replace(b"hello", b"\xff\xff"), "line 3: not UTF-8 (byte 35)"),
        ("chats.csv", HEADER + ROW.replace(b"hello", "你好".encode()) + b"c1,\xb0\xa1", "line 3: not UTF-8 (byte 4)"),
        ("chats.csv", (HEADER + ROW).decode().encode("utf-16")[:-1], "line 1: not UTF-8 (byte 1)"),
        ("chats.ndjson", JSON + b'{"text": "\xff"}\n', "line 2: not UTF-8"),
        ("chats.csv", HEADER + ROW + b'c1,b1,buyer,,2026-03-02T10:00:00Z,"he', "line 3: a quote is not closed"),
        ("chats.csv", HEADER + ROW + b"c1,b1,buy", "line 3: the file breaks off within the row"),
        ("chats.ndjson", JSON + JSON[:40], "line 2: the file breaks off within the row"),
        ("chats.csv", b"conversation,sender,agent\n", "line 1: no column buyer, sent_at"),
        ("chats.csv", HEADER.replace(b"agent", b"buyer"), "line 1: column buyer stands there twice"),
        ("chats.ndjson", b'{"conversation": "c1", "buyer": "b1"}\n', "no row has sender, sent_at"),
        ("chats.csv", HEADER + b'"' + ROW * 5000, "line 2: a field is too long"),
        ("chats.ndjson", JSON + b"x" * (2 << 20), "line 2: longer than 1048576 characters"),
        ("chats.xls", b"x", "the old XLS format is not read"),
        ("chats.xlsx", b"", "not a spreadsheet (XLSX)"),
        ("chats.xlsx", b"PK", "not a spreadsheet (XLSX)"),
        ("chats.xlsx", HEADER + ROW, "not a spreadsheet (XLSX)"),
    ],
)
def test_a_bad_file_is_one_error_that_names_the_place(tmp_path: Path, name: str, content: bytes, error: str) -> None:
    path = write(tmp_path, content, name)
    with pytest.raises(BadFile) as bad:
        ChatFile(path).check()
    assert str(path) in str(bad.value)
    assert error in str(bad.value)


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    for name in ("none.csv", "none"):
        with pytest.raises(BadFile, match="No such file"):
            ChatFile(tmp_path / name).check()
    with pytest.raises(BadFile, match="Is a directory"):
        ChatFile(tmp_path).check()


def test_a_mapped_column_must_be_there_and_be_ours(tmp_path: Path) -> None:
    path = write(tmp_path, HEADER + ROW)
    with pytest.raises(BadFile, match="no column created_at"):
        ChatFile(path, {"sent_at": "created_at"}).check()
    with pytest.raises(BadFile, match="--map time: no such column"):
        ChatFile(path, {"time": "sent_at"})


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_byte_order_mark_windows_line_ends_and_blank_lines_are_fine(tmp_path: Path, mark: bytes, end: bytes) -> None:
    content = mark + (HEADER + ROW + b"\n" + ROW).replace(b"\n", end)
    rows = list(ChatFile(write(tmp_path, content)).rows())
    assert [(row.line, row.values["conversation"], row.values["text"]) for row in rows] == [
        (2, "c1", "hello"),
        (4, "c1", "hello"),
    ]


def test_the_last_line_needs_no_line_end(tmp_path: Path) -> None:
    assert ChatFile(write(tmp_path, HEADER + ROW.rstrip())).check() == 1
    assert ChatFile(write(tmp_path, JSON.rstrip(), "chats.jsonl")).check() == 1


def test_a_line_in_the_middle_that_is_no_row_is_a_bad_row_not_a_bad_file(tmp_path: Path) -> None:
    content = JSON + b"{nonsense\n" + b"[1]\n" + b"[" * 100_000 + b"\n" + JSON
    rows = list(ChatFile(write(tmp_path, content, "chats.ndjson")).rows())
    assert [row.fault for row in rows] == ["", "not JSON", "not a JSON object", "not JSON", ""]
    quotes = HEADER + b'c1,b1,buyer,,2026-03-02T10:00:00Z,"he said "hi""\n' + ROW
    rows = list(ChatFile(write(tmp_path, quotes)).rows())
    assert [(row.line, row.fault[:19]) for row in rows] == [(2, "quotes do not match"), (3, "")]


def test_without_a_known_ending_the_content_says_what_it_is(tmp_path: Path) -> None:
    assert ChatFile(write(tmp_path, JSON, "export")).format is Format.NDJSON
    assert ChatFile(write(tmp_path, HEADER, "export.txt")).format is Format.CSV


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_csv_is_read_as_spreadsheets_write_it(tmp_path: Path, encoding: str, mark: str, end: str) -> None:
    text = (HEADER + ROW.replace(b"hello", '"你好；a,b"'.encode())).decode().replace(",", mark).replace("\n", end)
    [row] = ChatFile(write(tmp_path, text.encode(encoding))).rows()
    assert row.values is not None
    assert (row.values["conversation"], row.values["text"]) == ("c1", f"你好；a{mark}b")
