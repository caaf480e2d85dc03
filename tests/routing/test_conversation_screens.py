"""The workbench and the acts in it: what each role sees, what is refused, images, the explanation, query counts."""

import json
from urllib.parse import unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from agents.models import Shop, SubAccount
from agents.vocabulary import Role
from conversations.models import Conversation, Message
from conversations.states import ClosedBy, Sender, State
from metrics.selectors.clocks import strictest
from routing import services
from routing.models import Decision
from tests.agents.factories import make_member, make_shop
from tests.routing.factories import make_image, make_waiting, png

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def client_of(member: SubAccount) -> Client:
    client = Client()
    client.force_login(member.account)
    return client


def online(shop: Shop, *roles: str, name: str = "") -> SubAccount:
    member = make_member(shop, *roles, name=name)
    services.set_presence(shop=shop, agent=member.name, status="online")
    return member


def held_by(member: SubAccount, buyer: str = "栗子爱吃糖", text: str = "还没发货吗？") -> Conversation:
    """A conversation that `member`, the only one online, received, with the buyer's words in it."""
    row = services.open_conversation(shop=member.shop, buyer=buyer, entry="order_detail").conversation
    services.post_message(shop=member.shop, conversation=row.external_id, sender=Sender.BUYER, text=text)
    assert row.holder_id == member.pk
    return row


def url(name: str, row: Conversation) -> str:
    return reverse(name, args=[row.shop.slug, row.pk])


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def words_of(answer: HttpResponse) -> str:
    return unquote(answer.headers["X-Message"])


def test_an_agent_sees_own_conversations_with_the_countdown_and_not_a_colleagues() -> None:
    shop = make_shop("pdd")
    mine = held_by(online(shop, name="小满-售前01"))
    colleague = online(shop)
    seen = page(client_of(mine.holder), reverse("conversations", args=["pdd"]))
    assert "栗子爱吃糖" in seen
    assert "还没发货吗？" in seen
    assert "栗子爱吃糖" not in page(client_of(colleague), reverse("conversations", args=["pdd"]))
    assert client_of(colleague).get(url("conversation", mine)).status_code == 404


def test_the_thread_shows_why_it_came_to_me_candidate_by_candidate() -> None:
    mine = held_by(online(make_shop("pdd"), name="小满-售前01"))
    seen = page(client_of(mine.holder), url("conversation_aside", mine))
    assert "为什么分给我" in seen
    assert "由这条决定" in seen
    assert "最近联系" in seen
    assert "分给了 TA" in seen


def test_an_answer_is_written_as_oneself_and_empties_the_box() -> None:
    mine = held_by(online(make_shop("pdd")))
    answer = client_of(mine.holder).post(url("conversation_post", mine), {"text": "今晚发出"}, headers=HTMX)
    assert answer.status_code == 200
    assert "conversationChanged" in answer.headers["HX-Trigger"]
    assert "今晚发出" not in answer.content.decode()
    said = Message.objects.get(conversation=mine, sender=Sender.AGENT)
    assert (said.text, said.author) == ("今晚发出", mine.holder)


def test_the_same_form_sent_twice_is_written_once() -> None:
    mine = held_by(online(make_shop("pdd")))
    client = client_of(mine.holder)
    for _again in range(2):
        client.post(url("conversation_post", mine), {"text": "好的", "message_id": "once"})
    assert Message.objects.filter(conversation=mine, sender=Sender.AGENT).count() == 1


