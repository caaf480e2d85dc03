from django.db import migrations, models


def set_offline(apps, schema_editor):
    """Let nobody be online without a login: imported history has left these sub-accounts, and nobody answers there."""
    places = apps.get_model("agents", "SubAccount").objects.filter(account=None).exclude(status="offline")
    apps.get_model("agents", "PresenceLease").objects.filter(sub_account__in=places).delete()
    places.update(status="offline")


class Migration(migrations.Migration):

    dependencies = [
        ("agents", "0012_audit_actions"),
    ]

    operations = [
        migrations.AddField(
            model_name="presencelease",
            name="session_key",
            field=models.CharField(blank=True, default="", max_length=40, verbose_name="session"),
            preserve_default=False,
        ),
        migrations.RunPython(set_offline, migrations.RunPython.noop),
    ]
