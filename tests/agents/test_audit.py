"""The audit log: every change says who, when, from where, before and after; no password stands in it."""

import pytest
from django.test import Client

from agents import services
from agents.models import Account, AuditEntry, Shop
from agents.permissions import Actor
from agents.vocabulary import AuditAction, Role
from routing.services import publish
from tests.agents.factories import make_member, make_shop

PASSWORD = "one-Long-password"

pytestmark = pytest.mark.django_db


def entries(shop: Shop) -> list[tuple[str, str]]:
    return [(entry.action, entry.subject) for entry in AuditEntry.objects.filter(shop=shop).order_by("pk")]


@pytest.fixture
def shop() -> Shop:
    return make_shop()


@pytest.fixture
def main(shop: Shop) -> Account:
    account = make_member(shop, Role.MAIN, name="boss").account
    account.set_password(PASSWORD)
    account.save()
    AuditEntry.objects.all().delete()
    return account


def test_a_change_tells_what_differed_and_nothing_else(shop: Shop) -> None:
    member = make_member(shop, name="a1")
    AuditEntry.objects.all().delete()
    services.update_sub_account(sub_account=member, roles=member.roles, max_concurrent=7)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject) == (AuditAction.SUB_ACCOUNT_CHANGED, "a1")
    assert (entry.before, entry.after) == ({"max_concurrent": None}, {"max_concurrent": 7})


def test_what_changes_nothing_leaves_no_entry(shop: Shop) -> None:
    member = make_member(shop, name="a1")
    AuditEntry.objects.all().delete()
    services.update_sub_account(sub_account=member, roles=member.roles)
    services.update_shop(shop=shop, name=shop.name)
    assert not AuditEntry.objects.exists()


def test_who_and_from_where_is_the_requests(shop: Shop, main: Account, client: Client) -> None:
    client.force_login(main)
    client.post(
        f"/s/{shop.slug}/sub-account-new/",
        {"account": "new-one", "password": "only-the-hash-is-kept", "roles": ["agent"]},
        REMOTE_ADDR="198.51.100.7",
    )
    entry = AuditEntry.objects.get(action=AuditAction.SUB_ACCOUNT_ADDED)
    assert (entry.by, entry.by_name, entry.address) == (main, "boss", "198.51.100.7")
    assert "only-the-hash" not in str(AuditEntry.objects.values_list())


def test_an_api_caller_is_known_too(shop: Shop, main: Account, client: Client) -> None:
    token = services.create_token(account=main)
    address = f"/api/v1/shops/{shop.slug}/keys/"
    assert client.post(address, {"name": "till"}, headers={"Authorization": f"Token {token}"}).status_code == 201
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by, entry.address) == (AuditAction.KEY_MADE, main, "127.0.0.1")


def test_outside_a_request_nobody_acted(shop: Shop, main: Account) -> None:
    services.update_shop(shop=shop, name="Another name")
    entry = AuditEntry.objects.get()
    assert (entry.by, entry.by_name, entry.address) == (None, "", "")


def test_passwords_are_told_of_but_not_told(shop: Shop, main: Account) -> None:
    member = make_member(shop, name="a1")
    AuditEntry.objects.all().delete()
    actor = Actor(shop, main, main.sub_accounts.get(shop=shop))
    services.reset_password(actor=actor, sub_account=member, password="a-new-one-for-a1")
    services.change_password(account=main, old_password=PASSWORD, new_password="a-new-one-for-boss")
    assert entries(shop) == [(AuditAction.PASSWORD_RESET, "a1"), (AuditAction.PASSWORD_CHANGED, "boss")]
    assert "a-new-one" not in str(AuditEntry.objects.values_list())


@pytest.mark.django_db(transaction=True)
def test_a_refused_change_leaves_no_entry_a_published_one_its_changes() -> None:
    shop = make_shop()
    make_member(shop, name="a1")
    AuditEntry.objects.all().delete()
    with pytest.raises(Exception, match="a9"):
        publish(shop=shop, document={"never_route": ["a9"]})
    assert not AuditEntry.objects.exists()
    publish(shop=shop, document={"never_route": ["a1"]})
    entry = AuditEntry.objects.get()
    assert entry.after["version"] == 2
    assert entry.after["changes"] == [{"path": "never_route", "added": ["a1"], "removed": []}]