def test_an_image_is_written_and_shown_as_an_image() -> None:
    mine = held_by(online(make_shop("pdd")))
    client = client_of(mine.holder)
    image = SimpleUploadedFile("a.png", png(), "image/png")
    assert client.post(url("conversation_post", mine), {"image": image, "text": "看这里"}).status_code == 200
    written = Message.objects.filter(conversation=mine, sender=Sender.AGENT).order_by("pk")
    assert [m.kind for m in written] == ["image", "text"]
    shown = client.get(reverse("api_image", args=["pdd", mine.pk, written[0].pk]))
    assert shown.headers["Content-Type"] == "image/png"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert reverse("api_image", args=["pdd", mine.pk, written[0].pk]) in page(client, url("conversation", mine))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.png", b"\x00\x00\x00\x18ftypmp42" + b"0" * 64, "不能发视频"),
        ("b.png", "不是图片".encode(), "不是完整的"),
        ("c.png", png()[:40], "不是完整的"),
    ],
)
def test_what_only_claims_to_be_an_image_is_refused_and_the_words_are_kept(
    name: str, content: bytes, words: str
) -> None:  # PDD11
    mine = held_by(online(make_shop("pdd")))
    given = {"image": SimpleUploadedFile(name, content, "image/png"), "text": "这段文字要留下"}
    answer = client_of(mine.holder).post(url("conversation_post", mine), given, headers=HTMX)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert "这段文字要留下" in answer.content.decode()
    assert not Message.objects.filter(conversation=mine, sender=Sender.AGENT).exists()


def test_an_image_that_is_too_large_is_refused(settings) -> None:
    settings.MAX_IMAGE_BYTES = 1024**2
    mine = held_by(online(make_shop("pdd")))
    given = {"image": SimpleUploadedFile("a.png", png() + b"0" * 1024**2, "image/png")}
    answer = client_of(mine.holder).post(url("conversation_post", mine), given)
    assert answer.status_code == 422
    assert "图片不能超过 1 MB" in answer.content.decode()


def test_a_long_thread_shows_its_latest_messages_the_record_all() -> None:
    mine = held_by(online(make_shop("pdd")), text="最早的一句")
    client = client_of(mine.holder)
    for number in range(200):
        services.post_message(shop=mine.shop, conversation=mine.external_id, sender=Sender.BUYER, text=f"第{number}句")
    seen = page(client, url("conversation", mine))
    assert "最早的一句" not in seen
    assert "第199句" in seen
    assert "最早的一句" in page(client, url("record", mine))


def test_an_empty_answer_is_refused() -> None:
    mine = held_by(online(make_shop("pdd")))
    answer = client_of(mine.holder).post(url("conversation_post", mine), {"text": "  "})
    assert answer.status_code == 422
    assert "请先输入内容" in answer.content.decode()


def test_who_does_not_hold_it_writes_nothing_a_leader_no_less() -> None:
    shop = make_shop("pdd")
    mine = held_by(online(shop))
    main, waiting = make_member(shop, Role.MAIN), make_waiting(make_shop("other"))
    assert client_of(main).post(url("conversation_post", mine), {"text": "我来"}).status_code == 403
    assert client_of(mine.holder).post(url("conversation_post", waiting), {"text": "我来"}).status_code == 404
    assert not Message.objects.filter(sender=Sender.AGENT).exists()


def test_an_agent_closes_own_ones_a_leader_any() -> None:
    shop = make_shop("pdd")
    first, colleague = held_by(online(shop)), make_member(shop)
    assert client_of(colleague).post(url("conversation_close", first)).status_code == 404
    assert client_of(first.holder).post(url("conversation_close", first)).status_code == 204
    second = held_by(first.holder, "半夏微凉")
    assert client_of(make_member(shop, Role.CS_MANAGER)).post(url("conversation_close", second)).status_code == 204
    assert set(Conversation.objects.values_list("state", flat=True)) == {State.CLOSED}
    again = client_of(first.holder).post(url("conversation_close", first))
    assert again.status_code == 409
    assert "已经关闭" in words_of(again)


def test_a_transfer_lists_only_who_is_online_and_says_who_is_full() -> None:
    shop = make_shop("pdd")
    mine = held_by(online(shop, name="小满-售前01"))
    other = held_by(mine.holder, "半夏微凉")
    full = online(shop, name="小满-售前02")
    services.change_sub_account(shop=shop, agent=full.name, max_concurrent=1)
    services.transfer_conversation(shop=shop, conversation=other.external_id, by=mine.holder.name, to=full.name)
    make_member(shop, name="小满-售前03")
    seen = page(client_of(mine.holder), url("conversation_transfer", mine))
    assert 'value="小满-售前02"' in seen
    assert "1/1 已满，也能转" in seen
    assert "小满-售前03" not in seen, "not online"
    assert 'value="小满-售前01"' not in seen, "holds it already"


