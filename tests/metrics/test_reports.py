"""Reports: a day reckoned by hand, every dimension, the range before, the same totals on the page and in its files."""

import csv
from datetime import date, timedelta
from io import BytesIO, StringIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from agents.models import Account, Shop, SubAccount
from conversations.states import ClosedBy
from metrics.formulas.figures import BY_KEY, FIGURES, nothing, pooled
from metrics.formulas.measures import MEASURES
from metrics.selectors.reports import NO_GROUP, Line, Range, Report, by_hour, grouped, lines_of_shops, report, week_map
from metrics.services import sweep_shop
from metrics.telling_reports import FIGURES as WORDS
from metrics.telling_reports import duration, figure_text, headline
from routing import services
from tests.agents.factories import make_member, make_shop
from tests.metrics.builders import DAY, at
from tests.metrics.rows import make_agent, make_conversation, say

pytestmark = [pytest.mark.django_db]
ONE = Range(DAY, DAY)


@pytest.fixture
def shop() -> Shop:
    """Two agents on DAY: one answers in 1 and 10 minutes, the other never; one buyer the day before, in 3 minutes."""
    made = make_shop()
    fast, lazy = make_agent(made, "fast"), make_agent(made, "lazy")
    for buyer, asked, answered in (("甲", "10:00", "10:01"), ("乙", "20:00", "20:10")):
        talk = make_conversation(made, buyer)
        say(talk, "buyer", asked, dirty=True)
        say(talk, "agent", answered, who=fast, text="好的亲", dirty=True)
    silent = make_conversation(made, "丙")
    say(silent, "agent", "19:00", who=lazy, dirty=True)
    say(silent, "buyer", "20:30", dirty=True)
    before = make_conversation(made, "甲")
    say(before, "buyer", "10:00", DAY - timedelta(days=1), dirty=True)
    say(before, "agent", "10:03", DAY - timedelta(days=1), who=fast, dirty=True)
    sweep_shop(shop=made, now=at("12:00", DAY + timedelta(days=1)))
    return made


def told(found: Report | Line, *keys: str) -> list[float | None]:
    line = found.total if isinstance(found, Report) else found
    return [BY_KEY[key].of(line.now.amounts) for key in keys]


def line_of(found: Report, key: object) -> Line:
    return next(line for line in found.lines if line.key == key)


def test_a_day_by_hand(shop: Shop) -> None:
    found = report(shop, ONE, "day")
    assert told(found, "buyers", "answered_buyers", "unanswered_buyers") == [3, 2, 1]
    assert told(found, "mean_response", "first_response") == [330, 330]
    assert told(found, "slow", "never", "questions", "answers", "characters") == [2, 1, 3, 3, 6]
    assert told(found, "answer_ratio", "satisfaction", "handling") == [1, None, None]
    assert found.total.now.rates["reply_5m"].rate == pytest.approx(1 / 3)
    assert found.total.now.rates["reply_15m"].rate == pytest.approx(2 / 3)
    assert told(Line(None, found.total.before, found.total.now), "buyers", "mean_response") == [1, 180]


def test_by_agent_each_has_their_own(shop: Shop) -> None:
    keys = {row.name: str(row.pk) for row in SubAccount.objects.filter(shop=shop)}
    found = report(shop, ONE, "agent")
    assert told(line_of(found, keys["fast"]), "buyers", "mean_response", "slow", "answers") == [2, 330, 1, 2]
    assert told(line_of(found, keys["lazy"]), "buyers", "never", "answers") == [1, 1, 1]
    assert line_of(found, keys["fast"]).now.rates["reply_5m"].rate == 0.5
    assert line_of(found, keys["fast"]).before.rates["reply_5m"].rate == 1


def test_by_hour_and_weekday_add_up_to_the_total(shop: Shop) -> None:
    week = Range(DAY - timedelta(days=6), DAY)
    for by in ("hour", "weekday", "day"):
        found = report(shop, week, by)
        for key in ("buyers", "slow", "questions", "answers"):
            assert sum(BY_KEY[key].of(line.now.amounts) or 0 for line in found.lines) == told(found, key)[0]
    hours = report(shop, ONE, "hour")
    assert told(line_of(hours, 20), "buyers", "slow") == [2, 2]
    weekday = report(shop, week, "weekday")
    assert [line.key for line in weekday.lines] == list(range(7))
    assert told(line_of(weekday, DAY.weekday()), "buyers") == [3]


