"""Signing out in the browser: at once where nothing is open, else after the question what becomes of it."""

import re

import pytest
from playwright.sync_api import Page, expect

from agents.models import Shop, SubAccount
from conversations.models import Conversation
from routing import services
from tests.agents.factories import make_member, make_shop
from tests.browser.conftest import Enter

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
SIGN_IN = re.compile("/sign-in/$")


@pytest.fixture
def shop() -> Shop:
    return make_shop("xiaoman")


def press_online(enter: Enter, agent: SubAccount) -> Page:
    page = enter(agent)
    page.goto("/s/xiaoman/shifts/")
    page.locator(".nav-side [data-status-switch] [value=online]").click()
    expect(page.locator(".nav-side [data-status-switch] [value=online]")).to_have_attribute("aria-pressed", "true")
    return page


def press_sign_out(page: Page) -> None:
    page.locator("details.menu-up summary.who").click()
    page.locator("details.menu-up").get_by_role("button", name="退出登录").click()


def status_of(agent: SubAccount) -> str:
    agent.refresh_from_db()
    return agent.status


def test_with_nothing_open_it_is_done_at_once(shop: Shop, enter: Enter) -> None:
    agent = make_member(shop, "agent", name="a1")
    page = press_online(enter, agent)
    press_sign_out(page)
    expect(page).to_have_url(SIGN_IN)
    assert status_of(agent) == "offline"


def test_with_something_open_it_is_asked_about(shop: Shop, enter: Enter) -> None:
    agent = make_member(shop, "agent", name="a1")
    page = press_online(enter, agent)
    row = services.open_conversation(shop=shop, buyer="栗子", entry="goods_detail").conversation
    make_member(shop, "agent", name="a2")
    services.set_presence(shop=shop, agent="a2", status="online")
    press_sign_out(page)
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="不退出").click()
    expect(dialog).to_have_count(0)
    assert status_of(agent) == "online"
    press_sign_out(page)
    page.get_by_role("dialog").get_by_role("button", name="退出登录").click()
    expect(page).to_have_url(SIGN_IN)
    assert status_of(agent) == "offline"
    holder = Conversation.objects.get(pk=row.pk).holder
    assert holder is not None and holder.name == "a2"
