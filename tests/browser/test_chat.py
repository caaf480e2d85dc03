"""The buyer's chat on a shop's website: at phone size, live, over a cut network, to the rating at its end."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, Route, expect

from agents.models import Shop
from chat.services import save_chat
from chat.tokens import make_token
from conversations.models import Conversation, Message, Rating
from conversations.states import ClosedBy, Sender
from routing import services
from tests.agents.factories import make_member, make_shop
from tests.asgi import Server
from tests.browser.axe import grave
from tests.browser.conftest import DESKTOP, PHONE, Enter, NewContext
from tests.browser.shop_site import Site
from tests.browser.steps import message_in, write_to
from tests.chat.builders import BuyerOf
from tests.conversations.answers import HOT, MENU, set_greeting, set_hot, set_menu, set_robot
from tests.routing.factories import png

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
HOSTILE = "<img src=x onerror=\"document.title='hacked'\"><script>document.title='hacked'</script>"


@pytest.fixture
def shop(website: Site) -> Shop:
    made = make_shop("xiaoman")
    member = make_member(made, name="a1")
    member.account.display_name = "小满-售前01"
    member.account.save()
    services.set_presence(shop=made, agent="a1", status="online")
    save_chat(shop=made, on=True, title="小满家居", origins=[website.url])
    return made


def answers(shop: Shop, text: str, buyer: str | None = None) -> None:
    rows = Conversation.objects.for_shop(shop).exclude(state="closed")
    row = rows.get() if buyer is None else rows.get(buyer__external_id=buyer)
    services.post_message(shop=shop, conversation=row.external_id, sender=Sender.AGENT, text=text)


def opened(page: Page, website: Site) -> FrameLocator:
    """On the shop's website, the chat opened by its button."""
    page.goto(website.url)
    page.get_by_role("button", name="联系客服").click()
    return page.frame_locator("iframe")


@pytest.mark.journey
def test_from_the_goods_page_to_the_rating_over_a_cut_network(
    site: Server, website: Site, shop: Shop, new_context: NewContext, tmp_path: Path
) -> None:
    set_greeting(shop)
    website.has(
        site.url, "xiaoman", entry="goods_detail", order="261121-4083", order_title="密封罐", order_price="¥79.80"
    )
    context = new_context("buyer", phone=True)
    page = context.new_page()
    chat = opened(page, website)
    expect(chat.get_by_text("您好，小满家居为您服务。")).to_be_visible()
    assert not Conversation.objects.exists()

    write_to(chat, "21 号拍的，还没发货吗？")
    expect(message_in(chat, "还没发货吗")).to_be_visible()
    expect(chat.get_by_text("小满-售前01 为您服务")).to_be_visible()
    row = Conversation.objects.get()
    assert (row.entry, row.holder.name) == ("goods_detail", "a1")
    answers(shop, "在的，马上查。")
    expect(message_in(chat, "在的，马上查。")).to_be_visible(timeout=1000)

    chat.get_by_role("button", name="发送订单").click()
    expect(message_in(chat, "261121-4083")).to_be_visible()
    expect(chat.get_by_role("button", name="发送订单")).to_be_hidden()
    picture = tmp_path / "picture.png"
    picture.write_bytes(png(200))
    chat.locator("#chat-image").set_input_files(picture)
    expect(chat.get_by_role("log", name="消息").get_by_role("img", name="图片")).to_be_visible()

    context.set_offline(True)
    for text in ("第一句", "第二句"):
        write_to(chat, text)
    expect(chat.get_by_text("网络断开了")).to_be_visible()
    expect(chat.get_by_text("等网络恢复后自动发出").first).to_be_visible()
    answers(shop, "断网时的回答")
    context.set_offline(False)
    for text in ("第一句", "第二句", "断网时的回答"):
        expect(message_in(chat, text)).to_have_count(1)
    expect(chat.locator("#chat-outbox > *")).to_have_count(0)
    expect(chat.get_by_text("网络断开了")).to_be_hidden()
    assert list(Message.objects.filter(text__startswith="第").values_list("text", flat=True)) == ["第一句", "第二句"]

    chat.get_by_role("button", name="结束会话").click()
    chat.get_by_role("button", name="确定结束？").click()
    expect(chat.get_by_text("您对这次服务满意吗？")).to_be_visible()
    chat.get_by_label("不满意").check()
    chat.get_by_label("想说点什么").fill("查得很快 <b>谢谢</b>")
    chat.get_by_label("满意", exact=True).check()
    chat.locator("#chat-rate").get_by_role("button", name="发送").click()
    expect(chat.get_by_text("谢谢您的评价")).to_be_visible()
    rating = Rating.objects.get()
    assert (rating.conversation, rating.satisfied, rating.word) == (row, True, "查得很快 <b>谢谢</b>")
    chat.get_by_role("button", name="再次咨询").click()
    write_to(chat, "还有一件事")
    expect(message_in(chat, "还有一件事")).to_be_visible()
    assert Conversation.objects.count() == 2


