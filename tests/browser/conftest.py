"""A real browser: Debian's Chromium through Playwright, against the real web server."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from agents.models import Shop, SubAccount
from tests.agents.factories import make_key
from tests.asgi import Server, serving
from tests.browser.shop_site import Site, shop_site
from tests.browser.steps import Program
from tests.chat.builders import forget_limits

# Playwright's own loop runs in this thread; Django would take the ORM calls beside it for asynchronous ones.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
PASSWORD = "correct horse 9"
expect.set_options(timeout=15_000)  # a busy machine is no fault
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        if os.environ.get("FENLIU_DEMAND_SERVERS") == "1":
            pytest.fail("Chromium is demanded and not there")
        pytest.skip("Chromium is not installed: the browser tests did not run here")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.fixture(autouse=True)
def _quick_passwords(settings) -> None:
    """Hashing is slow on purpose; here nobody guesses."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="package")
def _web(django_db_setup: None, django_db_blocker) -> Iterator[Server]:
    """No longer than the browser tests: what it looks after beside its pages would be later tests' work."""
    with django_db_blocker.unblock(), serving() as running:
        yield running


@pytest.fixture
def site(transactional_db: None, _web: Server) -> Server:
    """The real web server, on the test's database: its pages are live."""
    return _web


@pytest.fixture
def website() -> Iterator[Site]:
    """A shop's own website, on another origin."""
    forget_limits()
    with shop_site() as made:
        yield made


NewContext = Callable[..., BrowserContext]
SignIn = Callable[..., Page]
Enter = Callable[..., Page]
Programs = Callable[[Shop], Program]


@pytest.fixture
def console_may_say() -> list[str]:
    """Parts of what is no error of a page: a form that comes back, a network that a test cuts. Tests add their own."""
    return ["status of 422", "net::ERR_INTERNET_DISCONNECTED", "htmx:sendError"]


@pytest.fixture
def new_context(browser: Browser, site, console_may_say: list[str]) -> Iterator[NewContext]:
    """A window of its own for somebody; an error on its console fails the test."""
    contexts, errors = [], []

    def said(who: str, text: str) -> None:
        # The browser notes a form that comes back with a sentence (422), htmx a request that the next one overtook.
        expected = any(part in text for part in console_may_say)
        if not expected and not text.startswith(("htmx:afterRequest", "htmx:sendAbort")):
            errors.append(f"{who}: {text}")

    def watch(page: Page, who: str) -> None:
        page.on("pageerror", lambda error: said(who, str(error)))
        page.on("console", lambda line: said(who, line.text) if line.type == "error" else None)

    def make(who: str, *, phone: bool = False) -> BrowserContext:
        context = browser.new_context(
            base_url=site.url,
            viewport=PHONE if phone else DESKTOP,
            locale="zh-CN",
            reduced_motion="reduce",
            # While a worker takes a page over, requests pass by what a test holds back with `page.route`.
            service_workers="allow" if phone else "block",
        )
        context.set_default_timeout(15_000)
        context.on("page", lambda page: watch(page, who))
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def sign_in(new_context: NewContext) -> SignIn:
    """`sign_in(account)` → a page, signed in by the form."""

    def open_page(account: str, *, phone: bool = False, password: str = PASSWORD) -> Page:
        page = new_context(account, phone=phone).new_page()
        page.goto("/sign-in/")
        page.fill("input[name=username]", account)
        page.fill("input[name=password]", password)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/sign-in/" not in url)
        return page

    return open_page


@pytest.fixture
def enter(new_context: NewContext, site) -> Enter:
    """`enter(member)` → a page of somebody who has signed in before: no form, no password to hash."""

    def open_page(member: SubAccount, *, phone: bool = False) -> Page:
        client = Client()
        client.force_login(member.account)
        name = settings.SESSION_COOKIE_NAME
        context = new_context(member.name, phone=phone)
        context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site.url}])
        return context.new_page()

    return open_page


@pytest.fixture
def program(site) -> Programs:
    """`program(shop)` → what speaks to the shop's API with a key of its own."""
    return lambda shop: Program(site.url, shop, make_key(shop)[1])
