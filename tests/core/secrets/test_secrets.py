"""Secrets are encrypted in the column, read by any of the keys, and encrypted again by the newest."""

from collections.abc import Iterator
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.core.checks import run_checks
from django.core.exceptions import FieldError
from django.core.management import CommandError, call_command
from django.db import connection

from agents.models import Shop
from core.secrets import BadSecretsKey, StoredSecret, decrypt, encrypt, read_keys, rotate_all
from core.secrets.rotation import encrypted_columns
from outgoing.models import Outlet, PushSubscription
from outgoing.services import change_outlet, send_test, sweep
from tests.agents.factories import make_account, make_member, make_shop
from tests.outgoing.builders import make_webhook
from tests.outgoing.receiver import Receiver, receiving

pytestmark = pytest.mark.django_db
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
URL = "https://203.0.113.9/hook?token=geheim"


@pytest.fixture
def shop(settings) -> Shop:
    settings.SECRETS_KEYS = [OLD]
    return make_shop()


@pytest.fixture
def outlet(shop: Shop) -> Outlet:
    return Outlet.objects.create(shop=shop, kind="webhook", name="w", address=URL, secret="fws_geheim")


@pytest.fixture
def receiver(settings) -> Iterator[Receiver]:
    settings.ALLOW_PRIVATE_WEBHOOKS = True
    with receiving() as running:
        yield running


def column(name: str, table: str = "outgoing_outlet") -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{name}" FROM "{table}" ORDER BY id')
        return [row[0] for row in cursor.fetchall()]


