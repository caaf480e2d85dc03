"""Streams are capped by reader and address, and who comes back with an old cursor delays nobody."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from agents.models import Shop, SubAccount
from agents.services import create_token
from chat.tokens import make_token
from conversations.states import Sender
from core.http.addresses import network_of
from routing import services
from routing.models import Lane, ShopEvent
from routing.stream import tailer
from routing.stream.caps import counted
from routing.stream.log import start
from tests.agents.factories import make_member, make_shop
from tests.asgi import Reader, Server, serving, wait_until
from tests.chat.builders import BuyerOf, forget_limits, make_chat
from tests.routing.factories import make_waiting

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _forget() -> None:
    forget_limits()


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def shop() -> Shop:
    return make_chat(make_shop("first"))


@pytest.fixture
def manager(shop: Shop) -> SubAccount:
    return make_member(shop, "cs_manager", name="mg")


def token_of(member: SubAccount) -> str:
    assert member.account is not None
    return f"Token {create_token(account=member.account)}"


def of_buyer(server: Server, shop: Shop, buyer: str, after: str = "") -> Reader:
    query = f"?after={after}" if after else ""
    token = f"Chat {make_token(shop, buyer)}"
    return Reader(server.url, path=f"/chat/{shop.slug}/stream/{query}", Authorization=token)


def past_events(shop: Shop, count: int) -> int:
    """So many events that concern everybody's presence; the shop's last number."""
    make_waiting(shop)
    lane = Lane.objects.get(shop=shop)
    data = {"conversations": [], "agents": []}
    at = datetime.now(UTC)
    rows = [ShopEvent(shop=shop, seq=lane.seq + n, at=at, kind="presence", data=data) for n in range(1, count + 1)]
    ShopEvent.objects.bulk_create(rows, batch_size=1000)
    Lane.objects.filter(pk=lane.pk).update(seq=lane.seq + count)
    return lane.seq + count


def test_a_buyer_over_the_cap_is_refused_and_others_are_not(server: Server, shop: Shop, settings) -> None:
    settings.STREAMS_PER_BUYER = 3
    BuyerOf(shop, "b1").writes()
    first = [of_buyer(server, shop, "b1").ready() for _ in range(3)]
    fourth = of_buyer(server, shop, "b1")
    assert (fourth.status, fourth.error["code"]) == (429, "too_many_streams")
    assert int(fourth._response.headers["Retry-After"]) > 0
    assert of_buyer(server, shop, "b2").ready().status == 200
    first[0].cut()
    wait_until(lambda: of_buyer(server, shop, "b1").status == 200)


def test_an_account_over_the_cap_is_refused(server: Server, shop: Shop, manager: SubAccount, settings) -> None:
    settings.STREAMS_PER_ACCOUNT = 2
    readers = [Reader(server.url, Authorization=token_of(manager)) for _ in range(3)]
    assert sorted(reader.status for reader in readers) == [200, 200, 429]
    other = make_member(shop, "cs_manager", name="mg2")
    assert Reader(server.url, Authorization=token_of(other)).status == 200


def test_an_address_over_the_cap_is_refused_before_anything_is_looked_up(
    server: Server, shop: Shop, manager: SubAccount, settings
) -> None:
    settings.STREAMS_PER_ADDRESS = 2
    readers = [of_buyer(server, shop, f"b{n}").ready() for n in range(2)]
    assert Reader(server.url, Authorization="Token nonsense").status == 429
    for reader in readers:
        reader.cut()
    wait_until(lambda: Reader(server.url, Authorization=token_of(manager)).status == 200)


def test_a_full_process_answers_503(server: Server, shop: Shop, manager: SubAccount, settings) -> None:
    settings.STREAMS_PER_PROCESS = 1
    assert Reader(server.url, Authorization=token_of(manager)).ready().status == 200
    refused = of_buyer(server, shop, "b1")
    assert refused.status == 503 and refused._response.headers["Retry-After"]


def test_a_place_is_given_back_by_a_stream_that_is_refused_at_the_door(server: Server, shop: Shop, settings) -> None:
    settings.STREAMS_PER_ADDRESS = 1
    assert [Reader(server.url, Authorization="Token nonsense").status for _ in range(4)] == [401] * 4


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
        ("testclient", "testclient", True),
    ],
)
def test_an_address_of_ipv6_counts_by_its_64(one: str, other: str, same: bool) -> None:
    assert (network_of(one) == network_of(other)) is same


def test_a_count_that_is_over_leaves_nothing_behind() -> None:
    with pytest.raises(RuntimeError), counted(("x", "y"), 1):
        raise RuntimeError
    with counted(("x", "y"), 1):
        pass


def test_who_is_too_far_behind_is_told_to_load_anew(shop: Shop) -> None:
    last = past_events(shop, 50)
    assert start([shop.pk], {shop.pk: last - 10}, 10) == start([shop.pk], {shop.pk: last - 10}, 5000)
    begin = start([shop.pk], {shop.pk: last - 11}, 10)
    assert (begin.reset, begin.cursor) == ((shop.pk,), {shop.pk: last})


def test_the_bound_holds_over_all_shops_of_a_reader(shop: Shop) -> None:
    second = make_shop("second")
    ends = {shop.pk: past_events(shop, 30), second.pk: past_events(second, 20)}
    begin = start(list(ends), {pk: end - 15 for pk, end in ends.items()}, 20)
    assert len(begin.reset) == 1


def test_a_stream_from_long_ago_says_reset_and_goes_on(
    server: Server, shop: Shop, manager: SubAccount, settings
) -> None:
    settings.MAX_BUYER_REPLAY = 20
    row = make_waiting(shop, "b1")
    past_events(shop, 60)
    reader = of_buyer(server, shop, "b1", after="1")
    assert reader.next().kind == "reset"
    reader.ready()
    services.post_message(shop=shop, conversation=row.external_id, sender=Sender.AGENT, text="在的")
    assert reader.next("message").data["message"]["text"] == "在的"


def test_replays_that_stand_still_delay_no_event(
    server: Server, shop: Shop, manager: SubAccount, monkeypatch: pytest.MonkeyPatch, settings
) -> None:
    """All replayers are held: who follows what happens now is told of it all the same."""
    settings.STREAMS_PER_BUYER = 150
    row = make_waiting(shop, "b1")
    past_events(shop, 300)
    reader = Reader(server.url, Authorization=token_of(manager)).ready()
    go_on, news = threading.Event(), tailer.news

    def held(shop: Shop, after: int, until: int | None = None) -> object:
        if until is not None:
            go_on.wait(60)
        return news(shop, after, until)

    monkeypatch.setattr(tailer, "news", held)
    try:
        behind = [of_buyer(server, shop, "b1", after="1") for _ in range(20)]
        services.post_message(shop=shop, conversation=row.external_id, sender=Sender.BUYER, text="现在")
        assert reader.next("message").data["message"]["text"] == "现在"
    finally:
        go_on.set()
    for one in behind:
        one.ready()


@pytest.mark.slow
def test_a_hundred_and_fifty_streams_of_one_buyer_do_not_delay_a_manager(
    server: Server, shop: Shop, manager: SubAccount, settings
) -> None:
    """The attack, with the caps lifted: without a pool of their own the replays came first, 12 s long."""
    settings.STREAMS_PER_BUYER, settings.STREAMS_PER_ADDRESS = 150, 400
    row = make_waiting(shop, "b1")
    past_events(shop, 900)
    reader = Reader(server.url, Authorization=token_of(manager)).ready()
    flood = [threading.Thread(target=of_buyer, args=(server, shop, "b1", "1"), daemon=True) for _ in range(150)]
    for thread in flood:
        thread.start()
    waited = []
    for number in range(10):
        begun = time.monotonic()
        text = f"第{number}句"
        services.post_message(shop=shop, conversation=row.external_id, sender=Sender.BUYER, text=text)
        while reader.next("message").data["message"]["text"] != text:
            pass
        waited.append(time.monotonic() - begun)
    for thread in flood:
        thread.join(60)
    assert max(waited) < 8, waited