def test_who_comes_back_finds_the_talk_and_somebody_else_does_not(
    site: Server, website: Site, shop: Shop, new_context: NewContext
) -> None:
    website.has(site.url, "xiaoman")
    context = new_context("buyer", phone=True)
    chat = opened(context.new_page(), website)
    write_to(chat, "我明天再来")
    expect(message_in(chat, "我明天再来")).to_be_visible()
    context.pages[0].close()
    answers(shop, "好的，等您")
    page = context.new_page()
    page.goto(website.url)
    # Unread, before the chat is opened; and no cookie has been set anywhere.
    page.get_by_role("button", name="联系客服").click()
    chat = page.frame_locator("iframe")
    expect(message_in(chat, "我明天再来")).to_have_count(1)
    expect(message_in(chat, "好的，等您")).to_have_count(1)
    assert context.cookies() == []
    other = opened(new_context("somebody else").new_page(), website)
    expect(other.get_by_label("您的消息")).to_be_visible()
    expect(message_in(other, "我明天再来")).to_have_count(0)


def test_nobody_writes_into_a_chat_that_is_not_there_yet(
    site: Server, website: Site, shop: Shop, new_context: NewContext
) -> None:
    website.has(site.url, "xiaoman")
    page = new_context("buyer", phone=True).new_page()
    held: list[Route] = []
    page.route(
        "**/js/chat*.js", lambda route: held.append(route) if "/chat." in route.request.url else route.continue_()
    )
    chat = opened(page, website)
    box = chat.get_by_label("您的消息")
    expect(box).to_be_disabled()
    while not held:
        page.wait_for_timeout(50)
    held[0].continue_()
    expect(box).to_be_enabled()
    write_to(chat, "在吗")
    expect(message_in(chat, "在吗")).to_be_visible()


