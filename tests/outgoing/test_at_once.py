"""Several processes at the same outlets: each event noted and sent once; who hangs stops nobody else."""

import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from agents.models import Shop
from metrics.services import announce_penalties
from outgoing.models import Delivery, Outlet
from outgoing.services import stop_sending, sweep
from outgoing.services.following import follow
from outgoing.services.posting import OUTLETS
from outgoing.services.sending import send_due
from outgoing.services.sweeping import crew, drop_old_deliveries
from outgoing.vocabulary import OutletKind, WebhookEvent
from routing.models import ShopEvent
from tests.agents.factories import make_shop
from tests.asgi import wait_until
from tests.metrics.rows import make_penalty
from tests.metrics.test_at_once import at_once
from tests.outgoing.builders import make_channel, make_outlet, make_webhook
from tests.outgoing.receiver import Receiver, receiving
from tests.routing.factories import make_waiting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]


@pytest.fixture
def shop(transactional_db: None) -> Shop:
    return make_shop("xiaoman")


def test_two_that_follow_and_send_at_once_send_each_once_and_in_order(shop: Shop, receiver: Receiver) -> None:
    outlet = make_webhook(shop, receiver.url, WebhookEvent.OPENED)
    rows = [make_waiting(shop) for _ in range(12)]

    def work() -> None:
        deadline = time.monotonic() + 30
        while Delivery.objects.filter(state="delivered").count() < len(rows) and time.monotonic() < deadline:
            follow(outlet.pk)
            send_due(OUTLETS, outlet.pk, clock=timezone.now)
            time.sleep(0.01)

    at_once(work, work, work)
    assert [one.json["conversation"]["id"] for one in receiver.got] == [row.pk for row in rows]
    assert Delivery.objects.count() == len(rows)


def test_a_receiver_that_hangs_does_not_hold_up_another_shops(shop: Shop, receiver: Receiver, monkeypatch) -> None:
    monkeypatch.setattr("outgoing.http.TOTAL", 6.0)
    other = make_shop("other")
    with receiving() as hanging:
        hanging.delay = 8
        make_webhook(shop, hanging.url, WebhookEvent.OPENED)
        make_webhook(other, receiver.url, WebhookEvent.OPENED)
        hung = Delivery.objects.filter(outlet__shop=shop, state="failed")
        for number in (1, 2):
            make_waiting(other)
            if number == 1:
                make_waiting(shop)
            # As the job does, again and again: what was sent a moment ago may not be noted as sent yet.
            wait_until(lambda: sweep() >= 0 and len(receiver.got) == number)  # noqa: B023 (waited for here)
        assert not hung.exists(), "both arrived while the other still hung"
        wait_until(hung.exists)
    assert Delivery.objects.get(outlet__shop=shop).log[0]["error"] == "timed_out"


def test_a_shop_with_many_that_hang_leaves_threads_to_the_others(shop: Shop, receiver: Receiver, monkeypatch) -> None:
    monkeypatch.setattr("outgoing.http.TOTAL", 3.0)
    with receiving() as hanging:
        hanging.delay = 4
        for number in range(6):
            make_webhook(shop, hanging.url, WebhookEvent.OPENED, name=f"挂起{number}")
        make_waiting(shop)
        assert sweep() == 2
        other = make_shop("other")
        make_webhook(other, receiver.url, WebhookEvent.OPENED)
        make_waiting(other)
        assert sweep() == 1
        wait_until(lambda: receiver.got)
        wait_until(lambda: not crew()._at)


def test_nothing_is_sent_within_a_transaction(shop: Shop, receiver: Receiver, monkeypatch) -> None:
    make_webhook(shop, receiver.url, WebhookEvent.OPENED)
    make_waiting(shop)
    seen: list[tuple[bool, bool]] = []
    send = OUTLETS.send

    def watched(*arguments: object) -> object:
        seen.append((connection.in_atomic_block, connection.connection is None))
        return send(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr("outgoing.services.sweeping.OUTLETS", type(OUTLETS)(**{**vars(OUTLETS), "send": watched}))
    assert sweep(patience=10) == 1
    assert seen == [(False, True)], "neither a transaction nor a connection is held"


def test_penalties_announced_by_several_at_once_are_told_once(shop: Shop, monkeypatch) -> None:
    monkeypatch.setattr("metrics.services.windows.announce_penalties", lambda **_shop: None)
    make_penalty(shop)
    at_once(*[lambda: announce_penalties(shop=shop)] * 3)
    changes = Counter(row.data["change"] for row in ShopEvent.objects.filter(shop=shop, kind="penalty"))
    assert changes == {"opened": 1}


def test_a_queue_alert_by_several_at_once_goes_out_once(shop: Shop, receiver: Receiver) -> None:
    make_channel(shop, OutletKind.WECOM, receiver.url, "queue", queue_longer=1)
    make_waiting(shop)
    make_waiting(shop)
    at_once(sweep, sweep, sweep)
    wait_until(lambda: receiver.got)
    assert Delivery.objects.filter(event="queue").count() == 1


def test_old_deliveries_are_dropped_after_thirty_days(shop: Shop) -> None:
    outlet, now = make_outlet(shop), timezone.now()
    for days in (0, 29, 31, 400):
        Delivery.objects.create(
            shop=shop, outlet=outlet, key=str(days), event="message", body="{}", created_at=now - timedelta(days=days)
        )
    assert drop_old_deliveries(now=now) == 2
    assert sorted(Delivery.objects.values_list("key", flat=True)) == ["0", "29"]
    assert Outlet.objects.count() == 1


def test_a_process_that_ends_begins_no_further_delivery(shop: Shop, receiver: Receiver) -> None:
    make_webhook(shop, receiver.url, WebhookEvent.OPENED)
    for _ in range(5):
        make_waiting(shop)
    receiver.delay = 0.5
    sweep()
    wait_until(lambda: receiver.got)
    stop_sending()
    wait_until(lambda: Outlet.objects.get().leased_until is None)
    assert len(receiver.got) < 5
    receiver.delay = 0
    sweep(patience=10)
    assert [one.json["seq"] for one in receiver.got] == [1, 2, 3, 4, 5]
