"""Alerts: each robot's own format and way of saying no, e-mail, each thing once."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail

from agents.errors import Refused
from agents.models import Shop
from conversations.models import Conversation
from metrics.services import assess, warn_heading
from metrics.services.heading import LEAST
from outgoing.models import Delivery
from outgoing.robots import robot_call
from outgoing.services import send_test
from outgoing.services.alerting import watch_queue, watching_queues
from outgoing.signing import dingtalk_sign, feishu_sign
from outgoing.vocabulary import AlertEvent, OutletKind
from tests.metrics.builders import DAY, at
from tests.metrics.rows import ask
from tests.outgoing.builders import Clock, look, make_channel, make_webhook
from tests.outgoing.receiver import Receiver
from tests.routing.factories import make_waiting

pytestmark = [pytest.mark.django_db, pytest.mark.both]
NOW = datetime(2026, 11, 28, 4, 0, tzinfo=UTC)
FINE = {
    OutletKind.WECOM: '{"errcode":0,"errmsg":"ok"}',
    OutletKind.DINGTALK: '{"errcode":0,"errmsg":"ok"}',
    OutletKind.FEISHU: '{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}',
}


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_the_signs_are_those_of_the_platforms() -> None:
    """Made with the platforms' own published Python examples, for this time and secret."""
    assert dingtalk_sign("this is secret", 1577262236757) == "hmPWwU+7lVdm3ZZz0r9tSfx0L4Q26jWOZr9+Gs6EZQM="
    assert feishu_sign("demo", 1599360473) == "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="


def test_each_robot_gets_its_own_format() -> None:
    url = "https://robot.example/send?key=k"
    wecom = robot_call("wecom", url, "", "缺货", NOW)
    assert (wecom.url, wecom.body.decode()) == (url, '{"msgtype": "text", "text": {"content": "缺货"}}')
    dingtalk = robot_call("dingtalk", url, "SECx", "缺货", NOW)
    query = parse_qs(urlsplit(dingtalk.url).query)
    assert dingtalk.body == wecom.body
    assert query == {
        "key": ["k"],
        "timestamp": ["1795838400000"],
        "sign": [dingtalk_sign("SECx", 1795838400000)],
    }
    feishu = robot_call("feishu", url, "s", "缺货", NOW)
    assert feishu.url == url
    assert feishu.body.decode() == (
        f'{{"timestamp": "1795838400", "sign": "{feishu_sign("s", 1795838400)}", '
        '"msg_type": "text", "content": {"text": "缺货"}}'
    )
    assert "sign" not in robot_call("feishu", url, "", "缺货", NOW).body.decode()
    assert robot_call("dingtalk", url, "", "缺货", NOW).url == url


def test_a_text_that_is_too_long_is_cut_between_characters() -> None:
    body = robot_call("wecom", "https://robot.example/", "", "缺" * 1000, NOW).body.decode()
    text = body.split('"content": "')[1].split('"')[0]
    assert len(text.encode()) <= 2000
    assert text == "缺" * 665 + "…"


@pytest.mark.parametrize("kind", FINE)
def test_a_robot_that_answers_200_with_an_error_has_refused(shop: Shop, receiver: Receiver, kind: OutletKind) -> None:
    channel = make_channel(shop, kind, receiver.url)
    receiver.otherwise = (200, FINE[kind], {})
    assert send_test(outlet=channel).state == "delivered"
    wrong = FINE[kind].replace('"errcode":0', '"errcode":310000').replace('"code":0', '"code":19021')
    for text in (wrong, "", "<html>", "[]", '{"ok":true}'):
        receiver.otherwise = (200, text, {})
        row = send_test(outlet=channel)
        assert (row.state, row.log[0]["error"]) == ("failed", "robot"), text
        assert row.log[0]["answer"] == text
    assert "【分流】" in receiver.got[0].body.decode()


def test_the_address_of_another_platforms_robot_is_told_at_the_field(shop: Shop, monkeypatch) -> None:
    with pytest.raises(Refused) as refused:
        make_channel(shop, OutletKind.WECOM, "https://oapi.dingtalk.com/robot/send?access_token=x")
    assert refused.value.field == "address"
    assert "钉钉" in str(refused.value.message)


def test_an_e_mail_goes_to_all_addresses_with_the_first_line_as_subject(shop: Shop, settings) -> None:
    settings.EMAIL_URL = "smtp://mail.example"
    settings.PUBLIC_URL = "https://fenliu.example"
    channel = make_channel(shop, OutletKind.EMAIL, "boss@example.com, zhang@example.com\nboss@example.com")
    assert channel.address == "boss@example.com\nzhang@example.com"
    assert send_test(outlet=channel).state == "delivered"
    [message] = mail.outbox
    assert message.to == ["boss@example.com", "zhang@example.com"]
    assert message.subject == "【分流】店 xiaoman：测试"
    assert message.body == "看到这条，说明通知能收到。"


