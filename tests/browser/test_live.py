"""People who sit in the live screens: a buyer, an agent, a manager at once; two windows of one; rights that end."""

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from agents.models import Shop, SubAccount
from chat.services import save_chat
from conversations.models import Conversation, Rating
from conversations.states import Sender
from routing import services
from tests.agents.factories import make_member, make_shop
from tests.browser.conftest import Enter, NewContext
from tests.browser.steps import message_in, write_to
from tests.chat.builders import forget_limits

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SOON = 2000
"""Milliseconds in which what is live must be there: far less than any part waits before it asks by itself."""


@pytest.fixture
def shop() -> Shop:
    forget_limits()
    shop = make_shop("xiaoman")
    save_chat(shop=shop, on=True, title="小满家居", origins=[])
    return shop


def member(shop: Shop, name: str, label: str, *roles: str, online: bool = True) -> SubAccount:
    made = make_member(shop, *(roles or ("agent",)), name=name)
    assert made.account is not None
    made.account.display_name = label
    made.account.save()
    if online:
        services.set_presence(shop=shop, agent=name, status="online")
    return made


def opened(shop: Shop, buyer: str) -> Conversation:
    row = services.open_conversation(shop=shop, buyer=buyer, entry="goods_detail", external_id=buyer).conversation
    buyer_says(row, f"{buyer}问：有现货吗？")
    return row


def buyer_says(row: Conversation, text: str) -> None:
    services.post_message(shop=row.shop, conversation=row.external_id, sender=Sender.BUYER, text=text)


def bubble(page: Page, text: str) -> Locator:
    return page.locator("[data-thread] .bubble", has_text=text)


def row_of(page: Page, text: str) -> Locator:
    return page.locator("#work-list [data-row]", has_text=text)


def write(page: Page, text: str) -> None:
    page.fill("#answer-text", text)
    page.press("#answer-text", "Enter")


def window(context: BrowserContext, url: str) -> Page:
    page = context.new_page()
    page.goto(url)
    return page


@pytest.mark.journey
def test_a_buyer_an_agent_and_a_manager_see_each_step_as_it_happens(
    shop: Shop, enter: Enter, new_context: NewContext
) -> None:
    first = member(shop, "a1", "小满-售前01")
    manager = enter(member(shop, "mg", "小满-主管", "cs_manager", online=False))
    manager.goto("/s/xiaoman/wall/")
    agent = enter(first)
    agent.goto("/s/xiaoman/conversations/")
    expect(agent.get_by_text("没有进行中的会话")).to_be_visible()
    buyers = new_context("buyer", phone=True)
    chat = window(buyers, "/chat/xiaoman/?entry=goods_detail")

    write_to(chat, "大号的有现货吗？")
    expect(row_of(agent, "大号的有现货吗")).to_be_visible(timeout=SOON)
    expect(manager.locator("#wall tr", has_text="小满-售前01").locator(".num").first).to_have_text("1", timeout=SOON)
    row_of(agent, "大号的有现货吗").click()
    expect(agent.locator("#why")).to_contain_text("为什么分给我")
    expect(agent.locator("#quick [data-quick-open]")).to_be_visible()
    write(agent, "有的，今天能发。")
    expect(message_in(chat, "有的，今天能发。")).to_be_visible(timeout=SOON)
    expect(manager.locator("#wall tr", has_text="小满-售前01").locator(".num").first).to_have_text("—", timeout=SOON)

    # The manager gives it to somebody else: the first one's window lets it go, the second one's has it.
    second = enter(member(shop, "a2", "小满-售前02"))
    second.goto("/s/xiaoman/conversations/")
    row = Conversation.objects.get()
    manager.goto(f"/s/xiaoman/records/{row.pk}/")
    manager.get_by_role("button", name="转接").click()
    manager.locator("label", has_text="小满-售前02").click()
    manager.locator("dialog").get_by_role("button", name="转接").click()
    expect(agent.get_by_text("会话已经不在你这里了").or_(agent.get_by_text("没有进行中的会话")).first).to_be_visible()
    expect(row_of(second, "有的，今天能发").or_(row_of(second, "大号的"))).to_be_visible(timeout=SOON)
    second.locator("#work-list [data-row]").click()
    expect(bubble(second, "有的，今天能发。")).to_be_visible()

    # The network of the second agent is cut; what happens meanwhile is there afterwards, once, in order.
    second.context.set_offline(True)
    write_to(chat, "那我拍一个")
    write_to(chat, "发什么快递？")
    expect(message_in(chat, "发什么快递")).to_be_visible()
    expect(second.locator("#live-line")).to_be_visible(timeout=60_000)
    second.context.set_offline(False)
    expect(second.locator("#live-line")).to_be_hidden(timeout=30_000)
    expect(bubble(second, "那我拍一个")).to_have_count(1)
    expect(bubble(second, "发什么快递")).to_have_count(1)
    write(second, "发中通。")
    expect(message_in(chat, "发中通。")).to_be_visible(timeout=SOON)

    manager.goto("/s/xiaoman/wall/")
    second.keyboard.press("Escape")
    second.get_by_role("button", name="关闭").first.click()
    second.get_by_role("button", name="关闭会话").click()
    expect(chat.get_by_text("您对这次服务满意吗？")).to_be_visible(timeout=SOON)
    expect(manager.locator("#wall tr", has_text="小满-售前02").get_by_text("1/")).to_have_count(0)
    manager.goto(f"/s/xiaoman/records/{row.pk}/")
    chat.get_by_label("满意", exact=True).check()
    chat.locator("#chat-rate").get_by_role("button", name="发送").click()
    expect(chat.get_by_text("谢谢您的评价")).to_be_visible()
    expect(manager.get_by_text("买家评价：满意")).to_be_visible(timeout=SOON)
    assert Rating.objects.get().satisfied