def test_a_weekday_is_compared_with_its_own_in_the_range_before(shop: Shop) -> None:
    """The day before DAY lies in the range before; its weekday has it there, whatever the range's length."""
    found = report(shop, ONE, "weekday")
    yesterday = (DAY - timedelta(days=1)).weekday()
    assert line_of(found, yesterday).before.amounts["buyers"] == 1
    assert line_of(found, DAY.weekday()).before.amounts["buyers"] == 0


def test_entries_and_order_statuses_and_nothing_known(shop: Shop) -> None:
    assert [line.key for line in report(shop, ONE, "entry").lines] == [""]
    services.open_conversation(
        shop=shop, external_id="x", buyer="丁", entry="goods_detail", order_status="unshipped", now=at("15:00")
    )
    sweep_shop(shop=shop, now=at("12:01", DAY + timedelta(days=1)))
    assert told(line_of(report(shop, ONE, "entry"), "goods_detail"), "waits") == [1]
    assert told(line_of(report(shop, ONE, "order_status"), "unshipped"), "waits") == [1]


def test_groups_pool_their_agents_and_the_others_stand_apart(shop: Shop) -> None:
    keys = {row.name: str(row.pk) for row in SubAccount.objects.filter(shop=shop)}
    lines = report(shop, ONE, "agent").lines
    groups = {line.key: line for line in grouped(lines, {"售前": [keys["fast"]], "全部": [keys["fast"], keys["lazy"]]})}
    assert told(groups["售前"], "buyers") == [2]
    assert told(groups["全部"], "buyers", "slow") == [3, 2]
    assert NO_GROUP not in groups
    assert told(grouped(lines, {})[0], "buyers") == [3]


def test_an_agent_sees_their_own_alone(shop: Shop) -> None:
    fast = SubAccount.objects.get(shop=shop, name="fast")
    found = report(shop, ONE, "day", fast)
    assert told(found, "buyers", "slow") == [2, 1]
    assert by_hour(week_map(shop, ONE, "", fast))[20].questions == 1


def test_several_shops_stand_beside_each_other(shop: Shop) -> None:
    other = make_shop("kuaishou")
    say(make_conversation(other, "甲"), "buyer", "10:00", dirty=True)
    sweep_shop(shop=other, now=at("12:00", DAY + timedelta(days=1)))
    found = {line.key: line for line in lines_of_shops([shop, other], ONE)}
    assert told(found[shop.pk], "buyers") == [3]
    assert told(found[other.pk], "buyers") == [1]


def test_routing_and_people_in_the_figures() -> None:
    shop = make_shop()
    for name in ("fast", "lazy"):
        make_agent(shop, name)
        services.set_presence(shop=shop, agent=name, status="online", now=at("21:00"))
    services.open_conversation(shop=shop, external_id="x", buyer="丁", entry="goods_detail", now=at("21:10"))
    services.close_conversation(shop=shop, conversation="x", by=ClosedBy.AGENT, now=at("21:20"))
    for name in ("fast", "lazy"):
        services.set_presence(shop=shop, agent=name, status="offline", now=at("22:00"))
    sweep_shop(shop=shop, now=at("12:01", DAY + timedelta(days=1)))
    found = report(shop, ONE, "day")
    assert told(found, "received", "direct", "handling", "most_open", "online") == [1, 1, 600, 1, 7200]
    assert found.staff == {21: 7200}


def test_a_shop_of_new_york_has_its_own_days() -> None:
    made = make_shop()
    Shop.objects.filter(pk=made.pk).update(timezone="America/New_York")
    made.refresh_from_db()
    day = date(2026, 3, 8)  # 02:00 is skipped
    for clock in ("01:30", "03:30"):
        say(make_conversation(made, clock), "buyer", clock, day, dirty=True)
    sweep_shop(shop=made, now=at("12:00", day + timedelta(days=2)))
    found = report(made, Range(day, day), "hour")
    assert [(line.key, line.now.amounts["questions"]) for line in found.lines] == [(1, 1), (3, 1)]


