"""Parts of a page that follow by themselves: nothing that happens is missed, and nothing is drawn anew under a hand."""

import re

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect

from agents.models import Shop
from conversations.models import Conversation
from conversations.states import Sender
from metrics.services import announce_penalties
from routing import services
from tests.agents.factories import make_member, make_shop
from tests.browser.conftest import Enter
from tests.browser.test_live import SOON, bubble, member, opened, row_of
from tests.metrics.rows import make_penalty

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WALL = re.compile("/wall/$")


@pytest.fixture
def shop() -> Shop:
    return make_shop("xiaoman")


class Late:
    """Answers of one address that are made at once and come when they are let go."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.open = False
        self.held: list[tuple[Route, APIResponse]] = []
        page.route(url, self._hold)

    def _hold(self, route: Route) -> None:
        if self.open:
            route.continue_()
        else:
            self.held.append((route, route.fetch()))

    def wait(self) -> None:
        while not self.held:
            self.page.wait_for_timeout(20)

    def let_go(self) -> None:
        self.open = True
        for route, answer in self.held:
            route.fulfill(response=answer)


def live(page: Page, url: str, part: str) -> Page:
    """The page is there, its stream has told everything, and the part has asked what happened meanwhile."""
    with page.expect_response(lambda said: part in said.url and said.request.resource_type == "xhr"):
        page.goto(url)
    expect(page.locator("body[data-live]")).to_be_attached()
    return page


def says(row: Conversation, text: str) -> None:
    services.post_message(shop=row.shop, conversation=row.external_id, sender=Sender.BUYER, text=text)


def test_what_is_said_while_the_thread_is_on_its_way_is_shown_at_once(shop: Shop, enter: Enter) -> None:
    me = member(shop, "a1", "小满-售前01")
    row = opened(shop, "栗子")
    page = live(enter(me), f"/s/xiaoman/conversations/{row.pk}/", "/thread/?")
    thread = Late(page, "**/thread/?*")
    says(row, "第一句")
    thread.wait()
    says(row, "第二句")
    expect(row_of(page, "第二句")).to_be_visible(timeout=SOON)
    thread.let_go()
    expect(bubble(page, "第二句")).to_have_count(1, timeout=SOON)
    expect(bubble(page, "第一句")).to_have_count(1)


def test_the_wall_stands_still_under_an_open_menu_and_follows_when_it_closes(shop: Shop, enter: Enter) -> None:
    member(shop, "a1", "小满-售前01")
    leader = member(shop, "mg", "小满-主管", "cs_manager", online=False)
    page = live(enter(leader), "/s/xiaoman/wall/", "/wall/")
    wall = Late(page, WALL)
    member(shop, "a2", "小满-售前02")
    wall.wait()
    menu, others = page.locator("#status-a1"), page.locator("#status-a2")
    menu.locator("summary").click()
    wall.let_go()
    services.set_presence(shop=shop, agent="a2", status="break")
    page.wait_for_timeout(1000)
    expect(menu.get_by_role("button", name="小休")).to_be_visible()
    expect(others).to_have_count(0)
    page.keyboard.press("Escape")
    expect(others.locator("summary")).to_contain_text("小休", timeout=SOON)


@pytest.mark.journey
def test_what_happens_between_two_draws_of_the_wall_is_drawn_a_second_later(shop: Shop, enter: Enter) -> None:
    member(shop, "a1", "小满-售前01")
    leader = member(shop, "mg", "小满-主管", "cs_manager", online=False)
    page = live(enter(leader), "/s/xiaoman/wall/", "/wall/")
    status = page.locator("#status-a1 summary")
    for value, word in (("break", "小休"), ("online", "在线"), ("break", "小休")):
        services.set_presence(shop=shop, agent="a1", status=value)
        expect(status).to_contain_text(word, timeout=SOON)
    wall = Late(page, WALL)
    services.set_presence(shop=shop, agent="a1", status="online")
    wall.wait()
    services.set_presence(shop=shop, agent="a1", status="offline")
    page.wait_for_timeout(400)  # the page has heard of it, and waits for its answer still
    wall.let_go()
    expect(status).to_contain_text("离线", timeout=SOON)


def test_a_status_set_before_the_page_is_live_stands_on_it_when_it_is(shop: Shop, enter: Enter) -> None:
    page = enter(member(shop, "a1", "小满-售前01"))
    page.add_init_script("delete window.SharedWorker")  # a worker's line cannot be held
    held: list[Route] = []
    page.route("**/api/v1/stream/", lambda route: held.append(route))  # noqa: PLW0108 Playwright looks into it
    with page.expect_response("**/presence/beat/"):
        page.goto("/s/xiaoman/conversations/")
    services.set_presence(shop=shop, agent="a1", status="break", by=make_member(shop, name="mg").account)
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    expect(page.locator(".work-me [value=break]")).to_have_attribute("aria-pressed", "true", timeout=SOON)


def test_an_older_sign_of_life_does_not_turn_the_status_back(shop: Shop, enter: Enter) -> None:
    page = enter(member(shop, "a1", "小满-售前01"))
    page.add_init_script("delete window.SharedWorker")
    beat = Late(page, "**/presence/beat/")
    page.goto("/s/xiaoman/conversations/")
    expect(page.locator("body[data-live]")).to_be_attached()
    beat.wait()
    services.set_presence(shop=shop, agent="a1", status="break", by=make_member(shop, name="mg").account)
    switch = page.locator(".work-me [value=break]")
    expect(switch).to_have_attribute("aria-pressed", "true", timeout=SOON)
    beat.let_go()
    page.wait_for_timeout(500)
    expect(switch).to_have_attribute("aria-pressed", "true")


def test_a_penalty_is_told_on_the_open_pages_of_who_leads_and_of_nobody_else(shop: Shop, enter: Enter) -> None:
    leader, agent = (
        enter(member(shop, "mg", "小满-主管", "cs_manager", online=False)),
        enter(member(shop, "a1", "售前")),
    )
    for page, path in ((leader, "reply-rates/"), (agent, "conversations/")):
        page.goto(f"/s/xiaoman/{path}")
        expect(page.locator("body[data-live]")).to_be_attached()
    make_penalty(shop)
    announce_penalties(shop=shop)
    expect(leader.get_by_text("预计会有处罚")).to_have_count(1, timeout=SOON)
    expect(agent.get_by_text("预计会有处罚")).to_have_count(0)


def test_the_wall_on_the_whole_screen_keeps_its_colours(shop: Shop, enter: Enter) -> None:
    page = enter(member(shop, "mg", "小满-主管", "cs_manager", online=False))
    page.goto("/s/xiaoman/wall/")
    page.get_by_role("button", name="全屏").click()
    page.wait_for_function("document.fullscreenElement?.id === 'main'")
    colour = "(node) => getComputedStyle(node).backgroundColor"
    assert page.locator("#main").evaluate(colour) == page.locator("body").evaluate(colour)
