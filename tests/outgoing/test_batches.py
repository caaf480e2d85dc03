"""Many deliveries to one place: over one connection, a batch at a time, and what a batch is cut short by."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from agents.models import Shop
from outgoing.http import MOST, Kept, post
from outgoing.models import Delivery, Outlet
from outgoing.services import posting
from outgoing.services.sending import BATCH
from outgoing.services.sweeping import due_outlets
from tests.agents.factories import make_shop
from tests.outgoing.builders import Clock, look, make_webhook
from tests.outgoing.receiver import Receiver
from tests.outgoing.test_guard import resolve_to

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept() -> Iterator[Kept]:
    with closing(Kept()) as kept:
        yield kept


def wait_for(outlet: Outlet, number: int) -> None:
    """So many deliveries wait there."""
    rows = [
        Delivery(shop=outlet.shop, outlet=outlet, key=f"k{n}", event="message", seq=n, body=f'{{"seq": {n}}}')
        for n in range(number)
    ]
    Delivery.objects.bulk_create(rows)


@contextmanager
def answering(*answers: bytes) -> Iterator[tuple[str, list[int]]]:
    """One that listens below HTTP: each connection gets these answers, one for each request (without a body), and is
    then closed; its address, and how many requests came by each connection."""
    came: list[int] = []

    def serve() -> None:
        while True:
            try:
                line, _address = server.accept()
            except OSError:
                return
            came.append(0)
            with line:
                for answer in answers:
                    if not line.recv(65536):
                        break
                    came[-1] += 1
                    line.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/", came
        server.shutdown(socket.SHUT_RDWR)


def test_what_waits_goes_over_one_connection_in_order(shop: Shop, receiver: Receiver, clock: Clock) -> None:
    wait_for(make_webhook(shop, receiver.url), 2 * BATCH + 1)
    assert look(clock) == 2 * BATCH + 1
    assert [one.json["seq"] for one in receiver.got] == list(range(2 * BATCH + 1))
    assert len(receiver.connections) == 1
    assert {(row.state, row.attempts, len(row.log)) for row in Delivery.objects.all()} == {("delivered", 1, 1)}


@pytest.mark.parametrize("how", ["closing", "leaving"])
def test_one_that_closes_its_connections_gets_everything_once(
    shop: Shop, receiver: Receiver, clock: Clock, how: str
) -> None:
    setattr(receiver, how, True)
    wait_for(make_webhook(shop, receiver.url), 20)
    look(clock)
    assert [one.json["seq"] for one in receiver.got] == list(range(20))
    assert len(receiver.connections) == 20
    assert {row.attempts for row in Delivery.objects.all()} == {1}


def test_one_that_closes_while_the_next_is_under_way_is_called_anew(receiver: Receiver, kept: Kept) -> None:
    """It took the second and hung up without an answer: nobody knows whether it has it, so it gets it again."""
    ok = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    with answering(ok, b"") as (url, came):
        assert post(url, b"", {}, kept).accepted
        assert post(url, b"", {}, kept).accepted
    assert came == [2, 1]


@pytest.mark.parametrize(
    "garbage", [b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"]
)
def test_who_does_not_speak_http_is_a_failure_and_no_more(receiver: Receiver, kept: Kept, garbage: bytes) -> None:
    with answering(garbage) as (url, _came):
        assert post(url, b"", {}, kept).error == "broken"
        assert post(url, b"", {}).error == "broken"


def test_after_a_long_answer_the_connection_is_not_used_again(receiver: Receiver, kept: Kept) -> None:
    receiver.answers = [(200, "x" * (MOST + 1), {}), (200, "x" * (MOST - 1), {})]
    texts = [post(receiver.url, b"", {}, kept).text for _ in range(3)]
    assert [len(text) for text in texts] == [MOST, MOST - 1, 2]
    assert len(receiver.connections) == 2


def test_a_connection_to_one_place_is_not_used_for_another(receiver: Receiver, kept: Kept, monkeypatch) -> None:
    resolve_to(monkeypatch, "127.0.0.1")
    port = receiver.url.split(":")[2].split("/")[0]
    hosts = ["a.example", "a.example", "b.example"]
    for host in hosts:
        assert post(f"http://{host}:{port}/", b"", {}, kept).accepted
    assert [one.headers["Host"] for one in receiver.got] == [f"{host}:{port}" for host in hosts]
    assert len(receiver.connections) == 2


def test_over_a_kept_connection_the_certificate_holds_for_the_same_name_alone(
    receiver: Receiver, tls_url: str, trusted: None, kept: Kept, monkeypatch
) -> None:
    resolve_to(monkeypatch, "127.0.0.1")
    port = tls_url.split(":")[2].split("/", maxsplit=1)[0]
    assert post(f"https://shop.example:{port}/", b"", {}, kept).accepted
    assert post(f"https://shop.example:{port}/", b"", {}, kept).accepted
    assert post(f"https://other.example:{port}/", b"", {}, kept).error == "tls"
    assert len(receiver.connections) == 1


def test_a_hung_connection_is_not_kept(receiver: Receiver, kept: Kept, monkeypatch) -> None:
    monkeypatch.setattr("outgoing.http.TOTAL", 0.5)
    assert post(receiver.url, b"", {}, kept).accepted
    receiver.delay = 1
    assert post(receiver.url, b"", {}, kept).error == "timed_out"
    receiver.delay = 0
    assert post(receiver.url, b"", {}, kept).accepted
    assert len(receiver.got) == 3, "what timed out is not sent again by itself"


def test_a_failure_ends_the_batch_and_what_came_before_it_is_written(
    shop: Shop, receiver: Receiver, clock: Clock
) -> None:
    receiver.answers = [(200, "", {}), (200, "", {}), (503, "", {})]
    wait_for(make_webhook(shop, receiver.url), 5)
    look(clock)
    states = [(row.state, row.attempts) for row in Delivery.objects.order_by("pk")]
    assert states == [("delivered", 1), ("delivered", 1), ("failed", 1), ("pending", 0), ("pending", 0)]
    assert Outlet.objects.get().rest_until is not None


def test_what_is_deleted_while_the_batch_is_under_way_stays_deleted(
    shop: Shop, receiver: Receiver, clock: Clock, monkeypatch
) -> None:
    wait_for(make_webhook(shop, receiver.url), 3)
    monkeypatch.setattr(
        "outgoing.services.sending._let_go_of_the_database", lambda: Delivery.objects.filter(seq__in=[0, 2]).delete()
    )
    look(clock)
    assert [(row.seq, row.state) for row in Delivery.objects.all()] == [(1, "delivered")]


def test_an_outlet_that_is_deleted_while_the_batch_is_under_way_stays_deleted(
    shop: Shop, receiver: Receiver, clock: Clock, monkeypatch
) -> None:
    outlet = make_webhook(shop, receiver.url)
    wait_for(outlet, 3)
    monkeypatch.setattr("outgoing.services.sending._let_go_of_the_database", outlet.delete)
    look(clock)
    assert not Outlet.objects.exists() and not Delivery.objects.exists()


def test_a_fault_of_our_own_fails_one_delivery_and_is_told(
    shop: Shop, receiver: Receiver, clock: Clock, monkeypatch
) -> None:
    """Otherwise what went before it would be sent again and again."""
    wait_for(make_webhook(shop, receiver.url), 4)
    headers = posting._headers

    def faulty(outlet: Outlet, delivery: Delivery, *rest: Any) -> dict[str, str]:
        if delivery.seq == 2:
            raise ValueError("a poisoned row")
        return headers(outlet, delivery, *rest)

    monkeypatch.setattr(posting, "_headers", faulty)
    look(clock)
    clock.forward(minutes=1)
    look(clock)
    assert [one.json["seq"] for one in receiver.got] == [0, 1, 3]
    failed = Delivery.objects.get(state="failed")
    assert (failed.seq, failed.log[0]["error"]) == (2, "inside")


def test_one_with_a_mountain_of_work_does_not_hide_the_others(shop: Shop, receiver: Receiver, clock: Clock) -> None:
    big, other = make_webhook(shop, receiver.url), make_webhook(make_shop("other"), receiver.url)
    wait_for(big, 6000)
    wait_for(other, 1)
    clock.forward(minutes=1)
    assert due_outlets(clock()) == [(big.pk, shop.pk), (other.pk, other.shop_id)], "whose oldest is older comes first"
