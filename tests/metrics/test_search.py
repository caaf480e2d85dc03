"""Search in conversations from the workbench: what is found, in which order, and how far back one page looks."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Shop, SubAccount
from conversations.models import Buyer, Conversation, Message
from conversations.states import Sender, State
from core.text_search import pattern_of
from metrics.selectors import search
from metrics.selectors.search import SearchPage, search_conversations
from routing import services
from tests.agents.factories import actor_of, make_member, make_shop
from tests.routing.page import client_of

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def talks(agent: SubAccount, texts: list[list[str]], name: str = "买家") -> list[Conversation]:
    """Closed conversations of the agent, an hour apart, each with these messages."""
    buyers = Buyer.objects.bulk_create(Buyer(shop=agent.shop, external_id=f"{name}{n}") for n in range(len(texts)))
    rows = Conversation.objects.bulk_create(
        Conversation(
            shop=agent.shop,
            external_id=f"{name}-{n}",
            buyer=buyer,
            state=State.CLOSED,
            holder=agent,
            opened_at=BEGIN + timedelta(hours=n),
        )
        for n, buyer in enumerate(buyers)
    )
    Message.objects.bulk_create(
        Message(
            shop=agent.shop,
            conversation=row,
            identity=f"{row.pk}-{n}",
            sender=Sender.BUYER,
            kind="text",
            text=text,
            sent_at=row.opened_at + timedelta(seconds=n),
            received_at=row.opened_at,
        )
        for row, said in zip(rows, texts, strict=True)
        for n, text in enumerate(said)
    )
    return rows


def shown(page: SearchPage) -> list[tuple[str, str, int]]:
    return [
        (hit.conversation.buyer.external_id, hit.message.text if hit.message else "", hit.count) for hit in page.hits
    ]


def test_ones_own_once_a_conversation_the_latest_first(shop: Shop, agent: SubAccount) -> None:
    mine, other = (
        services.open_conversation(shop=shop, buyer=buyer, entry="goods_detail").conversation
        for buyer in ("栗子", "半夏")
    )
    for row, text in ((mine, "密封条什么时候补寄"), (other, "要密封条吗 <b>急</b>"), (mine, "密封条收到了")):
        services.post_message(shop=shop, conversation=row.external_id, sender=Sender.BUYER, text=text)
    assert shown(search_conversations(actor_of(agent), "密封条")) == [
        ("栗子", "密封条收到了", 2),
        ("半夏", "要密封条吗 <b>急</b>", 1),
    ]
    page = client_of(agent).get(f"/s/{shop.slug}/conversations/search/?q=密封条").content.decode()
    assert "要<mark>密封条</mark>吗 &lt;b&gt;急&lt;/b&gt;" in page
    colleague = make_member(shop, "agent", name="a2")
    assert search_conversations(actor_of(colleague), "密封条").hits == []
    assert len(search_conversations(actor_of(make_member(shop, "main")), "密封条").hits) == 2


def test_one_talkative_conversation_hides_no_other(agent: SubAccount) -> None:
    talks(agent, [["退款"], ["退款"] * 160])
    assert shown(search_conversations(actor_of(agent), "退款")) == [("买家1", "退款", 160), ("买家0", "退款", 1)]


def test_forty_five_conversations_on_two_pages(shop: Shop, agent: SubAccount) -> None:
    talks(agent, [["想退款"]] * 45)
    client = client_of(agent)
    seen, address = [], f"/s/{shop.slug}/conversations/search/?q=退款"
    for size in (30, 15):
        page = client.get(address).content.decode()
        names = re.findall(r"买家\d+", page)
        assert len(names) == size
        seen += names
        more = re.search(r'hx-get="([^"]+)"', page)
        address = more[1].replace("&amp;", "&") if more else ""
    assert seen == [f"买家{n}" for n in range(44, -1, -1)]
    assert address == ""


def test_the_buyers_name_is_searched_too(shop: Shop, agent: SubAccount) -> None:
    talks(agent, [["你好"]], name="北京小李")
    assert shown(search_conversations(actor_of(agent), "小李")) == [("北京小李0", "", 0)]
    page = client_of(agent).get(f"/s/{shop.slug}/conversations/search/?q=小李").content.decode()
    assert "北京<mark>小李</mark>0" in page


@pytest.mark.parametrize(
    "words", ["sf12", "SF12", "ｓｆ１２", "Ｓf1２", "退", "a.b", "[x]", "100%", "\\d", "a-z^", "🙂", "Ａ Ｂ"]
)
def test_width_and_case_do_not_matter_and_signs_stand_for_themselves(agent: SubAccount, words: str) -> None:
    texts = [
        "单号ＳＦ12了",
        "要退吗",
        "aXb",
        "a．b",
        "x",
        "［X］",
        "100%",
        "1000",
        "7",
        "＼D",
        "a－z＾",
        "b",
        "好🙂",
        "a　b",
    ]
    talks(agent, [[text] for text in texts])
    expected = {
        **dict.fromkeys(("sf12", "SF12", "ｓｆ１２", "Ｓf1２"), "单号ＳＦ12了"),
        "退": "要退吗",
        "a.b": "a．b",
        "[x]": "［X］",
        "100%": "100%",
        "\\d": "＼D",
        "a-z^": "a－z＾",
        "🙂": "好🙂",
        "Ａ Ｂ": "a　b",
    }
    page = search_conversations(actor_of(agent), words)
    assert [hit.message.text for hit in page.hits if hit.message] == [expected[words]]
    assert re.search(pattern_of(words), expected[words])


def test_one_page_looks_through_a_bounded_piece_and_the_next_goes_on(
    shop: Shop, agent: SubAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SLICE", 4)
    monkeypatch.setattr(search, "MAX_SLICES", 2)
    talks(agent, [["旧密封条"], *([["别的"]] * 19)])
    before, pages = None, []
    while not pages or before:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = search_conversations(actor_of(agent), "密封条", before)
        assert len(queries) <= 8
        pages.append(shown(page))
        before = page.before
    assert pages == [[], [], [("买家0", "旧密封条", 1)]]
    first = client_of(agent).get(f"/s/{shop.slug}/conversations/search/?q=密封条").content.decode()
    assert "2026-11-20 之前" in first
    assert "hx-get" in first


def test_more_hits_in_a_slice_than_a_page_holds_are_not_lost(
    agent: SubAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "SLICE", 7)
    monkeypatch.setattr(search, "PAGE", 5)
    rows = talks(agent, [["退款" if n % 3 else "别的"] for n in range(30)])
    Conversation.objects.update(opened_at=BEGIN)  # All at once: the key decides.
    before, seen = None, []
    while not seen or before:
        page = search_conversations(actor_of(agent), "退款", before)
        assert len(page.hits) <= 5
        seen += [hit.conversation.pk for hit in page.hits]
        before = page.before
    assert sorted(seen) == [row.pk for n, row in enumerate(rows) if n % 3]


def test_another_shops_key_as_the_place_to_go_on_from_finds_nothing(agent: SubAccount) -> None:
    talks(agent, [["退款"]])
    foreign = talks(make_member(make_shop(), "agent", name="b1"), [["退款"]] * 2)[1]
    assert search_conversations(actor_of(agent), "退款", foreign.pk).hits == []
