"""Douyin's 分流排队 (S1, 3.2 and what stands around it): set by the main account, locked for others, followed."""

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

SHIPPING, STOCK = "发什么快递", "是现货吗"


@pytest.fixture
def shop() -> Shop:
    made = make_shop("dou", "douyin")
    for name in ("fa01", "fb01", "fc01"):
        make_member(made, name=name)
        services.set_presence(shop=made, agent=name, status="online")
    return made


@pytest.fixture
def main(shop: Shop) -> SubAccount:
    return make_member(shop, Role.MAIN, name="boss")


def add_question(screen: SettingsScreen, entry: str, question: str, *agents: str) -> None:
    card = screen.card(entry)
    card.get_by_label("买家可选的问题").fill(question)
    card.get_by_label("买家可选的问题").press("Enter")
    expect(screen.place(question)).to_contain_text("未设置")
    screen.pick(question, *agents)
    expect(screen.place(question)).to_contain_text(agents[0])


@pytest.mark.journey
def test_entries_questions_sharing_repeat_visits_and_lines_are_set_and_followed(
    shop: Shop, main: SubAccount, enter: Enter, program: Programs
) -> None:
    screen = SettingsScreen(enter(main), shop).enter()
    page = screen.page
    expect(page.get_by_role("heading", name="1. 访客分流规则")).to_be_visible()
    expect(screen.card("商品详情页").get_by_role("button", name="统一分配")).to_have_attribute("aria-pressed", "true")
    screen.card("订单详情页").get_by_role("button", name="去设置").click()  # 统一: one list
    screen.tick("fc01")
    expect(screen.card("订单详情页")).to_contain_text("fc01")
    screen.card("商品详情页").get_by_role("button", name="分入口分配").click()  # 分入口: by question
    add_question(screen, "商品详情页", SHIPPING, "fa01")
    add_question(screen, "商品详情页", STOCK, "fb01")
    expect(screen.card("商品详情页").locator(".buyer-choice")).to_have_text([SHIPPING, STOCK])

    page.get_by_role("radio", name="平均分配").check()  # 2. 客服分流规则
    expect(page.locator("[data-save-bar]")).to_contain_text("平均分配")
    expect(page.get_by_role("switch", name="不超过最大接待人数")).to_be_checked()  # 3. 重复来访
    screen.switch("不超过最大接待人数", on=False)
    screen.switch("排队溢出", on=True)  # 4. 排队
    screen.type("显示人数的提示语", "前面还有 {count} 位，马上来。")
    screen.type("排队少于多少时显示人数", "5")
    expect(page.locator(".buyer-note").first).to_contain_text("前面还有 4 位，马上来。")
    screen.publish(2)
    line = screen.history()
    for words in ("商品详情页", "订单详情页：fc01", "平均分配", "排队溢出"):
        expect(line).to_contain_text(words)

    api = program(shop)
    came = api.opens("栗子爱吃糖", entry="goods_detail", question=STOCK)
    assert (came["agent"], came["decision"]["rule"]) == ("fb01", "DY4")
    assert api.opens("柚子茶", entry="order_detail")["agent"] == "fc01"
    services.set_presence(shop=shop, agent="fa01", status="break")
    overflown = api.opens("半夏微凉", entry="goods_detail", question=SHIPPING)
    assert (overflown["decision"]["rule"], overflown["agent"] in ("fb01", "fc01")) == ("DY8", True)
    services.set_presence(shop=shop, agent="fc01", status="break")
    waits = api.opens("小鱼干", entry="order_detail")  # 统一: overflow changes nothing
    assert (waits["state"], waits["queue"]["pool"]) == ("queued", "entry:order_detail")
    assert waits["queue"]["notice"] == "前面还有 1 位，马上来。"


def test_a_repeat_visit_goes_back_and_with_the_cap_respected_only_while_there_is_room(
    shop: Shop, main: SubAccount, enter: Enter, program: Programs
) -> None:
    services.change_sub_account(shop=shop, agent="fa01", max_concurrent=5)
    services.publish(shop=shop, document={"entries": {"live": {"assign": "unified", "agents": ["fa01"]}}})
    api = program(shop)
    first = api.opens("老客", entry="live")
    api.post(f"conversations/{first['id']}/close/", by="agent")
    for n in range(5):
        api.opens(f"b{n}", entry="live")
    screen = SettingsScreen(enter(main), shop).enter()
    screen.switch("不超过最大接待人数", on=False)
    screen.publish(3)
    again = api.opens("老客", entry="goods_detail")
    assert (again["agent"], again["decision"]["rule"], again["labels"]) == ("fa01", "DY5", ["repeat_visit"])
    api.post(f"conversations/{again['id']}/close/", by="agent")
    screen.switch("不超过最大接待人数", on=True)
    screen.publish(4)
    other = api.opens("老客", entry="goods_detail")
    assert other["agent"] in ("fb01", "fc01")


def test_for_anybody_but_the_main_account_it_is_locked(shop: Shop, enter: Enter) -> None:  # DY10
    screen = SettingsScreen(enter(make_member(shop, Role.ADMIN, name="gl01")), shop).enter()
    page = screen.page
    expect(page.get_by_text("这里的设置只有主账号能改")).to_be_visible()
    expect(page.get_by_role("radio", name="平均分配")).to_be_disabled()
    expect(page.get_by_role("switch", name="排队溢出")).to_be_disabled()
    expect(page.get_by_label("显示人数的提示语")).to_be_disabled()
    expect(page.get_by_role("button", name="去设置")).to_have_count(0)
    screen.tab("离线分流")  # which is not under 分流排队
    screen.pick("离线名单", "fa01")
    screen.published(2)
    assert current_document(shop)["offline"]["agents"] == ["fa01"]
