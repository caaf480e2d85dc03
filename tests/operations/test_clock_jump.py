"""The clock jumps a year ahead: nothing is accepted meanwhile, and what got through can be repaired."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from agents.models import Shop
from config.clock_repair import repair_clock
from conversations.models import Conversation, Message
from conversations.states import Sender
from core import clock
from core.clock import ClockGuard, ClockJumped
from metrics.models import DirtyDay
from routing.models import Decision, Lane, ShopEvent
from routing.services import open_conversation, post_message, set_presence
from tests.agents.factories import make_key, make_member, make_shop

NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
YEAR = timedelta(days=365)


class Running:
    """Seconds since the machine started."""

    seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def running() -> Running:
    return Running()


def own_clock() -> datetime | None:
    return None


def test_a_clock_that_goes_evenly_is_believed_and_one_that_jumps_is_not(running: Running) -> None:
    guard = ClockGuard(running)
    for seconds in range(0, 100, 7):
        running.seconds = 1000.0 + seconds
        guard.check(NOON + timedelta(seconds=seconds), own_clock)
    with pytest.raises(ClockJumped):
        guard.check(NOON + YEAR, own_clock)
    with pytest.raises(ClockJumped):
        guard.check(NOON - timedelta(hours=2), own_clock)
    guard.check(NOON + timedelta(seconds=100), own_clock)


def test_a_database_with_another_time_refuses_from_the_first_event_on(running: Running) -> None:
    with pytest.raises(ClockJumped) as refused:
        ClockGuard(running).check(NOON + YEAR, lambda: NOON)
    assert refused.value.seconds == YEAR.total_seconds()
    ClockGuard(running).check(NOON + timedelta(seconds=20), lambda: NOON)


def test_a_machine_that_was_suspended_is_believed_once_the_database_agrees(running: Running) -> None:
    guard = ClockGuard(running)
    guard.check(NOON, lambda: NOON)
    later = NOON + timedelta(minutes=40)
    guard.check(later, lambda: later)
    with pytest.raises(ClockJumped):
        guard.check(later + YEAR, lambda: later + YEAR)


def test_the_database_is_asked_every_ten_seconds(running: Running) -> None:
    guard, asked = ClockGuard(running), []
    for seconds in range(60):
        running.seconds = 1000.0 + seconds
        guard.check(NOON + timedelta(seconds=seconds), lambda: asked.append(1))  # type: ignore[arg-type,func-returns-value]
    assert len(asked) == 6


@pytest.fixture
def shop(db: None) -> Shop:
    shop = make_shop()
    set_presence(shop=shop, agent=make_member(shop, "agent").name, status="online", now=NOON)
    return shop


@pytest.mark.clock
@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_while_the_clock_is_a_year_ahead_nothing_is_accepted_and_nothing_keeps_its_time(
    shop: Shop, client: Client, monkeypatch
) -> None:
    monkeypatch.setattr(clock.guard, "_offset", None)
    monkeypatch.setattr(clock.guard, "_compared_at", None)
    key = {"Authorization": f"Token {make_key(shop)[1]}"}
    url = f"/api/v1/shops/{shop.slug}/conversations/"

    def opens(name: str) -> int:
        body = {"buyer": name, "entry": "goods_detail"}
        return client.post(url, body, content_type="application/json", headers=key).status_code

    assert opens("b1") == 201
    right = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: right() + YEAR)
    assert opens("b2") == 503
    assert client.get("/healthz").json() == {"status": "clock"}
    monkeypatch.setattr(timezone, "now", right)
    assert opens("b3") == 201
    assert client.get("/healthz").json() == {"status": "ok"}
    assert not ShopEvent.objects.filter(at__gt=right() + timedelta(minutes=1)).exists()
    assert set(Conversation.objects.values_list("buyer__external_id", flat=True)) == {"b1", "b3"}


@pytest.mark.both
@pytest.mark.django_db(transaction=True)
def test_what_was_written_a_year_ahead_is_repaired_in_its_order(shop: Shop, capsys) -> None:
    open_conversation(shop=shop, buyer="b1", external_id="c1", entry="goods_detail", now=NOON)
    jumped = timezone.now() + YEAR
    open_conversation(shop=shop, buyer="b2", external_id="c2", entry="goods_detail", now=jumped)
    for number in range(3):
        post_message(shop=shop, conversation="c2", sender=Sender.BUYER, text=f"{number}")
        post_message(shop=shop, conversation="c2", sender=Sender.ROBOT, text=f"re {number}")
    assert Lane.objects.get(pk=shop.pk).last_at == jumped
    call_command("repair_clock", "--shop", shop.slug, "--dry-run")
    assert "would be changed" in capsys.readouterr().out
    assert Lane.objects.get(pk=shop.pk).last_at == jumped
    now = timezone.now()
    repaired = repair_clock(shop=shop, now=now)
    assert repaired.since == NOON and repaired.rows["conversations.Message"] == 6
    sent = list(Message.objects.filter(shop=shop).order_by("seq", "pk").values_list("sent_at", flat=True))
    assert sent == sorted(set(sent)) and sent[0] > NOON and sent[-1] <= now
    events = list(ShopEvent.objects.filter(shop=shop).order_by("seq").values_list("at", flat=True))
    assert events == sorted(events) and events[-1] <= now
    row = Conversation.objects.get(external_id="c2")
    assert NOON < row.opened_at <= row.last_message_at <= now
    assert not Decision.objects.filter(at__gt=now).exists()
    assert DirtyDay.objects.filter(shop=shop, date=now.astimezone(shop.zone).date()).exists()
    assert repair_clock(shop=shop, now=now).total == 0, "a second time there is nothing left"
    post_message(shop=shop, conversation="c2", sender=Sender.BUYER, text="and on")
    assert Message.objects.latest("seq").sent_at >= now