def test_a_buyer_whom_the_website_knows_has_their_history_and_its_order(
    site: Server, website: Site, shop: Shop, new_context: NewContext
) -> None:
    known = BuyerOf(shop, "member-7")
    known.writes("上周问过的")
    website.has(site.url, "xiaoman", token=make_token(shop, "member-7"))
    page = new_context("buyer").new_page()
    chat = opened(page, website)
    expect(message_in(chat, "上周问过的")).to_be_visible()
    page.evaluate("fenliuChat.order({number: 5021, title: '<b>密封罐</b>', price: '¥9'})")
    chat.get_by_role("button", name="发送订单").click()
    expect(message_in(chat, "<b>密封罐</b>")).to_be_visible()
    page.evaluate("fenliuChat.close()")
    expect(page.get_by_role("button", name="联系客服")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0  # who it is, the website says each time
    assert known.state()["messages"][-1]["text"] == "5021\n<b>密封罐</b>\n¥9"


def test_unread_answers_are_counted_on_the_button(
    site: Server, website: Site, shop: Shop, new_context: NewContext
) -> None:
    website.has(site.url, "xiaoman")
    page = new_context("buyer").new_page()
    chat = opened(page, website)
    write_to(chat, "在吗")
    expect(message_in(chat, "在吗")).to_be_visible()
    chat.get_by_role("button", name="收起聊天").click()
    answers(shop, "在的")
    expect(page.locator("fenliu-chat .count")).to_have_text("1")
    page.locator("fenliu-chat .open").click()
    expect(message_in(chat, "在的")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("fenliu-chat .count")).to_be_hidden()
    expect(page.locator("fenliu-chat .open")).to_be_focused()


def test_the_place_in_the_line_moves_by_itself(
    site: Server, website: Site, shop: Shop, new_context: NewContext
) -> None:
    shop.sub_accounts.filter(name="a1").update(max_concurrent=1)
    first, second = BuyerOf(shop, "b1"), BuyerOf(shop, "b2")
    first.writes("我先来的")
    second.writes("我也在等")
    page = new_context("buyer", phone=True).new_page()
    page.goto(f"{site.url}/chat/xiaoman/")
    write_to(page, "我呢")
    expect(page.get_by_text("您排在第 2 位")).to_be_visible()
    first.call("post", "close/", {})
    expect(page.get_by_text("您排在第 1 位")).to_be_visible(timeout=3000)
    second.call("post", "close/", {})
    expect(page.get_by_text("小满-售前01 已接入")).to_be_visible(timeout=3000)
    services.set_presence(shop=shop, agent="a1", status="offline")
    expect(page.get_by_text("您可以留言，上线后会回复您")).to_be_visible(timeout=6000)
    services.set_presence(shop=shop, agent="a1", status="online")
    expect(page.get_by_text("小满-售前01 已接入")).to_have_count(2)


def test_a_website_that_is_not_listed_shows_nothing(
    site: Server, website: Site, shop: Shop, browser: Browser, new_context: NewContext
) -> None:
    save_chat(shop=shop, on=True, origins=["https://another.example"])
    website.has(site.url, "xiaoman")
    page = new_context("buyer").new_page()
    said_: list[str] = []
    page.on("console", lambda line: said_.append(line.text))
    page.goto(website.url)
    page.wait_for_function("() => performance.getEntriesByType('resource').some((it) => it.name.endsWith('widget.js'))")
    expect(page.locator("fenliu-chat")).to_have_count(0)
    assert any("不在" in line or "not among the websites" in line for line in said_)
    # Nor does a frame of its own making: the browser is told that it may not.
    website.frames(site.url, "xiaoman")
    bare = browser.new_context().new_page()
    bare.goto(website.url)
    bare.wait_for_timeout(500)
    assert bare.frames[1].url.startswith("chrome-error:")
    bare.context.close()


def test_robot_hot_questions_menu_and_a_person(
    site: Server, website: Site, shop: Shop, new_context: NewContext
) -> None:
    for set_part in (set_hot, set_menu, set_robot):
        set_part(shop)
    page = new_context("buyer", phone=True).new_page()
    page.goto(f"{site.url}/chat/xiaoman/?order=77&order_title=盒子")
    page.get_by_role("button", name=HOT[0][0]).click()
    expect(page.get_by_text("机器人为您服务")).to_be_visible()
    expect(message_in(page, HOT[0][1])).to_be_visible()
    page.get_by_role("button", name="发送订单").click()
    page.get_by_role("log", name="消息").get_by_role("button", name=MENU[0][0]).click()
    expect(message_in(page, MENU[0][1])).to_be_visible()
    page.get_by_role("button", name="转人工").click()
    expect(page.get_by_text("小满-售前01 为您服务")).to_be_visible()
    expect(page.get_by_role("button", name="转人工")).to_have_count(0)


def test_a_question_is_picked_first_where_the_entry_asks_one(
    site: Server, website: Site, new_context: NewContext
) -> None:
    dou = make_shop("dou", "douyin")
    make_member(dou, name="d1")
    entries = {"goods_detail": {"assign": "by_question", "questions": {"发什么快递": ["d1"], "是现货吗": []}}}
    services.publish(shop=dou, document={"entries": entries})
    save_chat(shop=dou, on=True)
    page = new_context("buyer", phone=True).new_page()
    page.goto(f"{site.url}/chat/dou/?entry=goods_detail&lang=en")
    expect(page.get_by_text("Nobody is online right now")).to_be_visible()
    page.get_by_role("button", name="发什么快递").click()
    expect(page.get_by_role("log", name="Messages").get_by_text("发什么快递")).to_be_visible()
    assert Conversation.objects.get().question == "发什么快递"
    assert Conversation.objects.get().state == "queued"


def test_hostile_words_are_words_on_both_sides(
    site: Server, website: Site, shop: Shop, new_context: NewContext, enter: Enter
) -> None:
    page = new_context("buyer").new_page()
    page.goto(f"{site.url}/chat/xiaoman/?order=1&order_title={HOSTILE.replace('#', '')}")
    write_to(page, HOSTILE)
    expect(message_in(page, HOSTILE)).to_be_visible()
    page.get_by_role("button", name="发送订单").click()
    answers(shop, f"{HOSTILE} javascript:alert(1) https://ok.example/a?b=1")
    link = page.get_by_role("link", name="https://ok.example/a?b=1")
    expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")
    expect(page.get_by_role("log", name="消息").locator("a")).to_have_count(1)
    expect(page.get_by_role("log", name="消息").locator("img, script")).to_have_count(0)
    expect(page).to_have_title("小满家居")
    agent = enter(shop.sub_accounts.get(name="a1"))
    agent.goto(f"/s/xiaoman/conversations/{Conversation.objects.get().pk}/")
    expect(agent.locator(".bubble", has_text=HOSTILE).first).to_be_visible()
    assert "hacked" not in agent.title()


def test_the_agent_ends_it_and_a_sentence_written_late_starts_anew(
    site: Server, website: Site, shop: Shop, new_context: NewContext
) -> None:
    context = new_context("buyer", phone=True)
    page = context.new_page()
    page.goto(f"{site.url}/chat/xiaoman/")
    write_to(page, "在吗")
    expect(message_in(page, "在吗")).to_be_visible()
    context.set_offline(True)
    write_to(page, "断网时写的")
    expect(page.get_by_text("等网络恢复后自动发出")).to_be_visible()
    first = Conversation.objects.get()
    services.close_conversation(shop=shop, conversation=first.external_id, by=ClosedBy.AGENT)
    context.set_offline(False)
    expect(message_in(page, "断网时写的")).to_have_count(1)
    assert Message.objects.get(text="断网时写的").conversation != first
    services.close_conversation(
        shop=shop, conversation=Conversation.objects.exclude(pk=first.pk).get().external_id, by=ClosedBy.AGENT
    )
    expect(page.get_by_text("客服已结束会话")).to_be_visible()


def test_axe_finds_nothing_grave(site: Server, website: Site, shop: Shop, new_context: NewContext) -> None:
    for set_part in (set_greeting, set_hot, set_menu, set_robot):
        set_part(shop)
    page = new_context("buyer").new_page()
    found: list[str] = []

    def look(where: str) -> None:
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)
            for theme in ("light", "dark"):
                page.emulate_media(color_scheme=theme)
                found.extend(grave(page, f"{where} {size['width']} {theme}"))

    page.goto(f"{site.url}/chat/xiaoman/?order=77&order_title=盒子")
    expect(page.get_by_text("猜你想问").first).to_be_visible()
    look("the start")
    write_to(page, "在吗")
    page.get_by_role("button", name="发送订单").click()
    expect(page.get_by_role("log", name="消息").get_by_role("button", name=MENU[0][0])).to_be_visible()
    look("with the robot")
    page.get_by_role("button", name="转人工").click()
    answers(shop, "在的")
    expect(message_in(page, "在的")).to_be_visible()
    services.set_presence(shop=shop, agent="a1", status="offline")
    look("a person who left")
    page.context.set_offline(True)
    write_to(page, "没有网")
    expect(page.get_by_text("等网络恢复后自动发出")).to_be_visible()
    look("without a network")
    page.context.set_offline(False)
    expect(message_in(page, "没有网")).to_be_visible()
    page.get_by_role("button", name="结束会话").click()
    page.get_by_role("button", name="确定结束？").click()
    page.get_by_label("满意", exact=True).check()
    look("the end")
    assert not found, "\n".join(found)


