"""Sub-accounts (S3): one is added, signs in and switches its status at the top left, gets another role and password."""

from contextlib import suppress

import pytest
from playwright.sync_api import Error, Locator, Page, expect

from agents.models import Shop
from agents.vocabulary import Role
from tests.agents.factories import make_member, make_shop
from tests.browser.conftest import Enter, Programs, SignIn

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

FIRST, OWN, SECOND = "first horse 11", "own horse 1177", "second horse 22"


def line_of(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has_text=name)


@pytest.mark.journey
def test_a_sub_account_is_added_works_and_is_managed(enter: Enter, sign_in: SignIn, program: Programs) -> None:
    shop: Shop = make_shop("xiaoman")
    manager = enter(make_member(shop, Role.MAIN, name="boss"))
    manager.goto("/s/xiaoman/")
    manager.get_by_role("navigation").get_by_role("link", name="子账号").click()
    manager.get_by_role("button", name="添加子账号").click()  # S3: +添加子账号
    dialog = manager.get_by_role("dialog")
    dialog.get_by_label("账号", exact=True).fill("kefu01")
    dialog.get_by_label("密码").fill(FIRST)
    dialog.get_by_role("checkbox", name="客服", exact=True).check()
    dialog.get_by_role("button", name="添加", exact=True).click()
    expect(line_of(manager, "kefu01")).to_be_visible()

    agent = sign_in("kefu01", password=FIRST)
    agent.locator("[name=old_password]").fill(FIRST)  # set by somebody else: the first thing is one's own
    agent.locator("[name=new_password]").fill(OWN)
    agent.locator("[name=repeat]").fill(OWN)
    agent.get_by_role("button", name="修改密码").click()
    agent.wait_for_url(lambda url: "/password/" not in url)
    status = agent.locator(".status-switch:visible")
    box = status.bounding_box()
    assert box and box["x"] < 100 and box["y"] < 200  # top left
    status.get_by_role("button", name="在线").click()
    expect(status.get_by_role("button", name="在线")).to_have_attribute("aria-pressed", "true")
    assert program(shop).opens("栗子爱吃糖", entry="goods_detail")["agent"] == "kefu01"

    manager.reload()
    expect(line_of(manager, "kefu01")).to_contain_text("在线")
    line_of(manager, "kefu01").get_by_role("button", name="更改").click()
    dialog.get_by_role("checkbox", name="物流客服").check()
    dialog.get_by_role("button", name="保存").click()
    expect(line_of(manager, "kefu01")).to_contain_text("物流客服")
    assert set(shop.sub_accounts.get(name="kefu01").roles) == {Role.AGENT, Role.LOGISTICS_AGENT}
    line_of(manager, "kefu01").locator("summary").click()
    line_of(manager, "kefu01").get_by_role("button", name="重置密码").click()
    dialog.get_by_label("新密码", exact=True).fill(SECOND)
    dialog.get_by_role("button", name="重置密码").or_(dialog.locator("button[type=submit]")).last.click()
    expect(dialog).to_have_count(0)

    # The old page asks for news now and then: it may be on its way to the sign-in already, which ends this visit.
    with suppress(Error):
        agent.goto("/s/xiaoman/conversations/")
    agent.wait_for_url("**/sign-in/**")  # the old session is over
    again = sign_in("kefu01", password=SECOND)
    expect(again.locator(".status-switch:visible")).to_be_visible()
