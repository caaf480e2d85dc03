"""What a webhook receives: which events, in order, signed; what happens when it does not take them."""

import hmac
from datetime import timedelta
from hashlib import sha256
from itertools import pairwise

import pytest

from agents.models import Shop
from agents.vocabulary import Status
from conversations.states import ClosedBy, Sender
from outgoing.models import Delivery, Outlet
from outgoing.services import change_outlet, repeat_delivery, send_test
from outgoing.services.following import follow
from outgoing.services.posting import OUTLETS
from outgoing.services.sending import PAUSES, send_due
from outgoing.vocabulary import WebhookEvent
from routing import services
from tests.agents.factories import make_member
from tests.outgoing.builders import Clock, look, make_webhook
from tests.outgoing.receiver import Receiver
from tests.routing.factories import make_waiting

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture
def clock() -> Clock:
    return Clock()


def rows() -> list[tuple[str, str, int]]:
    return [(row.event, row.state, row.attempts) for row in Delivery.objects.order_by("pk")]


def test_a_conversation_from_beginning_to_end(shop: Shop, receiver: Receiver, clock: Clock) -> None:
    make_webhook(shop, receiver.url)
    row = make_waiting(shop, "b1")
    agent = make_member(shop, name="a1")
    services.set_presence(shop=shop, agent="a1", status=Status.ONLINE)
    services.post_message(shop=shop, conversation=row.external_id, sender=Sender.AGENT, author=agent, text="您好，在的")
    services.close_conversation(shop=shop, conversation=row.external_id, by=ClosedBy.AGENT)
    look(clock)

    assert receiver.events == [
        "conversation.opened",
        "conversation.queued",
        "conversation.assigned",
        "message",
        "conversation.closed",
    ]
    told = [one.json for one in receiver.got]
    assert {one["shop"] for one in told} == {"xiaoman"}
    assert [one["seq"] for one in told] == sorted(one["seq"] for one in told)
    assert told[2]["decision"]["agent"] == "a1" and told[2]["decision"]["outcome"] == "assigned"
    assert told[3]["message"]["text"] == "您好，在的" and told[3]["message"]["agent"] == "a1"
    assert {one["conversation"]["buyer"] for one in told} == {"b1"}
    assert told[4]["conversation"]["state"] == "closed"


def test_the_signature_holds_for_time_and_body_and_for_nothing_else(
    shop: Shop, receiver: Receiver, clock: Clock
) -> None:
    outlet = make_webhook(shop, receiver.url)
    make_waiting(shop)
    look(clock)
    got = receiver.got[0]
    assert got.headers["Fenliu-Time"] == str(int(clock.now.timestamp()))
    assert got.headers["Fenliu-Delivery"] == str(Delivery.objects.order_by("pk")[0].pk)
    signed = got.headers["Fenliu-Time"].encode() + b"." + got.body
    expected = "v1=" + hmac.new(outlet.secret.encode(), signed, sha256).hexdigest()
    assert got.headers["Fenliu-Signature"] == expected
    assert expected != "v1=" + hmac.new(outlet.secret.encode(), signed + b" ", sha256).hexdigest()


def test_only_what_is_subscribed_to_from_when_it_was_made(shop: Shop, receiver: Receiver, clock: Clock) -> None:
    make_waiting(shop)
    make_webhook(shop, receiver.url, WebhookEvent.CLOSED)
    row = make_waiting(shop)
    services.close_conversation(shop=shop, conversation=row.external_id, by=ClosedBy.BUYER)
    look(clock)
    assert receiver.events == ["conversation.closed"]
    assert receiver.got[0].json["conversation"]["external_id"] == row.external_id


def test_another_shop_is_not_told(shop: Shop, receiver: Receiver, clock: Clock) -> None:
    make_webhook(shop, receiver.url)
    other = Shop.objects.create(slug="other", name="别家", platform="pinduoduo")
    make_waiting(other)
    assert look(clock) == 0
    assert receiver.got == []


