"""The data of the last release, as rows: made once a release, loaded by the tests of upgrading, backup and restore.

    python -m tests.operations.release make      on the release's own code, with DATABASE_URL of an empty database:
                                                 writes last_release.json beside this file; commit it with the release
    python -m tests.operations.release load      an empty database to the recorded migrations, and the rows into it
    python -m tests.operations.release compare   whether every recorded row is still there, after `migrate`
    python -m tests.operations.release use       whether people and programs go on working with it

Exit 1 where it is not so.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.apps import apps  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.management.color import no_style  # noqa: E402
from django.db import connection, models, transaction  # noqa: E402
from django.db.migrations.executor import MigrationExecutor  # noqa: E402
from django.test import Client  # noqa: E402

from agents.models import Shop, SubAccount  # noqa: E402
from agents.vocabulary import Role  # noqa: E402
from routing import services  # noqa: E402
from tests.operations.release_data import fill  # noqa: E402

RECORD = Path(__file__).parent / "last_release.json"
APPS = ("agents", "chat", "config", "conversations", "metrics", "outgoing", "routing")
EMPTY = {
    "conversations.AnswerPart",
    "conversations.AnswerItem",
    "conversations.ConversationName",
    "metrics.RollupDrift",
    "metrics.DirtyDay",
    "agents.ShiftMark",
    "agents.Account_groups",
    "agents.Account_user_permissions",
}
"""Of these a release's data need not hold any rows: nothing follows from them, or others of their kind are there."""
DROPPED: dict[str, set[str]] = {}
"""What a later release knowingly no longer has: {"app.Model": {"field", …}}, or {"*"} for the whole table."""

Rows = list[dict[str, Any]]


def make() -> int:
    call_command("migrate", verbosity=0)
    fill()
    every = {model._meta.label: list(recorded(model)) for app in APPS for model in models_of(app)}
    rows = {label: found for label, found in every.items() if found}
    empty = every.keys() - rows.keys() - EMPTY
    if empty:
        raise SystemExit(f"no rows of {', '.join(sorted(empty))}: an upgrade of them would not be tried")
    nodes = sorted(MigrationExecutor(connection).loader.graph.leaf_nodes())
    text = json.dumps({"migrations": nodes, "rows": rows}, ensure_ascii=False, default=str, separators=(",", ":"))
    RECORD.write_text(text.replace('},{"', '},\n{"').replace("}],", "}],\n") + "\n")
    print(f"{sum(map(len, rows.values()))} rows of {len(rows)} tables, {RECORD.stat().st_size} bytes")
    return 0


def models_of(app: str) -> Iterator[type[models.Model]]:
    yield from apps.get_app_config(app).get_models(include_auto_created=True)


def recorded(model: type[models.Model]) -> Iterator[dict[str, Any]]:
    for row in model._default_manager.order_by("pk"):
        yield {field.attname: plain(field.value_from_object(row)) for field in model._meta.concrete_fields}


def plain(value: Any) -> Any:
    """As JSON has it; times whole."""
    if isinstance(value, bool | int | float | str | list | dict) or value is None:
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def load() -> int:
    record = json.loads(RECORD.read_text())
    executor = MigrationExecutor(connection)
    # Packages that have been dropped since (django-axes) leave no migrations to go back to.
    nodes = [(app, name) for app, name in record["migrations"] if app in executor.loader.migrated_apps]
    executor.migrate(nodes)
    then = MigrationExecutor(connection).loader.project_state(nodes).apps
    with transaction.atomic():
        for label, rows in record["rows"].items():
            model = then.get_model(label)
            fields = {field.attname: field for field in model._meta.concrete_fields}
            made = [model(**{name: fields[name].to_python(value) for name, value in row.items()}) for row in rows]
            model._default_manager.bulk_create(made, batch_size=200)
    filled = [then.get_model(label) for label in record["rows"]]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), filled):
            cursor.execute(statement)
    return 0


def compare() -> int:
    wrong: list[str] = []
    for label, rows in json.loads(RECORD.read_text())["rows"].items():
        gone = DROPPED.get(label, set())
        if "*" not in gone:
            wrong += differences(label, rows, gone)
    print("\n".join(wrong) or "every row is there")
    return int(bool(wrong))


def differences(label: str, rows: Rows, gone: set[str]) -> Iterator[str]:
    model = apps.get_model(label)
    there = {str(row[model._meta.pk.attname]): row for row in recorded(model)}
    for row in rows:
        now = there.get(str(row[model._meta.pk.attname]))
        if now is None:
            yield f"{label} {row}: gone"
            continue
        for name, value in row.items():
            if name not in gone and now.get(name, "no such field") != value:
                yield f"{label} {row[model._meta.pk.attname]} {name}: {value!r}, now {now.get(name, 'no such field')!r}"


def use() -> int:
    """Pages of the shop that was there, and a conversation of a new buyer in it."""
    shop = Shop.objects.get(slug="release")
    main = next(row for row in SubAccount.objects.filter(shop=shop, account__isnull=False) if row.has_role([Role.MAIN]))
    client = Client()
    client.force_login(main.account)
    for page in ("", "wall/", "routing/", "reports/", "penalties/", "audit/", "sub-accounts/"):
        assert client.get(f"/s/{shop.slug}/{page}", follow=True).status_code == 200, page
    opened = services.open_conversation(shop=shop, buyer="after the upgrade", entry="goods_detail")
    assert opened.created and opened.conversation.pk and opened.decisions
    print("in use")
    return 0


if __name__ == "__main__":
    sys.exit({"make": make, "load": load, "compare": compare, "use": use}[sys.argv[1]]())
