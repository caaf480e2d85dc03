"""Ids that leave the product come out as they are: in Excel, in a CSV file for Excel, and raw; dates can be read."""

import csv
from datetime import UTC, date, datetime
from io import BytesIO, StringIO

import pytest
from django.core.exceptions import BadRequest
from django.test import RequestFactory
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from agents.views.downloads import Figure, csv_download, download, download_csv, protect_from_excel, xlsx_download

IDS = ["202611200905123456", "1234567890123456", "0071", "00", "12E5", "1.5e+19", "3-2", "12/11", "2026-3-2"]
PLAIN = ["123", "0", "abc", "b-1", "2026-03-02", "0x1F", "1.5", "12345678901", "", "小美007"]


def sheet_of(head: list[str], rows: list[list[object]]) -> Worksheet:
    content = b"".join(xlsx_download("t", head, rows).streaming_content)
    return load_workbook(BytesIO(content)).active


def csv_rows(head: list[str], rows: list[list[object]], *, for_excel: bool) -> list[list[str]]:
    content = b"".join(csv_download("t", head, rows, for_excel=for_excel).streaming_content)
    return list(csv.reader(StringIO(content.decode("utf-8-sig"))))[1:]


@pytest.mark.parametrize("text", IDS)
def test_a_csv_file_for_excel_keeps_what_excel_would_convert(text: str) -> None:
    assert csv_rows(["买家"], [[text]], for_excel=True) == [[f'="{text}"']]
    assert csv_rows(["买家"], [[text]], for_excel=False) == [[text]]


@pytest.mark.parametrize("text", PLAIN)
def test_other_texts_are_the_same_in_both(text: str) -> None:
    assert protect_from_excel(text) == text


def test_numbers_stay_numbers_but_for_those_that_excel_cannot_hold() -> None:
    rows = [[5, -7, 1.5, Figure(0.25, "0.0%", "25.0%"), 1234567890123456]]
    assert csv_rows(["n"] * 5, rows, for_excel=True) == [["5", "-7", "1.5", "25.0%", '="1234567890123456"']]


def test_formulas_are_harmless_in_a_file_for_excel_too() -> None:
    texts = ["=1+1", "+86138", "@x", '="1"']
    assert [protect_from_excel(text) for text in texts] == [f"'{text}" for text in texts]


def test_a_spreadsheet_has_ids_as_texts() -> None:
    sheet = sheet_of(["买家", "数"], [[text, 1234567890123456] for text in IDS] + [["abc", 7]])
    ids = [cell for (cell,) in sheet.iter_rows(min_row=2, max_row=len(IDS) + 1, max_col=1)]
    assert [(cell.value, cell.data_type, cell.number_format) for cell in ids] == [(text, "s", "@") for text in IDS]
    assert sheet["B2"].value == "1234567890123456"
    assert (sheet.cell(len(IDS) + 2, 1).number_format, sheet.cell(len(IDS) + 2, 2).value) == ("General", 7)


def test_columns_are_as_wide_as_what_stands_in_them() -> None:
    moment, day = datetime(2026, 11, 20, 9, 5, 30, tzinfo=UTC), date(2026, 11, 20)
    rows: list[list[object]] = [[moment, day, "", "202611200905123456", 1, "很长的一段话" * 20]] * 3
    sheet = sheet_of(["时", "天", "空", "买家", "数", "话"], [*rows, [moment, day, moment, "b", 1, ""]])
    widths = [sheet.column_dimensions[letter].width for letter in "ABCDEF"]
    assert sheet["A2"].number_format == "yyyy-mm-dd h:mm:ss"
    assert widths == [20, 12, 20, 20, 10, 40]


def test_the_request_names_the_format() -> None:
    def answer_to(text: str) -> object:
        return download(RequestFactory().get("/", {"format": text} if text else {}), "t", ["买家"], [["007"]])

    assert b'"=""007"""' in b"".join(answer_to("csv_excel").streaming_content)
    assert b"\r\n007\r\n" in b"".join(answer_to("").streaming_content)
    assert answer_to("xlsx")["Content-Type"].endswith("sheet")
    with pytest.raises(BadRequest):
        download_csv(RequestFactory().get("/", {"format": "xlsx"}), "t", ["买家"], [])