def test_what_fails_is_tried_again_with_growing_pauses_and_given_up_after_a_day(
    shop: Shop, receiver: Receiver, clock: Clock, monkeypatch
) -> None:
    monkeypatch.setattr("outgoing.services.sending.JITTER", 0)
    receiver.otherwise = (500, "kaputt", {})
    make_webhook(shop, receiver.url, WebhookEvent.OPENED)
    make_waiting(shop)
    began, times = clock.now, []
    while not Delivery.objects.filter(state="given_up").exists():
        if look(clock):
            times.append(clock.now - began)
        clock.forward(seconds=1 if len(times) < 3 else 60)
        assert clock.now - began < timedelta(hours=26)
    gaps = [int((after - before).total_seconds()) for before, after in pairwise(times)]
    for gap, pause in zip(gaps, (*PAUSES, *[PAUSES[-1]] * 30), strict=False):
        assert pause.total_seconds() <= gap < pause.total_seconds() + 61
    assert timedelta(hours=24) <= times[-1] < timedelta(hours=25, minutes=2)
    [row] = Delivery.objects.all()
    assert row.attempts == len(times) == 30
    assert row.log[-1] | {"at": "", "ms": 0} == {
        "at": "", "status": 500, "error": "status", "answer": "kaputt", "ms": 0
    }  # fmt: skip


def test_who_is_down_is_called_once_a_pause_however_much_waits(shop: Shop, receiver: Receiver, clock: Clock) -> None:
    receiver.otherwise = (503, "", {})
    make_webhook(shop, receiver.url, WebhookEvent.OPENED)
    for _ in range(10):
        make_waiting(shop)
    look(clock)
    look(clock)
    assert len(receiver.got) == 1
    clock.forward(minutes=30)
    receiver.otherwise = (200, "", {})
    look(clock)
    assert [state for _event, state, _attempts in rows()] == ["delivered"] * 10
    assert len(receiver.got) == 11


def test_one_that_is_refused_does_not_hold_up_the_others(shop: Shop, receiver: Receiver, clock: Clock) -> None:
    receiver.refuse(500)
    make_webhook(shop, receiver.url, WebhookEvent.OPENED)
    for _ in range(3):
        make_waiting(shop)
    look(clock)
    clock.forward(seconds=7)
    look(clock)
    assert [one.json["seq"] for one in receiver.got] == [1, 2, 3, 1]
    assert {state for _event, state, _attempts in rows()} == {"delivered"}


def test_what_the_other_side_chokes_on_lets_the_others_go_first_after_a_while(
    shop: Shop, receiver: Receiver, clock: Clock
) -> None:
    make_webhook(shop, receiver.url, WebhookEvent.OPENED)
    make_waiting(shop)
    make_waiting(shop)
    look(clock)
    receiver.got.clear()
    poison = Delivery.objects.order_by("pk")[0]
    Delivery.objects.update(state="failed")
    Delivery.objects.filter(pk=poison.pk).update(attempts=5)
    look(clock)
    assert [one.json["seq"] for one in receiver.got] == [2, 1]


def test_gone_switches_it_off(shop: Shop, receiver: Receiver, clock: Clock) -> None:
    receiver.otherwise = (410, "", {})
    outlet = make_webhook(shop, receiver.url)
    make_waiting(shop)
    look(clock)
    outlet.refresh_from_db()
    assert (outlet.on, outlet.off_because) == (False, "gone")
    assert rows()[0][1] == "given_up"
    make_waiting(shop)
    clock.forward(hours=1)
    assert look(clock) == 0
    assert len(receiver.got) == 1


def test_three_days_of_nothing_but_failures_switch_it_off(shop: Shop, receiver: Receiver, clock: Clock) -> None:
    receiver.otherwise = (500, "", {})
    outlet = make_webhook(shop, receiver.url, WebhookEvent.OPENED)
    for _ in range(80):
        make_waiting(shop)
        Delivery.objects.filter(attempts=0).update(since=clock.now, next_at=clock.now)
        look(clock)
        clock.forward(hours=1)
    outlet.refresh_from_db()
    assert (outlet.on, outlet.off_because) == (False, "failing")
    assert outlet.failing_since is not None
    assert clock.now - outlet.failing_since >= timedelta(days=3)
    waiting = Delivery.objects.filter(state__in=("pending", "failed"), since__lte=outlet.failing_since)
    assert not waiting.exists()


def test_a_redirect_is_not_followed(shop: Shop, receiver: Receiver, clock: Clock) -> None:
    receiver.otherwise = (302, "", {"Location": receiver.url.replace("/hook", "/elsewhere")})
    make_webhook(shop, receiver.url, WebhookEvent.OPENED)
    make_waiting(shop)
    look(clock)
    assert [one.path for one in receiver.got] == ["/hook"]
    assert Delivery.objects.get().log[0]["error"] == "redirect"