def write_column(name: str, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE outgoing_outlet SET "{name}" = %s', [value])


@pytest.mark.both
def test_the_column_holds_no_secret_and_the_row_reads_as_before(outlet: Outlet) -> None:
    for name in ("address", "secret"):
        (stored,) = column(name)
        assert stored.startswith("fsec1:") and "geheim" not in stored
    row = Outlet.objects.get()
    assert (row.address, row.secret) == (URL, "fws_geheim")
    row.save()
    assert Outlet.objects.get().secret == "fws_geheim"


@pytest.mark.both
def test_every_secret_of_the_product_is_such_a_column(shop: Shop) -> None:
    found = {f"{model._meta.label}.{field.name}" for model, field in encrypted_columns()}
    assert found == {
        "agents.Authenticator.secret",
        "outgoing.Outlet.address",
        "outgoing.Outlet.secret",
        "outgoing.Outlet.previous_secret",
        "outgoing.PushSubscription.auth",
    }
    keys = {"p256dh": "public", "auth": "geheim", "session": "s", "password": "p"}
    PushSubscription.objects.create(account=make_account(), endpoint="https://push.example/1", **keys)
    assert "geheim" not in column("auth", "outgoing_pushsubscription")[0]
    assert PushSubscription.objects.get().auth == "geheim"


def test_two_encryptions_of_one_text_differ_and_an_empty_text_stays_empty(shop: Shop) -> None:
    assert encrypt("a") != encrypt("a") and decrypt(encrypt("钥匙")) == "钥匙"
    assert encrypt("") == "" and decrypt("") == ""


@pytest.mark.both
def test_rotation_encrypts_with_the_newest_key_and_the_old_one_can_go(outlet: Outlet, settings) -> None:
    settings.SECRETS_KEYS = [NEW, OLD]
    assert Outlet.objects.get().secret == "fws_geheim"
    out = StringIO()
    call_command("rotate_secrets", stdout=out)
    assert "outgoing.Outlet.secret: 1 encrypted again, 0 unreadable" in out.getvalue()
    settings.SECRETS_KEYS = [NEW]
    assert (Outlet.objects.get().secret, Outlet.objects.get().address) == ("fws_geheim", URL)
    before = column("secret")
    assert all(one.changed == 0 for one in rotate_all()) and column("secret") == before


@pytest.mark.both
def test_a_text_from_before_the_encryption_is_read_and_then_encrypted(outlet: Outlet) -> None:
    write_column("secret", "fws_plain")
    assert Outlet.objects.get().secret == "fws_plain"
    rotate_all()
    assert "plain" not in column("secret")[0] and Outlet.objects.get().secret == "fws_plain"


def test_a_value_that_is_changed_while_it_is_rotated_keeps_the_change(outlet: Outlet, settings, monkeypatch) -> None:
    settings.SECRETS_KEYS = [NEW, OLD]

    def changed_meanwhile(stored: str) -> str:
        Outlet.objects.update(secret="newer")
        return decrypt(stored)

    monkeypatch.setattr("core.secrets.rotation.decrypt", changed_meanwhile)
    rotate_all()
    assert Outlet.objects.get().secret == "newer"


@pytest.mark.both
def test_without_the_key_the_row_reads_empty_and_saving_it_destroys_nothing(outlet: Outlet, settings) -> None:
    settings.SECRETS_KEYS = [NEW]
    row = Outlet.objects.get()
    assert row.secret == "" and isinstance(row.secret, StoredSecret)
    row.name = "renamed"
    row.save()
    settings.SECRETS_KEYS = [OLD]
    again = Outlet.objects.get()
    assert (again.name, again.secret, again.address) == ("renamed", "fws_geheim", URL)


def test_rotation_without_the_old_key_says_so_and_exits_1(outlet: Outlet, settings) -> None:
    settings.SECRETS_KEYS = [NEW]
    with pytest.raises(CommandError, match="2 values"):
        call_command("rotate_secrets", stdout=StringIO())
    settings.SECRETS_KEYS = [OLD]
    assert Outlet.objects.get().secret == "fws_geheim"


def test_sweeps_go_on_past_an_outlet_that_cannot_be_read(shop: Shop, receiver: Receiver, settings) -> None:
    lost = make_webhook(shop, receiver.url, name="lost")
    settings.SECRETS_KEYS = [NEW]
    row = send_test(outlet=Outlet.objects.get(pk=lost.pk))
    assert (row.state, row.log[0]["error"]) == ("failed", "unreadable")
    good = make_webhook(shop, receiver.url, name="good")
    assert send_test(outlet=good).state == "delivered"
    sweep()
    assert len(receiver.got) == 1


def test_an_unreadable_outlet_is_shown_and_can_be_entered_anew(outlet: Outlet, client, settings) -> None:
    settings.SECRETS_KEYS, settings.ALLOW_PRIVATE_WEBHOOKS = [NEW], True
    client.force_login(make_member(outlet.shop, "main").account)
    for path in ("", f"{outlet.pk}/"):
        assert client.get(f"/s/{outlet.shop.slug}/outgoing/{path}").status_code == 200
    change_outlet(outlet=Outlet.objects.get(), address="https://127.0.0.1/new")
    assert Outlet.objects.get().address == "https://127.0.0.1/new"


def test_checks_name_a_key_that_is_none_without_quoting_it(settings) -> None:
    settings.SECRETS_KEYS = [NEW, "not-a-key"]
    (error,) = [one for one in run_checks() if one.id == "config.E003"]
    assert "key 2" in error.msg and "not-a-key" not in error.msg + str(error.hint)
    with pytest.raises(BadSecretsKey):
        read_keys([])


def test_the_database_check_names_the_columns_that_no_key_opens(outlet: Outlet, settings) -> None:
    assert not [one for one in run_checks(databases=["default"]) if one.id == "config.E004"]
    settings.SECRETS_KEYS = [NEW]
    found = {one.msg.split(":")[0] for one in run_checks(databases=["default"]) if one.id == "config.E004"}
    assert found == {"outgoing.Outlet.address", "outgoing.Outlet.secret"}


def test_a_search_by_a_secret_is_a_fault_of_the_program(outlet: Outlet) -> None:
    with pytest.raises(FieldError):
        Outlet.objects.filter(secret="fws_geheim").exists()


def test_neither_a_dump_nor_the_admin_nor_the_audit_log_shows_a_secret(outlet: Outlet, client) -> None:
    assert "geheim" not in serializers.serialize("json", Outlet.objects.all())
    client.force_login(make_account(operator=True))
    assert "geheim" not in client.get(f"/admin/outgoing/outlet/{outlet.pk}/change/").content.decode()
    change_outlet(outlet=outlet, secret="fws_geheim2")
    client.force_login(make_member(outlet.shop, "main").account)
    assert "geheim" not in client.get(f"/s/{outlet.shop.slug}/audit/").content.decode()
