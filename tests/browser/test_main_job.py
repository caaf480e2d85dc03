"""The main job, end to end: the owner sets a page's agents, and the next conversation reaches who was set."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from agents.models import Shop
from agents.services import create_shop
from agents.vocabulary import Role
from conversations.models import Conversation
from routing import services
from routing.selectors import current_version
from tests.browser.conftest import PASSWORD, Programs, SignIn
from tests.browser.steps import SET
from tests.clocks import afternoon
from tests.routing.factories import png

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop() -> Shop:
    made = create_shop(
        slug="xiaoman",
        platform="pinduoduo",
        name="小满家居旗舰店",
        main="boss",
        password=PASSWORD,
        timezone=afternoon(),  # whatever the hour here, the buyer's question counts
    )
    people = (
        ("a1", "小满-售前01", Role.AGENT),
        ("a2", "小满-售前02", Role.AGENT),
        ("mg", "小满-主管", Role.CS_MANAGER),
    )
    for account, name, role in people:
        services.add_sub_account(shop=made, account=account, password=PASSWORD, display_name=name, roles=[role])
    services.set_presence(shop=made, agent="a2", status="online")
    return made


def set_page_agents(owner: Page, page: str, account: str) -> None:
    """更改 or 去设置, tick, 确认."""
    owner.goto("/s/xiaoman/routing/")
    owner.locator(".place-card", has_text=page).get_by_role("button", name=SET).click()
    owner.locator("#picker [data-search]").fill(account)
    owner.locator("#picker [data-list] label:visible", has_text=account).click()
    owner.locator("#picker").get_by_role("button", name="确认").click()
    expect(owner.locator("#picker")).to_have_count(0)


@pytest.mark.journey
def test_the_owner_sets_a_page_the_agent_answers_the_manager_sees_why(
    shop: Shop, sign_in: SignIn, program: Programs, tmp_path: Path
) -> None:
    owner = sign_in("boss")
    set_page_agents(owner, "商品详情页", "售前01")
    expect(owner.get_by_text("版本 2 已发布")).to_be_visible()
    assert current_version(shop).document["pages"] == {"goods_detail": ["a1"]}

    agent = sign_in("a1")
    online = agent.locator(".status-switch:visible").get_by_role("button", name="在线")
    online.click()
    expect(online).to_have_attribute("aria-pressed", "true")

    came = program(shop).opens("栗子爱吃糖", entry="goods_detail", order_status="unshipped")
    assert came["agent"] == "a1"
    program(shop).says(came["id"], "我想改一下收货地址，还来得及吗")

    agent.goto("/s/xiaoman/conversations/")
    agent.get_by_text("栗子爱吃糖").first.click()
    expect(agent.get_by_text("我想改一下收货地址").last).to_be_visible()
    picture = tmp_path / "picture.png"
    picture.write_bytes(png())
    agent.locator("#answer-text").fill("可以的，还没出库。")
    agent.get_by_role("button", name="发送").click()
    expect(agent.locator(".bubble", has_text="可以的，还没出库。")).to_be_visible()
    agent.locator("[data-answer-image]").set_input_files(picture)
    agent.get_by_role("button", name="发送").click()
    expect(agent.locator(".bubble img")).to_be_visible()
    agent.get_by_role("button", name="关闭").first.click()
    dialog = agent.locator("dialog[open]")
    if dialog.count():
        dialog.get_by_role("button", name="关闭").last.click()
    expect(agent.get_by_text("会话已关闭").or_(agent.get_by_text("已关闭")).first).to_be_visible()
    assert Conversation.objects.get(pk=came["id"]).state == "closed"

    manager = sign_in("mg")
    manager.goto(f"/s/xiaoman/records/{came['id']}/")
    expect(manager.get_by_text("由这条决定").first).to_be_visible()
    expect(manager.get_by_text("页面客服").first).to_be_visible()
    expect(manager.get_by_text("小满-售前01").first).to_be_visible()
    manager.goto("/s/xiaoman/reply-rates/")
    expect(manager.get_by_text("1/1").first).to_be_visible()


def test_a_buyer_of_another_page_goes_to_anybody_and_that_is_told(
    shop: Shop, sign_in: SignIn, program: Programs
) -> None:
    services.publish(shop=shop, document={"pages": {"goods_detail": ["a1"]}})
    came = program(shop).opens("柚子茶", entry="logistics")
    assert came["agent"] == "a2"
    manager = sign_in("mg")
    manager.goto(f"/s/xiaoman/records/{came['id']}/")
    expect(manager.get_by_text("任一空闲").first).to_be_visible()


def test_on_a_phone_the_agent_reads_and_answers(shop: Shop, sign_in: SignIn, program: Programs) -> None:
    services.set_presence(shop=shop, agent="a2", status="offline")
    services.set_presence(shop=shop, agent="a1", status="online")
    came = program(shop).opens("半夏微凉", entry="shop_home")
    program(shop).says(came["id"], "三只装是一个颜色还是可以混？")
    phone = sign_in("a1", phone=True)
    phone.goto("/s/xiaoman/conversations/")
    phone.get_by_text("半夏微凉").first.click()
    phone.locator("#answer-text").fill("可以混装的。")
    phone.get_by_role("button", name="发送").click()
    expect(phone.locator(".bubble", has_text="可以混装的。")).to_be_visible()
