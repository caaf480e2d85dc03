"""The page of shares: ranges, limits, links, the file, few queries however many agents, a sample of very many."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agents.models import Account
from agents.vocabulary import Role
from metrics.formulas.shares import Cause
from metrics.selectors import dealt
from metrics.telling_shares import reasons
from tests.agents.factories import make_member
from tests.metrics.builders import DAY
from tests.metrics.rows import make_conversation
from tests.metrics.share_day import NIGHT, ShareDay

pytestmark = pytest.mark.django_db(transaction=True)
DAYS = {"date_from": str(DAY), "date_to": str(DAY)}


@pytest.fixture
def day() -> ShareDay:
    """c is in no list; a's conversation was handed to nobody."""
    made = ShareDay("pinduoduo", {"a": 5, "b": 5, "c": 5}, {"pages": {"goods_detail": ["a", "b"]}})
    made.online("09:00")
    made.buyers(12, "09:30", "10:30")
    return made


def client_of(day: ShareDay, *roles: str) -> Client:
    client = Client()
    member = make_member(day.shop, *(roles or [Role.MAIN]))
    assert isinstance(member.account, Account)
    client.force_login(member.account)
    return client


def get(day: ShareDay, asked: dict[str, str], *roles: str, name: str = "shares/") -> HttpResponse:
    return client_of(day, *roles).get(f"/s/{day.shop.slug}/{name}", asked)


def text(day: ShareDay, asked: dict[str, str], *roles: str) -> str:
    answer = get(day, asked, *roles)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_sentence_the_table_and_each_reason(day: ShareDay) -> None:
    page = text(day, DAYS)
    assert "c 比平均少接 4 个：名单和分组 4 个。" in page
    assert "系统一共分配了 12 个会话，平均每人 4 个。" in page
    assert page.count('class="card card-pad share-agent"') == 3
    assert f"/s/{day.shop.slug}/records/?agent=c&amp;routed=on&amp;date_from={DAY}&amp;date_to={DAY}" in page
    assert f"/s/{day.shop.slug}/records/?agent=a&amp;state=open" in page
    assert f'<a href="/s/{day.shop.slug}/routing/">名单和分组</a>' in page
    assert "在页面" not in page.split("怎么算的")[1]


def test_the_figure_leads_to_just_those_conversations(day: ShareDay) -> None:
    """Whoever holds them now: two of a's are b's by hand, one is open since the night before."""
    for row in day.shop.conversations.filter(holder__name="a")[:2]:
        day.shop.conversations.filter(pk=row.pk).update(holder=day.people["b"], opened_at=NIGHT - timedelta(days=20))
    received = day.row("a").share.received
    asked = {"agent": "a", "routed": "on", **DAYS}
    assert get(day, asked, name="records/").context["page"].paginator.count == received > 2
    asked |= {"date_from": str(DAY + timedelta(days=1)), "date_to": ""}
    assert get(day, asked, name="records/").context["page"].paginator.count == 0
    everybody = {"routed": "on", **DAYS}
    assert get(day, everybody, name="records/").context["page"].paginator.count == 12


def test_operations_see_figures_and_no_way_to_the_records(day: ShareDay) -> None:
    page = text(day, DAYS, Role.OPERATIONS)
    assert "名单和分组</a>" in page
    assert "/records/" not in page


def test_without_days_it_is_the_last_seven(day: ShareDay) -> None:
    today = timezone.now().astimezone(day.shop.zone).date()
    page = text(day, {})
    assert f'value="{today - timedelta(days=6)}"' in page and f'value="{today}"' in page
    assert page.count('aria-current="page">7 天') == 1
    yesterday = str(today - timedelta(days=1))
    assert 'aria-current="page">昨天' in text(day, {"date_from": yesterday, "date_to": yesterday})


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2026-03-01", "2026-04-01", "超过 31 天了。"),
        ("2026-03-02", "2026-03-01", "早于开始日期。"),
        ("2999-01-01", "2999-01-02", "这一天还没到。"),
        ("", "2026-03-01", "必填。"),
        ("x", "2026-03-01", "输入一个有效的日期。"),
    ],
)
def test_a_range_that_is_none_says_so_at_its_field(day: ShareDay, first: str, last: str, said: str) -> None:
    asked = {"date_from": first, "date_to": last}
    page = text(day, asked)
    assert said in page and "field-error" in page and "share-table" not in page
    assert get(day, asked, name="shares/export/").status_code == 400


