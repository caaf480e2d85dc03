"""Pinduoduo's walkthrough (S1, steps 1 to 5) and 高级分流, on our screens; then buyers come and go where it says."""

import pytest
from playwright.sync_api import expect

from agents.models import Shop, SubAccount
from agents.vocabulary import Role
from routing import services
from routing.selectors import current_document
from tests.agents.factories import make_member, make_shop
from tests.browser.conftest import Enter, Programs
from tests.browser.steps import SettingsScreen

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop() -> Shop:
    made = make_shop("xiaoman")
    for name in ("sq01", "sq02", "sh01"):
        make_member(made, name=name)
        services.set_presence(shop=made, agent=name, status="online")
    make_member(made, Role.LOGISTICS_AGENT, name="wl01")
    return made


@pytest.fixture
def main(shop: Shop) -> SubAccount:
    return make_member(shop, Role.MAIN, name="boss")


def test_a_page_gets_its_agents_in_five_steps(shop: Shop, main: SubAccount, enter: Enter, program: Programs) -> None:
    screen = SettingsScreen(enter(main), shop).enter()  # 1: by the navigation
    page = screen.page
    expect(page.locator(".rule-card")).to_contain_text("买家先给最近联系过的客服")  # 2: the rule on top
    expect(page.locator(".path-box b")).to_have_text(["1最近联系", "2页面客服", "3任一空闲", "4离线名单"])
    pages = page.locator(".place-card", has_text="未设置")
    expect(pages).to_have_count(5)  # 3: nothing is set
    screen.place("商品详情页").get_by_role("button", name="去设置").click()
    picker = screen.picker
    roles = picker.get_by_role("group", name="角色")
    roles.get_by_role("button", name="物流客服").click()  # 4: by role, by account
    expect(picker.locator("[data-pick]:visible")).to_have_count(1)
    roles.get_by_role("button", name="客服", exact=True).click()
    expect(picker.locator("[data-pick]:visible")).to_have_count(3)
    picker.get_by_label("搜账号或昵称").fill("sq0")
    expect(picker.locator("[data-pick]:visible")).to_have_count(2)
    screen.tick("sq01")  # 5: 确认 publishes
    screen.published(2)
    expect(screen.place("商品详情页")).to_contain_text("sq01")
    screen.pick("订单详情页", "sh01", "wl01")  # … and the next page
    screen.published(3)
    expect(screen.history()).to_contain_text("订单详情页：+ sh01，+ wl01")

    came = program(shop).opens("栗子爱吃糖", entry="goods_detail")
    assert (came["agent"], came["decision"]["rule"], came["decision"]["version"]) == ("sq01", "PDD3", 3)
    assert program(shop).opens("柚子茶", entry="order_detail")["agent"] == "sh01"


@pytest.mark.journey
def test_advanced_routing_shares_by_weight_within_the_group_of_the_order_status(
    shop: Shop, main: SubAccount, enter: Enter, program: Programs
) -> None:
    screen = SettingsScreen(enter(main), shop).enter()
    screen.tab("高级分流")
    screen.add_group("售前组", "sq01", "sq02")
    screen.weigh("售前组", sq01="500", sq02="100")
    shares = screen.card("售前组").locator("[data-share]")
    expect(shares).to_have_text(["83.3%", "16.7%"])
    screen.bind("售前组", "无订单", "待付款")
    screen.add_group("售后组", "sh01")
    screen.bind("售后组", "退款/售后")
    expect(screen.page.locator(".cover-cell.is-unbound")).to_have_count(3)
    screen.switch("启用高级分流", on=True)
    screen.publish(2)
    line = screen.history()
    expect(line).to_contain_text("售前组")
    expect(line).to_contain_text("高级分流")
    weights = {row["account"]: row["weight"] for row in current_document(shop)["groups"][0]["members"]}
    assert weights == {"sq01": 500, "sq02": 100}

    came = program(shop).opens("栗子爱吃糖", entry="goods_detail", order_status="after_sale")
    assert (came["agent"], came["decision"]["rule"]) == ("sh01", "PDD6")
    new = program(shop).opens("柚子茶", entry="goods_detail", order_status="none")
    assert new["agent"] in ("sq01", "sq02")
    assert new["decision"]["rule"] == "PDD6"


def test_a_name_in_use_and_a_weight_that_is_none_come_back_with_a_sentence(
    shop: Shop, main: SubAccount, enter: Enter
) -> None:
    screen = SettingsScreen(enter(main), shop).enter()
    page = screen.page
    screen.tab("高级分流")
    screen.add_group("售前组", "sq01")
    page.get_by_label("新组的名字").fill("售前组")
    page.get_by_label("新组的名字").press("Enter")
    expect(page.locator(".add-line").get_by_role("alert")).to_be_visible()
    weight = screen.card("售前组").get_by_label("权重")
    weight.fill("很多")
    weight.press("Tab")
    expect(screen.card("售前组").get_by_role("alert")).to_be_visible()
    expect(weight).to_have_value("很多")
    expect(page.get_by_role("button", name="发布为版本 2")).to_be_disabled()
