"""The audit log on its page: who, when, from where, before and after in words; filtered; out as CSV."""

import csv
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse

from agents import services as agents
from agents.models import AuditEntry, Shop
from agents.vocabulary import AuditAction, Role
from routing import services
from routing.words import audit_sentences, audit_subject
from tests.agents.factories import actor_of, make_member, make_shop
from tests.routing.page import client_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop() -> Shop:
    return make_shop("pdd")


@pytest.fixture
def client(shop: Shop) -> Client:
    main = make_member(shop, Role.MAIN, name="boss")
    make_member(shop, name="a1")
    AuditEntry.objects.all().delete()
    services.publish(shop=shop, document={"pages": {"goods_detail": ["a1"]}}, actor=actor_of(main))
    services.change_sub_account(shop=shop, agent="a1", roles=["agent", "logistics_agent"], max_concurrent=8)
    return client_of(main)


def page(client: Client, **asked: str) -> str:
    return client.get(reverse("audit", args=["pdd"]), asked).content.decode()


def rows(client: Client, **asked: str) -> list[list[str]]:
    response = client.get(reverse("audit_csv", args=["pdd"]), asked)
    assert response["Content-Type"].startswith("text/csv")
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(StringIO(text.removeprefix("\ufeff"))))


def test_every_change_is_told_in_words_the_newest_first(client: Client) -> None:
    html = page(client)
    assert "商品详情页：+ a1" in html
    assert "角色：客服 → 客服，物流客服" in html
    assert "最大接待人数：— → 8" in html
    assert html.index("修改子账号 ·") < html.index("发布分流设置 ·")


def test_filters_by_action_person_thing_and_day(shop: Shop, client: Client) -> None:
    AuditEntry.objects.create(
        shop=shop,
        action=AuditAction.KEY_MADE,
        subject="till",
        by_name="gone",
        at=datetime(2026, 1, 5, 16, 30, tzinfo=UTC),
    )
    assert len(rows(client)) == 4
    assert [row[4] for row in rows(client, action="key_made")[1:]] == ["till"]
    assert [row[1] for row in rows(client, by="GON")[1:]] == ["gone"]
    assert [row[4] for row in rows(client, subject="a1")[1:]] == ["a1"]
    of_the_day = {"date_from": "2026-01-06", "date_to": "2026-01-06"}  # 00:30 in Shanghai
    assert [row[4] for row in rows(client, **of_the_day)[1:]] == ["till"]
    assert rows(client, date_to="2026-01-05")[1:] == []
    assert "没有符合的记录" in page(client, subject="nothing")


def test_what_cannot_be_read_of_a_filter_is_said_and_filters_nothing(client: Client) -> None:
    html = page(client, date_from="yesterday")
    assert "field-error" in html
    assert "修改子账号 ·" in html


def test_a_cell_that_a_spreadsheet_would_run_is_text(shop: Shop, client: Client) -> None:
    AuditEntry.objects.create(shop=shop, action=AuditAction.KEY_MADE, subject="=HYPERLINK(1)", by_name="@x")
    assert [row[4] for row in rows(client, action="key_made")[1:]] == ["'=HYPERLINK(1)"]


def test_another_shops_entries_are_not_seen(client: Client) -> None:
    other = make_shop("other")
    agents.update_shop(shop=other, name="别家")
    assert "别家" not in page(client)
    assert "别家" not in str(rows(client))


def test_the_number_of_queries_does_not_grow(shop: Shop, client: Client, django_assert_max_num_queries) -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(
            shop=shop,
            action=AuditAction.SUB_ACCOUNT_CHANGED,
            subject=f"a{n}",
            before={"enabled": True},
            after={"enabled": False},
        )
        for n in range(100)
    )
    page(client)  # once a minute a page also notes that they were seen
    with django_assert_max_num_queries(10):
        assert "启用：是 → 否" in page(client)


def test_any_shape_of_entry_is_told() -> None:
    assert audit_sentences(None, None, "pinduoduo", {}) == []
    assert audit_sentences({"x": [1, {"y": None}]}, {"x": "2"}, "pinduoduo", {}) == ["x：1；y None → 2"]
    assert audit_sentences("old", "new", "pinduoduo", {}) == ["old → new"]
    assert audit_sentences({"roles": ["boss"]}, {"roles": []}, "pinduoduo", {}) == ["角色：boss → —"]


def test_answers_shifts_and_people_are_called_as_on_their_own_screens() -> None:
    names = {"a1": "售前01", "a2": "售前02"}
    assert audit_subject("answers_changed", "hot_questions", names) == "热门问题"
    assert audit_subject("settings_published", "3", names) == "版本 3"
    assert audit_subject("shifts_changed", "a1, a2", names) == "售前01，售前02"
    items = {"items": [{"ask": "几天到？", "answer": "三天"}]}
    assert audit_sentences({"items": []}, items, "pinduoduo", names) == ["条目：— → “几天到？” → “三天”"]
    assert audit_sentences({"sun": "早班"}, {"sun": None}, "pinduoduo", names) == ["周日：早班 → —"]
    assert audit_sentences(None, {"weekly": {"a1": "早班"}}, "pinduoduo", names) == ["每周：售前01 早班"]