def test_a_transfer_keeps_its_reason_and_the_giver_is_sent_back_to_the_list() -> None:
    shop = make_shop("pdd")
    mine, target = held_by(online(shop)), online(shop, name="小满-物流01")
    given = {"to": target.name, "reason": "物流问题"}
    answer = client_of(mine.holder).post(url("conversation_transfer", mine), given, headers=HTMX)
    assert answer.headers["HX-Redirect"] == reverse("conversations", args=["pdd"])
    decision = Decision.objects.filter(conversation=mine).latest("number")
    assert (decision.agent, decision.reason, decision.by) == (target, "物流问题", mine.holder)
    assert "物流问题" in page(client_of(target), url("conversation", mine))


@pytest.mark.parametrize(("to", "words"), [("", "请选择转给谁"), ("gone", "没有这个子账号"), ("小满-离线", "不在线")])
def test_a_transfer_that_cannot_be_says_so_and_changes_nothing(to: str, words: str) -> None:
    shop = make_shop("pdd")
    mine = held_by(online(shop))
    online(shop)
    make_member(shop, name="小满-离线")
    answer = client_of(mine.holder).post(url("conversation_transfer", mine), {"to": to, "reason": "累了"}, headers=HTMX)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert 'value="累了"' in answer.content.decode()
    assert Decision.objects.get(conversation=mine).agent == mine.holder


def test_a_waiting_conversation_is_taken_with_one_button_while_online() -> None:  # G8
    shop = make_shop("pdd")
    waiting = make_waiting(shop)
    agent = make_member(shop)
    services.set_presence(shop=shop, agent=agent.name, status="break")
    client = client_of(agent)
    assert "接过来" in page(client, reverse("conversations", args=["pdd"]) + "?tab=queue")
    refused = client.post(url("conversation_take", waiting), headers=HTMX)
    assert refused.status_code == 409
    assert "不在线" in words_of(refused)
    main = online(shop, Role.MAIN)
    taken = client_of(main).post(url("conversation_take", waiting), headers=HTMX)
    assert taken.headers["HX-Redirect"] == url("conversation", waiting)
    waiting.refresh_from_db()
    assert waiting.holder == main


def test_the_parts_that_poll_answer_204_until_something_happens() -> None:
    mine = held_by(online(make_shop("pdd")))
    client = client_of(mine.holder)
    first = client.get(url("conversation", mine))
    asked = {"seen": first.context["seen"], "writable": "1", "decisions": "1"}
    assert client.get(url("conversation_thread", mine), asked).status_code == 204
    assert client.get(reverse("conversations_list", args=["pdd"]), asked).status_code == 204
    services.post_message(shop=mine.shop, conversation=mine.external_id, sender=Sender.BUYER, text="在吗")
    thread = client.get(url("conversation_thread", mine), asked)
    assert "在吗" in thread.content.decode()
    assert 'id="answer"' not in thread.content.decode(), "the box that somebody types in stays"
    services.close_conversation(shop=mine.shop, conversation=mine.external_id, by=ClosedBy.AGENT)
    assert 'id="answer"' in client.get(url("conversation_thread", mine), asked).content.decode()


def test_a_thread_that_somebody_else_holds_now_sends_its_reader_to_the_list() -> None:
    shop = make_shop("pdd")
    mine, target = held_by(online(shop)), online(shop)
    old = mine.holder
    services.transfer_conversation(shop=shop, conversation=mine.external_id, by=target.name, to=target.name)
    answer = client_of(old).get(url("conversation_thread", mine), headers=HTMX)
    assert answer.headers["HX-Redirect"] == reverse("conversations", args=["pdd"])
    assert client_of(old).get(url("conversation_thread", mine)).status_code == 404


def test_automatic_answers_say_that_they_do_not_count_and_others_what_they_took() -> None:
    mine = held_by(online(make_shop("pdd")))
    for sender in (Sender.AUTO, Sender.AGENT):
        services.post_message(shop=mine.shop, conversation=mine.external_id, sender=sender, text="您好")
    seen = page(client_of(mine.holder), url("conversation", mine))
    assert "不计回复率" in seen
    assert "用时" in seen


