"""The morning report: once a shop day and channel, in the shop's own morning, as a mail that is a page too."""

from datetime import timedelta

import pytest
from django.core import mail

from agents.models import Shop
from outgoing.models import Delivery
from outgoing.services.morning import tell_morning, wanting_mornings
from outgoing.services.posting import OUTLETS
from outgoing.services.sending import send_due
from outgoing.vocabulary import AlertEvent, OutletKind
from tests.metrics.builders import DAY, at
from tests.metrics.rows import make_agent, make_conversation, make_shop, say
from tests.outgoing.builders import make_channel
from tests.outgoing.receiver import Receiver

pytestmark = [pytest.mark.django_db, pytest.mark.both]
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def shop() -> Shop:
    """On DAY one buyer answered in time, two too late by a2 at 20 o'clock."""
    made = make_shop()
    for buyer, clock, answered, name in (
        ("甲", "10:00", "10:01", "a1"),
        ("乙", "20:00", "20:30", "a2"),
        ("丙", "20:05", "20:40", "a2"),
    ):
        who = made.sub_accounts.filter(name=name).first() or make_agent(made, name)
        talk = make_conversation(made, buyer)
        say(talk, "buyer", clock, dirty=True)
        say(talk, "agent", answered, who=who, dirty=True)
    return made


def mailbox(shop: Shop, **more: object) -> int:
    return make_channel(shop, OutletKind.EMAIL, "zhuguan@example.com", AlertEvent.MORNING, **more).pk


def test_the_report_says_what_failed_who_and_when(shop: Shop, settings) -> None:
    settings.EMAIL_URL, settings.PUBLIC_URL = "memory://", "https://fenliu.example"
    pk, now = mailbox(shop), at("08:30", NEXT)
    assert wanting_mornings(now) == [pk]
    assert tell_morning(pk, now)
    send_due(OUTLETS, pk, clock=lambda: now)
    [message] = mail.outbox
    assert message.subject == f"【分流】{shop.name}：03-02 早报：5分钟回复率未达标，33.3%"
    lines = message.body.splitlines()
    assert any(line.startswith("处罚中：移除资源位") for line in lines)
    assert "3 位买家来咨询，100.0% 得到回复，平均 22 分。" in lines
    assert "慢回复最多 20 点。" in lines
    assert "5分钟回复率：当日 33.3% (1/3)，统计窗口 33.3%，合格线 50%，不达标" in lines
    assert "a2：慢回复 2 次，平均响应 32:30" in lines
    link = f"https://fenliu.example/s/{shop.slug}/reports/?date_from={DAY}&date_to={DAY}&by=hour"
    assert lines[-1] == link
    [(page, kind)] = [tuple(part) for part in message.alternatives]
    assert kind == "text/html"
    assert link.replace("&", "&amp;") in page and "a2" in page


@pytest.mark.parametrize(("clock", "due"), [("08:29", False), ("08:30", True), ("11:59", True), ("12:00", False)])
def test_only_in_the_shops_morning(shop: Shop, clock: str, due: bool) -> None:
    mailbox(shop)
    assert bool(wanting_mornings(at(clock, NEXT))) is due


def test_once_a_day_however_often_it_is_looked(shop: Shop) -> None:
    pk = mailbox(shop)
    for clock in ("08:30", "08:31", "11:00"):
        now = at(clock, NEXT)
        for found in wanting_mornings(now):
            tell_morning(found, now)
    tell_morning(pk, at("08:30", NEXT))  # another process that had looked before
    assert Delivery.objects.filter(outlet=pk).count() == 1
    assert wanting_mornings(at("09:00", NEXT + timedelta(days=1))) == [pk]


def test_a_group_gets_the_text_in_its_language(shop: Shop, receiver: Receiver) -> None:
    pk = make_channel(shop, OutletKind.WECOM, receiver.url, AlertEvent.MORNING, language="en").pk
    tell_morning(pk, at("09:00", NEXT))
    row = Delivery.objects.get(outlet=pk)
    assert row.html == ""
    assert "morning report of 03-02: 5-minute reply rate failed, 33.3%" in row.body
    assert "a2: 2 slow replies, 32:30 on average" in row.body


def test_a_quiet_day_is_said_in_one_line(settings) -> None:
    shop = make_shop()
    pk = mailbox(shop)
    tell_morning(pk, at("08:45", NEXT))
    assert "没有买家来咨询" in Delivery.objects.get(outlet=pk).body


def test_who_does_not_want_it_is_not_told(shop: Shop) -> None:
    make_channel(shop, OutletKind.EMAIL, "a@example.com", AlertEvent.QUEUE)
    off = make_channel(shop, OutletKind.EMAIL, "b@example.com", AlertEvent.MORNING)
    off.on, off.off_because = False, "person"
    off.save()
    assert wanting_mornings(at("09:00", NEXT)) == []
