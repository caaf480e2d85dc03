"""Taobao's walkthrough (S4, steps 1 to 12): 子账号管理 → 客服分流 → 分组设置, on our screens; then buyers come."""

import pytest
from playwright.sync_api import Route, expect

from agents.models import Shop
from agents.vocabulary import Role
from routing import services
from routing.selectors import current_document
from tests.agents.factories import make_member, make_shop
from tests.browser.conftest import PASSWORD, Enter, Programs, SignIn
from tests.browser.steps import SettingsScreen

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop() -> Shop:
    made = make_shop("tao", "taobao")
    boss = make_member(made, Role.MAIN, name="boss")
    boss.account.set_password(PASSWORD)
    boss.account.save()
    for name in ("wa01", "wb01", "wc01"):
        make_member(made, name=name)
        services.set_presence(shop=made, agent=name, status="online")
    return made


@pytest.mark.journey
def test_a_group_gets_its_members_in_twelve_steps(shop: Shop, sign_in: SignIn, program: Programs) -> None:
    page = sign_in("boss")  # 1: sign in; one shop only, so 2 to 4 are there at once
    screen = SettingsScreen(page, shop).enter()  # 5: 客服分流
    screen.tab("分组设置")  # 6
    page.get_by_label("新组的名字").fill("甲组")
    page.get_by_role("button", name="新建组").click()
    expect(screen.card("甲组")).to_contain_text("组里还没有客服")
    screen.card("甲组").get_by_role("button", name="加客服").click()  # 7 to 9: 管理客服, 增加客服
    screen.tick("wa01", "wb01")  # 10, 11: ticks, 确定
    screen.weigh("甲组", wa01="300", wb01="100")
    expect(screen.card("甲组").locator("[data-share]")).to_have_text(["75.0%", "25.0%"])
    screen.bind("甲组", "无活跃订单", "未发货", "已发货")
    expect(page.locator(".cover-cell.is-unbound")).to_have_count(3)
    expect(page.locator(".cover")).to_contain_text("已收货")
    screen.add_group("售后组", "wc01", "wb01")  # TB9: somebody may be in two
    screen.bind("售后组", "退款/售后", "已收货")
    screen.publish(2)  # 12
    line = screen.history()
    expect(line).to_contain_text("新建组“甲组”")
    expect(line).to_contain_text("新建组“售后组”")
    assert [group["name"] for group in current_document(shop)["groups"]] == ["甲组", "售后组"]

    came = program(shop).opens("栗子爱吃糖", order_status="unshipped")
    assert came["agent"] in ("wa01", "wb01")
    assert (came["decision"]["rule"], came["decision"]["version"]) == ("TB2", 2)
    assert program(shop).opens("柚子茶", order_status="received")["agent"] in ("wc01", "wb01")


def test_the_share_follows_the_weight_while_it_is_typed_and_busyness_is_set_beside(
    shop: Shop, enter: Enter, program: Programs
) -> None:
    boss = shop.sub_accounts.get(name="boss")
    services.publish(
        shop=shop,
        document={"groups": [{"name": "甲组", "members": [{"account": "wa01"}, {"account": "wb01"}]}]},
    )
    screen = SettingsScreen(enter(boss), shop).enter()
    page = screen.page
    weight = screen.card("甲组").locator(".member", has_text="wa01").get_by_label("权重")
    weight.press("ControlOrMeta+a")
    page.keyboard.type("700")
    expect(screen.card("甲组").locator("[data-share]")).to_have_text(["87.5%", "12.5%"])
    page.keyboard.press("Enter")
    expect(page.locator("[data-save-bar]")).to_contain_text("wa01")
    expect(page.locator(".try-share").first).to_contain_text("87.5%")
    page.get_by_label("等回复的买家超过多少算繁忙").fill("1")
    page.get_by_label("等回复的买家超过多少算繁忙").press("Enter")
    expect(page.locator("[data-save-bar]")).to_contain_text("2 处未发布")
    screen.publish(3)
    assert current_document(shop)["busy_threshold"] == 1

    services.set_presence(shop=shop, agent="wb01", status="offline")
    services.set_presence(shop=shop, agent="wc01", status="offline")
    api = program(shop)
    assert {api.opens(f"b{n}", order_status="none")["agent"] for n in range(4)} == {"wa01"}
    services.set_presence(shop=shop, agent="wb01", status="online")
    screen.page.reload()
    expect(page.locator(".try-share").first).to_contain_text("63.6%")  # 700 × ¼ against 100


def test_what_is_typed_while_an_answer_is_on_its_way_is_kept_and_published_in_one_press(
    shop: Shop, enter: Enter
) -> None:
    members = [{"account": "wa01"}, {"account": "wb01"}]
    services.publish(shop=shop, document={"groups": [{"name": "甲组", "members": members}]})
    screen = SettingsScreen(enter(shop.sub_accounts.get(name="boss")), shop).enter()
    held: list[Route] = []
    screen.page.route("**/routing/draft/", lambda route: held.append(route))  # noqa: PLW0108 Playwright looks into it
    first, second = (
        screen.card("甲组").locator(".member", has_text=name).get_by_label("权重") for name in ("wa", "wb")
    )
    first.fill("700")
    first.press("Tab")
    second.fill("300")  # the answer to the first has not come yet
    held[0].continue_()
    expect(screen.page.locator("[data-save-bar]")).to_contain_text("wa01 权重 100 → 700")
    expect(second).to_have_value("300")
    expect(second).to_be_focused()
    screen.publish(3)
    assert [row["weight"] for row in current_document(shop)["groups"][0]["members"]] == [700, 300]
