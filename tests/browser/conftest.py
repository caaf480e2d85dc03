"""A real browser: Debian's Chromium through Playwright, against pytest-django's live server."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

# Playwright's own loop runs in this thread; Django would take the ORM calls beside it for asynchronous ones.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
PASSWORD = "correct horse 9"


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


SignIn = Callable[..., Page]


@pytest.fixture
def sign_in(browser: Browser, live_server) -> Iterator[SignIn]:
    """`sign_in(account)` → a page of a context of its own, signed in; an error on its console fails the test."""
    contexts, errors = [], []

    def open_page(account: str, *, phone: bool = False) -> Page:
        size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 900}
        context = browser.new_context(base_url=live_server.url, viewport=size, locale="zh-CN")
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(f"{account}: {error}"))
        page.on("console", lambda said: errors.append(f"{account}: {said.text}") if said.type == "error" else None)
        page.goto("/sign-in/")
        page.fill("input[name=username]", account)
        page.fill("input[name=password]", PASSWORD)
        page.press("input[name=password]", "Enter")
        page.wait_for_url(lambda url: "/sign-in/" not in url)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []
