"""Advice on settings: what would do harm or nothing is said before it is saved, on the tab where it is mended."""

from typing import Any

import pytest
from django.urls import reverse

from agents.models import Shop
from agents.vocabulary import Platform, Role
from routing import services
from routing.engine.advice import Advice, Advised, advise
from routing.engine.document import read_document
from routing.words import Person
from tests.agents.factories import make_member, make_shop
from tests.routing.page import SettingsPage, client_of

ALL = ["none", "unpaid", "unshipped", "shipped", "received", "after_sale"]
PAGES = ["shop_home", "goods_detail", "order_detail", "refund_detail", "logistics"]
ENTRIES = ["goods_detail", "order_detail", "direct_message", "live", "other"]
PEOPLE = {
    "a1": Person("a1", "a1", ("agent",)),
    "a2": Person("a2", "a2", ("logistics_agent",)),
    "a3": Person("a3", "a3", ("agent",)),
    "boss": Person("boss", "boss", ("main",)),
    "gone": Person("gone", "gone", ("agent",), enabled=False),
}


def found(platform: Platform, people: dict[str, Person] | None = None, **document: Any) -> list[tuple[str, ...]]:
    people = people or PEOPLE
    document.setdefault("offline", {"agents": ["a1"]})
    whole = read_document(document, platform, people)
    return [(advice.code.value, advice.place, *advice.names) for advice in advise(whole, platform, people)]


def group(name: str, statuses: list[str], **weights: int) -> dict[str, Any]:
    members = [{"account": account, "weight": weight} for account, weight in weights.items()]
    return {"name": name, "members": members, "order_statuses": statuses}


@pytest.mark.parametrize("platform", Platform)
def test_settings_that_serve_everybody_get_no_advice(platform: Platform) -> None:
    assert found(platform) == []


@pytest.mark.parametrize("platform", Platform)
def test_an_offline_list_that_is_on_and_empty_or_can_do_nothing(platform: Platform) -> None:
    assert found(platform, offline={"agents": []}) == [("offline_empty", "offline")]
    assert found(platform, offline={"enabled": False, "agents": []}) == []
    assert found(platform, offline={"agents": ["gone"]}) == [("offline_cannot", "offline", "gone")]
    one = found(platform, offline={"agents": ["a1", "gone"]}, never_route=["a1"])
    assert one == [("offline_cannot", "offline", "a1", "gone")]


def test_a_main_account_may_stand_on_the_offline_list() -> None:  # G4
    assert found(Platform.PINDUODUO, offline={"agents": ["boss"]}) == []


@pytest.mark.parametrize("platform", Platform)
def test_nobody_taking_part_is_said_and_then_nothing_else_of_people(platform: Platform) -> None:
    assert found(platform, never_route=["a1", "a2", "a3"], offline={"agents": ["boss"]}) == [
        ("nobody_takes_part", "agents")
    ]


def test_a_page_whose_agents_are_all_on_the_never_route_list_disabled_or_without_the_role() -> None:
    pages = {"goods_detail": ["a1", "gone", "boss"], "shop_home": ["a1", "a2"]}
    told = found(Platform.PINDUODUO, pages=pages, never_route=["a1"], offline={"agents": ["a2"]})
    assert told == [("list_cannot", "pages.goods_detail", "a1", "gone", "boss")]


def test_every_order_status_that_no_group_binds_is_named() -> None:  # KS7
    told = found(Platform.KUAISHOU, mode="grouped", groups=[group("售前", ["none", "unpaid"], a1=100, a2=100, a3=100)])
    assert told == [("status_unbound", status) for status in ALL[2:]]


def test_groups_that_can_do_nothing() -> None:
    groups = [group("空", ["none"]), group("旧", ["unpaid"], gone=100)]
    told = found(Platform.PINDUODUO, mode="advanced", groups=[*groups, group("闲", [], a3=100)])
    assert [row for row in told if row[0].startswith(("group", "list"))] == [
        ("group_empty", "groups.空"),
        ("list_cannot", "groups.旧", "gone"),
        ("group_unbound", "groups.闲"),
    ]


def test_a_group_without_a_status_serves_what_none_binds_on_taobao() -> None:  # TB3
    groups = [group("甲", ["none"], a1=100), group("乙", [], a2=100, a3=100)]
    assert {row[0] for row in found(Platform.TAOBAO, groups=groups)} == {"status_unbound"}


def test_a_low_cap_is_advised_against_on_douyin_alone() -> None:
    people = PEOPLE | {"a1": Person("a1", "a1", ("agent",), cap=4), "a2": Person("a2", "a2", ("agent",), cap=5)}
    assert found(Platform.DOUYIN, people) == [("low_cap", "agents", "a1")]
    assert found(Platform.KUAISHOU, people) == []


