"""Automatic answers in a browser: written by keyboard, seen in the buyer's chat beside, saved, and live."""

import pytest
from playwright.sync_api import Page, expect

from agents.models import Shop
from agents.services import create_shop
from agents.vocabulary import Role
from conversations.answering import Part
from conversations.models import Message
from conversations.selectors import answers_of
from routing import services
from tests.browser.conftest import PASSWORD, Programs, SignIn
from tests.conversations.answers import RULES, items, save, set_greeting, set_hot

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop() -> Shop:
    made = create_shop(slug="xiaoman", platform="pinduoduo", name="小满家居旗舰店", main="boss", password=PASSWORD)
    services.add_sub_account(shop=made, account="a1", password=PASSWORD, roles=[Role.AGENT])
    services.set_presence(shop=made, agent="a1", status="online")
    return made


def tab(page: Page, part: Part) -> None:
    page.goto(f"/s/xiaoman/answers/?tab={part}")


def saved(page: Page, words: str) -> None:
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".toast-line", has_text=words)).to_be_visible()
    expect(page.locator("[data-save-bar]")).to_be_hidden()


@pytest.mark.journey
def test_what_is_written_by_keyboard_is_seen_saved_and_said_to_buyers(
    shop: Shop, sign_in: SignIn, program: Programs
) -> None:
    owner = sign_in("boss")
    tab(owner, Part.GREETING)
    owner.get_by_role("textbox", name="开场白").fill("您好，在的")
    expect(owner.locator("#preview-thread .pv-bubble")).to_have_text("您好，在的")
    owner.get_by_role("switch", name="启用开场白").press("Space")
    saved(owner, "开场白已保存")
    expect(owner.get_by_text("已启用：开场白；未启用：热门问题、自助菜单、机器人。")).to_be_visible()

    tab(owner, Part.HOT_QUESTIONS)
    owner.get_by_role("switch", name="启用热门问题").press("Space")
    for ask, answer in (("几天能到", "2 到 4 天"), ("发什么快递", "中通")):
        owner.get_by_role("button", name="添加").press("Enter")
        owner.keyboard.type(ask)
        owner.keyboard.press("Tab")
        owner.keyboard.type(answer)
    owner.locator("[data-item]").nth(1).get_by_role("button", name="上移").press("Enter")
    expect(owner.locator(".pv-choice")).to_have_text(["发什么快递", "几天能到"])
    owner.locator(".pv-choice").first.click()
    expect(owner.locator("#preview-thread .pv-bubble").last).to_have_text("中通")
    saved(owner, "热门问题已保存")
    assert [item.ask for item in answers_of(shop)[Part.HOT_QUESTIONS].items] == ["发什么快递", "几天能到"]

    conversation = program(shop).opens("柚子茶", entry="goods_detail")
    program(shop).says(conversation["id"], "发什么快递？")
    said = list(Message.objects.filter(shop=shop).order_by("pk").values_list("sender", "text"))
    assert said == [("auto", "您好，在的"), ("buyer", "发什么快递？"), ("auto", "中通")]
    agent = sign_in("a1")
    agent.goto(f"/s/xiaoman/conversations/{conversation['id']}/")
    expect(agent.locator(".bubble-auto .bubble-meta").first).to_contain_text("开场白 · 不计回复率")
    expect(agent.locator(".bubble-auto .bubble-meta").last).to_contain_text("热门问题 · 不计回复率")


def test_a_line_is_deleted_and_what_is_not_saved_can_be_thrown_away(shop: Shop, sign_in: SignIn) -> None:
    set_hot(shop)
    owner = sign_in("boss")
    tab(owner, Part.HOT_QUESTIONS)
    expect(owner.locator("[data-save-bar]")).to_be_hidden()
    owner.locator("[data-item]").first.get_by_role("button", name="删除").press("Enter")
    expect(owner.locator(".pv-choice")).to_have_count(1)
    expect(owner.locator("[data-item]").first.get_by_role("button", name="删除")).to_be_focused()
    owner.get_by_role("link", name="放弃").click()
    expect(owner.locator("[data-item]")).to_have_count(2)


def test_the_robot_is_tried_before_it_is_switched_on(shop: Shop, sign_in: SignIn) -> None:
    set_greeting(shop)
    save(shop, Part.ROBOT, on=False, text="不会", items=items(RULES))
    owner = sign_in("boss", phone=True)
    tab(owner, Part.ROBOT)
    owner.get_by_role("textbox", name="试一句").fill("怎么退款")
    owner.keyboard.press("Enter")
    expect(owner.locator("#preview-thread .pv-note").last).to_contain_text("匹配规则 2")
    expect(owner.get_by_role("textbox", name="试一句")).to_have_value("")
    owner.get_by_role("button", name="深色").click()
    expect(owner.locator("#preview-phone")).to_have_attribute("data-bs-theme", "dark")
    assert owner.evaluate("document.documentElement.scrollWidth") <= 390
