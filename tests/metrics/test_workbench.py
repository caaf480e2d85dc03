"""The workbench's thread in pieces, its list over several shops."""

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agents.models import Shop, SubAccount
from conversations.models import Conversation, Message
from conversations.states import Sender
from metrics.selectors.threads import PIECE, Piece, earlier_piece, latest_piece, whole_thread
from routing import services
from tests.agents.factories import make_member, make_shop

pytestmark = pytest.mark.django_db
MOST_QUERIES = 14


def opened(shop: Shop, buyer: str = "栗子") -> Conversation:
    return services.open_conversation(shop=shop, buyer=buyer, entry="goods_detail").conversation


def talk(row: Conversation, count: int, begin: datetime | None = None) -> list[Message]:
    """So many messages, buyer and agent in turn, a minute apart; every third pair in the same second."""
    begin = begin or timezone.now() - timedelta(minutes=count)
    Message.objects.bulk_create(
        Message(
            shop=row.shop,
            conversation=row,
            identity=f"{row.pk}-{n}",
            sender=Sender.AGENT if n % 2 else Sender.BUYER,
            author=row.holder if n % 2 else None,
            kind="text",
            text=f"第{n}句",
            sent_at=begin + timedelta(minutes=n - n % 3 // 2),
            received_at=begin,
        )
        for n in range(count)
    )
    return list(Message.objects.filter(conversation=row).order_by("sent_at", "pk"))


def texts(piece: Piece) -> list[str]:
    return [item.message.text for item in piece.items if item.message]


def client_of(member: SubAccount) -> Client:
    client = Client()
    assert member.account is not None
    client.force_login(member.account)
    return client


def test_pieces_from_the_end_to_the_beginning_make_the_thread_without_gap_or_repeat(
    shop: Shop, agent: SubAccount
) -> None:
    row = opened(shop)
    whole = [message.text for message in talk(row, 3 * PIECE + 7)]
    piece = latest_piece(row, None)
    found, pieces = texts(piece), 1
    decisions = [item.decision for item in piece.items if item.decision]
    while piece.more:
        assert piece.first is not None
        piece = earlier_piece(row, None, piece.first)
        found, pieces = texts(piece) + found, pieces + 1
        decisions += [item.decision for item in piece.items if item.decision]
    assert found == whole
    assert pieces == 4
    assert len(decisions) == 1, "each decision stands in one piece"


def test_a_page_that_shows_more_keeps_it_when_the_thread_is_drawn_again(shop: Shop, agent: SubAccount) -> None:
    row = opened(shop)
    messages = talk(row, 2 * PIECE)
    first = messages[10]
    piece = latest_piece(row, None, first.pk)
    assert piece.first == first.pk
    assert len(texts(piece)) == 2 * PIECE - 10
    assert latest_piece(row, None, messages[-3].pk).first == messages[PIECE].pk, "never less than a piece"


def test_what_an_answer_took_is_the_same_in_a_piece_as_in_the_whole(shop: Shop, agent: SubAccount) -> None:
    row = opened(shop)
    talk(row, 2 * PIECE + 1, timezone.now() - timedelta(hours=6))
    whole = {item.message.pk: item.took for item in whole_thread(row, None).items if item.message}
    piece = {item.message.pk: item.took for item in latest_piece(row, None).items if item.message}
    assert len(piece) == PIECE
    assert piece == {pk: whole[pk] for pk in piece}


def test_the_workbench_fetches_older_messages_on_scrolling(shop: Shop, agent: SubAccount) -> None:
    row = opened(shop)
    talk(row, PIECE + 5)
    client = client_of(agent)
    page = client.get(f"/s/{shop.slug}/conversations/{row.pk}/").content.decode()
    assert "第4句<" not in page
    mark = re.search(r'hx-get="([^"]*earlier[^"]*)"', page)
    assert mark is not None
    older = client.get(mark.group(1)).content.decode()
    assert "第4句<" in older
    assert "data-earlier" not in older, "there is nothing before"
    assert client.get(f"/s/{shop.slug}/conversations/{row.pk}/earlier/?before=x").status_code == 400


def test_two_hundred_open_conversations_and_a_thread_of_five_thousand(shop: Shop, agent: SubAccount) -> None:
    row = opened(shop)
    talk(row, 5000)
    for n in range(199):
        opened(shop, f"b{n}")
    client = client_of(agent)
    page = f"/s/{shop.slug}/conversations/{row.pk}/"
    client.get(page)
    for url in (page, f"{page}thread/", f"{page}aside/", f"/s/{shop.slug}/conversations/list/"):
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(url)
        assert answer.status_code == 200
        assert len(asked) <= MOST_QUERIES, f"{url}\n" + "\n".join(q["sql"][:150] for q in asked)
    assert len(client.get(f"{page}thread/").content) < 150_000


def test_one_workbench_lists_the_conversations_of_all_ones_shops(shop: Shop, agent: SubAccount) -> None:
    second = make_shop(platform="kuaishou")
    make_member(second, "agent", account=agent.account)
    services.set_presence(shop=second, agent="a1", status="online")
    here, there = opened(shop, "这里的买家"), opened(second, "那里的买家")
    page = client_of(agent).get(f"/s/{shop.slug}/conversations/").content.decode()
    assert f"/s/{shop.slug}/conversations/{here.pk}/" in page
    assert f"/s/{second.slug}/conversations/{there.pk}/" in page
    assert f"快 {second.name}" in page


def test_who_sees_only_reports_in_another_shop_lists_nothing_of_it(shop: Shop, agent: SubAccount) -> None:
    second = make_shop()
    make_member(second, "operations", account=agent.account)
    make_member(second, "agent", name="a2")
    services.open_conversation(shop=second, buyer="那里的买家", entry="goods_detail")
    page = client_of(agent).get(f"/s/{shop.slug}/conversations/?tab=queue").content.decode()
    assert "那里的买家" not in page


def test_the_buyers_earlier_conversations_stand_beside_the_thread(shop: Shop, agent: SubAccount) -> None:
    first = opened(shop)
    services.post_message(shop=shop, conversation=first.external_id, sender=Sender.BUYER, text="上次问密封条")
    services.close_conversation(shop=shop, conversation=first.external_id, by="agent")
    now = opened(shop)
    page = client_of(agent).get(f"/s/{shop.slug}/conversations/{now.pk}/aside/").content.decode()
    assert "上次问密封条" in page
    assert f"/s/{shop.slug}/records/{first.pk}/" in page


def test_the_preview_is_the_buyers_question_not_the_robots_text(shop: Shop, agent: SubAccount) -> None:
    row = opened(shop)
    services.post_message(shop=shop, conversation=row.external_id, sender=Sender.BUYER, text="密封条什么时候补寄")
    Message.objects.bulk_create(
        Message(
            shop=shop,
            conversation=row,
            identity=f"auto-{number}",
            sender=sender,
            kind="text",
            automatic=automatic,
            text=text,
            sent_at=timezone.now() + timedelta(seconds=1),
            received_at=timezone.now(),
        )
        for number, (sender, automatic, text) in enumerate(
            [
                (Sender.ROBOT, "robot", "机器人说的"),
                (Sender.AUTO, "greeting", "问候语"),
                (Sender.BUYER, "ask_human", "转人工"),
            ]
        )
    )
    page = client_of(agent).get(f"/s/{shop.slug}/conversations/list/").content.decode()
    assert "密封条什么时候补寄" in page
    assert not any(text in page for text in ("机器人说的", "问候语", "转人工"))


def test_a_conversation_with_a_greeting_alone_shows_it(shop: Shop, agent: SubAccount) -> None:
    row = opened(shop)
    now = timezone.now()
    values = {"sender": Sender.AUTO, "kind": "text", "automatic": "greeting", "text": "您好，在的"}
    Message.objects.create(shop=shop, conversation=row, identity="auto", sent_at=now, received_at=now, **values)
    assert "您好，在的" in client_of(agent).get(f"/s/{shop.slug}/conversations/list/").content.decode()


@pytest.mark.parametrize("status", ["none", ""])
def test_an_order_card_is_not_contradicted_by_the_status(shop: Shop, agent: SubAccount, status: str) -> None:
    opening = {"shop": shop, "buyer": "栗子", "entry": "goods_detail"} | ({"order_status": status} if status else {})
    row = services.open_conversation(**opening).conversation
    client, thread = client_of(agent), f"/s/{shop.slug}/conversations/{row.pk}/"
    assert "已发订单" not in client.get(thread).content.decode()
    card = {"sender": Sender.BUYER, "kind": "order_card", "text": "261121-4083"}
    services.post_message(shop=shop, conversation=row.external_id, **card)
    for address in (thread, f"/s/{shop.slug}/records/{row.pk}/", f"/s/{shop.slug}/conversations/list/"):
        page = client.get(address).content.decode()
        assert "无订单" not in page, address
        assert "已发订单" in page, address


def test_a_known_status_stays_beside_an_order_card(shop: Shop, agent: SubAccount) -> None:
    row = services.open_conversation(shop=shop, buyer="栗子", entry="goods_detail", order_status="shipped").conversation
    card = {"sender": Sender.BUYER, "kind": "order_card", "text": "261121-4083"}
    services.post_message(shop=shop, conversation=row.external_id, **card)
    page = client_of(agent).get(f"/s/{shop.slug}/conversations/{row.pk}/").content.decode()
    assert "待收货" in page
    assert "已发订单" not in page
