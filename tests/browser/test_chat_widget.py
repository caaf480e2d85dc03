"""The chat script on pages of every kind: that change in place, on phones, and where the chat does not load."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, Route, expect

from agents.models import Shop
from chat.services import save_chat
from chat.tokens import make_token
from conversations.models import Conversation, Message
from routing import services
from tests.agents.factories import make_member, make_shop
from tests.asgi import Server
from tests.browser.conftest import NewContext
from tests.browser.shop_site import Site
from tests.browser.steps import message_in, write_to
from tests.chat.builders import BuyerOf

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

FRAME = re.compile(r"/chat/xiaoman/\?")
RUN_AGAIN = """(data) => new Promise((resolve) => {
  const before = document.querySelector('script[src$="widget.js"]');
  const script = document.createElement('script');
  script.src = before.src;
  Object.assign(script.dataset, data);
  script.onload = resolve;
  document.body.append(script);
})"""
REPLACE_BODY = """() => {
  const body = document.createElement('body');
  body.append(...[...document.body.children].map((it) => it.cloneNode(true)));
  document.body.replaceWith(body);
}"""


@pytest.fixture
def shop(site: Server, website: Site) -> Shop:
    made = make_shop("xiaoman")
    make_member(made, name="a1")
    services.set_presence(shop=made, agent="a1", status="online")
    save_chat(shop=made, on=True, title="小满家居", origins=[website.url])
    website.has(site.url, "xiaoman")
    return made


def launcher(page: Page) -> Locator:
    return page.locator("fenliu-chat .open")


def talk(page: Page) -> FrameLocator:
    return page.frame_locator("fenliu-chat iframe")


def write(page: Page, text: str) -> None:
    write_to(talk(page), text)
    expect(message_in(talk(page), text)).to_be_visible()


def bad_gateway(route: Route) -> None:
    route.fulfill(status=502, content_type="text/html", body="<h1>502 Bad Gateway</h1>")


@pytest.mark.parametrize("fault", ["aborted", "502", "never answers"])
def test_a_frame_that_does_not_load_has_a_way_out_and_is_tried_again(
    shop: Shop, website: Site, new_context: NewContext, console_may_say: list[str], fault: str
) -> None:
    console_may_say += ["ERR_FAILED", "status of 502"]
    page = new_context("buyer", phone=True).new_page()
    page.clock.install()
    held: list[Route] = []
    faults: dict[str, Callable[[Route], None]] = {
        "aborted": lambda route: route.abort(),
        "502": bad_gateway,
        "never answers": lambda route: held.append(route),  # noqa: PLW0108 Playwright looks into it
    }
    page.route(FRAME, faults[fault])
    page.goto(website.url)
    launcher(page).click()
    close = page.get_by_role("button", name="收起聊天")
    expect(close).to_be_visible()
    page.clock.fast_forward(20_000)
    expect(page.get_by_text("聊天暂时打不开。")).to_be_visible()
    close.click()
    expect(launcher(page)).to_be_visible()
    expect(page.locator("fenliu-chat .panel")).to_be_hidden()
    assert page.evaluate("document.documentElement.style.overflow") == ""

    for route in held:
        route.abort()  # Else it is let go with the rest, and the frame comes by itself.
    page.unroute(FRAME)
    launcher(page).click()
    page.get_by_role("button", name="重新加载").click()
    expect(page.frame_locator("fenliu-chat iframe").get_by_label("您的消息")).to_be_enabled()
    expect(page.get_by_text("聊天暂时打不开。")).to_be_hidden()
    write(page, "在吗")


def test_a_chat_whose_scripts_do_not_load_has_a_way_out_too(
    shop: Shop, website: Site, new_context: NewContext, console_may_say: list[str]
) -> None:
    console_may_say += ["ERR_FAILED"]
    page = new_context("buyer", phone=True).new_page()
    page.clock.install()
    page.route(re.compile(r"/js/chat[^/]*\.js"), lambda route: route.abort())
    page.goto(website.url)
    launcher(page).click()
    expect(page.get_by_role("button", name="收起聊天")).to_be_visible()
    page.clock.fast_forward(20_000)
    expect(page.get_by_text("聊天暂时打不开。")).to_be_visible()
    page.keyboard.press("Escape")
    expect(launcher(page)).to_be_focused()


def test_a_page_that_replaces_its_body_keeps_the_chat_and_what_is_being_written(
    shop: Shop, website: Site, new_context: NewContext
) -> None:
    page = new_context("buyer").new_page()
    page.goto(website.url)
    launcher(page).click()
    write(page, "在吗")
    box = page.frame_locator("fenliu-chat iframe").get_by_label("您的消息")
    box.fill("还没写完")
    page.evaluate(REPLACE_BODY)
    page.evaluate(RUN_AGAIN, {})
    expect(page.locator("fenliu-chat")).to_have_count(1)
    expect(box).to_have_value("还没写完")
    expect(message_in(talk(page), "在吗")).to_be_visible()


def test_a_widget_that_a_page_takes_out_is_put_in_again(shop: Shop, website: Site, new_context: NewContext) -> None:
    page = new_context("buyer").new_page()
    page.goto(website.url)
    launcher(page).click()
    write(page, "在吗")
    page.evaluate("document.querySelector('fenliu-chat').remove()")
    expect(page.locator("fenliu-chat")).to_have_count(1)
    expect(message_in(talk(page), "在吗")).to_be_visible()
    write(page, "还在")


def test_the_script_run_three_times_is_one_widget_that_the_page_can_command(
    shop: Shop, website: Site, new_context: NewContext
) -> None:
    page = new_context("buyer").new_page()
    page.goto(website.url)
    expect(launcher(page)).to_be_visible()
    for _ in range(2):
        page.evaluate(RUN_AGAIN, {})
    expect(page.locator("fenliu-chat")).to_have_count(1)
    page.evaluate("""() => {
      window.heard = [];
      ['ready', 'open', 'close'].forEach((name) => fenliuChat.on(name, () => heard.push(name)));
      window.stop = fenliuChat.on('open', () => heard.push('twice'));
      fenliuChat.open();
    }""")
    write(page, "在吗")
    page.evaluate("() => { stop(); fenliuChat.close(); fenliuChat.open(); }")
    assert page.evaluate("heard") == ["open", "twice", "ready", "close", "open"]
    page.evaluate("window.old = fenliuChat; fenliuChat.destroy()")
    expect(page.locator("fenliu-chat")).to_have_count(0)
    assert page.evaluate("typeof window.fenliuChat") == "undefined"
    page.evaluate("old.open()")
    expect(page.locator("fenliu-chat")).to_have_count(0)
    page.evaluate(RUN_AGAIN, {})
    page.evaluate("fenliuChat.open()")
    expect(message_in(talk(page), "在吗")).to_be_visible()


def test_the_next_visit_brings_its_own_order_place_and_buyer(
    shop: Shop, website: Site, new_context: NewContext
) -> None:
    BuyerOf(shop, "member-7").writes("上周问过的")
    page = new_context("buyer").new_page()
    page.goto(website.url)
    launcher(page).click()
    frame = page.frame_locator("fenliu-chat iframe")
    expect(frame.get_by_label("您的消息")).to_be_enabled()
    page.evaluate(RUN_AGAIN, {"order": "77", "orderTitle": "盒子", "entry": "goods_detail"})
    frame.get_by_role("button", name="发送订单").click()
    expect(message_in(talk(page), "77")).to_be_visible()
    assert Conversation.objects.exclude(buyer__external_id="member-7").get().entry == "goods_detail"
    page.evaluate(RUN_AGAIN, {"token": make_token(shop, "member-7")})
    expect(message_in(talk(page), "上周问过的")).to_be_visible()
    expect(message_in(talk(page), "77")).to_have_count(0)
    assert Message.objects.filter(conversation__buyer__external_id="member-7").count() == 1


KEYBOARD = 330
FALSE_VIEWPORT = """
if (window.top === window) {
  const view = new EventTarget();
  Object.assign(view, { height: innerHeight, width: innerWidth, offsetTop: 0, offsetLeft: 0, scale: 1 });
  Object.defineProperty(window, 'visualViewport', { value: view });
  window.keyboard = (height, offset) => {
    Object.assign(view, { height: innerHeight - height, offsetTop: offset });
    view.dispatchEvent(new Event('resize'));
  };
}"""


def last_is_visible(page: Page, frame, text: str) -> None:
    """The last sentence and the box end above the keyboard."""
    bottom = page.viewport_size["height"] - KEYBOARD
    message = frame.get_by_role("log", name="消息").locator(".msg", has_text=text)

    def edge(of) -> float:
        box = of.bounding_box()
        return box["y"] + box["height"]

    expect(message).to_be_in_viewport(ratio=1)
    foot = frame.locator(".chat-foot")
    assert edge(foot) <= bottom + 1
    assert edge(message) <= foot.bounding_box()["y"] + 1


def a_long_talk(shop: Shop) -> str:
    buyer = BuyerOf(shop, "member-7")
    for number in range(12):
        buyer.writes(f"第 {number} 句，写得长一点，好让它占两行的地方，这样屏幕很快就满了，不用写很多句")
    return make_token(shop, "member-7")


@pytest.mark.parametrize("way", ["covered", "smaller"])
def test_the_keyboard_hides_nothing_of_the_talk_in_the_frame(
    shop: Shop, site: Server, website: Site, new_context: NewContext, way: str
) -> None:
    website.has(site.url, "xiaoman", token=a_long_talk(shop))
    page = new_context("buyer", phone=True).new_page()
    if way == "covered":
        page.add_init_script(FALSE_VIEWPORT)
    page.goto(website.url)
    launcher(page).click()
    frame = page.frame_locator("fenliu-chat iframe")
    write(page, "写了一句")
    size = dict(page.viewport_size)
    if way == "covered":
        page.evaluate("keyboard(330, 0)")
    else:
        page.set_viewport_size({**size, "height": size["height"] - KEYBOARD})
        page.wait_for_function("innerHeight < 600")
    expect(message_in(talk(page), "写了一句")).to_be_in_viewport(ratio=1)
    if way == "covered":
        last_is_visible(page, frame, "写了一句")
        page.evaluate("keyboard(0, 0)")
        expect(page.locator("fenliu-chat .panel")).to_have_css("height", f"{size['height']}px")


def test_the_keyboard_hides_nothing_of_the_talk_on_its_own_page(
    shop: Shop, site: Server, new_context: NewContext
) -> None:
    page = new_context("buyer", phone=True).new_page()
    page.add_init_script(FALSE_VIEWPORT)
    token = a_long_talk(shop)
    page.add_init_script(f"localStorage.setItem('fenliu-chat:xiaoman', '{token}')")
    page.goto(f"{site.url}/chat/xiaoman/")
    page.get_by_label("您的消息").fill("写了一句")
    page.get_by_label("您的消息").press("Enter")
    expect(page.locator("#chat-outbox > *")).to_have_count(0)
    page.evaluate("keyboard(330, 40)")
    expect(page.locator("#chat")).to_have_css("height", f"{page.viewport_size['height'] - KEYBOARD}px")
    assert page.locator("#chat").bounding_box()["y"] == 40
    expect(page.get_by_role("log", name="消息").locator(".msg", has_text="写了一句")).to_be_in_viewport(ratio=1)
