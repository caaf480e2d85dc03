"""Every buyer of a day (M14): who asked, when, who answered, what made it pass or fail; and the same as a file."""

from datetime import datetime, timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from agents.models import Shop, SubAccount
from conversations.models import Conversation
from metrics.formulas.days import day_end
from metrics.formulas.units import Verdict
from metrics.models import DayRate
from metrics.selectors.day_detail import DayDetail, DetailRow, day_detail
from metrics.selectors.definitions import shop_definitions
from metrics.services import assess, sweep_shop
from metrics.telling_detail import answered_by, why
from metrics.views import day_detail as views
from tests.agents.factories import make_member, make_shop
from tests.metrics.builders import DAY, at
from tests.metrics.rows import make_conversation, say

pytestmark = pytest.mark.django_db
LATE = at("23:59", DAY)


@pytest.fixture
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def agent(shop: Shop) -> SubAccount:
    member = make_member(shop, "agent", name="a1")
    assert member.account is not None
    member.account.display_name = "小满-售前01"
    member.account.save()
    return member


def talk(shop: Shop, buyer: str, *lines: tuple[str, str], who: SubAccount | None = None) -> Conversation:
    row = make_conversation(shop, buyer)
    for sender, clock in lines:
        say(row, sender, clock, who=who if sender == "agent" else None)
    return row


def detail(shop: Shop, now: datetime = LATE) -> DayDetail:
    assess(shop=shop, date_from=DAY, date_to=DAY, now=now)
    return day_detail(shop, DAY, now)


def row_of(shop: Shop, buyer: str) -> DetailRow:
    return next(row for row in detail(shop).rows if row.buyer == buyer)


def words(shop: Shop, buyer: str) -> tuple[str, str]:
    found = detail(shop)
    row = next(row for row in found.rows if row.buyer == buyer)
    return answered_by(row), why(row, found.definitions[0])


def test_each_buyer_with_question_answer_and_verdict_of_every_metric(shop: Shop, agent: SubAccount) -> None:
    talk(shop, "栗子", ("buyer", "10:00"), ("agent", "10:06"), who=agent)
    row = row_of(shop, "栗子")
    assert (row.asked_at, row.answered_at, row.took) == (at("10:00"), at("10:06"), 360)
    assert (row.by, row.charged, row.rounds, row.verdict) == ("小满-售前01", "小满-售前01", 1, Verdict.FAILED)
    assert row.verdicts == {
        "reply_5m": Verdict.FAILED,
        "reply_15m": Verdict.PASSED,
        "reply_60m": Verdict.PASSED,
        "human_3m": Verdict.FAILED,
    }


@pytest.mark.parametrize(
    ("lines", "by", "told"),
    [
        ((("buyer", "10:00"), ("agent", "10:02")), "小满-售前01", "按时回复"),
        ((("buyer", "10:00"), ("agent", "10:11:45")), "小满-售前01", "超时 6:45"),
        (
            (("buyer", "10:00"), ("agent", "10:01"), ("buyer", "11:00"), ("agent", "11:08")),
            "小满-售前01",
            "超时 3:00（2 轮里最长的一轮）",
        ),
        (
            (("buyer", "10:00"), ("agent", "10:01"), ("buyer", "11:00"), ("agent", "11:01")),
            "小满-售前01",
            "2 轮提问，全部按时",
        ),
        ((("buyer", "10:00"), ("robot", "10:00:05")), "机器人", "机器人回复，计入"),
        ((("buyer", "10:00"),), "", "一直没有回复：排队中没人接"),
        ((("agent", "09:00"), ("buyer", "10:00")), "", "一直没有回复"),
    ],
)
def test_what_made_it_pass_or_fail_in_words(
    shop: Shop, agent: SubAccount, lines: tuple[tuple[str, str], ...], by: str, told: str
) -> None:
    talk(shop, "栗子", *lines, who=agent)
    assert words(shop, "栗子") == (by, told)


