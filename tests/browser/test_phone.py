"""The app on the phone: pushes switched on in my menu, one that arrives and is shown, tapped, switched off."""

import json

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from agents.models import SubAccount
from outgoing.models import PushSubscription
from routing import services
from routing.models import Decision
from tests.agents.factories import make_member, make_shop
from tests.asgi import wait_until
from tests.browser.conftest import Enter
from tests.outgoing.receiver import receiving
from tests.outgoing.test_push import Browser
from tests.routing.factories import make_waiting

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PUSH_SERVICE = """
// Chromium's own push service is on the internet: this one stands in for it, with the keys of the test.
(() => {
  const given = %s;
  const made = () => localStorage.getItem("test-subscribed") ? {
    endpoint: given.endpoint, toJSON: () => ({ endpoint: given.endpoint, keys: given.keys }),
    unsubscribe: async () => { localStorage.removeItem("test-subscribed"); return true; },
  } : null;
  PushManager.prototype.subscribe = async (options) => {
    if (options.applicationServerKey.length !== 65 || !options.userVisibleOnly) throw new Error("not as it must be");
    localStorage.setItem("test-subscribed", "1");
    return made();
  };
  PushManager.prototype.getSubscription = async () => made();
})();
"""


@pytest.fixture
def agent(transactional_db: None) -> SubAccount:
    shop = make_shop("xiaoman")
    member = make_member(shop, name="a1")
    services.publish(shop=shop, document={"offline": {"enabled": True, "agents": ["a1"]}})
    return member


def switch(page: Page, state: str):
    return page.locator(f"#my-menu [data-push-state={state}]")


def open_menu(page: Page) -> None:
    page.get_by_role("button", name="我的").click()


def until(page: Page, expression: str) -> None:
    """Asked from outside: the pages' own policy forbids what Playwright's waiting would evaluate in them."""
    for _ in range(150):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    raise AssertionError(expression)


def wait_until_seen(page: Page, found: list[str]) -> None:
    while not found:
        page.wait_for_timeout(50)


def deliver(context: BrowserContext, page: Page, origin: str, data: str) -> None:
    """As the push service would hand it to the browser."""
    found: list[str] = []
    line = context.new_cdp_session(page)
    line.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.extend(one["registrationId"] for one in told["registrations"] if not one["isDeleted"]),
    )
    line.send("ServiceWorker.enable")
    until(page, "navigator.serviceWorker.controller !== null")
    wait_until_seen(page, found)
    line.send("ServiceWorker.deliverPushMessage", {"origin": origin, "registrationId": found[-1], "data": data})


NOTES = "async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((n) => [n.title, n.body])"
CLICK = """async () => {
  const [notification] = await self.registration.getNotifications();
  self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
}"""


@pytest.mark.journey
def test_pushes_are_switched_on_arrive_are_tapped_and_switched_off(enter: Enter, site, agent, settings) -> None:
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    with receiving() as service:
        browser = Browser(agent, service)
        page = enter(agent, phone=True)
        context = page.context
        context.add_init_script(PUSH_SERVICE % json.dumps({"endpoint": browser.endpoint, "keys": browser.keys}))
        context.grant_permissions(["notifications"], origin=site.url)
        page.goto("/")
        open_menu(page)
        expect(switch(page, "on")).to_be_hidden()
        switch(page, "off").click()
        expect(switch(page, "on")).to_be_visible()
        agent.refresh_from_db()
        assert agent.mobile_app
        wait_until(lambda: service.got)
        assert browser.read(service.got.pop().body)["title"] == "推送已开启"

        make_waiting(agent.shop, "b1")
        wait_until(lambda: service.got)
        pushed = browser.read(service.got.pop().body)
        deliver(context, page, site.url, json.dumps(pushed))
        until(page, f"({NOTES})().then((notes) => notes.length > 0)")
        assert page.evaluate(NOTES) == [["店 xiaoman", pushed["body"]]]
        context.service_workers[0].evaluate(CLICK)
        conversation = Decision.objects.get(push=True).conversation
        page.wait_for_url(f"**/s/xiaoman/conversations/{conversation.pk}/")

        page.goto("/")
        open_menu(page)
        switch(page, "on").click()
        expect(switch(page, "off")).to_be_visible()
        assert not PushSubscription.objects.exists()


def test_a_new_session_on_the_same_phone_is_told_without_asking(enter: Enter, site, agent, settings) -> None:
    """Who is signed in anew there finds pushes on; somebody else on that phone does not."""
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    with receiving() as service:
        browser = Browser(agent, service)
        page = enter(agent, phone=True)
        page.context.add_init_script(PUSH_SERVICE % json.dumps({"endpoint": browser.endpoint, "keys": browser.keys}))
        page.context.grant_permissions(["notifications"], origin=site.url)
        page.goto("/")
        open_menu(page)
        switch(page, "off").click()
        expect(switch(page, "on")).to_be_visible()
        first = PushSubscription.objects.get().session

        def sign_in_as(member: SubAccount) -> None:
            page.goto("about:blank")  # before the old session ends: the page would load itself anew, with other rights
            browser.client.force_login(member.account)
            name = settings.SESSION_COOKIE_NAME
            page.context.add_cookies([{"name": name, "value": browser.client.cookies[name].value, "url": site.url}])
            page.goto("/")
            open_menu(page)

        sign_in_as(agent)
        expect(switch(page, "on")).to_be_visible()
        assert PushSubscription.objects.get().session != first
        other = make_member(agent.shop, name="a2")
        sign_in_as(other)
        expect(switch(page, "off")).to_be_visible()
        assert not PushSubscription.objects.filter(account=other.account).exists()


def test_where_the_browser_forbids_it_it_is_said(enter: Enter, agent) -> None:
    page = enter(agent, phone=True)
    page.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'denied' })")
    page.goto("/")
    open_menu(page)
    expect(switch(page, "blocked")).to_contain_text("推送被浏览器禁止")


def test_without_a_network_there_is_a_page_that_says_so(enter: Enter, agent, console_may_say: list[str]) -> None:
    console_may_say.append("ERR_FAILED")
    page = enter(agent, phone=True)
    page.goto("/")
    until(page, "navigator.serviceWorker.controller !== null")
    until(page, "caches.match('/offline/').then(Boolean)")
    page.context.set_offline(True)
    page.goto("/s/xiaoman/conversations/")
    expect(page.get_by_role("heading", name="没有网络")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('main')).display") == "grid"
    page.context.set_offline(False)
    page.get_by_role("link", name="重新加载").click()
    expect(page.get_by_role("heading", name="没有网络")).to_be_hidden()
