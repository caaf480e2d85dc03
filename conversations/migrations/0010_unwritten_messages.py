from django.db import migrations, models
from django.db.models import F


def clamp_times(apps, schema_editor):
    """Let messages dated after their arrival count at their arrival, as new ones do (METRICS 2)."""
    apps.get_model("conversations", "Message").objects.filter(sent_at__gt=F("received_at")).update(
        sent_at=F("received_at")
    )


class Migration(migrations.Migration):

    dependencies = [
        ('conversations', '0009_files_and_blocks'),
    ]

    operations = [
        migrations.AlterField(
            model_name='message',
            name='automatic',
            field=models.CharField(blank=True, choices=[('greeting', 'Greeting'), ('hot_questions', 'Hot questions'), ('menu', 'Self-service menu'), ('robot', 'Robot'), ('ask_human', 'pressed the button for a person'), ('taken_over', 'taken over from the robot')], max_length=15, verbose_name='automatic answer'),
        ),
        migrations.RunPython(clamp_times, migrations.RunPython.noop),
    ]
