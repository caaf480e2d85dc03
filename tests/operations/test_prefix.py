"""The installation under a path of another site (FENLIU_PREFIX), behind nginx, in the browser and over HTTP."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, Request, Response, expect, sync_playwright

from tests.browser.conftest import CHROMIUM
from tests.operations.behind_nginx import HOST, Installation, nginx_program
from tests.operations.installation import place

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]
PASSWORD = "under-Nginx-1"
PREFIX = "/kefu"
CHAT_ON = """
from agents.models import Shop
from chat.services import save_chat
save_chat(shop=Shop.objects.get(slug="first"), on=True, title="小满家居", origins=["https://shop.example.cn"])
"""


@pytest.fixture
def installation(db: None, tmp_path: Path) -> Iterator[Installation]:
    if nginx_program() is None or not Path(CHROMIUM).exists():
        assert os.environ.get("FENLIU_DEMAND_SERVERS") != "1", "no nginx, or no Chromium"
        pytest.skip("needs nginx and Chromium")
    made = place("prefix", tmp_path)
    made.extra |= {"FENLIU_PREFIX": PREFIX, "FENLIU_URL": f"https://{HOST}{PREFIX}"}
    made.run("manage.py", "migrate", "--verbosity=0")
    made.run("manage.py", "create_shop", "first", "--platform=pinduoduo", "--main=boss", f"--password={PASSWORD}")
    made.run("manage.py", "shell", "-c", CHAT_ON)
    running = Installation(made, tmp_path, PREFIX)
    yield running
    running.stop()


@pytest.fixture
def page(installation: Installation) -> Iterator[Page]:
    rules = f"MAP {HOST} 127.0.0.1:{installation.tls_port}"
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-gpu", f"--host-resolver-rules={rules}", "--ignore-certificate-errors"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser.new_page(ignore_https_errors=True, locale="zh-CN")
        browser.close()


def test_every_address_stays_under_the_prefix(
    installation: Installation, page: Page, subtests: pytest.Subtests
) -> None:
    asked: list[Request] = []
    failed: list[Response] = []
    page.context.on("request", lambda request: asked.append(request))  # noqa: PLW0108 Playwright looks into it
    page.context.on("response", lambda answer: failed.append(answer) if answer.status >= 400 else None)
    for step in (signed_in_live_and_installed, a_buyer_writes_and_is_answered):
        with subtests.test(step.__name__):
            step(page)
    with subtests.test("addresses"):
        outside = [one.url for one in asked if not one.url.startswith((f"https://{HOST}{PREFIX}/", "blob:", "data:"))]
        assert asked and outside == []
        assert [(one.status, one.url) for one in failed] == []
    with subtests.test("cookies"):
        paths = {cookie["path"] for cookie in page.context.cookies()}
        assert paths == {f"{PREFIX}/"}
    with subtests.test("programs"):
        programs_and_probes(installation)


def signed_in_live_and_installed(page: Page) -> None:
    page.goto(f"https://{HOST}{PREFIX}/")
    page.get_by_label("账号", exact=True).fill("boss")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.locator("body[data-live]")).to_be_attached()
    assert page.evaluate("navigator.serviceWorker.ready.then((one) => one.scope)") == f"https://{HOST}{PREFIX}/"
    cached = "caches.open('fenliu-offline-1').then((one) => one.keys()).then((all) => all.map(({url}) => url))"
    page.wait_for_function(f"{cached}.then((all) => all.length > 1)")
    page.goto(f"https://{HOST}{PREFIX}/s/first/chat/")


def a_buyer_writes_and_is_answered(page: Page) -> None:
    """The line that puts the chat on another page names the prefix; the chat's own stream and posts keep it."""
    line = page.locator("code, pre, textarea, input").filter(has_text="widget.js").first
    assert f"https://{HOST}{PREFIX}/chat/first/widget.js" in line.inner_text()
    with page.expect_request("**/chat/first/stream/*") as stream:
        page.goto(f"https://{HOST}{PREFIX}/chat/first/")
        page.get_by_label("您的消息").fill("在吗")
        page.get_by_role("button", name="发送", exact=True).click()
    answer = stream.value.response()
    assert answer is not None and answer.status == 200
    expect(page.get_by_role("log", name="消息").locator(".msg", has_text="在吗")).to_be_visible()
    page.goto(f"https://{HOST}{PREFIX}/s/first/records/")
    expect(page.locator("main")).to_contain_text("排队中")


def programs_and_probes(installation: Installation) -> None:
    status, _, body = installation.ask(
        "POST", f"{PREFIX}/api/v1/auth/token/", {"account": "boss", "password": PASSWORD}
    )
    assert status == 200, body
    token = f"Token {json.loads(body)['token']}"
    assert installation.ask("GET", f"{PREFIX}/api/v1/me/", Authorization=token)[0] == 200
    assert installation.ask("GET", "/api/v1/me/", Authorization=token)[0] == 404  # another site's
    for inside in ("/metrics", "/livez", "/readyz"):
        assert installation.ask("GET", f"{PREFIX}{inside}")[0] == 404
    assert installation.ask("GET", f"{PREFIX}/healthz")[0] == 200
    status, headers, _ = installation.ask("GET", PREFIX)
    assert status == 301 and headers["location"].endswith(f"{PREFIX}/")
    status, headers, _ = installation.ask("GET", f"{PREFIX}/s/first/")
    assert status == 302 and unquote(headers["location"]) == f"{PREFIX}/sign-in/?next={PREFIX}/s/first/"
    schema = installation.ask("GET", f"{PREFIX}/api/schema/?format=json", Authorization=token)[2]
    assert json.loads(schema)["servers"] == [{"url": PREFIX}]
    with urlopen(f"http://127.0.0.1:{installation.web_port}/readyz", timeout=10) as answer:
        assert answer.status == 200