def test_a_record_explains_every_decision_and_only_leaders_act_there() -> None:
    shop = make_shop("pdd")
    mine = held_by(online(shop, name="小满-售前01"))
    target = online(shop, name="小满-售前02")
    services.transfer_conversation(
        shop=shop, conversation=mine.external_id, by=mine.holder.name, to=target.name, reason="要下班了"
    )
    make_image(shop)
    seen = page(client_of(make_member(shop, Role.MAIN)), url("record", mine))
    for words in ("任一空闲", "分给小满-售前01", "小满-售前01 转给小满-售前02", "要下班了", "规则 G8", "还没发货吗？"):
        assert words in seen
    assert url("conversation_transfer", mine) in seen
    assert url("conversation_transfer", mine) not in page(client_of(target), url("record", mine))


def test_the_records_are_filtered_and_an_agent_sees_own_ones() -> None:
    shop = make_shop("pdd")
    first = held_by(online(shop, name="小满-售前01"), "甲")
    services.set_presence(shop=shop, agent=first.holder.name, status="break")
    second = held_by(online(shop, name="小满-售前02"), "乙")
    main, address = client_of(make_member(shop, Role.MAIN)), reverse("records", args=["pdd"])

    def found(client: Client, **asked: str) -> set[str]:
        rows = client.get(address, asked).context["rows"]
        return {row["conversation"].buyer.external_id for row in rows}

    assert found(main) == {"甲", "乙"}
    assert found(main, agent="小满-售前01") == {"甲"}
    assert found(main, buyer="乙") == {"乙"}
    assert found(main, state="closed") == set()
    assert found(main, date_to="2020-01-01") == set()
    assert found(client_of(second.holder)) == {"乙"}
    wrong = main.get(address, {"date_from": "gestern", "state": "flying"})
    assert wrong.status_code == 200
    assert set(wrong.context["form"].errors) == {"date_from", "state"}


def test_list_and_records_ask_no_more_for_200_conversations_than_for_two() -> None:
    shop = make_shop("pdd")
    me = online(shop)
    client, main = client_of(me), client_of(make_member(shop, Role.MAIN))
    addresses = [(client, "conversations"), (main, "records")]
    for number in range(2):
        held_by(me, f"买家{number}")
    few = [_queries(who, reverse(name, args=["pdd"])) for who, name in addresses]
    for number in range(2, 200):
        services.open_conversation(shop=shop, buyer=f"买家{number}", entry="goods_detail")
    many = [_queries(who, reverse(name, args=["pdd"])) for who, name in addresses]
    assert many == few
    assert "共 200 个会话" in page(main, reverse("records", args=["pdd"]))


def _queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        client.get(address)
    return len(asked)


def test_a_message_at_the_edge_is_json_that_a_browser_can_read() -> None:
    mine = held_by(online(make_shop("pdd")))
    closed = client_of(mine.holder).post(url("conversation_close", mine), headers=HTMX)
    assert json.loads(closed.headers["HX-Trigger"])["toast"] == {"text": "会话已关闭。", "tone": "success"}


@pytest.mark.parametrize(
    ("platform", "metric", "seconds"),
    [
        ("pinduoduo", "reply_5m", 300),
        ("kuaishou", "human_3m", 180),
        ("douyin", "human_3m", 180),
        ("taobao", "human_3m", 180),
    ],
)
def test_the_workbench_counts_down_by_the_platforms_strictest_metric(platform: str, metric: str, seconds: int) -> None:
    shop = make_shop("shop", platform)
    found = strictest(shop, timezone.now())
    assert (found.key, found.threshold_seconds) == (metric, seconds)


def test_a_leader_reads_any_conversation_and_answers_in_none_but_own() -> None:
    shop = make_shop("pdd")
    mine = held_by(online(shop, name="小满-售前01"))
    leader = client_of(make_member(shop, Role.MAIN))
    assert "为什么分给 小满-售前01" in page(leader, url("conversation_aside", mine))
    seen = page(leader, url("conversation", mine))
    assert 'id="answer-text"' not in seen
    assert "会话由 小满-售前01 接待" in seen
