"""No text of a table that leaves the product is a formula where it is opened."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from agents.views.downloads import csv_download, harmless, xlsx_download

SIGNS = ["=", "+", "-", "@", "＝", "＋", "－", "＠"]
LEADS = ["", " ", "\t", "\r", "\n", "\u3000", "\xa0", "\ufeff", "\u200b", " \n\t"]
TEXTS = [f"{lead}{sign}1+1" for sign in SIGNS for lead in LEADS] + ["\tx", "\rx", "\nx"]


@pytest.mark.parametrize("text", TEXTS, ids=repr)
def test_a_csv_cell_begins_with_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"
    content = b"".join(csv_download("t", ["head"], [[text]])).decode("utf-8-sig")
    assert content.partition("\r\n")[2].lstrip('"').startswith("'")


@pytest.mark.parametrize("value", ["发货时间", "a=b", " x", "", -5, 2.5, "1-2"])
def test_anything_else_stays_as_it_is(value: object) -> None:
    assert harmless(value) == value


def test_a_spreadsheet_keeps_them_as_quoted_texts() -> None:
    content = b"".join(xlsx_download("t", ["=head"], [[text] for text in TEXTS]))
    sheet = load_workbook(BytesIO(content)).active
    cells = [row[0] for row in sheet.iter_rows()]
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in cells)
    assert len(cells) == len(TEXTS) + 1


def test_a_spreadsheet_s_other_texts_are_not_quoted() -> None:
    content = b"".join(xlsx_download("t", ["head"], [["发货时间", 5]]))
    sheet = load_workbook(BytesIO(content)).active
    assert not any(cell.quotePrefix for row in sheet.iter_rows() for cell in row)
