"""The documentation's pictures, from the demo shops: `make screenshots`. Not collected otherwise.

A new picture: a function that brings a page to where it is to be taken, and a line in PICTURES.
"""

import os
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from django.core.management import call_command
from PIL import Image
from playwright.sync_api import FrameLocator, Page, expect

from agents.models import Shop, SubAccount
from chat.services import save_chat
from chat.tokens import VISITOR
from config.demo.words import FIRST, SECOND
from conversations.models import Conversation
from conversations.states import Sender
from metrics.models import Replay
from metrics.services import run_replay
from routing.services import open_conversation, post_message, set_presence, transfer_conversation
from tests.browser.conftest import PASSWORD, Enter
from tests.browser.shop_site import shop_site
from tests.browser.steps import SET, SettingsScreen
from tests.outgoing.builders import make_outlet

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

TO = Path(os.environ.get("FENLIU_PICTURES", Path(__file__).resolve().parents[2] / "docs" / "pictures"))
LARGEST = 300_000
PDD, KS, DY, TB = "pdd-demo", "ks-demo", "dy-demo", "tb-demo"


def at(path: str) -> Callable[[Page, str], None]:
    """A page as it is when it is opened."""

    def go(page: Page, slug: str) -> None:
        page.goto(f"/s/{slug}/{path}")

    return go


def picker(page: Page, slug: str) -> None:
    page.goto(f"/s/{slug}/routing/?tab=basic")
    page.get_by_role("button", name=SET).first.click()
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "Space"):
        page.get_by_role("dialog").get_by_label("搜账号或昵称").press(key)


def draft(page: Page, slug: str) -> None:
    """Groups with a weight that is not published yet."""
    page.goto(f"/s/{slug}/routing/?tab=advanced")
    weight = page.get_by_label("权重").first
    weight.fill("300")
    weight.press("Tab")
    expect(page.locator("[data-save-bar]")).to_be_visible()


def versions(page: Page, slug: str) -> None:
    page.goto(f"/s/{slug}/routing/versions/?old=1&new=3")


def replay(page: Page, slug: str) -> None:
    """Yesterday, had advanced routing been in use."""
    page.goto(f"/s/{slug}/routing/?tab=advanced")
    SettingsScreen(page, Shop.objects.get(slug=slug)).switch("启用高级分流", on=True)
    page.get_by_role("button", name="用昨天的会话重放").click()
    expect(page.get_by_text("等待运行")).to_be_visible()
    run_replay(pk=Replay.objects.latest("pk").pk)
    expect(page.locator(".replay-table")).to_be_visible()


def shifts(page: Page, slug: str) -> None:
    page.goto(f"/s/{slug}/shifts/")
    expect(page.locator("#shift-hours .chart svg")).to_be_visible()


def conversation(page: Page, slug: str) -> None:
    page.goto(f"/s/{slug}/conversations/")
    page.get_by_role("region", name="我的会话").locator("a[href$='/']").first.click()
    expect(page.locator("#answer-text")).to_be_visible()


def busy(page: Page, slug: str) -> None:
    """The wall of a shop whose groups are full, somebody on a break, buyers in line."""
    shop = Shop.objects.get(slug=slug)
    for number in range(1, 7):
        set_presence(shop=shop, agent=f"{slug}-a{number}", status="break" if number == 5 else "online")
    for number in range(44):
        status = ("none", "unshipped", "after_sale", "unshipped", "after_sale")[number % 5]
        buyer = f"{FIRST[number % len(FIRST)]}{SECOND[number % len(SECOND)]}"
        row = open_conversation(shop=shop, buyer=f"{buyer}{number}", order_status=status).conversation
        post_message(shop=shop, conversation=row.external_id, sender=Sender.BUYER, text="什么时候能发货？")
        if number % 3 == 0 and row.holder_id:
            post_message(shop=shop, conversation=row.external_id, sender=Sender.AGENT, text="今天发。")
    page.goto(f"/s/{slug}/wall/")


def day(page: Page, slug: str) -> None:
    page.goto(f"/s/{slug}/reply-rates/")
    expect(page.locator("#detail tbody tr").first).to_be_visible()
    expect(page.locator("#trend .chart svg")).to_be_visible()
    page.locator("#trend").evaluate("one => one.scrollIntoView()")


def reports(page: Page, slug: str) -> None:
    page.goto(f"/s/{slug}/reports/?by=agent")
    expect(page.locator("#map .chart svg")).to_be_visible()


def report_charts(page: Page, slug: str) -> None:
    reports(page, slug)
    page.locator("#trend").evaluate("one => one.scrollIntoView()")


def outlets(page: Page, slug: str) -> None:
    """A webhook and a group robot; the addresses are of the documentation's net, nothing leaves the machine."""
    shop = Shop.objects.get(slug=slug)
    make_outlet(shop)
    page.goto(f"/s/{slug}/outgoing/")


def my_menu(page: Page, slug: str) -> None:
    page.goto(f"/s/{slug}/conversations/")
    page.get_by_role("button", name="我的").click()


def leaving(page: Page, slug: str) -> None:
    """Who leaves holds something, whatever the hour."""
    shop = Shop.objects.get(slug=slug)
    opened = open_conversation(shop=shop, buyer="leaving", entry="goods_detail").conversation
    if opened.holder is None or opened.holder.name != f"{slug}-a2":
        set_presence(shop=shop, agent=f"{slug}-a2", status="online")
        transfer_conversation(shop=shop, conversation=opened.external_id, by=f"{slug}-main", to=f"{slug}-a2")
    page.goto(f"/s/{slug}/conversations/")
    page.locator(".work-me [value=offline]").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def chat_talk(page: Page, slug: str) -> None:
    """A buyer at the door, who asks, sends the order and is answered."""
    page.goto(
        f"/chat/{slug}/?entry=order_detail&order=261121-40837716&order_title=小麦秸秆密封收纳盒&order_price=¥79.80"
    )
    ask(page, slug)


