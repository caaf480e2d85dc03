"""Encrypt what is there, and ask the e-mail addresses of alert channels whether they want the alerts.

A migration of its own: PostgreSQL alters no table in a transaction that has changed its rows.
"""

from django.db import migrations
from django.utils import timezone

from core.secrets.rotation import rotate_column

COLUMNS = (("Outlet", "address"), ("Outlet", "secret"), ("PushSubscription", "auth"))


def encrypt(apps, _schema_editor):
    for model, name in COLUMNS:
        rotate_column(apps.get_model("outgoing", model), name)


def ask(apps, _schema_editor):
    """Without FENLIU_URL a mail can hold no link: then it goes out when somebody presses “Send again”."""
    outlet, recipient = apps.get_model("outgoing", "Outlet"), apps.get_model("outgoing", "Recipient")
    now = timezone.now()
    for row in outlet.objects.filter(kind="email").iterator():
        recipient.objects.bulk_create(
            [
                recipient(shop_id=row.shop_id, address=address, wanted_at=now, language=row.language)
                for address in row.address.splitlines()
            ],
            ignore_conflicts=True,
        )


class Migration(migrations.Migration):
    dependencies = [("outgoing", "0004_secrets_and_recipients")]

    operations = [
        migrations.RunPython(encrypt, migrations.RunPython.noop),
        migrations.RunPython(ask, migrations.RunPython.noop),
    ]
