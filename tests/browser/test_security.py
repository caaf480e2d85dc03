"""Signing in with more than a password, as people do it; the looks in both themes and on the phone."""

import os
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import CDPSession, Page, expect

from agents.models import Shop
from agents.vocabulary import Role
from tests.agents.factories import make_member, make_shop
from tests.asgi import Server
from tests.browser.conftest import PASSWORD, NewContext, SignIn

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("SECURITY_PICTURES", "")


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    shop = make_shop("xiaoman")
    account = make_member(shop, Role.MAIN, name="boss").account
    account.set_password(PASSWORD)
    account.save()
    return shop


def look(page: Page, name: str) -> None:
    """Nothing sticks out at the side; a picture of it for who wants to see."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    if PICTURES:
        for theme in ("light", "dark"):
            page.evaluate("theme => document.documentElement.setAttribute('data-bs-theme', theme)", theme)
            page.screenshot(path=str(Path(PICTURES) / f"{name}-{theme}.png"), full_page=True)


def code_of(secret: str) -> str:
    return pyotp.TOTP(secret).now()


@pytest.mark.journey
@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_an_app_is_set_up_and_asked_for_at_the_next_sign_in(shop: Shop, sign_in: SignIn, phone: bool) -> None:
    kind = "phone" if phone else "desktop"
    page = sign_in("boss", phone=phone)
    page.goto("/account/security/")
    look(page, f"security-empty-{kind}")
    page.get_by_role("link", name="设置验证器应用").click()
    page.locator("summary", has_text="应用无法扫描").click()
    secret = page.locator("code.secret").inner_text()
    look(page, f"app-{kind}")
    page.get_by_label("应用显示的验证码").fill(code_of(secret))
    page.get_by_label("名称").fill("我的手机")
    page.get_by_role("button", name="完成设置").click()
    codes = page.locator(".recovery-codes code").all_inner_texts()
    assert len(codes) == 10
    look(page, f"codes-{kind}")
    page.get_by_role("link", name="我已保存").click()
    expect(page.get_by_text("我的手机")).to_be_visible()
    look(page, f"security-{kind}")

    page.context.clear_cookies()
    page.goto("/sign-in/")
    page.fill("input[name=username]", "boss")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    expect(page.get_by_label("验证码")).to_be_focused()
    look(page, f"second-{kind}")
    page.get_by_label("验证码").fill(codes[0])
    page.get_by_role("button", name="继续").click()
    page.wait_for_url(lambda url: "/sign-in/" not in url)


def give_passkey_device(page: Page) -> CDPSession:
    """A device that makes passkeys, with somebody who always lays a finger on it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


def test_a_passkey_is_made_and_signs_in_by_itself(shop: Shop, site: Server, new_context: NewContext) -> None:
    page = new_context("boss").new_page()
    home = site.url.replace("127.0.0.1", "localhost")  # passkeys are bound to names
    page.goto(f"{home}/sign-in/")
    give_passkey_device(page)
    page.fill("input[name=username]", "boss")
    page.fill("input[name=password]", PASSWORD)
    look(page, "sign-in")
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/sign-in/" not in url)
    page.goto(f"{home}/account/security/")
    page.get_by_role("button", name="创建通行密钥").click()
    page.wait_for_url("**/recovery-codes/")

    page.context.clear_cookies()
    page.goto(f"{home}/sign-in/?next=/account/security/")
    page.get_by_role("button", name="用通行密钥登录").click()
    page.wait_for_url("**/account/security/")
    expect(page.get_by_text("最近使用")).to_be_visible()


def test_who_is_asked_again_proves_it_and_goes_on(shop: Shop, sign_in: SignIn, settings) -> None:
    settings.STEP_UP_SECONDS = 600
    page = sign_in("boss")
    page.goto("/s/xiaoman/keys/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    settings.STEP_UP_SECONDS = -1
    page.goto("/s/xiaoman/sub-accounts/")
    page.get_by_role("button", name="添加子账号").first.click()
    page.wait_for_url("**/account/confirm/**")
    look(page, "confirm")
    settings.STEP_UP_SECONDS = 600
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="继续").click()
    page.wait_for_url("**/s/xiaoman/sub-accounts/")
    look(page, "people")


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_the_other_pages_of_signing_in_fit_their_screen(
    shop: Shop, sign_in: SignIn, new_context: NewContext, settings, console_may_say: list[str], phone: bool
) -> None:
    console_may_say.append("status of 429")
    kind = "phone" if phone else "desktop"
    base = {"login": "http://127.0.0.1:1", "api": "http://127.0.0.1:1"}
    settings.SINGLE_SIGN_ON = {
        "wecom": {"corp_id": "c", "agent_id": "1", "secret": "s", **base},
        "feishu": {"app_id": "c", "app_secret": "s", **base},
    }
    settings.EMAIL_URL, settings.PUBLIC_URL = "smtp://mail.example", "https://fenliu.example"
    page = sign_in("boss", phone=phone)
    page.goto("/account/security/")
    expect(page.get_by_role("link", name="关联企业微信")).to_be_visible()
    look(page, f"security-all-{kind}")
    shop.sub_accounts.get().account.__class__.objects.update(must_change_password=True)
    page.goto("/s/xiaoman/")
    page.wait_for_url("**/password/")
    look(page, f"first-password-{kind}")

    stranger = new_context("stranger", phone=phone).new_page()
    stranger.goto("/sign-in/")
    expect(stranger.get_by_role("link", name="用飞书登录")).to_be_visible()
    look(stranger, f"sign-in-all-{kind}")
    stranger.get_by_role("link", name="忘记密码").click()
    look(stranger, f"forgotten-{kind}")
    for number in range(5):
        stranger.goto("/sign-in/")
        stranger.fill("input[name=username]", "somebody")
        stranger.fill("input[name=password]", f"guess {number}")
        stranger.press("input[name=password]", "Enter")
        stranger.wait_for_load_state()
    expect(stranger.get_by_text("锁定 15 分钟")).to_be_visible()
    look(stranger, f"locked-{kind}")
