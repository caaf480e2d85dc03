"""A manager blocks a buyer from the conversation; the buyer's open chat says so, and goes on once the block ends."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from agents.models import Shop
from agents.vocabulary import Role
from chat.services import save_chat
from conversations.models import Block, Conversation, Message
from outgoing.models import Recipient
from outgoing.services.recipients import confirmation_link
from outgoing.vocabulary import OutletKind
from routing import services
from tests.agents.factories import make_member, make_shop
from tests.browser.conftest import Enter, NewContext
from tests.chat.builders import forget_limits
from tests.outgoing.builders import make_channel

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
REFUSED = "店铺目前不接收来自您的消息。"


@pytest.fixture
def console_may_say() -> list[str]:
    return ["status of 422", "status of 403", "status of 404"]


@pytest.fixture
def shop() -> Shop:
    forget_limits()
    made = make_shop("xiaoman")
    make_member(made, Role.AGENT, name="a1")
    services.set_presence(shop=made, agent="a1", status="online")
    save_chat(shop=made, on=True, title="小满家居")
    return made


def take_picture(page: Page, name: str) -> None:
    """For people who look at the screens: FENLIU_LOOK names the folder."""
    if folder := os.environ.get("FENLIU_LOOK"):
        for scheme in ("light", "dark"):
            page.evaluate("scheme => document.documentElement.setAttribute('data-bs-theme', scheme)", scheme)
            page.screenshot(path=Path(folder) / f"{name}-{scheme}.png")
        page.evaluate("document.documentElement.setAttribute('data-bs-theme', 'light')")


def write(chat: Page, text: str) -> None:
    chat.get_by_label("您的消息").fill(text)
    chat.get_by_role("button", name="发送").click()


def first_conversation(shop: Shop, buyer: Page) -> Conversation:
    """The page shows a message before the server has it."""
    for _ in range(150):
        if (row := Conversation.objects.filter(shop=shop).first()) is not None:
            return row
        buyer.wait_for_timeout(100)
    raise AssertionError("the message has not arrived")


@pytest.mark.journey
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_a_manager_blocks_a_buyer_and_ends_the_block(
    shop: Shop, enter: Enter, new_context: NewContext, phone: bool
) -> None:
    buyer = new_context("buyer").new_page()
    buyer.goto("/chat/xiaoman/")
    write(buyer, "你们都是骗子")
    row = first_conversation(shop, buyer)
    manager = enter(make_member(shop, Role.CS_MANAGER), phone=phone)
    manager.goto(f"/s/xiaoman/conversations/{row.pk}/")
    manager.get_by_role("button", name="屏蔽该买家").click()
    dialog = manager.get_by_role("dialog")
    expect(dialog.get_by_text("127.0.0.1")).to_be_visible()
    expect(dialog.get_by_text("已屏蔽")).to_have_count(0)
    dialog.get_by_label("原因").fill("反复辱骂")
    take_picture(manager, f"block-{'phone' if phone else 'desktop'}")
    dialog.get_by_role("button", name="立即屏蔽").click()
    expect(manager.get_by_text("已屏蔽，该买家的新消息从现在起不再接收。")).to_be_visible()
    assert Block.objects.get().reason == "反复辱骂"
    write(buyer, "还在吗")
    expect(buyer.get_by_text(REFUSED).first).to_be_visible()
    assert Message.objects.filter(shop=shop, text="还在吗").count() == 0
    buyer.goto("/chat/xiaoman/")
    expect(buyer.get_by_text(REFUSED).first).to_be_visible()
    take_picture(buyer, "chat-refused")
    manager.goto("/s/xiaoman/chat/blocks/")
    take_picture(manager, f"blocks-{'phone' if phone else 'desktop'}")
    expect(manager.get_by_role("button", name="解除屏蔽")).to_be_in_viewport(ratio=1)
    manager.get_by_role("button", name="解除屏蔽").click()
    expect(manager.get_by_text("没有屏蔽任何人")).to_be_visible()
    buyer.goto("/chat/xiaoman/")
    write(buyer, "对不起")
    expect(buyer.get_by_text("对不起")).to_be_visible()
    expect(buyer.get_by_text(REFUSED)).to_have_count(0)


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_an_address_that_has_not_confirmed_is_shown_and_confirms_by_the_button(
    shop: Shop, enter: Enter, new_context: NewContext, phone: bool
) -> None:
    channel = make_channel(shop, OutletKind.EMAIL, "boss@example.com\nzhuguan@example.com", confirmed=False)
    owner = enter(make_member(shop, Role.MAIN), phone=phone)
    owner.goto(f"/s/xiaoman/outgoing/{channel.pk}/")
    expect(owner.get_by_text("未确认")).to_have_count(2)
    take_picture(owner, f"recipients-{'phone' if phone else 'desktop'}")
    link = confirmation_link(Recipient.objects.get(address="boss@example.com"))
    stranger = new_context("recipient", phone=phone).new_page()
    stranger.goto(link)
    take_picture(stranger, f"confirm-{'phone' if phone else 'desktop'}")
    stranger.get_by_role("button", name="同意接收这些通知").click()
    expect(stranger.get_by_text("的通知会发送到 boss@example.com")).to_be_visible()
    owner.reload()
    expect(owner.get_by_text("已确认", exact=True)).to_have_count(1)
    owner.get_by_role("button", name="再发一次").click()
    expect(owner.get_by_text("邮件正在发出。")).to_be_visible()