def test_whom_no_entry_names_gets_nothing_on_douyin_but_by_overflow() -> None:  # DY2, DY8
    unified = {entry: {"assign": "unified", "agents": ["a1", "a2"]} for entry in ENTRIES}
    assert found(Platform.DOUYIN, entries=unified) == [("unreachable", "agents", "a3")]
    asked = unified | {"live": {"assign": "by_question", "questions": {"尺码": ["a1"]}}}
    overflow = {"overflow": True}
    assert found(Platform.DOUYIN, entries=asked) == [("unreachable", "agents", "a3")]
    assert found(Platform.DOUYIN, entries=asked, queue=overflow) == [("fallback_only", "agents", "a3")]
    assert found(Platform.DOUYIN, entries=unified, queue=overflow) == [("unreachable", "agents", "a3")]
    one_open = {entry: content for entry, content in unified.items() if entry != "other"}
    assert found(Platform.DOUYIN, entries=one_open) == []


def test_whom_no_page_names_is_reached_only_when_nobody_set_is_free() -> None:  # PDD4
    pages = {page: ["a1", "a2"] for page in PAGES}
    assert found(Platform.PINDUODUO, pages=pages) == [("fallback_only", "agents", "a3")]
    assert found(Platform.PINDUODUO, pages={page: pages[page] for page in PAGES[1:]}) == []


def test_who_is_in_no_group_is_reached_only_by_the_last_resort() -> None:  # PDD7, KS10, TB6
    groups = [group("全", ALL, a1=100, a2=100)]
    assert found(Platform.KUAISHOU, mode="grouped", groups=groups) == [("fallback_only", "agents", "a3")]
    assert found(Platform.PINDUODUO, mode="advanced", groups=groups) == [("fallback_only", "agents", "a3")]
    assert found(Platform.TAOBAO, groups=groups) == [("fallback_only", "agents", "a3")]
    assert found(Platform.PINDUODUO, mode="basic", groups=groups) == []


def test_a_weight_of_nothing_keeps_somebody_from_every_buyer_where_weights_steer() -> None:
    groups = [group("全", ALL, a1=100, a2=100, a3=0)]
    assert found(Platform.TAOBAO, groups=groups) == [("unreachable", "agents", "a3")]
    assert found(Platform.PINDUODUO, mode="advanced", groups=groups) == [("fallback_only", "agents", "a3")]
    assert found(Platform.KUAISHOU, mode="grouped", groups=groups) == []  # KS9: weights steer nothing there


def test_advice_is_a_code_a_place_and_names() -> None:
    whole = read_document({}, Platform.PINDUODUO, PEOPLE)
    assert advise(whole, Platform.PINDUODUO, PEOPLE) == [Advice(Advised.OFFLINE_EMPTY, "offline", ())]


# -- on the screen ------------------------------------------------------------------------------


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    made = make_shop("pdd")
    for name in ("a1", "a2", "a3"):
        make_member(made, name=name)
    services.publish(shop=made, document={"offline": {"agents": ["a1"]}})
    return made


def page_of(shop: Shop, tab: str) -> SettingsPage:
    return SettingsPage(shop, make_member(shop, Role.MAIN), tab)


def test_the_save_bar_tells_what_this_draft_would_bring_about(shop: Shop) -> None:
    page = page_of(shop, "never")
    page.type(mode="advanced")
    response = page.pick("pages.goods_detail", "a1")
    assert response.context["board"].advice_new == []
    response = page.pick("never_route", "a1")
    told = response.context["board"].advice_new
    assert told == [
        "商品详情页：设置的人都不参与分流（a1），买家不会分给他们。",
        "离线名单上的人都接不了（a1）：全店不在线时买家只能排队。",
    ]
    html = response.content.decode()
    assert "2 条提醒" in html
    assert all(sentence in html for sentence in told)


def test_advice_stands_on_its_own_tab_and_marks_it(shop: Shop) -> None:
    services.publish(shop=shop, document={"offline": {"agents": []}})
    client = client_of(make_member(shop, Role.MAIN))
    url = reverse("routing_settings", args=["pdd"])
    sentence = "离线分流已打开，但名单是空的"
    assert sentence not in client.get(f"{url}?tab=basic").content.decode()
    response = client.get(f"{url}?tab=offline")
    assert sentence in response.content.decode()
    assert [tab.slug for tab in response.context["board"].tabs if tab.told] == ["offline"]


def test_advice_does_not_keep_anybody_from_publishing(shop: Shop) -> None:
    page = page_of(shop, "basic")
    assert page.publish(**{"offline.enabled": "1", "mode": "advanced"}).status_code == 200
    page.pick("offline")
    assert page.publish().status_code == 200
