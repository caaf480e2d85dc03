"""axe-core finds nothing serious: every main page and dialog, light and dark, on a desktop and on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from agents.models import Shop
from agents.vocabulary import Role
from config import jobs
from metrics.models import Replay
from routing.views.settings_board import TABS
from tests.agents.factories import make_member, make_shop
from tests.browser.axe import grave
from tests.browser.conftest import DESKTOP, PHONE, Enter, NewContext
from tests.browser.furnished import furnished, lived_in
from tests.browser.steps import SET, SettingsScreen

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PAGES = (
    "overview/",
    "wall/",
    "definitions/",
    "outgoing/",
    "answers/?tab=greeting",
    "answers/?tab=hot_questions",
    "answers/?tab=menu",
    "answers/?tab=robot",
    "chat/",
    "shifts/",
    "sub-accounts/",
    "audit/",
    "conversations/",
    "records/",
    "reply-rates/",
    "penalties/",
    "shares/",
    "reports/",
    "keys/",
    "routing/versions/?old=1&new=2",
)
SLUGS = {"pinduoduo": "xiaoman", "kuaishou": "kuai", "douyin": "dou", "taobao": "tao"}


def look(page: Page, where: str) -> Iterator[str]:
    """The page as it stands, in both sizes and both lights; colours alone are what the dark ones add."""
    for size, words in ((DESKTOP, "desktop"), (PHONE, "phone")):
        page.set_viewport_size(size)
        yield from grave(page, f"{where} {words}")
        page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
        yield from grave(page, f"{where} {words}, dark", "color-contrast")
        page.evaluate("document.documentElement.dataset.bsTheme = 'light'")
    page.set_viewport_size(DESKTOP)


def test_the_pages_of_a_shop(enter: Enter, new_context: NewContext) -> None:
    shop = furnished()
    lived_in(shop)
    outside = new_context("nobody").new_page()
    outside.goto("/sign-in/")
    found = list(look(outside, "/sign-in/"))
    page = enter(shop.sub_accounts.get(name="boss"))
    for path in ("/", "/password/", *(f"/s/{shop.slug}/{path}" for path in PAGES)):
        page.goto(path)
        expect(page.get_by_text("正在统计…")).to_have_count(0)
        found += look(page, path)
    agent = enter(shop.sub_accounts.get(name="a2"))
    agent.goto(f"/s/{shop.slug}/conversations/{shop.conversations.get(external_id='c2').pk}/")
    expect(agent.locator("#why")).to_be_visible()
    found += look(agent, "a conversation")
    agent.get_by_role("button", name="编辑快捷回复").click()
    expect(agent.get_by_role("dialog")).to_be_visible()
    found += look(agent, "quick answers")
    agent.keyboard.press("Escape")
    agent.locator(".work-me [value=offline]").click()
    expect(agent.get_by_role("dialog")).to_be_visible()
    found += look(agent, "leaving")
    page.goto(f"/s/{shop.slug}/records/{shop.conversations.get(external_id='c1').pk}/")
    found += look(page, "a record")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("platform", TABS)
def test_the_settings(platform: str, enter: Enter) -> None:
    shop = furnished(platform, SLUGS[platform])
    page = enter(shop.sub_accounts.get(name="boss"))
    found = []
    for tab in TABS[platform]:
        page.goto(f"/s/{shop.slug}/routing/?tab={tab}")
        found += look(page, f"{platform} {tab}")
    assert not found, "\n".join(found)


def test_axe_sees_what_it_is_for(new_context: NewContext) -> None:
    page = new_context("nobody").new_page()
    page.goto("/sign-in/")
    page.evaluate(
        "document.querySelector('main').innerHTML = '<button></button><p style=\"color:#999\">谁看得清这一行</p>'"
    )
    assert {line.split()[1] for line in grave(page, "here:")} == {"button-name", "color-contrast"}


def test_a_shop_with_nothing_in_it_yet_and_somebody_who_may_only_look(enter: Enter) -> None:
    """Empty states, and forms without their buttons: once, on the phone, where tables have to scroll."""
    shop = make_shop("leer")
    page = enter(make_member(shop, Role.MAIN, name="chef"), phone=True)
    found = []
    for path in PAGES[:-1]:
        page.goto(f"/s/{shop.slug}/{path}")
        found += grave(page, f"empty {path}")
    page.get_by_role("button", name="我的").click()
    found += grave(page, "the phone's menu")
    full = furnished()
    reader = enter(full.sub_accounts.get(name="op1"), phone=True)
    for path in ("routing/?tab=advanced", "routing/versions/", "shifts/", "reply-rates/"):
        reader.goto(f"/s/{full.slug}/{path}")
        found += grave(reader, f"read only {path}")
    assert not found, "\n".join(found)


def dialogs(page: Page, shop: Shop) -> Iterator[str]:
    """Opened one after the other, each where it belongs."""
    page.goto(f"/s/{shop.slug}/shifts/")
    for name in ("套用模板", "编辑班次", "复制这一周"):
        page.get_by_role("button", name=name).click()
        yield name
    page.locator("[data-week] button").first.click()
    yield "a day of somebody"
    page.goto(f"/s/{shop.slug}/sub-accounts/")
    page.get_by_role("button", name="添加子账号").click()
    yield "添加子账号"
    page.goto(f"/s/{shop.slug}/sub-accounts/")
    page.get_by_role("button", name="邀请账号").click()
    yield "邀请账号"
    page.goto(f"/s/{shop.slug}/routing/")
    page.get_by_role("button", name="用昨天的会话重放").click()
    expect(page.get_by_text("等待运行")).to_be_visible()
    assert jobs.run("metrics.replay", {"pk": Replay.objects.latest("pk").pk})
    expect(page.locator(".replay-table")).to_be_visible()
    yield "用昨天的会话重放"
    page.get_by_role("button", name=SET).first.click()
    yield "the picker"


def test_dialogs_and_a_draft_that_cannot_be_published(enter: Enter) -> None:
    shop = furnished()
    lived_in(shop)
    page = enter(shop.sub_accounts.get(name="boss"))
    found = []
    for name in dialogs(page, shop):
        expect(page.locator("dialog[open]")).to_be_visible()
        found += look(page, name)
        page.keyboard.press("Escape")
        expect(page.locator("dialog[open]")).to_have_count(0)
    screen = SettingsScreen(page, shop)
    screen.tab("高级分流")
    weight = screen.card("售前组").get_by_label("权重").first
    weight.fill("很多")
    weight.press("Tab")
    expect(screen.card("售前组").get_by_role("alert")).to_be_visible()
    found += look(page, "a draft with an error")
    assert not found, "\n".join(found)