def test_two_windows_of_one_account_show_the_same(shop: Shop, enter: Enter) -> None:  # G11
    me = member(shop, "a1", "小满-售前01")
    row = opened(shop, "栗子")
    left = enter(me)
    left.goto(f"/s/xiaoman/conversations/{row.pk}/")
    right = window(left.context, f"/s/xiaoman/conversations/{row.pk}/")
    elsewhere = enter(me, phone=True)
    elsewhere.goto(f"/s/xiaoman/conversations/{row.pk}/")
    write(left, "有的")
    for page in (left, right, elsewhere):
        expect(bubble(page, "有的")).to_have_count(1, timeout=SOON)
    buyer_says(row, "好，我拍了")
    for page in (left, right, elsewhere):
        expect(bubble(page, "好，我拍了")).to_have_count(1, timeout=SOON)
    left.locator(".work-me [value=break]").click()
    expect(right.locator(".work-me [value=break]")).to_have_attribute("aria-pressed", "true", timeout=SOON)


def test_who_loses_their_role_while_they_watch_sees_no_more(
    shop: Shop, enter: Enter, console_may_say: list[str]
) -> None:
    console_may_say.append("403")
    member(shop, "a2", "小满-售前02")
    leader = member(shop, "mg", "小满-主管", "cs_manager", online=False)
    row = opened(shop, "栗子")
    page = enter(leader)
    page.goto(f"/s/xiaoman/conversations/{row.pk}/")
    expect(bubble(page, "栗子问")).to_be_visible()
    services.change_sub_account(shop=shop, agent="mg", roles=["operations"])
    expect(page.get_by_role("heading", name="你没有权限这样做。")).to_be_visible()
    buyer_says(row, "不该看到的一句")
    page.wait_for_timeout(1000)
    expect(page.get_by_text("不该看到的一句")).to_have_count(0)


