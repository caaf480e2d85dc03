"""Reports as they are looked at: the same figures on the page, in its files and over HTTP; roles, errors, queries."""

import csv
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from agents.models import Account, Shop, SubAccount
from metrics.formulas.days import day_of
from metrics.formulas.figures import Unit
from metrics.services import sweep_shop
from metrics.table_files import clock
from metrics.tables import Cell
from routing import services
from tests.agents.factories import make_member, make_shop
from tests.metrics.builders import DAY, at
from tests.metrics.report_day import small_day
from tests.metrics.rows import make_agent, make_conversation, say

pytestmark = [pytest.mark.django_db]


@pytest.fixture
def shop() -> Shop:
    return small_day()


DAYS = {"date_from": str(DAY), "date_to": str(DAY)}


def add_place(shop: Shop, account: Account | None, *roles: str) -> SubAccount:
    return SubAccount.objects.create(shop=shop, account=account, name=f"{shop.slug}-place", roles=list(roles))


def client_of(shop: Shop, *roles: str, name: str = "") -> Client:
    client = Client()
    member = make_member(shop, *roles, **({"name": name} if name else {}))
    assert isinstance(member.account, Account)
    client.force_login(member.account)
    return client


ALL = ["day", "weekday", "hour", "agent", "group", "entry", "order_status"]


def filed(cell: Cell) -> str:
    """As a text file has it: no thousands, times with hours, nothing where there is nothing."""
    if cell.value is None:
        return ""
    return clock(cell.value) if cell.unit is Unit.SECONDS else cell.text.replace(",", "")


