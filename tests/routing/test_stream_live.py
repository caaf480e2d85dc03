"""The stream through the real web server: nothing lost or repeated over a cut, rights that end, many at once."""

import http.client
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client

from agents.models import Account, Shop, SubAccount
from agents.services import create_token, reset_password
from conversations.states import Sender
from routing import services
from tests.agents.factories import actor_of, make_key, make_member, make_shop
from tests.asgi import Reader, Server, serving
from tests.routing.factories import make_waiting

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]


@pytest.fixture
def server(transactional_db: None) -> Iterator[Server]:
    with serving() as running:
        yield running


@pytest.fixture
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def manager(shop: Shop) -> SubAccount:
    return make_member(shop, "cs_manager", name="mg")


def token_of(member: SubAccount) -> str:
    assert member.account is not None
    return f"Token {create_token(account=member.account)}"


def cookie_of(account: Account | None) -> tuple[str, str]:
    """The header of a browser that is signed in, and the session's key."""
    client = Client()
    assert account is not None
    client.force_login(account)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    return f"{settings.SESSION_COOKIE_NAME}={key}", key


def say(shop: Shop, conversation: str, text: str) -> None:
    services.post_message(shop=shop, conversation=conversation, sender=Sender.BUYER, text=text)


def test_a_cut_loses_and_repeats_nothing(server: Server, shop: Shop, manager: SubAccount) -> None:
    row, token = make_waiting(shop), token_of(manager)
    first = Reader(server.url, Authorization=token).ready()
    for n in range(3):
        say(shop, row.external_id, f"第{n}句")
    heard = [first.next("message") for _ in range(2)]
    first.cut()
    for n in range(3, 6):
        say(shop, row.external_id, f"第{n}句")
    again = Reader(server.url, Authorization=token, Last_Event_ID=heard[-1].id)
    heard += [again.next("message") for _ in range(4)]
    say(shop, row.external_id, "第6句")
    heard.append(again.next("message"))
    assert [event.data["message"]["text"] for event in heard] == [f"第{n}句" for n in range(7)]


def test_a_cut_before_the_first_event_loses_nothing(server: Server, shop: Shop, manager: SubAccount) -> None:
    row, token = make_waiting(shop), token_of(manager)
    first = Reader(server.url, Authorization=token)
    ready = first.next("ready")
    first.cut()
    say(shop, row.external_id, "你好")
    again = Reader(server.url, Authorization=token, Last_Event_ID=ready.id)
    assert again.next().data["message"]["text"] == "你好"


def test_who_signs_out_stops_receiving(server: Server, shop: Shop, manager: SubAccount) -> None:
    cookie, key = cookie_of(manager.account)
    other = Reader(server.url, Authorization=token_of(manager)).ready()
    reader = Reader(server.url, Cookie=cookie).ready()
    Session.objects.filter(session_key=key).delete()
    assert reader.ended.wait(5)
    assert not other.ended.is_set()
    assert Reader(server.url, Cookie=cookie).status == 401


def test_a_changed_password_ends_the_streams(server: Server, shop: Shop, manager: SubAccount) -> None:
    reader = Reader(server.url, Authorization=token_of(manager)).ready()
    main = make_member(shop, "main", name="boss")
    reset_password(actor=actor_of(main), sub_account=manager, password="another horse 9")
    assert reader.ended.wait(5)


def test_who_loses_a_role_no_longer_hears_of_others(server: Server, shop: Shop) -> None:
    leader = make_member(shop, "admin", "agent", name="ad")
    row, token = make_waiting(shop), token_of(leader)
    holder = make_member(shop, "agent", name="a2")
    services.set_presence(shop=shop, agent=holder.name, status="online")
    reader = Reader(server.url, Authorization=token).ready()
    say(shop, row.external_id, "一")
    assert reader.next("message").data["message"]["text"] == "一"
    services.change_sub_account(shop=shop, agent="ad", roles=["agent"])
    reader.next("access", seconds=5)
    say(shop, row.external_id, "二")
    services.open_conversation(shop=shop, buyer="b9", entry="goods_detail", external_id="c9")
    services.set_presence(shop=shop, agent="ad", status="break")
    kinds = []
    while not kinds or kinds[-1] != "presence":
        event = reader.next()
        kinds.append(event.kind)
        assert event.data.get("message") is None
        assert all(one.get("gone") for one in event.data.get("conversations", ()))


def test_who_is_disabled_hears_nothing_more(server: Server, shop: Shop, manager: SubAccount) -> None:
    row = make_waiting(shop)
    reader = Reader(server.url, Authorization=token_of(manager)).ready()
    services.change_sub_account(shop=shop, agent="mg", enabled=False)
    reader.next("access", seconds=5)
    say(shop, row.external_id, "听不到")
    other = Reader(server.url, Authorization=token_of(make_member(shop, "cs_manager", name="mg2"))).ready()
    say(shop, row.external_id, "听到")
    other.next("message")
    assert all(event.kind != "message" for event in list(reader.events.queue))


def test_a_shop_that_is_new_to_somebody_is_heard_without_coming_again(server: Server, manager: SubAccount) -> None:
    reader = Reader(server.url, Authorization=token_of(manager)).ready()
    second = make_shop()
    assert manager.account is not None
    make_member(second, "cs_manager", account=manager.account)
    reader.next("access", seconds=5)
    row = make_waiting(second)
    assert reader.next("open").data["conversations"][0]["id"] == row.pk


def test_the_door_answers_in_the_api_s_shape(server: Server, shop: Shop, manager: SubAccount) -> None:
    assert Reader(server.url).error["code"] == "not_authenticated"
    key = Reader(server.url, Authorization=f"Token {make_key(shop)[1]}")
    assert (key.status, key.error["code"]) == (403, "forbidden")
    bad = Reader(server.url, Authorization=token_of(manager), Last_Event_ID="no cursor")
    assert (bad.status, bad.error["code"]) == (400, "invalid_cursor")


@pytest.mark.slow
def test_three_hundred_streams_leave_every_page_answering(
    server: Server, shop: Shop, manager: SubAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, token = make_waiting(shop), token_of(manager)
    cookie, _ = cookie_of(manager.account)
    for cap in ("STREAMS_PER_ACCOUNT", "STREAMS_PER_ADDRESS"):
        monkeypatch.setattr(settings, cap, 300)
    readers = [Reader(server.url, Authorization=token).ready() for _ in range(300)]
    for _ in range(30):
        page = http.client.HTTPConnection(server.url.removeprefix("http://"))
        page.request("GET", f"/s/{shop.slug}/conversations/", headers={"Cookie": cookie})
        assert page.getresponse().status == 200
        page.close()
    say(shop, row.external_id, "三百人都看到")
    for reader in readers:
        assert reader.next("message").data["message"]["text"] == "三百人都看到"
    for reader in readers:
        reader.cut()
