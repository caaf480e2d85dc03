"""Files of sub-accounts: what is read, and what strangers' files are refused with."""

import io
import os
import struct
import tracemalloc
import zipfile
import zlib
from datetime import datetime

import pytest
from django.utils.translation import override
from openpyxl import Workbook

from agents.errors import Refused
from agents.models import Account, Shop
from agents.permissions import Actor
from agents.services.sub_accounts_bulk import NewRow
from routing.forms.sheets import MAX_BYTES, read_sheet
from routing.forms.sub_accounts_file import read_sub_accounts, sealed, unsealed

HEAD = "账号,显示名,角色,最大接待人数,初始密码\n"
GOOD = HEAD + "a1,小美,客服、物流客服,10,\na2,,admin,,pass-word-77\n"


def xlsx(*rows: list, **more: object) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    for place, value in more.items():
        book.active[place] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def replaced(content: bytes, part: str, data: bytes) -> bytes:
    """The archive with other content in one part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, data if name == part else old.read(name))
    return out.getvalue()


TABLE = xlsx(["账号", "角色"], ["a1", "客服"])
SHEET = "xl/worksheets/sheet1.xml"


def refusal(name: str, content: bytes) -> Refused:
    with pytest.raises(Refused) as caught:
        read_sub_accounts(name, content)
    assert caught.value.field == "file"
    return caught.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_csv_is_read_as_spreadsheets_write_it(encoding: str, mark: str, end: str) -> None:
    text = GOOD.replace(",", mark).replace("\n", end)
    read = read_sub_accounts("人员.csv", text.encode(encoding))
    assert read.rows == [
        NewRow(2, "a1", "小美", ("agent", "logistics_agent"), 10, ""),
        NewRow(3, "a2", "", ("admin",), None, "pass-word-77"),
    ]
    assert (read.problems, read.unknown) == ([], [])


@pytest.mark.parametrize(
    "head",
    [
        "Initial password,Cap,ROLES,account,Display name",
        "密码,上限,角色,子账号,昵称",
        "password,cap,role,Account *,name",
    ],
)
def test_columns_go_by_their_names_in_any_order(head: str) -> None:
    [row] = read_sub_accounts("a.csv", f"{head}\n,７,客服,a1,美\n".encode()).rows
    assert row == NewRow(2, "a1", "美", ("agent",), 7, "")


@pytest.mark.parametrize(
    "written", ["客服、管理员", "Agent|Admin", "agent;ADMIN", '"客服,admin"', '"客服\nadmin"', "客服；管理员、客服"]
)
def test_roles_are_written_in_either_language_or_by_code(written: str) -> None:
    with override("en"):
        [row] = read_sub_accounts("a.csv", f"账号,角色\na1,{written}\n".encode()).rows
    assert row.roles == ("agent", "admin")


def test_an_xlsx_is_read_with_its_numbers_as_people_see_them() -> None:
    content = xlsx(["账号", "角色", "最大接待人数"], ["a1", "客服", 10.0], [], [1001, "客服", None])
    rows = read_sub_accounts("人员.xlsx", content).rows
    assert [(row.line, row.account, row.max_concurrent) for row in rows] == [(2, "a1", 10), (4, "1001", None)]


def test_lines_are_counted_as_editors_count_them() -> None:
    text = '账号,显示名,角色\n\na1,"两\n行",客服\n\na2,,客服\n'
    assert [row.line for row in read_sub_accounts("a.csv", text.encode()).rows] == [3, 6]


def test_columns_that_nobody_knows_are_told_not_guessed() -> None:
    assert read_sub_accounts("a.csv", "账号,角色,备注\na1,客服,早班\n".encode()).unknown == ["备注"]


LINES = [
    ("a1,客服,多,\n", "", "格数比表头多"),
    ("a1,客服,abc\n", "max_concurrent", "“abc”不是整数"),
    ("a1,客服,1.5\n", "max_concurrent", "不是整数"),
    ("=HYPERLINK(1),客服,\n", "account", "公式"),
    ("@SUM(1),客服,\n", "account", "公式"),
]


@pytest.mark.parametrize(("line", "field", "words"), LINES, ids=[words for _l, _f, words in LINES])
def test_a_line_that_cannot_be_read_says_why(line: str, field: str, words: str) -> None:
    text = "账号,角色,上限\n" + (line if field else "a1,客服,1,x\n")
    [problem] = read_sub_accounts("a.csv", text.encode()).problems
    assert (problem.line, problem.field) == (2, field)
    assert words in problem.text


def test_a_formula_in_a_spreadsheet_is_no_password() -> None:
    content = xlsx(["账号", "角色", "密码"], ["a1", "客服", '=WEBSERVICE("http://x")'])
    [problem] = read_sub_accounts("a.xlsx", content).problems
    assert (problem.field, problem.line) == ("password", 2)


@pytest.mark.parametrize(("column", "field"), [("账号", "account"), ("显示名", "display_name"), ("密码", "password")])
@pytest.mark.parametrize(
    ("value", "words"),
    [(1234567890123456, "16"), (datetime(2026, 3, 2), "日期"), ("#N/A", "错误"), ("1.23457E+19", "16")],
)
def test_a_cell_that_a_spreadsheet_has_spoilt_says_what_to_do(
    column: str, field: str, value: object, words: str
) -> None:
    row = {"账号": "a1", "显示名": "美", "角色": "客服", "密码": "pass-word-77"} | {column: value}
    [problem] = read_sub_accounts("a.xlsx", xlsx(list(row), list(row.values()))).problems
    assert (problem.line, problem.field) == (2, field)
    assert words in problem.text


def test_a_long_number_in_a_csv_file_is_no_account() -> None:
    text = "账号,角色,上限,备注\n1.23457E+19,客服,5,1.23457E+19\n"
    [problem] = read_sub_accounts("a.csv", text.encode()).problems
    assert (problem.field, "文本格式" in problem.text) == ("account", True)


FILES = {
    "empty": ("a.csv", b"", "空"),
    "only blanks": ("a.csv", b"\n , \n\n", "空"),
    "only a head": ("a.csv", HEAD.encode(), "没有内容"),
    "no account column": ("a.csv", "昵称,角色\nx,客服\n".encode(), "账号"),
    "a column twice": ("a.csv", "账号,角色,account\nx,客服,y\n".encode(), "两次"),
    "ten megabytes": ("a.csv", b"a" * 10 * MAX_BYTES, "1 MB"),
    "100,000 lines": ("a.csv", HEAD.encode() + b"a,b,c\n" * 100_000, "500"),
    "501 lines": ("a.csv", HEAD.encode() + "".join(f"a{n},,客服,,\n" for n in range(501)).encode(), "500"),
    "NUL bytes": ("a.csv", HEAD.encode() + b"a\x00b,,,,\n", "文本"),
    "noise": ("a.csv", os.urandom(4000) + b"\x00", "文本"),
    "a picture": ("a.csv", b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "文本"),
    "an old workbook": ("a.xls", b"\xd0\xcf\x11\xe0" + b"\x00" * 100, "CSV 和 XLSX"),
    "an old workbook by a new name": ("a.xlsx", b"\xd0\xcf\x11\xe0" + b"\x00" * 100, "CSV 和 XLSX"),
    "a program": ("a.exe", GOOD.encode(), "CSV 和 XLSX"),
    "a cell of 200 kB": ("a.csv", HEAD.encode() + b'"' + b"x" * 200_000 + b'",,,,\n', "第 2 行"),
    "a cell of 2 kB": ("a.csv", HEAD.encode() + b"x" * 2000 + b",,,,\n", "太长"),
    "text as xlsx": ("a.xlsx", GOOD.encode(), "XLSX"),
    "half an xlsx": ("a.xlsx", TABLE[: len(TABLE) // 2], "XLSX"),
    "another archive": ("a.xlsx", replaced(TABLE, "[Content_Types].xml", b"x"), "XLSX"),
    "no workbook": ("a.xlsx", replaced(TABLE, "xl/workbook.xml", b"<x/>"), "XLSX"),
    "broken sheet": ("a.xlsx", replaced(TABLE, SHEET, b"<worksheet><sheetData><row r='1'>"), "XLSX"),
    "entities": ("a.xlsx", replaced(TABLE, SHEET, b"<!DOCTYPE x [<!ENTITY a 'b'>]><worksheet/>"), "XLSX"),
    "a zip bomb": ("a.xlsx", replaced(TABLE, SHEET, b" " * 200 * MAX_BYTES), "解压"),
    "a cell at the far end": ("a.xlsx", xlsx(["账号", "角色"], XFD1048576="x"), "范围"),
    "a row that no sheet has": (
        "a.xlsx",
        replaced(TABLE, SHEET, b"<worksheet><sheetData><row r='99999999999'><c/></row></sheetData></worksheet>"),
        "",
    ),
    "too many rows in a sheet": ("a.xlsx", xlsx(["账号", "角色"], *[["a", "客服"]] * 600), "500"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_none_is_refused_in_one_sentence(kind: str) -> None:
    name, content, words = FILES[kind]
    error = refusal(name, content)
    assert words in str(error.message)


@pytest.mark.parametrize("kind", ["a zip bomb", "100,000 lines", "a cell at the far end", "ten megabytes"])
def test_a_hostile_file_takes_no_memory_to_speak_of(kind: str) -> None:
    name, content, _words = FILES[kind]
    tracemalloc.start()
    with pytest.raises(Refused):
        read_sheet(name, content)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 40 * MAX_BYTES


def test_an_archive_that_lies_about_its_size_is_refused() -> None:
    real = b" " * 50 * MAX_BYTES
    content = bytearray(replaced(TABLE, SHEET, real))
    for at, signature, place in ((0, b"PK\x03\x04", 22), (0, b"PK\x01\x02", 24)):
        while (at := content.find(signature, at + 1)) > 0:
            if SHEET.encode() in content[at : at + 90]:
                struct.pack_into("<I", content, at + place, 100)
                struct.pack_into("<I", content, at + place - 8, zlib.crc32(b" " * 100))
    refusal("a.xlsx", bytes(content))


def somebody(pk: int, shop_pk: int = 1) -> Actor:
    return Actor(Shop(pk=shop_pk), account=Account(pk=pk))


ROWS = [NewRow(2, "a1", "美", ("agent",), 10, "secret-77"), NewRow(3, "a2", "", ("admin",), None, "", "hash")]


def test_a_preview_comes_back_as_it_went() -> None:
    assert unsealed(somebody(1), sealed(somebody(1), ROWS)) == ROWS


@pytest.mark.parametrize("other", [somebody(2), somebody(1, shop_pk=2)])
def test_a_preview_is_of_one_person_in_one_shop(other: Actor) -> None:
    with pytest.raises(Refused, match="过期"):
        unsealed(other, sealed(somebody(1), ROWS))


@pytest.mark.parametrize("text", ["", "x", "a:b:c", "x" * 10_000])
def test_a_preview_that_was_changed_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        unsealed(somebody(1), text or sealed(somebody(1), ROWS)[:-2])


def test_a_row_that_is_printed_tells_no_password() -> None:
    assert "secret-77" not in repr(ROWS)