def test_who_is_still_waiting_counts_down(shop: Shop, agent: SubAccount) -> None:
    talk(shop, "栗子", ("buyer", "10:00"))
    found = detail(shop, at("10:02"))
    assert [(row.verdict, row.left) for row in found.rows] == [(Verdict.PENDING, 180)]
    assert why(found.rows[0], found.definitions[0]) == "还剩 3:00"


def test_the_failed_come_first_then_who_has_the_least_time_left(shop: Shop, agent: SubAccount) -> None:
    for buyer, asked, *answered in (
        ("in time", "11:00", "11:01"),
        ("late", "10:00", "10:20"),
        ("late too", "10:30", "10:50"),
        ("two minutes", "12:00"),
        ("four minutes", "12:02"),
    ):
        talk(shop, buyer, ("buyer", asked), *[("agent", clock) for clock in answered], who=agent)
    rows = detail(shop, at("12:03")).rows
    assert [row.buyer for row in rows] == ["late too", "late", "two minutes", "four minutes", "in time"]


def test_the_failed_stand_first_then_the_waiting_each_the_latest_first(shop: Shop, agent: SubAccount) -> None:
    talk(shop, "按时", ("buyer", "10:00"), ("agent", "10:01"), who=agent)
    talk(shop, "早超时", ("buyer", "09:00"), ("agent", "09:30"), who=agent)
    talk(shop, "晚超时", ("buyer", "11:00"), ("agent", "11:30"), who=agent)
    talk(shop, "等待", ("buyer", "12:00"))
    talk(shop, "夜里", ("buyer", "23:10"))  # outside the counted hours: no unit
    assert [row.buyer for row in detail(shop, at("12:03")).rows] == ["晚超时", "早超时", "等待", "按时"]


@pytest.mark.parametrize("platform", ["pinduoduo", "kuaishou", "douyin", "taobao"])
def test_the_rows_add_up_to_the_assessed_day(platform: str) -> None:
    shop = make_shop(platform=platform)
    who = make_member(shop, "agent", name="a1")
    for n in range(30):
        first = 9 * 60 + n * 7
        lines = [("buyer", f"{first // 60:02}:{first % 60:02}")]
        if n % 4:
            later = first + n % 9
            lines.append(("agent", f"{later // 60:02}:{later % 60:02}"))
        talk(shop, f"b{n % 20}", *lines, who=who)
    assess(shop=shop, date_from=DAY, date_to=DAY, now=day_end(DAY, shop.zone) + timedelta(days=1))
    found = day_detail(shop, DAY, day_end(DAY, shop.zone) + timedelta(days=1))
    stored = DayRate.objects.get(shop=shop, date=DAY, metric=found.definitions[0].key)
    assert found.figures == stored.figures
    assert found.figures.decided > 10
    for definition in shop_definitions(shop).on(DAY):
        if definition in found.definitions:
            rate = DayRate.objects.get(shop=shop, date=DAY, metric=definition.key)
            own = [row.verdicts[definition.key] for row in found.rows if definition.key in row.verdicts]
            assert own.count(Verdict.PASSED) == rate.passed


def test_the_table_filters_by_verdict_and_agent_and_leads_to_the_conversation(shop: Shop, agent: SubAccount) -> None:
    today = timezone.now().astimezone(shop.zone).date()
    client = Client()
    client.force_login(make_member(shop, "cs_manager").account)
    yesterday = today - timedelta(days=1)
    row = make_conversation(shop, "栗子")
    say(row, "buyer", "10:00", yesterday)
    say(row, "agent", "10:30", yesterday, who=agent)
    other = make_conversation(shop, "半夏")
    say(other, "buyer", "10:00", yesterday)
    say(other, "agent", "10:01", yesterday, who=agent)
    sweep_shop(shop=shop, now=timezone.now())
    url = f"/s/{shop.slug}/reply-rates/detail/?day={yesterday}"
    page = client.get(url).content.decode()
    assert "栗子" in page and "半夏" in page
    assert f"/s/{shop.slug}/records/{row.pk}/" in page
    failed = client.get(f"{url}&show=failed").content.decode()
    assert "栗子" in failed and "半夏" not in failed
    assert "没有符合的买家" in client.get(f"{url}&agent=别人").content.decode()
    assert "栗子" in client.get(f"{url}&hour=10").content.decode()
    assert "没有符合的买家" in client.get(f"{url}&hour=11").content.decode()
    for bad in ("day=gestern", f"day={today + timedelta(days=1)}", "day=1999-01-01"):
        assert client.get(f"/s/{shop.slug}/reply-rates/detail/?{bad}").status_code == 400