def test_every_figure_has_words_and_none_divides_by_nothing() -> None:
    assert {figure.key for figure in FIGURES} == WORDS.keys()
    for figure in FIGURES:
        value = figure.of(nothing())
        assert not value
        assert figure_text(figure.unit, value) in ("—", "0", "0:00")
    assert set(nothing()) > set(MEASURES)
    assert pooled([{"buyers": 2, "most_open": 3}, {"buyers": 1, "most_open": 2}])["most_open"] == 3


def test_durations_as_people_read_them() -> None:
    assert [duration(s) for s in (0, 59.6, 72, 3600, 36_725)] == ["0:00", "1:00", "1:12", "1:00:00", "10:12:05"]


def test_the_headline_says_who_came_and_how_it_was_before(shop: Shop) -> None:
    assert headline(report(shop, ONE, "day")) == "3 位买家来咨询，66.7% 得到回复，平均 5:30。比上一段时间慢 2:30。"
    assert headline(report(make_shop(), ONE, "day")) == ""


DAYS = {"date_from": str(DAY), "date_to": str(DAY)}


def client_of(shop: Shop, *roles: str, name: str = "") -> Client:
    client = Client()
    member = make_member(shop, *roles, **({"name": name} if name else {}))
    assert isinstance(member.account, Account)
    client.force_login(member.account)
    return client


@pytest.mark.parametrize("by", ["day", "weekday", "hour", "agent", "group", "entry", "order_status"])
def test_the_files_hold_what_the_page_shows(shop: Shop, by: str) -> None:
    client, asked = client_of(shop, "cs_manager"), DAYS | {"by": by}
    page = client.get(f"/s/{shop.slug}/reports/", asked)
    table = page.context["table"]
    shown = [[row.label, *(cell.text for cell in row.cells)] for row in [*table.rows, table.total]]
    for row in shown:
        assert row[1] in page.content.decode()
    export = f"/s/{shop.slug}/reports/export/"
    text = b"".join(client.get(export, asked).streaming_content).decode("utf-8-sig")
    lines = list(csv.reader(StringIO(text)))
    assert [[cell or "—" for cell in line] for line in lines[1:]] == shown
    file = client.get(export, asked | {"format": "xlsx"})
    sheet = load_workbook(BytesIO(b"".join(file.streaming_content))).active
    assert sheet.freeze_panes == "B2"
    total = list(sheet[sheet.max_row])
    heads = [cell.value for cell in sheet[1]]
    assert total[heads.index("咨询人数")].value == 3
    mean = total[heads.index("平均响应")]
    assert (mean.value, mean.number_format) == (timedelta(seconds=330), "[h]:mm:ss")
    rate = total[heads.index("5分钟回复率")]
    assert (round(rate.value, 4), rate.number_format) == (0.3333, "0.0%")


@pytest.mark.parametrize("table", ["trend", "took", "map", "beside", "load"])
def test_every_chart_is_drawn_from_a_table_that_can_be_had(shop: Shop, table: str) -> None:
    client = client_of(shop, "operations")
    page = client.get(f"/s/{shop.slug}/reports/", DAYS | {"map": "slow"})
    charts = {chart.table.key: chart for chart in page.context["charts"]}
    rows = charts[table].table.rows
    text = b"".join(client.get(f"/s/{shop.slug}/reports/export/", DAYS | {"table": table}).streaming_content).decode()
    assert len(text.splitlines()) >= len(rows) + 1
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
    assert client.get(f"/s/{shop.slug}/reports/export/", DAYS | {"format": "exe"}).status_code == 400
    assert client.get(f"/s/{shop.slug}/reports/", {"by": "x", "figure": "y", "map": "z"} | DAYS).status_code == 200


@pytest.mark.parametrize("by", ["day", "weekday", "hour", "agent", "group", "entry", "order_status", "shop"])
def test_few_queries_whatever_the_range(shop: Shop, by: str) -> None:
    member = make_member(shop, "main")
    client = Client()
    client.force_login(member.account)
    asked = {"date_from": str(DAY - timedelta(days=29)), "date_to": str(DAY), "by": by}
    client.get(f"/s/{shop.slug}/reports/", asked)
    with CaptureQueriesContext(connection) as found:
        assert client.get(f"/s/{shop.slug}/reports/", asked).status_code == 200
    assert len(found) < 15, [query["sql"][:90] for query in found.captured_queries]