def test_no_more_than_four_kilobytes_of_an_answer_are_read(shop: Shop, receiver: Receiver, clock: Clock) -> None:
    receiver.otherwise = (500, "长" * 1_000_000, {})
    make_webhook(shop, receiver.url, WebhookEvent.OPENED)
    make_waiting(shop)
    look(clock)
    assert 0 < len(Delivery.objects.get().log[0]["answer"]) <= 1365


def test_who_hangs_is_cut_off_also_when_single_bytes_drip(
    shop: Shop, receiver: Receiver, clock: Clock, monkeypatch
) -> None:
    monkeypatch.setattr("outgoing.http.TOTAL", 0.5)
    make_webhook(shop, receiver.url, WebhookEvent.OPENED)
    make_waiting(shop)
    receiver.delay = 3
    look(clock)
    receiver.delay, receiver.drip = 0, True
    receiver.otherwise = (200, "x" * 100, {})
    clock.forward(seconds=7)
    look(clock)
    log = Delivery.objects.get().log
    assert [entry["error"] for entry in log] == ["timed_out", "timed_out"]
    assert all(400 <= entry["ms"] < 2500 for entry in log)


def test_killed_between_sending_and_writing_it_is_sent_again_when_the_lease_has_run_out(
    shop: Shop, receiver: Receiver, clock: Clock, monkeypatch
) -> None:
    make_webhook(shop, receiver.url, WebhookEvent.OPENED)
    first, second = make_waiting(shop), make_waiting(shop)

    class Killed(BaseException):
        pass

    def die(*_arguments: object) -> None:
        raise Killed

    monkeypatch.setattr("outgoing.services.sending._note", die)
    # Nobody cleans up after a process that is killed.
    monkeypatch.setattr("outgoing.services.sending._release", lambda *_arguments: None)
    with pytest.raises(Killed):
        look(clock)
    monkeypatch.undo()

    assert look(clock) == 0, "the lease still holds"
    clock.forward(seconds=61)
    look(clock)
    names = [one.json["conversation"]["external_id"] for one in receiver.got]
    assert names == [first.external_id, second.external_id] * 2, "the batch once more, in its order"
    assert len({one.headers["Fenliu-Delivery"] for one in receiver.got}) == 2
    assert {state for _event, state, _attempts in rows()} == {"delivered"}


def test_events_are_noted_once_however_often_one_looks(shop: Shop, receiver: Receiver, clock: Clock) -> None:
    outlet = make_webhook(shop, receiver.url, WebhookEvent.OPENED)
    make_waiting(shop)
    assert follow(outlet.pk) > 0
    assert follow(outlet.pk) == 0
    assert Delivery.objects.count() == 1
    assert send_due(OUTLETS, outlet.pk, clock=clock) == 1
    assert send_due(OUTLETS, outlet.pk, clock=clock) == 0


def test_a_delivery_is_repeated_with_one_click_under_its_own_id(shop: Shop, receiver: Receiver, clock: Clock) -> None:
    make_webhook(shop, receiver.url, WebhookEvent.OPENED)
    make_waiting(shop)
    look(clock)
    row = repeat_delivery(delivery=Delivery.objects.select_related("outlet__shop").get())
    assert (row.state, row.attempts) == ("delivered", 2)
    first, again = receiver.got
    assert first.headers["Fenliu-Delivery"] == again.headers["Fenliu-Delivery"]
    assert first.body == again.body


def test_a_test_goes_out_at_once_whatever_is_subscribed_to(shop: Shop, receiver: Receiver) -> None:
    outlet = make_webhook(shop, receiver.url, WebhookEvent.PENALTY_OPENED)
    assert send_test(outlet=outlet).state == "delivered"
    assert receiver.events == ["test"]
    receiver.refuse(404)
    assert send_test(outlet=outlet).log[0]["status"] == 404


def test_switched_off_and_on_again_it_is_told_of_what_comes_then(shop: Shop, receiver: Receiver, clock: Clock) -> None:
    outlet = make_webhook(shop, receiver.url, WebhookEvent.OPENED)
    change_outlet(outlet=outlet, on=False)
    make_waiting(shop)
    assert look(clock) == 0
    change_outlet(outlet=outlet, on=True)
    later = make_waiting(shop)
    look(clock)
    assert [one.json["conversation"]["external_id"] for one in receiver.got] == [later.external_id]
    assert Outlet.objects.get().off_because == ""
