"""What stands on a screen can be had as a file: penalties, rates, shops, shares; with formats, and in flat memory."""

import csv
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.http import HttpResponseBase
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from agents.models import Account, Shop
from agents.views import downloads
from agents.views.downloads import Figure, csv_download, xlsx_download
from core.http.handover import join_chunks
from metrics.services import sweep_shop
from tests.agents.factories import make_member, make_shop
from tests.metrics.rows import ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    made = make_shop()
    yesterday = timezone.now().astimezone(made.zone).date() - timedelta(days=1)
    ask(made, yesterday, answered=1, missed=3)
    sweep_shop(shop=made, now=timezone.now())
    return made


@pytest.fixture
def client_in(shop: Shop) -> Client:
    client = Client()
    member = make_member(shop, "main")
    assert isinstance(member.account, Account)
    client.force_login(member.account)
    return client


def lines(answer: HttpResponseBase) -> list[dict[str, str]]:
    assert answer.status_code == 200
    return list(csv.DictReader(StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_penalties_with_why_and_until_when(shop: Shop, client_in: Client) -> None:
    rows = lines(client_in.get(f"/s/{shop.slug}/penalties/export/"))
    assert [row["处罚"] for row in rows][:1] == ["移除资源位"]
    assert len(rows) == 4
    assert {row["状态"] for row in rows} == {"生效中"}
    assert "低于 50%" in rows[0]["起因"]
    page = client_in.get(f"/s/{shop.slug}/penalties/").content.decode()
    assert f"/s/{shop.slug}/penalties/export/?format=xlsx" in page
    assert f"/s/{shop.slug}/penalties/rates/export/?format=csv" in page


@pytest.mark.parametrize("path", ["penalties/rates/export/", "reply-rates/trend/export/?metric=reply_5m"])
def test_rates_day_by_day_are_those_of_the_page(shop: Shop, client_in: Client, path: str) -> None:
    rows = lines(client_in.get(f"/s/{shop.slug}/{path}"))
    assert len(rows) == 90
    assert (rows[-2]["5分钟回复率 · 达标"], rows[-2]["5分钟回复率 · 已判定"]) == ("1", "4")
    assert rows[-2]["5分钟回复率 · 当天"] == "25.0%"
    assert rows[0]["5分钟回复率 · 当天"] == ""
    mark = "&" if "?" in path else "?"
    file = client_in.get(f"/s/{shop.slug}/{path}{mark}format=xlsx")
    sheet = load_workbook(BytesIO(b"".join(file.streaming_content))).active
    own = [cell.value for cell in sheet[1]].index("5分钟回复率 · 当天")
    assert (sheet[90][own].value, sheet[90][own].number_format) == (0.25, "0.0%")


def test_an_unknown_metric_or_format_is_refused(shop: Shop, client_in: Client) -> None:
    for path in ("reply-rates/trend/export/?metric=x", "penalties/export/?format=exe", "shares/export/?format=pdf"):
        assert client_in.get(f"/s/{shop.slug}/{path}").status_code == 400


def test_the_shops_beside_each_other(shop: Shop, client_in: Client) -> None:
    [row] = lines(client_in.get("/shops/state/export/"))
    assert (row["店铺"], row["回复率"], row["生效中的处罚"]) == (shop.name, "25.0%", "4")


def test_shares_as_a_spreadsheet(shop: Shop, client_in: Client) -> None:
    file = client_in.get(f"/s/{shop.slug}/shares/export/?format=xlsx")
    assert file["Content-Type"].endswith("sheet")


def test_a_spreadsheet_of_many_rows_takes_no_more_memory_than_one_of_few() -> None:
    def peak(count: int) -> int:
        rows = ((f"买家{n}", Figure(n / 86_400, "[h]:mm:ss", ""), n, timezone.now()) for n in range(count))
        tracemalloc.start()
        answer = xlsx_download("many", ["买家", "用时", "数", "时间"], rows)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        body = b"".join(answer.streaming_content)
        assert ZipFile(BytesIO(body)).testzip() is None
        return found

    few = peak(500)
    assert peak(10_000) < 1.5 * few + 300_000


def test_a_table_goes_out_as_it_is_written() -> None:
    """Memory does not grow with the table: the first piece is there long before the last row is."""
    written = 0

    def rows() -> Iterator[list[object]]:
        nonlocal written
        for written in range(1, 20_001):
            yield ["买家", written]

    pieces, reached = [], []
    for piece in join_chunks(csv_download("many", ["买家", "号"], rows())):
        pieces.append(piece)
        reached.append(written)
    assert reached[0] < 10_000 and 2 <= len(pieces) < 20
    lines = b"".join(pieces).decode("utf-8-sig").splitlines()
    assert lines == ["买家,号", *(f"买家,{number}" for number in range(1, 20_001))]


@pytest.mark.parametrize("made", [csv_download, xlsx_download])
def test_a_download_ends_with_a_sentence_after_so_many_rows(made: Any, monkeypatch) -> None:
    asked = 0

    def rows() -> Iterator[list[object]]:
        nonlocal asked
        for asked in range(1, 1_000_000):
            yield [asked, "x"]

    for name in ("MAX_CSV_ROWS", "MAX_XLSX_ROWS"):
        monkeypatch.setattr(downloads, name, 50)
    content = b"".join(made("many", ["号", "字"], rows()))
    assert asked == 51, "nothing is read that is not written"
    if made is csv_download:
        lines = content.decode("utf-8-sig").splitlines()
    else:
        sheet = load_workbook(BytesIO(content)).active
        lines = [str(row[0]) for row in sheet.iter_rows(values_only=True)]
    assert len(lines) == 52 and "50" in lines[-1] and lines[-2].startswith("50")


def test_a_long_spreadsheet_is_whole() -> None:
    rows = ([sha256(b"%d" % number).hexdigest() for number in range(row, row + 10)] for row in range(0, 60_000, 10))
    pieces = list(join_chunks(xlsx_download("many", ["号"] * 10, rows)))
    assert len(pieces) > 1
    assert ZipFile(BytesIO(b"".join(pieces))).testzip() is None