def test_somebodys_status_is_set_and_they_are_told(shop: Shop, enter: Enter) -> None:
    agent = enter(member(shop, "a1", "小满-售前01"))
    agent.goto("/s/xiaoman/conversations/")
    manager = enter(member(shop, "mg", "小满-主管", "cs_manager", online=False))
    manager.goto("/s/xiaoman/wall/")
    expect(agent.locator("body[data-live]")).to_be_attached()  # who is not there yet is told nothing: only their switch
    manager.locator("#status-a1 summary").click()
    manager.locator("#status-a1").get_by_role("button", name="小休").click()
    expect(agent.get_by_text("mg 把你的状态改为：小休")).to_be_visible(timeout=SOON)
    expect(agent.locator(".work-me [value=break]")).to_have_attribute("aria-pressed", "true")
    expect(manager.locator("#status-a1 summary")).to_contain_text("小休")


def test_who_leaves_with_open_conversations_says_what_becomes_of_them(shop: Shop, enter: Enter) -> None:
    me = member(shop, "a1", "小满-售前01")
    row = opened(shop, "栗子")
    member(shop, "a2", "小满-售前02")
    page = enter(me)
    page.goto("/s/xiaoman/conversations/")
    page.locator(".work-me [value=offline]").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("你手上还有 1 个会话")).to_be_visible()
    dialog.get_by_role("button", name="继续在线").click()
    expect(page.locator(".work-me [value=online]")).to_have_attribute("aria-pressed", "true")
    page.locator(".work-me [value=offline]").click()
    dialog.get_by_text("交还分流").click()
    dialog.get_by_role("button", name="离线", exact=True).click()
    expect(page.locator(".work-me [value=offline]")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("没有进行中的会话")).to_be_visible()
    row.refresh_from_db()
    assert row.holder is not None
    assert row.holder.name == "a2"


def test_quick_answers_by_the_keyboard_and_older_messages_on_scrolling(shop: Shop, enter: Enter) -> None:
    me = member(shop, "a1", "小满-售前01")
    row = opened(shop, "栗子")
    for n in range(70):
        buyer_says(row, f"第{n}句")
    page = enter(me)
    page.goto(f"/s/xiaoman/conversations/{row.pk}/")
    expect(bubble(page, "第69句")).to_be_in_viewport()
    expect(bubble(page, "第3句")).to_have_count(0)
    page.locator("[data-thread]").hover()
    page.mouse.wheel(0, -20_000)
    expect(bubble(page, "第3句")).to_have_count(1)
    buyer_says(row, "还在吗")
    expect(bubble(page, "还在吗")).to_have_count(1, timeout=SOON)
    expect(bubble(page, "第3句")).to_have_count(1)

    page.get_by_role("button", name="编辑快捷回复").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("短名").fill("发货")
    dialog.get_by_label("文字").fill("今天 18 点前付款，当天发出。")
    dialog.get_by_role("button", name="添加").click()
    expect(dialog.locator(".quick-kept")).to_contain_text("发货")
    dialog.get_by_role("button", name="完成").click()
    page.locator("#answer-text").press_sequentially("/发")
    expect(page.locator("#quick-list [aria-selected=true]")).to_contain_text("今天 18 点前付款")
    page.press("#answer-text", "Enter")
    expect(page.locator("#answer-text")).to_have_value("今天 18 点前付款，当天发出。")
    page.press("#answer-text", "Enter")
    expect(bubble(page, "今天 18 点前付款")).to_have_count(1, timeout=SOON)


def test_a_part_that_may_no_longer_be_fetched_loads_the_page_anew(
    shop: Shop, enter: Enter, console_may_say: list[str]
) -> None:
    """Rights that go between the page's making and the stream's beginning: no event tells of them."""
    console_may_say.append("403")
    page = enter(member(shop, "mg", "小满-主管", "cs_manager", online=False))
    page.goto(f"/s/xiaoman/conversations/{opened(shop, '栗子').pk}/")
    expect(bubble(page, "栗子问")).to_be_visible()
    page.route("**/conversations/list/**", lambda route: route.fulfill(status=403), times=1)
    with page.expect_navigation():
        page.evaluate("() => { setTimeout(() => htmx.trigger(document.body, 'listLive')) }")
