"""The source of the secrets' key, the refusal of a wrong one, and the upgrade of stored secrets."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.db import connection

from deploy import backup
from outgoing.models import Outlet, Recipient
from tests.agents.factories import make_shop

ROOT = Path(__file__).resolve().parents[3]
BAD = "not-a-key-of-anything"


def run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {"FENLIU_VAR": str(folder), "DATABASE_URL": f"sqlite:///{folder}/x.sqlite3", **environment}
    given = {name: value for name, value in os.environ.items() if name != "FENLIU_SECRETS_KEY"} | given
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=given, capture_output=True, text=True, check=False)


@pytest.mark.slow
def test_without_a_key_one_is_made_that_only_its_owner_reads_and_the_backup_takes(tmp_path: Path) -> None:
    assert run(tmp_path, "manage.py", "check").returncode == 0
    made = tmp_path / "secrets_key"
    assert made.stat().st_mode & 0o777 == 0o600
    Fernet(made.read_text().strip())
    assert made.name in backup.KEYS
    before = made.read_text()
    assert run(tmp_path, "manage.py", "check").returncode == 0 and made.read_text() == before


@pytest.mark.slow
@pytest.mark.parametrize("command", [("manage.py", "worker"), ("-c", "import config.asgi")], ids=["worker", "web"])
def test_a_key_that_is_none_stops_the_start_with_its_place_and_is_not_quoted(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    done = run(tmp_path, *command, FENLIU_SECRETS_KEY=f"{Fernet.generate_key().decode()},{BAD}")
    said = done.stdout + done.stderr
    assert done.returncode != 0
    assert "FENLIU_SECRETS_KEY, key 2" in said and BAD not in said


@pytest.mark.django_db
@pytest.mark.both
def test_the_upgrade_encrypts_what_is_there_and_asks_the_mailboxes() -> None:
    shop = make_shop()
    values = {"address": "boss@example.com\nzhang@example.com", "secret": "fws_geheim"}
    outlet = Outlet.objects.create(shop=shop, kind="email", name="m", **values)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE outgoing_outlet SET address = %s, secret = %s", list(values.values()))
    migration = import_module("outgoing.migrations.0005_encrypt_secrets")
    for _ in range(2):
        migration.encrypt(apps, None)
        migration.ask(apps, None)
    with connection.cursor() as cursor:
        cursor.execute("SELECT address, secret FROM outgoing_outlet")
        assert all(stored.startswith("fsec1:") for stored in cursor.fetchone())
    outlet.refresh_from_db()
    assert (outlet.address, outlet.secret) == (values["address"], values["secret"])
    asked = Recipient.objects.filter(shop=shop, confirmed_at=None, wanted_at__isnull=False)
    assert [row.address for row in asked] == ["boss@example.com", "zhang@example.com"]
