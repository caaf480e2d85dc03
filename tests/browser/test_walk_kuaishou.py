"""Kuaishou's 分流设置 (S1): its three kinds, done on our screens; then buyers come and go where it says."""

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

STATUSES = ("无订单", "待付款", "待发货", "待收货", "待评价", "退款/售后")


@pytest.fixture
def shop() -> Shop:
    made = make_shop("kuai", "kuaishou")
    for name in ("sq01", "sq02", "sh01"):
        make_member(made, name=name)
        services.set_presence(shop=made, agent=name, status="online")
    return made


@pytest.fixture
def main(shop: Shop) -> SubAccount:
    return make_member(shop, Role.MAIN, name="boss")


def test_basic_routing_says_who_takes_part_and_how_each_kind_of_buyer_is_shared(
    shop: Shop, main: SubAccount, enter: Enter, program: Programs
) -> None:
    screen = SettingsScreen(enter(main), shop).enter()
    page = screen.page
    expect(page.get_by_text("正在使用基础分流")).to_be_visible()
    for title, words in (
        ("老客分流", "在线就给 TA，满了也给"),
        ("新客分流", "今日接得最少的先接"),
        ("客服未在线", "离线分流"),
    ):
        expect(page.locator(".told-rules > div").filter(has_text=title)).to_contain_text(words)
    expect(screen.card("参与分流的客服")).to_contain_text("3 人")
    expect(screen.card("参与分流的客服")).to_contain_text("不参与分流： boss")
    shares = [program(shop).opens(buyer)["agent"] for buyer in ("b1", "b2", "b3")]
    assert sorted(shares) == ["sh01", "sq01", "sq02"]  # KS2: evenly


@pytest.mark.journey
def test_grouped_routing_warns_until_every_order_status_has_its_group(
    shop: Shop, main: SubAccount, enter: Enter, program: Programs
) -> None:
    screen = SettingsScreen(enter(main), shop).enter()
    page = screen.page
    screen.tab("分组分流")
    screen.add_group("售前组", "sq01", "sq02")
    screen.bind("售前组", *STATUSES[:4])
    screen.add_group("售后组", "sh01")
    screen.bind("售后组", "退款/售后")
    told = page.locator(".notice-row", has_text="待评价 没有绑定任何组")
    expect(told).to_be_visible()  # KS7
    expect(page.locator(".cover-cell.is-unbound b")).to_have_text(["未绑定"])
    told.locator("summary", has_text="绑定到组").click()
    told.get_by_role("button", name="售后组").click()
    expect(page.get_by_text("没有绑定任何组")).to_have_count(0)
    expect(page.get_by_text("还没有生效")).to_be_visible()
    screen.switch("启用分组分流", on=True)
    screen.publish(2)
    expect(screen.history()).to_contain_text("分组分流")
    assert current_document(shop)["mode"] == "grouped"

    came = program(shop).opens("栗子爱吃糖", order_status="received")
    assert (came["agent"], came["decision"]["rule"]) == ("sh01", "KS9")
    assert program(shop).opens("柚子茶", order_status="none")["agent"] in ("sq01", "sq02")


def test_with_offline_routing_off_buyers_wait_and_with_it_on_the_list_takes_turns(
    shop: Shop, main: SubAccount, enter: Enter, program: Programs
) -> None:
    for name in ("sq01", "sq02", "sh01"):
        services.set_presence(shop=shop, agent=name, status="offline")
    screen = SettingsScreen(enter(main), shop).enter()
    screen.tab("离线分流")
    expect(screen.page.get_by_text("离线分流已打开，但名单是空的")).to_be_visible()
    screen.pick("离线名单", "sh01", "sq02")
    screen.published(2)
    came = [program(shop).opens(buyer) for buyer in ("b1", "b2")]
    assert sorted(one["agent"] for one in came) == ["sh01", "sq02"]
    assert {one["decision"]["outcome"] for one in came} == {"offline"}

    screen.switch("启用离线分流", on=False)
    screen.publish(3)
    expect(screen.history()).to_contain_text("离线分流")
    waits = program(shop).opens("b3")
    assert (waits["agent"], waits["state"], waits["decision"]["rule"]) == (None, "queued", "G5")
    assert waits["queue"]["pool"] == "shop"
    services.set_presence(shop=shop, agent="sq01", status="online")
    assert shop.conversations.get(buyer__external_id="b3").holder.name == "sq01"