def test_without_a_mail_server_it_is_said(shop: Shop, settings) -> None:
    settings.EMAIL_URL = ""
    row = send_test(outlet=make_channel(shop, OutletKind.EMAIL, "boss@example.com"))
    assert row.log[0]["error"] == "no_mail"
    with pytest.raises(Refused) as refused:
        make_channel(shop, OutletKind.EMAIL, "boss@example.com\nboss.example.com")
    assert "boss.example.com" in str(refused.value.message)


def wait_since(row: Conversation, at: datetime) -> None:
    Conversation.objects.filter(pk=row.pk).update(waiting_since=at)


def test_buyers_who_wait_too_long_are_told_of_once_within_the_cool_down(
    shop: Shop, receiver: Receiver, clock: Clock
) -> None:
    receiver.otherwise = (200, FINE[OutletKind.WECOM], {})
    channel = make_channel(
        shop, OutletKind.WECOM, receiver.url, AlertEvent.QUEUE, queue_longer=2, waited_minutes=None, cool_down=20
    )
    for _ in range(2):
        make_waiting(shop)
    assert watching_queues() == [channel.pk]
    assert not watch_queue(channel.pk, clock.now)
    row = make_waiting(shop)
    wait_since(row, clock.now - timedelta(minutes=4))
    assert watch_queue(channel.pk, clock.now)
    assert not watch_queue(channel.pk, clock.now + timedelta(minutes=19))
    assert watch_queue(channel.pk, clock.now + timedelta(minutes=21))
    look(clock)
    text = receiver.got[0].json["text"]["content"]
    assert text.splitlines()[:2] == ["【分流】店 xiaoman：3 位买家在等人工", "等得最久的已等 4 分。"]


def test_one_who_waits_longer_than_so_many_minutes_is_enough(shop: Shop, receiver: Receiver, clock: Clock) -> None:
    channel = make_channel(
        shop, OutletKind.FEISHU, receiver.url, AlertEvent.QUEUE, queue_longer=None, waited_minutes=3, language="en"
    )
    row = make_waiting(shop)
    wait_since(row, clock.now - timedelta(minutes=2))
    assert not watch_queue(channel.pk, clock.now)
    wait_since(row, clock.now - timedelta(minutes=3, seconds=1))
    assert watch_queue(channel.pk, clock.now)
    assert "1 buyers wait for a person" in Delivery.objects.get().body


def test_who_does_not_want_to_know_of_queues_is_not_asked(shop: Shop, receiver: Receiver) -> None:
    make_channel(shop, OutletKind.WECOM, receiver.url, AlertEvent.PENALTY_OPENED, queue_longer=1)
    make_channel(shop, OutletKind.WECOM, receiver.url, AlertEvent.QUEUE)
    make_webhook(shop, receiver.url)
    assert watching_queues() == []


def test_a_webhook_that_takes_nothing_is_told_of_once_for_one_outage(
    shop: Shop, receiver: Receiver, clock: Clock
) -> None:
    receiver.otherwise = (500, "", {})
    webhook = make_webhook(shop, receiver.url, "message", "conversation.opened")
    channel = make_channel(shop, OutletKind.EMAIL, "boss@example.com")
    other = Shop.objects.create(slug="other", name="别家", platform="pinduoduo")
    make_channel(other, OutletKind.EMAIL, "else@example.com")
    for _ in range(3):
        make_waiting(shop)
    for _ in range(90):
        look(clock)
        clock.forward(hours=1)
        make_waiting(shop)
        Delivery.objects.filter(attempts=0).update(since=clock.now, next_at=clock.now)
    told = Delivery.objects.filter(outlet__kind="email")
    assert [row.event for row in told] == ["undelivered"] * 2
    assert {row.outlet_id for row in told} == {channel.pk}
    assert "24 小时" in told.order_by("pk")[0].body
    assert "已停用" in told.order_by("pk")[1].body
    webhook.refresh_from_db()
    assert not webhook.on


def test_a_day_that_is_heading_for_a_fail_is_told_of_once(shop: Shop, receiver: Receiver, clock: Clock) -> None:  # P7
    receiver.otherwise = (200, FINE[OutletKind.WECOM], {})
    make_channel(shop, OutletKind.WECOM, receiver.url, AlertEvent.HEADING)
    noon = at("15:30")
    ask(shop, DAY, answered=2, missed=LEAST)
    assess(shop=shop, date_from=DAY, date_to=DAY, now=noon)
    warn_heading(shop=shop, now=noon)
    warn_heading(shop=shop, now=noon)
    look(clock)
    texts = [call.json["text"]["content"] for call in receiver.got]
    assert len(texts) == 3
    assert texts[0].splitlines()[:3] == [
        "【分流】店 xiaoman：照现在的速度，今天5分钟回复率会不达标",
        "今天结束时约 16.7%（估算）。",
        "再连续 8 个按时回复就回到达标线。",
    ]