def test_thirty_one_days_are_allowed_and_said_at_the_field(day: ShareDay) -> None:
    page = text(day, {"date_from": "2026-03-01", "date_to": "2026-03-31"})
    assert "field-error" not in page and "最多 31 天" in page and "share-table" in page


def test_where_nothing_was_decided_it_says_so(day: ShareDay) -> None:
    make_conversation(day.shop, "imported")
    page = text(day, {"date_from": "2026-02-01", "date_to": "2026-02-02"})
    assert "这几天没有分流记录" in page and "没有分配记录" in page


def test_who_takes_no_part_stands_aside_with_why(day: ShareDay) -> None:
    make_member(day.shop, Role.AGENT, name="gone", enabled=False)
    assert "gone（已停用）" in text(day, DAYS)
    assert [row.share.name for row in day.found().rows].count("gone") == 0


def test_the_file_says_what_the_page_says(day: ShareDay) -> None:
    answer = get(day, DAYS, name="shares/export/")
    content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(StringIO(content)))
    found = day.found()
    assert [(row["客服"], int(row["接待"])) for row in rows] == [(r.share.name, r.share.received) for r in found.rows]
    parts = ["老买家回头", "名单和分组", "在线时段", "小休", "有人满了", "超时转接", "权重", "平均分配"]
    for row in rows:
        added = sum(float(row[name]) for name in [*parts, "接待量不饱和优先", "随机波动"])
        assert added == pytest.approx(float(row["相差"]), abs=0.2)
    assert "一次也没轮到" in next(row for row in rows if row["客服"] == "c")["原因"]


def queries(day: ShareDay) -> int:
    with CaptureQueriesContext(connection) as captured:
        found = day.found()
        [reasons(row, found) for row in found.rows]
    return len(captured)


def test_many_agents_and_conversations_take_as_many_queries_as_few(day: ShareDay) -> None:
    few = queries(day)
    big = ShareDay("pinduoduo", {f"a{n:02}": 5 for n in range(25)})
    big.online("09:00")
    big.buyers(80, "09:00", "12:00", lasting=3)
    assert len(big.found().rows) == 25
    assert queries(big) == few <= 12


def test_of_very_many_an_even_sample_is_looked_at_and_said(day: ShareDay, monkeypatch: pytest.MonkeyPatch) -> None:
    day.buyers(108, "10:30", "14:00")
    whole = {row.share.name: row.share for row in day.found().rows}
    monkeypatch.setattr(dealt, "MOST_READ", 40)
    found = day.found()
    assert (found.every, found.total) == (3, 120)
    for row in found.rows:
        exact = whole[row.share.name]
        assert (row.share.received, row.share.even) == (exact.received, 40)
        assert row.share.parts.get(Cause.LISTS, 0) == pytest.approx(exact.parts[Cause.LISTS])
    assert "每 3 个抽查 1 个" in text(day, DAYS)


def test_the_traces_come_as_a_stream(day: ShareDay, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in pieces, and nothing but the columns that are needed."""
    monkeypatch.setattr(dealt, "CHUNK", 5)
    with CaptureQueriesContext(connection) as captured:
        day.found()
    (read,) = [query["sql"] for query in captured if '"trace"' in query["sql"]]
    assert '"labels"' not in read and '"reason"' not in read
    assert day.found(now=NIGHT).total == 12
