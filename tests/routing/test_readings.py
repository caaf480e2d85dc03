"""Readings of conversations by others than the holder: in the audit log once an hour, no write for a poll."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import AuditEntry, Shop, SubAccount
from agents.services import readings, record_readings
from agents.vocabulary import AuditAction, Role
from config.upkeep import drop_old_records
from conversations.models import Conversation
from conversations.states import Sender
from routing import services
from tests.agents.factories import actor_of, make_key, make_member, make_shop
from tests.routing.factories import make_image
from tests.routing.page import client_of
from tests.routing.test_api import Caller

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 2, 23, 45, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _forget() -> None:
    readings.remembered.forget()


@pytest.fixture
def shop() -> Shop:
    return make_shop("pdd")


@pytest.fixture
def holder(shop: Shop) -> SubAccount:
    return make_member(shop, name="a1")


@pytest.fixture
def manager(shop: Shop) -> SubAccount:
    return make_member(shop, Role.CS_MANAGER, name="m1")


@pytest.fixture
def held(shop: Shop, holder: SubAccount) -> Conversation:
    services.set_presence(shop=shop, agent="a1", status="online")
    row = services.open_conversation(shop=shop, buyer="b1", entry="goods_detail").conversation
    services.post_message(shop=shop, conversation=row.external_id, sender=Sender.BUYER, text="地址是西湖路 1 号")
    row.refresh_from_db()
    return row


def read() -> list[tuple[str, str]]:
    rows = AuditEntry.objects.filter(action=AuditAction.CONVERSATION_READ).order_by("pk")
    return list(rows.values_list("by_name", "subject"))


WAYS = [
    "/s/pdd/conversations/{pk}/",
    "/s/pdd/conversations/{pk}/thread/",
    "/s/pdd/conversations/{pk}/earlier/?before={message}",
    "/s/pdd/records/{pk}/",
    "/s/pdd/conversations/search/?q=西湖路",
    "/api/v1/shops/pdd/conversations/{pk}/",
    "/api/v1/shops/pdd/conversations/{pk}/messages/",
    "/api/v1/shops/pdd/conversations/{pk}/messages/{message}/image/",
]


@pytest.mark.parametrize("way", WAYS)
def test_a_leader_s_reading_is_noted_and_the_holder_s_is_not(shop, held, holder, manager, way: str) -> None:
    message = make_image(shop)
    path = way.format(pk=held.pk, message=message.pk)
    assert client_of(holder).get(path).status_code == 200
    assert read() == []
    for _ in range(2):
        assert client_of(manager).get(path).status_code == 200
    assert read() == [("m1", str(held.pk))]


def test_a_waiting_conversation_that_an_agent_looks_at_is_noted(shop, holder) -> None:
    row = services.open_conversation(shop=shop, buyer="b1", entry="goods_detail").conversation
    client_of(holder).get(f"/s/pdd/conversations/{row.pk}/")
    assert read() == [("a1", str(row.pk))]


def test_a_poll_within_the_hour_writes_nothing(held, manager) -> None:
    client = client_of(manager)
    client.get(f"/s/pdd/conversations/{held.pk}/thread/")
    with CaptureQueriesContext(connection) as queries:
        client.get(f"/s/pdd/conversations/{held.pk}/thread/")
    assert not [one for one in queries.captured_queries if "agents_auditentry" in one["sql"]]


def test_another_hour_and_another_process_are_one_row_each_hour(held, manager) -> None:
    actor, seen = actor_of(manager), [(held.pk, held.holder_id)]
    for after in (timedelta(0), timedelta(minutes=30), timedelta(hours=1)):
        record_readings(actor=actor, conversations=seen, now=NOW + after)
        readings.remembered.forget()
        record_readings(actor=actor, conversations=seen, now=NOW + after)
    entries = list(AuditEntry.objects.filter(action=AuditAction.CONVERSATION_READ).order_by("at"))
    assert [(entry.at.hour, entry.after) for entry in entries] == [
        (2, {"first_read": "10:23:45"}),
        (3, {"first_read": "11:23:45"}),
    ]


def test_many_found_at_once_are_one_insert(shop, manager) -> None:
    with CaptureQueriesContext(connection) as queries:
        record_readings(actor=actor_of(manager), conversations=[(pk, None) for pk in range(1, 31)], now=NOW)
    assert len(queries) == 1
    assert len(read()) == 30


def test_a_program_is_noted_once_an_hour_for_all_that_it_reads(shop, held) -> None:
    row, secret = make_key(shop, "订单系统")
    key = Caller(shop, key=secret)
    for path in ("", "messages/"):
        assert key("GET", f"conversations/{held.pk}/{path}")[0] == 200
    assert read() == [(str(row), "")]


def test_following_the_whole_shop_live_is_a_reading_of_leaders_alone(held, holder, manager) -> None:
    for member in (holder, manager):
        answer = client_of(member).get("/api/v1/stream/")
        next(iter(answer.streaming_content))
    assert read() == [("m1", "")]


def test_the_log_shows_readings_only_where_they_are_asked_for(held, manager, shop) -> None:
    client_of(manager).get(f"/s/pdd/conversations/{held.pk}/")
    main = client_of(make_member(shop, Role.MAIN, name="boss"))
    assert f"编号 {held.pk}" not in main.get("/s/pdd/audit/").content.decode()
    html = main.get("/s/pdd/audit/", {"action": "conversation_read"}).content.decode()
    assert "m1" in html
    assert f"编号 {held.pk}" in html
    assert (
        f"编号 {held.pk}"
        in b"".join(main.get("/s/pdd/audit.csv", {"action": "conversation_read"}).streaming_content).decode()
    )


def test_readings_go_after_their_days_and_the_rest_of_the_log_stays(held, manager, settings) -> None:
    settings.KEEP_READINGS_DAYS = 30
    record_readings(actor=actor_of(manager), conversations=[(held.pk, None)], now=NOW)
    old = AuditEntry.objects.create(shop=held.shop, action=AuditAction.SHOP_CHANGED, at=NOW)
    client_of(manager).get(f"/s/pdd/conversations/{held.pk}/")
    drop_old_records()
    assert read() == [("m1", str(held.pk))]
    assert AuditEntry.objects.filter(pk=old.pk).exists()


def test_nothing_that_a_buyer_said_stands_in_the_log(held, manager) -> None:
    client_of(manager).get("/s/pdd/conversations/search/?q=西湖路")
    entry = AuditEntry.objects.get(action=AuditAction.CONVERSATION_READ)
    assert "西湖路" not in f"{entry.subject}{entry.before}{entry.after}"
