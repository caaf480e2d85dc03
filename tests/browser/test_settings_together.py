"""The settings' safety net: two at once, versions compared and restored, try it, yesterday, the keyboard alone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from agents.models import Shop, SubAccount
from agents.vocabulary import Role
from config import jobs
from conversations.states import Sender
from metrics.models import Replay
from routing import services
from routing.selectors import current_document
from tests.agents.factories import actor_of, make_member, make_shop
from tests.browser.conftest import Enter, Programs
from tests.browser.steps import SettingsScreen

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop() -> Shop:
    made = make_shop("xiaoman")
    for name in ("a1", "a2", "a3"):
        make_member(made, name=name)
        services.set_presence(shop=made, agent=name, status="online")
    return made


@pytest.fixture
def main(shop: Shop) -> SubAccount:
    return make_member(shop, Role.MAIN, name="boss")


def focused(page: Page) -> str:
    return str(
        page.evaluate("document.activeElement.dataset.search !== undefined ? 'search' : document.activeElement.id")
    )


def test_of_two_at_once_the_second_is_told_who_saved_what_and_loses_nothing(
    shop: Shop, main: SubAccount, enter: Enter, program: Programs
) -> None:
    first = SettingsScreen(enter(main), shop).enter()
    second = SettingsScreen(enter(make_member(shop, Role.ADMIN, name="gl01")), shop).enter()
    second.tab("更多设置")
    second.switch("不超过最大接待人数", on=True)
    second.type("显示人数的提示语", "还有 {count} 位")
    first.pick("商品详情页", "a1")
    first.published(2)

    second.page.get_by_role("button", name="发布为版本 2").click()
    told = second.page.get_by_role("alert").first
    expect(told).to_contain_text("版本 2 刚由 boss 在")
    expect(told).to_contain_text("商品详情页：+ a1")
    expect(told).to_contain_text("你的改动没有丢")
    expect(second.page.get_by_label("显示人数的提示语")).to_have_value("还有 {count} 位")
    expect(second.page.get_by_role("switch", name="不超过最大接待人数")).to_be_checked()
    second.publish(3)
    document = current_document(shop)
    assert document["pages"] == {"goods_detail": ["a1"]}
    assert document["recent_contact"]["respect_max_concurrent"]
    assert program(shop).opens("柚子茶", entry="goods_detail")["decision"]["version"] == 3


def test_an_old_version_is_restored_and_any_two_are_compared(
    shop: Shop, main: SubAccount, enter: Enter, program: Programs
) -> None:
    for names in (["a1"], ["a2", "a3"]):
        services.publish(shop=shop, document={"pages": {"goods_detail": names}}, actor=actor_of(main))
    page = enter(main)
    page.goto("/s/xiaoman/routing/versions/")
    page.get_by_label("从版本").fill("2")
    page.get_by_label("到版本").fill("3")
    page.get_by_role("button", name="比较").click()
    expect(page.locator(".compare-found")).to_contain_text("从版本 2 到版本 3")
    expect(page.locator(".compare-found")).to_contain_text("商品详情页：+ a2，+ a3，− a1")
    page.get_by_role("row", name="boss").nth(1).get_by_role("button", name="恢复").click()
    expect(page.get_by_text("版本 2 已恢复，成为版本 4")).to_be_visible()
    expect(page.get_by_role("row").nth(1)).to_contain_text("恢复自版本 2")
    assert current_document(shop)["pages"] == {"goods_detail": ["a1"]}
    came = program(shop).opens("柚子茶", entry="goods_detail")
    assert (came["agent"], came["decision"]["version"]) == ("a1", 4)


def test_people_are_picked_by_the_keyboard_alone(shop: Shop, main: SubAccount, enter: Enter) -> None:
    screen = SettingsScreen(enter(main), shop).enter()
    page, keys = screen.page, screen.page.keyboard
    screen.place("商品详情页").get_by_role("button", name="去设置").focus()
    keys.press("Enter")
    expect(screen.picker).to_be_visible()
    assert focused(page) == "search"
    chosen = screen.picker.locator("[data-chosen] .picker-line")
    keys.press("ArrowDown")
    keys.press("Space")
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    keys.press("Space")
    expect(chosen).to_have_text(["a1", "a3"])
    keys.press("ArrowUp")
    keys.press("Space")
    expect(chosen).to_have_text(["a1", "a2", "a3"])
    keys.press("Tab")
    keys.press("/")
    assert focused(page) == "search"
    keys.type("a3")
    keys.press("Space")
    expect(chosen).to_have_text(["a1", "a2"])
    keys.press("Escape")
    expect(screen.picker).to_have_count(0)
    expect(screen.place("商品详情页")).to_contain_text("未设置")

    screen.place("商品详情页").get_by_role("button", name="去设置").press("Enter")
    expect(screen.picker).to_be_visible()
    keys.type("a2")
    keys.press("Space")
    keys.press("Enter")
    screen.published(2)
    assert current_document(shop)["pages"] == {"goods_detail": ["a2"]}


def test_try_it_follows_the_draft_before_anything_is_published(shop: Shop, main: SubAccount, enter: Enter) -> None:
    services.publish(shop=shop, document={"pages": {"goods_detail": ["a1"]}})
    screen = SettingsScreen(enter(main), shop).enter()
    page = screen.page
    answer = page.get_by_role("complementary", name="试一试")
    expect(answer.locator(".try-names")).to_have_text("a1")
    answer.get_by_label("入口").select_option("订单详情页")
    expect(answer.locator(".try-names")).to_have_text("a1 或 a2 或 a3")
    screen.tab("高级分流")
    screen.add_group("售前组", "a2")
    screen.bind("售前组", "待发货")
    screen.switch("启用高级分流", on=True)
    answer.get_by_label("订单状态").select_option("待发货")
    expect(answer.locator(".try-names")).to_have_text("a2")
    expect(answer.get_by_text("由这条决定")).to_be_visible()
    assert current_document(shop)["groups"] == []


def yesterday(shop: Shop, *buyers: str) -> None:
    """Buyers of the goods page, all answered by a1 within two minutes."""
    day = timezone.now().astimezone(shop.zone).date() - timedelta(days=1)
    at = datetime.fromisoformat(f"{day} 09:00").replace(tzinfo=shop.zone).astimezone(UTC)
    services.publish(shop=shop, document={"pages": {"goods_detail": ["a1"]}}, now=at - timedelta(hours=2))
    for name in ("a1", "a2"):
        services.set_presence(shop=shop, agent=name, status="online", now=at - timedelta(hours=1))
    for n, buyer in enumerate(buyers):
        now = at + timedelta(minutes=10 * n)
        services.open_conversation(shop=shop, buyer=buyer, external_id=buyer, entry="goods_detail", now=now)
        services.post_message(
            shop=shop, conversation=buyer, sender=Sender.AGENT, text="在的", now=now + timedelta(minutes=2)
        )


def test_yesterday_under_this_draft_shows_its_figures_and_can_be_cancelled(enter: Enter) -> None:
    shop = make_shop("xiaoman")
    for name in ("a1", "a2"):
        make_member(shop, name=name)
    yesterday(shop, "b1", "b2", "b3")
    screen = SettingsScreen(enter(make_member(shop, Role.MAIN, name="boss")), shop).enter()
    page = screen.page
    page.get_by_role("button", name="用昨天的会话重放").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("等待运行")
    dialog.get_by_role("button", name="取消").click()
    expect(dialog).to_contain_text("已取消，什么都没有改变")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    screen.tab("高级分流")
    screen.add_group("全部", "a2")
    screen.bind("全部", "无订单")
    screen.switch("启用高级分流", on=True)
    page.get_by_role("button", name="用昨天的会话重放").click()
    expect(dialog).to_contain_text("等待运行")
    assert jobs.run("metrics.replay", {"pk": Replay.objects.latest("pk").pk})
    rows = dialog.locator("tbody tr")
    expect(rows).to_have_count(2)
    cells = {row.locator("td").first.inner_text(): row.locator("td.num").all_inner_texts()[:3] for row in rows.all()}
    assert cells == {"a1": ["3", "0", "-3"], "a2": ["0", "3", "+3"]}
    expect(dialog).to_contain_text("估算")
    assert current_document(shop)["mode"] == "basic"


def test_what_is_asked_in_try_it_while_the_draft_is_on_its_way_is_answered(
    shop: Shop, main: SubAccount, enter: Enter
) -> None:
    services.publish(shop=shop, document={"pages": {"goods_detail": ["a1"]}})
    screen = SettingsScreen(enter(main), shop).enter()
    page = screen.page
    answer = page.get_by_role("complementary", name="试一试")
    screen.tab("更多设置")
    held: list[Route] = []
    page.route("**/routing/draft/", lambda route: held.append(route))  # noqa: PLW0108 Playwright looks into it
    page.get_by_role("switch", name="不超过最大接待人数").check()
    answer.get_by_label("入口").select_option("订单详情页")
    expect(answer.locator(".try-names")).to_have_text("a1 或 a2 或 a3")
    held[0].continue_()
    expect(page.locator("[data-save-bar]")).to_contain_text("1 处未发布")
    expect(answer.get_by_label("入口")).to_have_value("order_detail")
    expect(answer.locator(".try-names")).to_have_text("a1 或 a2 或 a3")


def test_what_is_marked_while_the_draft_is_on_its_way_stays_marked(shop: Shop, main: SubAccount, enter: Enter) -> None:
    screen = SettingsScreen(enter(main), shop).enter()
    page = screen.page
    screen.tab("更多设置")
    held: list[Route] = []
    page.route("**/routing/draft/", lambda route: held.append(route))  # noqa: PLW0108 Playwright looks into it
    page.get_by_role("switch", name="不超过最大接待人数").check()
    notice = page.get_by_label("显示人数的提示语")
    notice.focus()
    notice.select_text()
    held[0].continue_()
    expect(page.locator("[data-save-bar]")).to_contain_text("1 处未发布")
    page.keyboard.insert_text("马上来")
    expect(notice).to_have_value("马上来")
