"""Penalty windows among the shop's events: each change once, whatever is assessed again (P5, P6)."""

from datetime import timedelta

import pytest

from agents.models import Shop
from metrics.models import Alert, PenaltyWindow
from metrics.services import announce_penalties, assess, enter_black_room, mark_window
from outgoing.models import Delivery
from outgoing.vocabulary import OutletKind
from routing.models import ShopEvent
from routing.stream.log import news
from routing.stream.readers import member_views
from tests.agents.factories import make_member
from tests.metrics.builders import DAY, at
from tests.metrics.rows import ask, make_conversation, rates, say
from tests.outgoing.builders import Clock, look, make_channel, make_webhook
from tests.outgoing.receiver import Receiver

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]
NOON = at("12:00", DAY + timedelta(days=1))


def run(shop: Shop, days: int = 1) -> None:
    """Assess DAY and what follows, as of noon so many days later."""
    last = DAY + timedelta(days=days)
    assess(shop=shop, date_from=DAY, date_to=last, now=at("12:00", last))


def told(shop: Shop, kind: str = "ad_removal") -> list[str]:
    rows = ShopEvent.objects.filter(shop=shop, kind="penalty").order_by("seq")
    wanted = set(PenaltyWindow.objects.filter(shop=shop, kind=kind).values_list("pk", flat=True))
    return [row.data["change"] for row in rows if row.data["penalty"] in wanted]


def test_opened_prolonged_and_ended_are_told_once_each(shop: Shop) -> None:
    ask(shop, DAY, missed=3)
    run(shop)
    run(shop)
    assert told(shop) == ["opened"]
    ask(shop, DAY + timedelta(days=1), missed=3)
    run(shop, days=2)
    run(shop, days=2)
    assert told(shop) == ["opened", "prolonged"]
    run(shop, days=9)
    run(shop, days=9)
    assert told(shop) == ["opened", "prolonged", "ended"]
    assert not Alert.objects.filter(announced_at=None).exists()


def test_withdrawn_by_late_messages_is_told_once(shop: Shop) -> None:
    ask(shop, DAY, missed=2)
    run(shop)
    for number in range(4):
        talk = make_conversation(shop, f"late-{number}")
        say(talk, "buyer", "11:00", DAY, dirty=True)
        say(talk, "agent", "11:01", DAY)
    run(shop)
    run(shop)
    assert told(shop) == ["opened", "withdrawn"]


def test_what_was_over_before_it_was_found_is_no_news(shop: Shop) -> None:
    """History that is imported brings windows of long ago with it."""
    ask(shop, DAY, missed=3)
    run(shop, days=30)
    assert rates(shop).passes is False
    assert told(shop) == []
    assert not Alert.objects.filter(announced_at=None).exists()


def test_what_a_killed_process_left_untold_is_told_by_the_next_sweep(shop: Shop, monkeypatch) -> None:
    monkeypatch.setattr("metrics.services.windows.announce_penalties", lambda **_shop: None)
    ask(shop, DAY, missed=3)
    run(shop)
    assert told(shop) == []
    assert announce_penalties(shop=shop) == 4
    assert announce_penalties(shop=shop) == 0
    assert told(shop) == ["opened"]


def test_webhook_alert_and_the_leaders_stream_hear_of_it(shop: Shop, receiver: Receiver) -> None:
    make_webhook(shop, receiver.url, "penalty.opened")
    make_channel(shop, OutletKind.EMAIL, "boss@example.com", "penalty.opened", "penalty.ended")
    manager, agent = make_member(shop, "cs_manager"), make_member(shop)
    window = enter_black_room(shop=shop, day=DAY, by=None, now=NOON)
    look(Clock())
    [got] = receiver.got
    assert got.json["event"] == "penalty.opened"
    assert (got.json["penalty"]["id"], got.json["penalty"]["kind"]) == (window.pk, "black_room")
    [mail] = Delivery.objects.filter(outlet__kind="email")
    assert mail.body.splitlines()[0] == "【分流】店 xiaoman：预计处罚：小黑屋"
    assert "截至：" in mail.body

    [event] = [one for one in news(shop, 0) if one.kind == "penalty"]
    views = member_views({manager.account_id, agent.account_id})
    assert views[manager.account_id][shop.pk].see(event)["penalty"] == window.pk
    assert views[agent.account_id][shop.pk].see(event) is None

    mark_window(shop=shop, window=window.pk, mark="dismissed", reason="误判", by=None, now=NOON + timedelta(hours=1))
    look(Clock())
    assert [row.event for row in Delivery.objects.filter(outlet__kind="email").order_by("pk")] == [
        "penalty.opened",
        "penalty.ended",
    ]
