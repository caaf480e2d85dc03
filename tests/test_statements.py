"""Statements that are worded once: they say what Django's own would, on both databases."""

from datetime import date

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import IntegerField
from django.db.models.functions import Cast
from django.test.utils import CaptureQueriesContext

from agents.models import Shop, SubAccount
from config.statements import Ahead, Read, Rows, insert, insert_both, insert_values, together, update
from conversations.models import Buyer, Conversation
from routing.models import AgentCounter, ShopEvent
from tests.agents.factories import make_shop

pytestmark = [pytest.mark.django_db, pytest.mark.both]

COUNTED = ("open", "waiting_replies", "received_today", "offline_today", "counted_on", "last_assigned")


@pytest.fixture
def shop() -> Shop:
    return make_shop()


def make_agent(shop: Shop, name: str = "a1") -> SubAccount:
    return SubAccount.objects.create(shop=shop, name=name, roles=["agent", "admin"])


def test_a_read_gives_what_the_query_would_for_every_value(shop: Shop) -> None:
    make_agent(shop), make_agent(shop, "a2"), make_agent(make_shop())
    find = Read(
        lambda shop, name: SubAccount.objects.filter(shop=shop, name=name).values_list("name", "roles", "enabled")
    )
    for name in ("a1", "a2", "nobody's"):
        assert find(shop.pk, name) == list(
            SubAccount.objects.filter(shop=shop, name=name).values_list("name", "roles", "enabled")
        )


def test_a_value_that_the_query_does_not_take_as_it_is_is_refused(shop: Shop) -> None:
    lost = Read(lambda shop, number: SubAccount.objects.filter(shop=shop)[:number])
    with pytest.raises(TypeError, match="value 1"):
        lost(shop.pk, 3)


def test_rows_go_in_with_their_keys_and_are_changed(shop: Shop) -> None:
    agent = make_agent(shop)
    buyer = Buyer(shop=shop, external_id="b1")
    insert(buyer)
    assert Buyer.objects.get(external_id="b1").pk == buyer.pk
    buyer.recent_agent_id = agent.pk
    update(buyer, ("recent_agent_id",))
    assert Buyer.objects.get(pk=buyer.pk).recent_agent == agent


def test_two_go_in_one_after_the_other_with_their_keys(shop: Shop) -> None:
    agent = make_agent(shop)
    for name in ("b1", "b2"):
        buyer = Buyer(shop=shop, external_id=name, recent_agent=agent)
        row = Conversation(
            shop=shop, external_id=f"c-{name}", buyer=buyer, holder=agent, labels=["vip"], opened_at=shop.created_at
        )
        insert_both(buyer, row, "buyer_id")
        kept = Conversation.objects.select_related("buyer").get(external_id=f"c-{name}")
        assert (kept.pk, kept.buyer.pk, kept.buyer.external_id) == (row.pk, buyer.pk, name)
        assert (kept.labels, kept.holder, kept.buyer.recent_agent) == (["vip"], agent, agent)
        assert row.buyer_id == buyer.pk
    again = Buyer(shop=shop, external_id="b3")
    taken = Conversation(shop=shop, external_id="c-b1", buyer=again, opened_at=shop.created_at)
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_both(again, taken, "buyer_id")
    assert not Buyer.objects.filter(external_id="b3").exists()


def test_values_go_in_and_over_what_is_there(shop: Shop) -> None:
    agent = make_agent(shop)
    for opened in (1, 2):
        row = (shop.pk, agent.pk, opened, 0, opened, 0, date(2026, 3, 2), 7)
        insert_values(AgentCounter, ("shop_id", "sub_account_id", *COUNTED), [row], over=("open", "counted_on"))
    counter = AgentCounter.objects.get(sub_account=agent)
    assert (counter.open, counter.counted_on, counter.received_today) == (2, date(2026, 3, 2), 1)


def test_what_is_sent_together_is_there_afterwards_and_an_error_is_djangos(shop: Shop) -> None:
    events = [(shop.pk, number, shop.created_at, "open", {"agents": [number]}) for number in (1, 2)]
    names = ("shop_id", "seq", "at", "kind", "data")
    with transaction.atomic(), together():
        insert_values(ShopEvent, names, events)
    assert [row.data for row in ShopEvent.objects.order_by("seq")] == [{"agents": [1]}, {"agents": [2]}]
    with pytest.raises(IntegrityError), transaction.atomic(), together():
        insert_values(ShopEvent, names, events[:1])
    assert ShopEvent.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_new_connection_is_asked_as_the_old_one_was(shop: Shop) -> None:
    names = Read(lambda shop: SubAccount.objects.filter(shop=shop).values_list("name"))
    make_agent(shop)
    for _ in range(5):
        assert names(shop.pk) == [("a1",)]
    connection.close()
    assert names(shop.pk) == [("a1",)]