def ask(chat: Page | FrameLocator, slug: str) -> None:
    chat.get_by_label("您的消息").fill("21 号拍的收纳盒，还没发货吗？")
    chat.get_by_label("您的消息").press("Enter")
    chat.get_by_role("button", name="发送订单").click()
    expect(chat.get_by_role("button", name="查物流")).to_be_visible()
    row = Conversation.objects.filter(shop__slug=slug, buyer__external_id__startswith=VISITOR).latest("pk")
    for text in ("您好，两件都打包好了，今晚 22:00 前交给快递。", "发出后会有短信提醒您。"):
        post_message(shop=row.shop, conversation=row.external_id, sender=Sender.AGENT, text=text)
    expect(chat.get_by_text("短信提醒您")).to_be_visible()


def chat_dark(page: Page, slug: str) -> None:
    page.goto(f"/chat/{slug}/?theme=dark")
    expect(page.get_by_text("猜你想问")).to_be_visible()


def chat_widget(page: Page, slug: str) -> None:
    """On a website of the shop's own."""
    page.goto(f"/chat/{slug}/")
    home = page.url.split("/chat/")[0]
    with shop_site() as site:
        save_chat(shop=Shop.objects.get(slug=slug), on=True, welcome="每天 8:00–23:00 在线", origins=[site.url])
        site.has(home, slug, entry="goods_detail", order="261121-40837716", order_title="小麦秸秆密封收纳盒")
        page.goto(site.url)
        page.get_by_role("button", name="联系客服").click()
        ask(page.frame_locator("iframe"), slug)


PICTURES: dict[str, tuple[Callable[[Page, str], None], str, str, str]] = {
    # name: how to get there, shop, who, and any of "phone", "dark", "en"
    "overview": (at("overview/"), PDD, "main", ""),
    "routing": (at("routing/?tab=basic"), PDD, "main", ""),
    "routing-dark": (at("routing/?tab=basic"), PDD, "main", "dark"),
    "routing-en": (at("routing/?tab=basic"), PDD, "main", "en"),
    "routing-phone": (at("routing/?tab=basic"), PDD, "main", "phone"),
    "routing-picker": (picker, PDD, "main", ""),
    "routing-groups": (draft, PDD, "main", ""),
    "routing-replay": (replay, PDD, "main", ""),
    "routing-versions": (versions, PDD, "main", ""),
    "routing-kuaishou": (at("routing/?tab=advanced"), KS, "main", ""),
    "routing-douyin": (at("routing/"), DY, "main", ""),
    "routing-taobao": (at("routing/"), TB, "main", ""),
    "sub-accounts": (at("sub-accounts/"), PDD, "main", ""),
    "shifts": (shifts, PDD, "mg", ""),
    "answers": (at("answers/?tab=hot_questions"), PDD, "mg", ""),
    "chat-settings": (at("chat/"), PDD, "main", ""),
    "chat-phone": (chat_talk, PDD, "op", "phone"),
    "chat-dark": (chat_dark, PDD, "op", "phone"),
    "chat-widget": (chat_widget, PDD, "op", ""),
    "audit": (at("audit/"), PDD, "main", ""),
    "today": (at("reply-rates/"), PDD, "mg", ""),
    "today-detail": (day, PDD, "mg", ""),
    "penalties": (at("penalties/"), PDD, "mg", ""),
    "definitions": (at("definitions/"), PDD, "main", ""),
    "wall": (busy, KS, "mg", ""),
    "wall-dark": (at("wall/"), KS, "mg", "dark"),
    "shares": (at("shares/?range=7"), PDD, "main", ""),
    "reports": (reports, PDD, "mg", ""),
    "reports-dark": (report_charts, PDD, "mg", "dark"),
    "reports-phone": (reports, PDD, "mg", "phone"),
    "outgoing": (outlets, PDD, "main", ""),
    "phone-menu": (my_menu, PDD, "a1", "phone"),
    "leaving": (leaving, PDD, "a2", ""),
    "workbench": (conversation, PDD, "a1", ""),
    "workbench-dark": (conversation, PDD, "a1", "dark"),
    "workbench-phone": (conversation, PDD, "a1", "phone"),
}


def saved(name: str, png: bytes) -> int:
    """In 256 colours, which our screens hardly exceed: a fifth of the size."""
    path = TO / f"{name}.png"
    picture = Image.open(BytesIO(png)).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)
    return path.stat().st_size


def test_pictures(enter: Enter, site) -> None:
    call_command("demo", password=PASSWORD)
    TO.mkdir(parents=True, exist_ok=True)
    for name, (bring, slug, who, look) in PICTURES.items():
        member = SubAccount.objects.get(shop__slug=slug, name=f"{slug}-{who}")
        page = enter(member, phone="phone" in look)
        if "dark" in look:
            page.add_init_script("localStorage.setItem('fenliu-theme', 'dark')")
        if "en" in look:
            page.context.add_cookies([{"name": "fenliu_language", "value": "en", "url": site.url}])
        bring(page, slug)
        page.wait_for_timeout(600)  # pages that listen to what happens never have an idle network
        page.evaluate("document.fonts.ready")
        assert saved(name, page.screenshot()) <= LARGEST, name
        page.close(run_before_unload=False)