def test_where_nothing_streams_answers_come_all_the_same(
    site: Server, website: Site, shop: Shop, new_context: NewContext
) -> None:
    page = new_context("buyer", phone=True).new_page()
    asked: list[str] = []
    page.route("**/stream/**", lambda route: (asked.append(route.request.url), route.fulfill(status=204))[0])
    page.goto(f"{site.url}/chat/xiaoman/")
    write_to(page, "在吗")
    expect(message_in(page, "在吗")).to_be_visible()
    answers(shop, "在的")
    expect(message_in(page, "在的")).to_be_visible()
    assert asked


def test_a_token_that_is_not_taken_any_more_makes_somebody_new(
    site: Server, website: Site, shop: Shop, browser: Browser
) -> None:
    page = browser.new_context().new_page()  # unwatched: a browser notes each 401
    refused: list[str] = []
    page.on("response", lambda response: refused.append(response.url) if response.status == 401 else None)
    page.goto(f"{site.url}/chat/xiaoman/")
    write_to(page, "在吗")
    expect(message_in(page, "在吗")).to_be_visible()
    page.evaluate("localStorage.setItem('fenliu-chat:xiaoman', 'forged')")
    page.reload()
    write_to(page, "是新来的")
    expect(message_in(page, "是新来的")).to_be_visible()
    expect(message_in(page, "在吗")).to_have_count(0)
    assert [url.split("/xiaoman/")[1].partition("?")[0] for url in refused] == ["start/"]
    assert Conversation.objects.count() == 2
    page.context.close()


def test_a_long_talk_comes_in_pieces_and_an_image_opens_large(
    site: Server, website: Site, shop: Shop, new_context: NewContext
) -> None:
    page = new_context("buyer", phone=True).new_page()
    page.goto(f"{site.url}/chat/xiaoman/")
    write_to(page, "第0条")
    expect(message_in(page, "第0条")).to_be_visible()
    for n in range(1, 70):
        answers(shop, f"第{n}条")
    row = Conversation.objects.get()
    services.post_message(shop=shop, conversation=row.external_id, sender=Sender.AGENT, kind="image", image=png(300))
    page.reload()
    expect(message_in(page, "第69条")).to_be_in_viewport()
    expect(message_in(page, "第0条")).to_have_count(0)
    for _ in range(6):
        page.get_by_role("region", name="会话").evaluate("it => { it.scrollTop = 0; }")
        page.wait_for_timeout(300)
    expect(message_in(page, "第0条")).to_have_count(1)
    texts = page.locator("#chat-log .msg-bubble").all_inner_texts()
    assert [text for text in texts if text] == [f"第{n}条" for n in range(70)]
    page.get_by_role("button", name="图片").scroll_into_view_if_needed()
    page.get_by_role("button", name="图片").click()
    expect(page.get_by_role("dialog", name="图片")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="图片")).to_be_hidden()