def lines_of_file(client: Client, shop: Shop, asked: dict[str, str]) -> list[list[str]]:
    answer = client.get(f"/s/{shop.slug}/reports/export/", asked)
    return list(csv.reader(StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


@pytest.mark.parametrize("by", ALL)
def test_the_files_hold_what_the_page_shows(shop: Shop, by: str) -> None:
    client, asked = client_of(shop, "cs_manager"), DAYS | {"by": by}
    page = client.get(f"/s/{shop.slug}/reports/", asked)
    table = page.context["table"]
    rows = [*table.rows, table.total]
    for row in rows:
        assert row.cells[0].text in page.content.decode()
    head, *lines = lines_of_file(client, shop, asked)
    assert head == [table.first, *(column.label for column in table.columns)]
    assert lines == [[str(row.day or row.label), *(filed(cell) for cell in row.cells)] for row in rows]
    file = client.get(f"/s/{shop.slug}/reports/export/", asked | {"format": "xlsx"})
    sheet = load_workbook(BytesIO(b"".join(file.streaming_content))).active
    assert sheet.freeze_panes == "B2"
    total = list(sheet[sheet.max_row])
    heads = [cell.value for cell in sheet[1]]
    assert total[heads.index("咨询人数")].value == 3
    mean = total[heads.index("平均响应")]
    assert (mean.value, mean.number_format) == (timedelta(seconds=330), "[h]:mm:ss")
    rate = total[heads.index("5分钟回复率")]
    assert (round(rate.value, 4), rate.number_format) == (0.3333, "0.0%")
    if by == "day":
        assert sheet["A2"].value == datetime.combine(DAY, time())


@pytest.mark.parametrize("by", [*ALL, "shop"])
def test_the_api_says_what_the_page_shows(shop: Shop, by: str) -> None:
    member = make_member(shop, "main")
    other = make_shop(platform="kuaishou")
    add_place(other, member.account, "cs_manager")
    client = Client()
    client.force_login(member.account)
    table = client.get(f"/s/{shop.slug}/reports/", DAYS | {"by": by}).context["table"]
    told = client.get(f"/api/v1/shops/{shop.slug}/reports/", {"from": str(DAY), "to": str(DAY), "by": by}).json()
    assert [row["label"] for row in told["rows"]] == [row.label for row in table.rows]
    for row, line in zip([*table.rows, table.total], [*told["rows"], told["total"]], strict=True):
        rates = [line["rates"][metric["metric"]]["rate"] for metric in told["metrics"]]
        figures = [line["figures"][figure["key"]]["value"] for figure in told["figures"]]
        assert [cell.value for cell in row.cells] == pytest.approx([*rates, *figures])
    assert told["before"] == {"from": str(DAY - timedelta(days=1)), "to": str(DAY - timedelta(days=1))}
    assert told["total"]["figures"]["mean_response"] == {"value": 330, "before": 180}
    assert told["figures"][0] == {
        "key": "buyers", "unit": "count", "label": "咨询人数", "definition": table.columns[len(told["metrics"])].hint,
    }  # fmt: skip


def test_the_api_names_its_lines_by_what_other_programs_know(shop: Shop) -> None:
    client = client_of(shop, "operations")

    def keys(by: str) -> list[object]:
        answer = client.get(f"/api/v1/shops/{shop.slug}/reports/", {"from": str(DAY), "to": str(DAY), "by": by})
        return [row["key"] for row in answer.json()["rows"]]

    assert keys("day") == [str(DAY)]
    assert keys("weekday") == list(range(7))
    assert keys("hour") == [10, 19, 20]
    assert keys("agent") == ["fast", "lazy"]
    assert keys("entry") == [None]


@pytest.mark.parametrize("platform", ["pinduoduo", "kuaishou", "douyin", "taobao"])
def test_entries_and_order_statuses_have_their_lines_on_every_platform(platform: str) -> None:
    """Kuaishou and Taobao have no list of entries: whatever the buyers came by is a line."""
    shop = make_shop(platform=platform)
    for buyer, entry in (("甲", "goods_detail"), ("乙", "somewhere"), ("丙", "")):
        say(make_conversation(shop, buyer, entry=entry, order_status="unpaid"), "buyer", "10:00", dirty=True)
    sweep_shop(shop=shop, now=at("12:00", DAY + timedelta(days=1)))
    client = client_of(shop, "main")
    for by, count in (("entry", 3), ("order_status", 1)):
        table = client.get(f"/s/{shop.slug}/reports/", DAYS | {"by": by}).context["table"]
        told = client.get(f"/api/v1/shops/{shop.slug}/reports/", {"from": str(DAY), "to": str(DAY), "by": by}).json()
        assert [row["label"] for row in told["rows"]] == [row.label for row in table.rows]
        assert len(table.rows) == count
    keys = client.get(f"/api/v1/shops/{shop.slug}/reports/", {"from": str(DAY), "to": str(DAY), "by": "entry"}).json()
    assert [row["key"] for row in keys["rows"]] == ["goods_detail", "somewhere", None]


def test_the_api_refuses_with_the_field_at_fault(shop: Shop) -> None:
    client = client_of(shop, "main")
    path = f"/api/v1/shops/{shop.slug}/reports/"
    for asked, field in (
        ({"by": "moon"}, "by"),
        ({"by": "shop"}, "by"),  # has one alone
        ({"from": "2026-03-05", "to": "2026-03-02"}, "to"),
        ({"from": "2020-01-01", "to": "2026-03-02"}, "from"),
        ({"from": "2999-01-01", "to": "2999-01-02"}, "from"),
        ({"from": "yesterday"}, "from"),
    ):
        answer = client.get(path, asked)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, [field]), asked
    assert client.get(path).status_code == 200


def test_an_agent_gets_their_own_figures_from_the_api(shop: Shop) -> None:
    member = make_member(shop, "agent", name="own")
    client = Client()
    client.force_login(member.account)
    path, asked = f"/api/v1/shops/{shop.slug}/reports/", {"from": str(DAY), "to": str(DAY)}
    assert client.get(path, asked).json()["total"]["figures"]["buyers"]["value"] == 0
    assert client.get(path, asked | {"by": "agent"}).status_code == 400


def test_several_shops_have_a_total_of_their_own_and_each_its_own_line(shop: Shop) -> None:
    """Kuaishou's 3 minutes are of another kind than Pinduoduo's: nothing is pooled of them."""
    other = make_shop(platform="kuaishou")
    say(make_conversation(other, "甲"), "buyer", "10:00", dirty=True)
    sweep_shop(shop=other, now=at("12:00", DAY + timedelta(days=1)))
    member = make_member(shop, "main")
    add_place(other, member.account, "cs_manager")
    client = Client()
    client.force_login(member.account)
    table = client.get(f"/s/{shop.slug}/reports/", DAYS | {"by": "shop"}).context["table"]
    heads = [column.label for column in table.columns]
    buyers, human = heads.index("咨询人数"), heads.index("3分钟人工回复率")
    assert [row.cells[buyers].text for row in table.rows] == ["3", "1"]
    assert (table.total.label, table.total.cells[buyers].text) == ("全部店铺", "4")
    # Kuaishou assesses it, Pinduoduo does not.
    assert [(row.cells[human].text, row.cells[human].tone) for row in table.rows] == [("33.3%", ""), ("0.0%", "bad")]
    assert table.total.cells[human].text == "—"


@pytest.mark.parametrize("table", ["trend", "took", "map", "beside", "load"])
def test_every_chart_is_drawn_from_a_table_that_can_be_had(shop: Shop, table: str) -> None:
    client = client_of(shop, "operations")
    page = client.get(f"/s/{shop.slug}/reports/", DAYS | {"map": "slow"})
    charts = {chart.table.key: chart for chart in page.context["charts"]}
    rows = charts[table].table.rows
    assert len(lines_of_file(client, shop, DAYS | {"table": table})) >= len(rows) + 1
    drawn = charts[table].drawn
    if table == "took":
        assert sum(drawn["series"][0]["data"]) == 2
        assert [cut["name"] for cut in drawn["cuts"]] == [
            "3分钟人工回复率",
            "5分钟回复率",
            "15分钟回复率",
            "1小时回复率",
        ]
        assert [rows[cut["at"] - 1].label for cut in drawn["cuts"]][1] == "5:00 以内"
    if table == "map":
        assert [20, DAY.weekday(), 2.0] in drawn["heat"]["data"]


def test_who_may_see_what(shop: Shop) -> None:
    member = make_member(shop, "agent", name="own")
    talk = make_conversation(shop, "戊")
    say(talk, "buyer", "11:00", dirty=True)
    say(talk, "agent", "11:02", who=member, dirty=True)
    sweep_shop(shop=shop, now=at("12:02", DAY + timedelta(days=1)))
    client = Client()
    client.force_login(member.account)
    page = client.get(f"/s/{shop.slug}/reports/", DAYS | {"by": "agent"})
    assert page.context["asked"].by == "day"
    assert next(cell.text for _, _, cell in page.context["tiles"]) == "1"
    assert "beside" not in {chart.table.key for chart in page.context["charts"]}
    assert client.get(f"/s/{shop.slug}/reports/export/", DAYS | {"table": "beside"}).status_code == 400
    stranger = make_member(make_shop(), "main").account
    client.force_login(stranger)
    assert client.get(f"/s/{shop.slug}/reports/", DAYS).status_code == 404


def test_a_wrong_range_is_told_at_its_field(shop: Shop) -> None:
    client = client_of(shop, "main")
    page = client.get(f"/s/{shop.slug}/reports/", {"date_from": str(DAY), "date_to": str(DAY - timedelta(days=1))})
    assert "date_to" in page.context["form"].errors and page.status_code == 200
    far = {"date_from": str(DAY - timedelta(days=400)), "date_to": str(DAY)}
    assert "date_to" in client.get(f"/s/{shop.slug}/reports/", far).context["form"].errors
    assert client.get(f"/s/{shop.slug}/reports/export/", far).status_code == 400
    ancient = {"date_from": "0001-01-01", "date_to": "0001-01-03"}
    assert "date_from" in client.get(f"/s/{shop.slug}/reports/", ancient).context["form"].errors
    assert client.get(f"/s/{shop.slug}/reports/export/", DAYS | {"format": "exe"}).status_code == 400
    assert client.get(f"/s/{shop.slug}/reports/", {"by": "x", "figure": "y", "map": "z"} | DAYS).status_code == 200


@pytest.mark.parametrize("last", [DAY, None], ids=["past", "with today"])
@pytest.mark.parametrize("by", [*ALL, "shop"])
def test_few_queries_whatever_the_range(shop: Shop, by: str, last: date | None) -> None:
    member = make_member(shop, "main")
    add_place(make_shop(platform="kuaishou"), member.account, "cs_manager")
    client = Client()
    client.force_login(member.account)
    last = last or day_of(timezone.now(), shop.zone)
    asked = {"date_from": str(last - timedelta(days=29)), "date_to": str(last), "by": by, "map": "rate"}
    client.get(f"/s/{shop.slug}/reports/", asked)
    with CaptureQueriesContext(connection) as found:
        page = client.get(f"/s/{shop.slug}/reports/", asked)
    assert page.context["asked"].by == by
    assert len(found) < 15, "\n".join(query["sql"][:90] for query in found.captured_queries)


@pytest.mark.parametrize("by", ["day", "agent", "group"])
def test_peoples_hours_stand_side_by_side_too(by: str) -> None:
    shop = make_shop()
    for name in ("a1", "a2"):
        make_agent(shop, name)
        services.set_presence(shop=shop, agent=name, status="online", now=at("09:00"))
    for name, until in (("a1", "10:00"), ("a2", "11:30")):
        services.set_presence(shop=shop, agent=name, status="offline", now=at(until))
    services.open_conversation(shop=shop, external_id="c", buyer="丁", entry="goods_detail", now=at("11:40"))
    sweep_shop(shop=shop, now=at("12:00", DAY + timedelta(days=1)))
    page = client_of(shop, "main").get(f"/s/{shop.slug}/reports/", DAYS | {"by": by, "figure": "online"})
    charts = {chart.table.key: chart for chart in page.context["charts"]}
    assert [(row.label, row.cells[0].text) for row in charts["beside"].table.rows] == [
        ("a2", "2:30:00"), ("a1", "1:00:00"),
    ]  # fmt: skip
    assert charts["beside"].drawn["series"][0]["data"] == [9000, 3600]