def test_it_can_be_watched_like_any_query(shop: Shop) -> None:
    names = Read(lambda shop: SubAccount.objects.filter(shop=shop).values_list("name"))
    with CaptureQueriesContext(connection) as found:
        for _ in range(5):
            names(shop.pk)
    assert len(found) == 5 and all("agents_subaccount" in query["sql"] for query in found)


def test_whole_rows_come_with_those_they_refer_to(shop: Shop) -> None:
    agent = make_agent(shop)
    met, new = (
        Buyer.objects.create(shop=shop, external_id=n, recent_agent=a) for n, a in (("b1", agent), ("b2", None))
    )
    find = Rows(Buyer, lambda shop, keys: Buyer.objects.filter(shop=shop, pk__in=keys).order_by("pk"), "recent_agent")
    with CaptureQueriesContext(connection) as asked:
        rows = find(shop.pk, [met.pk, new.pk])
        assert [(row.pk, row.recent_agent) for row in rows] == [(met.pk, agent), (new.pk, None)]
    assert len(asked) == 1


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 8, 9])
def test_a_list_may_have_any_length(shop: Shop, count: int) -> None:
    keys = [make_agent(shop, f"a{number}").pk for number in range(9)]
    find = Read(lambda shop, keys: SubAccount.objects.filter(shop=shop, pk__in=keys).order_by("pk").values_list("pk"))
    assert [pk for (pk,) in find(shop.pk, keys[:count])] == keys[:count]


def test_a_number_that_no_database_keeps_finds_nothing(shop: Shop) -> None:
    find = Rows(SubAccount, lambda shop, pk: SubAccount.objects.filter(shop=shop, pk=pk))
    for number in (2**63 - 1, 2**63, 10**30, -(10**30)):
        assert find.first(shop.pk, number) is None


def test_a_column_that_was_left_out_is_read_when_somebody_asks(shop: Shop) -> None:
    agent = make_agent(shop)
    find = Rows(SubAccount, lambda pk: SubAccount.objects.filter(pk=pk).order_by(), without=("roles",))
    row = find.first(agent.pk)
    assert row is not None and "roles" not in vars(row) and row.roles == ["agent", "admin"]


def test_what_is_asked_ahead_is_answered_once_and_then_anew(shop: Shop) -> None:
    agent, other = make_agent(shop), make_agent(shop, "a2")
    names = Read(lambda shop: SubAccount.objects.filter(shop=shop).order_by("name").values_list("name"))
    named = Rows(SubAccount, lambda shop, name: SubAccount.objects.filter(shop=shop, name=name))
    with CaptureQueriesContext(connection) as asked:
        ahead = Ahead((names, shop.pk), (named, shop.pk, "a1"), (named, shop.pk, "a2"), (named, 2**63, "a1"))
    assert len(asked) == (3 if connection.vendor == "postgresql" else 0)
    before = other.pk
    if connection.vendor == "postgresql":
        other.delete()
    with CaptureQueriesContext(connection) as asked:
        assert [row.pk for row in (ahead.first(named, shop.pk, "a2"), ahead.first(named, shop.pk, "a1")) if row] == [
            before,
            agent.pk,
        ]
        assert ahead.rows(names, shop.pk) == [("a1",), ("a2",)]
        assert ahead.first(named, 2**63, "a1") is None
    assert len(asked) == (0 if connection.vendor == "postgresql" else 3)
    SubAccount.objects.filter(name="a2").delete()
    assert ahead.rows(names, shop.pk) == [("a1",)]
    assert ahead.first(named, shop.pk, "a2") is None


def test_an_error_among_what_is_asked_ahead_is_djangos(shop: Shop) -> None:
    wrong = Read(lambda name: SubAccount.objects.filter(name=name).values_list(Cast("name", IntegerField())))
    names = Read(lambda shop: SubAccount.objects.filter(shop=shop).values_list("name"))
    make_agent(shop)
    if connection.vendor == "postgresql":
        with pytest.raises(DataError), transaction.atomic():
            Ahead((names, shop.pk), (wrong, "a1"), (names, shop.pk))
    assert Ahead((names, shop.pk)).rows(names, shop.pk) == [("a1",)]
