"""The sound of the workbench: for all that comes to an agent, from one tab of several."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from agents.models import Shop, SubAccount
from routing import services
from tests.agents.factories import make_shop
from tests.browser.conftest import Enter
from tests.browser.test_live import buyer_says, member, opened, row_of

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
COUNT = """(() => {
  const { createOscillator } = AudioContext.prototype;
  window.notes = 0;
  AudioContext.prototype.createOscillator = function () { window.notes += 1; return createOscillator.call(this); };
})()"""
NOTES = 2
"""Of one ring."""


@pytest.fixture
def shop() -> Shop:
    return make_shop("xiaoman")


def notes(*pages: Page) -> int:
    return sum(page.evaluate("window.notes") for page in pages)


def until_rung(times: int, *pages: Page) -> None:
    """Waits for so many rings in all pages together, and that no further one comes with what follows."""
    for _ in range(100):
        if notes(*pages) >= times * NOTES:
            break
        pages[0].wait_for_timeout(100)
    pages[0].wait_for_timeout(1000)  # What comes within a second rings once; no further one comes either.
    assert notes(*pages) == times * NOTES


def listening(page: Page, address: str) -> Page:
    page.goto(address)
    expect(page.locator("body[data-live]")).to_be_attached()
    return page


def test_what_comes_from_the_queue_a_colleague_or_the_robot_rings(shop: Shop, enter: Enter) -> None:
    me = member(shop, "a1", "小满-售前01")
    SubAccount.objects.filter(pk=me.pk).update(max_concurrent=1)
    page = enter(me)
    page.add_init_script(COUNT)
    first = opened(shop, "栗子")
    listening(page, f"/s/xiaoman/conversations/{first.pk}/")
    buyer_says(first, "在看的会话")  # In sight: silent.
    waiting = services.open_conversation(shop=shop, buyer="半夏", entry="goods_detail").conversation
    services.close_conversation(shop=shop, conversation=first.external_id, by="agent")
    expect(row_of(page, "半夏")).to_be_visible()
    until_rung(1, page)

    services.close_conversation(shop=shop, conversation=waiting.external_id, by="agent")
    services.set_presence(shop=shop, agent="a1", status="break")
    member(shop, "a2", "小满-售前02")
    other = services.open_conversation(shop=shop, buyer="茯苓", entry="goods_detail").conversation
    services.set_presence(shop=shop, agent="a1", status="online")
    services.transfer_conversation(shop=shop, conversation=other.external_id, to="a1", by="a2")
    expect(row_of(page, "茯苓")).to_be_visible()
    until_rung(2, page)


def test_of_two_tabs_one_rings_and_none_where_one_looks(shop: Shop, enter: Enter) -> None:
    page = enter(member(shop, "a1", "小满-售前01"))
    context: BrowserContext = page.context
    context.add_init_script(COUNT)
    row, other = opened(shop, "栗子"), opened(shop, "半夏")
    listening(page, "/s/xiaoman/conversations/")
    second = listening(context.new_page(), f"/s/xiaoman/conversations/{other.pk}/")
    buyer_says(row, "有人吗")
    until_rung(1, page, second)
    buyer_says(other, "看着呢")  # The second tab shows it: neither rings.
    expect(second.locator("[data-thread] .bubble", has_text="看着呢")).to_be_visible()
    buyer_says(row, "还在吗")
    until_rung(2, page, second)


def test_what_one_takes_oneself_is_silent_in_every_tab(shop: Shop, enter: Enter) -> None:
    me = member(shop, "a1", "小满-售前01")
    SubAccount.objects.filter(pk=me.pk).update(max_concurrent=1)
    page = enter(me)
    page.context.add_init_script(COUNT)
    opened(shop, "栗子")
    services.open_conversation(shop=shop, buyer="半夏", entry="goods_detail")
    listening(page, "/s/xiaoman/conversations/?tab=queue")
    second = listening(page.context.new_page(), "/s/xiaoman/conversations/")
    page.locator("#work-list").get_by_role("button", name="接过来").click()
    expect(row_of(second, "半夏")).to_be_visible()
    until_rung(0, page, second)