def test_the_files_hold_what_the_table_shows_and_nothing_that_runs(shop: Shop, agent: SubAccount) -> None:
    yesterday = timezone.now().astimezone(shop.zone).date() - timedelta(days=1)
    for n, buyer in enumerate(("=HYPERLINK(1)", "半夏", "麦子")):
        row = make_conversation(shop, buyer)
        say(row, "buyer", "10:00", yesterday)
        say(row, "agent", f"10:{10 * n + 1:02}", yesterday, who=agent)
    sweep_shop(shop=shop, now=timezone.now())
    client = Client()
    client.force_login(make_member(shop, "operations").account)
    url = f"/s/{shop.slug}/reply-rates/detail/export/?day={yesterday}"
    lines = b"".join(client.get(f"{url}&format=csv").streaming_content).decode("utf-8-sig").splitlines()
    assert len(lines) == 4
    assert any(line.startswith("'=HYPERLINK(1)") for line in lines)
    book = load_workbook(BytesIO(b"".join(client.get(f"{url}&format=xlsx").streaming_content)))
    sheet = book.active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:3] == ("买家", "提问", "回复")
    assert {row[0] for row in rows[1:]} == {"=HYPERLINK(1)", "半夏", "麦子"}
    assert all(cell.data_type != "f" for cell in sheet["A"])
    assert sheet.freeze_panes == "B2"
    assert [row[7] for row in rows[1:]].count("超时") == 2
    assert client.get(f"{url}&format=exe").status_code == 400


def test_the_trend_shows_each_day_and_the_line(shop: Shop, agent: SubAccount) -> None:
    today = timezone.now().astimezone(shop.zone).date()
    for back, answer in ((2, "10:01"), (1, "10:30")):
        row = make_conversation(shop, f"b{back}")
        say(row, "buyer", "10:00", today - timedelta(days=back))
        say(row, "agent", answer, today - timedelta(days=back), who=agent)
    assess(shop=shop, date_from=today - timedelta(days=3), date_to=today, now=timezone.now())
    client = Client()
    client.force_login(make_member(shop, "main").account)
    answer = client.get(f"/s/{shop.slug}/reply-rates/trend/?days=7&metric=reply_5m")
    chart = answer.context["chart"]
    assert len(chart["x"]) == 7
    window, own = (series["data"] for series in chart["series"])
    assert own[-3:-1] == [100.0, 0.0]
    assert window[-3:-1] == [100.0, 50.0]
    assert chart["marks"][0]["value"] == 50.0
    assert (
        client.get(f"/s/{shop.slug}/reply-rates/trend/?metric=nothing&days=x").context["definition"].key == "reply_5m"
    )


def test_the_page_reads_a_bounded_number_of_buyers_and_says_so(
    shop: Shop, agent: SubAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        talk(shop, f"买家{number}", ("buyer", f"10:0{number}"), who=agent)
    assess(shop=shop, date_from=DAY, date_to=DAY, now=LATE)
    assert not day_detail(shop, DAY, LATE, 5).cut
    found = day_detail(shop, DAY, LATE, 3)
    assert (len(found.rows), found.cut, found.figures.failed) == (3, True, 3)
    monkeypatch.setattr(views, "PAGE_BUYERS", 3)
    client = Client()
    client.force_login(make_member(shop, "main").account)
    address = f"/s/{shop.slug}/reply-rates/detail/?day={DAY.isoformat()}"
    assert "这里只列出最后来消息的 3 位买家" in client.get(address).content.decode()
    monkeypatch.setattr(views, "PAGE_BUYERS", 5)
    assert "这里只列出" not in client.get(address).content.decode()
