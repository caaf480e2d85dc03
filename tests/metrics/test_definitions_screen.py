"""Metric definitions as a screen: sources, the shop's own values, the last 30 days under a change, who may."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from agents.models import AuditEntry, Shop
from metrics.formulas.definitions import Override
from metrics.models import DayRate, DefinitionOverride
from metrics.services import assess, preview_override
from tests.agents.factories import make_member, make_shop
from tests.metrics.rows import make_conversation, say

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def owner(shop: Shop) -> Client:
    client = Client()
    client.force_login(make_member(shop, "main", name="boss").account)
    return client


def today(shop: Shop) -> date:
    return timezone.now().astimezone(shop.zone).date()


def by_robot(shop: Shop, back: int, count: int = 3) -> None:
    """So many buyers whom only the robot answered, at once."""
    for n in range(count):
        row = make_conversation(shop, f"b{back}-{n}")
        say(row, "buyer", "10:00", today(shop) - timedelta(days=back))
        say(row, "robot", "10:00:05", today(shop) - timedelta(days=back))


def assessed(shop: Shop) -> None:
    assess(shop=shop, date_from=today(shop) - timedelta(days=29), date_to=today(shop), now=timezone.now())


def test_each_metric_stands_there_with_its_source_and_that_the_sources_differ(shop: Shop, owner: Client) -> None:
    page = owner.get(f"/s/{shop.slug}/definitions/").content.decode()
    for words in (
        "5分钟回复率",
        "S2 (unit: R)",
        "5 分钟内",
        "08:00–23:00",
        "每位买家每天",
        "移除资源位",
        "两份资料说法不一",
    ):
        assert words in page
    taobao = make_shop(platform="taobao")
    client = Client()
    client.force_login(make_member(taobao, "operations").account)
    page = client.get(f"/s/{taobao.slug}/definitions/").content.decode()
    assert "满 100 个才考核" in page
    assert "两份资料" not in page
    assert "修改</button>" not in page, "operations look"


def test_the_preview_counts_the_days_anew_and_writes_nothing(shop: Shop, owner: Client) -> None:
    by_robot(shop, 2)
    assessed(shop)
    before = list(DayRate.objects.order_by("pk").values())
    days = preview_override(
        shop=shop, override=Override("reply_5m", today(shop), counts_robot=False), now=timezone.now()
    )
    assert len(days) == 30
    changed = {today(shop) - one.day: (one.now.passes, one.then.passes) for one in days if one.differs}
    assert changed[timedelta(days=2)] == (True, False)
    assert min(changed) == timedelta(0), "the window reaches to today"
    assert list(DayRate.objects.order_by("pk").values()) == before
    answer = owner.post(
        f"/s/{shop.slug}/definitions/reply_5m/preview/", {"valid_from": today(shop).isoformat(), "robot": "no"}
    )
    assert "近 30 天里，现在有 0 天不达标，改后有 1 天。" in answer.content.decode()


def test_saving_counts_again_from_that_day_on_and_is_recorded(shop: Shop, owner: Client) -> None:
    by_robot(shop, 4, count=2)
    by_robot(shop, 2)
    assessed(shop)
    since = today(shop) - timedelta(days=3)
    answer = owner.post(
        f"/s/{shop.slug}/definitions/reply_5m/",
        {"valid_from": since.isoformat(), "robot": "no", "own_penalties": "on", "penalties": ["ad_removal"]},
    )
    assert answer.status_code == 302
    row = DefinitionOverride.objects.get(shop=shop)
    assert (row.counts_robot, row.penalties, row.created_by.account) == (False, ["ad_removal"], "boss")
    figures = {rate.date: rate.figures for rate in DayRate.objects.filter(shop=shop, metric="reply_5m")}
    assert figures[today(shop) - timedelta(days=4)].passed == 2
    assert figures[today(shop) - timedelta(days=2)].failed == 3
    assert set(shop.penalty_windows.values_list("kind", flat=True)) == {"ad_removal"}
    assert AuditEntry.objects.filter(shop=shop, action="metrics_changed").count() == 1
    assert "广告" in owner.get(f"/s/{shop.slug}/definitions/").content.decode()


def test_what_cannot_be_saved_comes_back_with_its_sentence(shop: Shop, owner: Client) -> None:
    url = f"/s/{shop.slug}/definitions/reply_5m/"
    day = today(shop)
    wrong = owner.post(url, {"valid_from": day.isoformat(), "valid_to": (day - timedelta(days=1)).isoformat()})
    assert wrong.status_code == 422
    assert "valid_to" in wrong.context["form"].errors
    assert owner.post(url, {"valid_from": "gestern"}).status_code == 422
    assert owner.get(f"/s/{shop.slug}/definitions/reply_9m/").status_code == 404
    assert not DefinitionOverride.objects.exists()
