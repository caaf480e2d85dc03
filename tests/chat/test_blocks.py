"""A blocked buyer or address is refused calmly and before any cost; other shops and other buyers notice nothing."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from agents.models import AuditEntry, Shop
from agents.vocabulary import AuditAction, Role
from chat.stream import BuyerAccess
from config import jobs
from config.erasing import erase_buyer
from conversations.models import Block, Buyer, BuyerAddress, Conversation, Message
from conversations.services.blocks import block_address, block_buyer
from conversations.states import ClosedBy
from metrics.services.retention import drop_buyers
from routing import services
from tests.agents.factories import make_key, make_member, make_shop
from tests.chat.builders import ORIGIN, BuyerOf, make_chat
from tests.routing.factories import make_block, make_waiting

pytestmark = pytest.mark.django_db
HOME, NEIGHBOUR, ELSEWHERE = "2001:db8:1:2::10", "2001:db8:1:2:ffff::1", "2001:db8:1:3::10"


class From(BuyerOf):
    """A browser at an address."""

    def __init__(self, shop: Shop, address: str, name: str = "") -> None:
        super().__init__(shop, name)
        self.client = Client(REMOTE_ADDR=address)


@pytest.fixture
def shop() -> Shop:
    return make_chat()


def block_dialog(shop: Shop, role: str, buyer: str, **data: str) -> int:
    row = Conversation.objects.filter(shop=shop, buyer__external_id=buyer).latest("pk")
    client = Client()
    client.force_login(make_member(shop, role).account)
    path = f"/s/{shop.slug}/conversations/{row.pk}/block/"
    assert client.get(path).status_code == 200
    return client.post(path, {"days": "7", "reason": "骂人"} | data).status_code


@pytest.mark.both
def test_a_blocked_buyer_is_refused_everywhere_and_opens_nothing(shop: Shop) -> None:
    buyer = BuyerOf(shop, "b1")
    assert buyer.writes().status_code == 201
    assert block_dialog(shop, Role.CS_MANAGER, "b1") == 204
    for method, path in (
        ("post", "start/"),
        ("get", "updates/?after=0"),
        ("get", "messages/"),
        ("post", "ask-human/"),
        ("post", "close/"),
        ("get", "stream/"),
    ):
        answer = buyer.call(method, path, {} if method == "post" else None)
        assert (answer.status_code, answer.json()["code"]) == (403, "blocked"), path
    assert buyer.writes("again").status_code == 403
    assert Message.objects.filter(shop=shop).count() == 1
    assert BuyerOf(shop, "b2").writes().status_code == 201
    assert BuyerOf(make_chat(), "b1").writes().status_code == 201


def test_the_refusal_is_readable_for_the_shop_s_own_website(shop: Shop) -> None:
    make_block(shop, "b1")
    answer = BuyerOf(shop, "b1").call("post", "start/", {}, Origin=ORIGIN)
    assert answer["Access-Control-Allow-Origin"] == ORIGIN and answer.status_code == 403
    assert answer.json()["message"] == "店铺目前不接收来自您的消息。"


def test_a_block_that_has_run_out_or_was_ended_lets_the_buyer_in(shop: Shop) -> None:
    buyer = BuyerOf(shop, "b1")
    block = make_block(shop, "b1")
    assert buyer.writes().status_code == 403
    Block.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert buyer.writes().status_code == 201
    Block.objects.update(until=timezone.now() + timedelta(hours=1))
    assert buyer.writes().status_code == 403
    client = Client()
    client.force_login(make_member(shop, Role.AGENT).account)
    assert client.post(f"/s/{shop.slug}/chat/blocks/{block.pk}/end/").status_code == 302
    assert buyer.writes().status_code == 201


@pytest.mark.both
def test_a_blocked_address_keeps_out_new_buyers_of_its_whole_network(shop: Shop) -> None:
    From(shop, HOME, "b1").writes()
    assert block_dialog(shop, Role.CS_MANAGER, "b1", address="1") == 204
    Block.objects.filter(network="").delete()
    for address, status in ((HOME, 403), (NEIGHBOUR, 403), (ELSEWHERE, 200)):
        assert From(shop, address).call("post", "start/", {}).status_code == status
    before = Buyer.objects.count()
    assert From(shop, NEIGHBOUR, "b9").writes().status_code == 403
    assert Buyer.objects.count() == before


def test_agents_block_buyers_and_leaders_addresses_too(shop: Shop) -> None:
    From(shop, HOME, "b1").writes()
    Conversation.objects.update(state="queued")
    assert block_dialog(shop, Role.AGENT, "b1", address="1") == 204
    assert [block.network for block in Block.objects.all()] == [""]
    block = block_address(shop=shop, network="192.0.2.1", by=None, until=None)
    client = Client()
    client.force_login(make_member(shop, Role.AGENT).account)
    assert "192.0.2.1" not in client.get(f"/s/{shop.slug}/chat/blocks/").content.decode()
    assert client.post(f"/s/{shop.slug}/chat/blocks/{block.pk}/end/").status_code == 404


def test_the_dialog_says_whether_the_buyer_is_blocked_already(shop: Shop) -> None:
    row, client = make_waiting(shop, "b1"), Client()
    client.force_login(make_member(shop, Role.MAIN).account)
    path = f"/s/{shop.slug}/conversations/{row.pk}/block/"
    assert "已屏蔽" not in client.get(path).content.decode()
    block_buyer(shop=shop, buyer=row.buyer, by=None, until=None)
    assert "已屏蔽" in client.get(path).content.decode()


@pytest.mark.parametrize("data", [{"days": ""}, {"days": "9999999999"}, {"reason": "x" * 201}])
def test_a_wrong_period_or_reason_is_refused_and_blocks_nobody(shop: Shop, data: dict[str, str]) -> None:
    BuyerOf(shop, "b1").writes()
    assert block_dialog(shop, Role.MAIN, "b1", **data) == 422
    assert not Block.objects.exists()


def test_blocking_again_changes_the_block_that_is_there(shop: Shop) -> None:
    buyer = make_waiting(shop, "b1").buyer
    soon = timezone.now() + timedelta(days=1)
    block_buyer(shop=shop, buyer=buyer, by=None, until=soon)
    block_buyer(shop=shop, buyer=buyer, by=None, until=None, reason="again")
    assert [(block.until, block.reason) for block in Block.objects.all()] == [(None, "again")]


def test_programs_are_refused_for_a_blocked_buyer_and_for_nobody_else(shop: Shop) -> None:
    client = Client(headers={"Authorization": f"Token {make_key(shop)[1]}"})
    base = f"/api/v1/shops/{shop.slug}/conversations/"
    row = make_block(shop, "b1").buyer.conversations.get()
    block_address(shop=shop, network="127.0.0.1", by=None, until=None)

    def post(path: str, **body: str) -> tuple[int, str]:
        answer = client.post(base + path, json.dumps(body), "application/json")
        return answer.status_code, answer.json().get("code", "")

    refused = (403, "buyer_blocked")
    assert post(f"{row.pk}/messages/", sender="buyer", text="在吗") == refused
    services.close_conversation(shop=shop, conversation=row.external_id, by=ClosedBy.AGENT)
    assert post("", buyer="b1", entry="goods_detail") == refused
    assert post("", buyer="b2", entry="goods_detail")[0] == 201
    assert Conversation.objects.filter(shop=shop, buyer__external_id="b1").count() == 1


@pytest.mark.both
def test_open_streams_of_the_blocked_end_and_no_others(shop: Shop) -> None:
    other = make_chat(make_shop())
    make_block(shop, "b1")
    block_address(shop=shop, network="192.0.2.7", by=None, until=None)
    readers = [
        BuyerAccess(shop.pk, "b1", "192.0.2.1"),
        BuyerAccess(shop.pk, "b2", "192.0.2.7"),
        BuyerAccess(shop.pk, "b2", "192.0.2.1"),
        BuyerAccess(other.pk, "b1", "192.0.2.7"),
    ]
    assert [views is not None for views in BuyerAccess.views_of(readers)] == [False, False, True, True]


def test_blocks_are_recorded_without_the_buyer_s_name_and_the_address(shop: Shop) -> None:
    From(shop, "192.0.2.1", "王小明").writes()
    block_dialog(shop, Role.MAIN, "王小明", address="1")
    entries = AuditEntry.objects.filter(shop=shop, action=AuditAction.BLOCK_SET)
    assert {entry.after["of"] for entry in entries} == {"buyer", "address"}
    assert all(entry.by_name for entry in entries)
    told = json.dumps([[entry.subject, entry.before, entry.after] for entry in entries], ensure_ascii=False)
    assert "王小明" not in told and "192.0.2.1" not in told


def test_erasure_forgets_address_and_reason_and_a_blocked_buyer_is_kept_by_retention(shop: Shop) -> None:
    buyer = From(shop, HOME, "b1")
    buyer.writes()
    buyer.call("post", "close/", {})
    row = Buyer.objects.get(external_id="b1")
    block_buyer(shop=shop, buyer=row, by=None, until=None, reason="王小明骂人")
    erase_buyer(shop=shop, buyer="b1", now=timezone.now())
    assert not BuyerAddress.objects.exists()
    assert Block.objects.get(buyer=row).reason == ""
    Conversation.objects.all().delete()
    later = timezone.now() + timedelta(days=1)
    assert drop_buyers(shop=shop, before=later) == 0
    Block.objects.all().delete()
    assert drop_buyers(shop=shop, before=later) == 1


def test_addresses_are_forgotten_after_the_days_that_the_installation_keeps_them(shop: Shop, settings) -> None:
    From(shop, HOME, "b1").writes()
    From(shop, ELSEWHERE, "b2").writes()
    old = timezone.now() - timedelta(days=settings.KEEP_ADDRESSES_DAYS, seconds=1)
    BuyerAddress.objects.filter(buyer__external_id="b1").update(seen_at=old)
    block_address(shop=shop, network="192.0.2.1", by=None, until=timezone.now() - timedelta(days=31))
    assert jobs.run("conversations.forget_addresses") == 2
    assert BuyerAddress.objects.get().buyer.external_id == "b2"
