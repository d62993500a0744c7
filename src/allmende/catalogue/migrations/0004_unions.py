from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0003_matches_and_schedules"),
    ]

    operations = [
        migrations.CreateModel(
            name="MatchDue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("event", "event"), ("place", "place"), ("offer", "offer")], max_length=10
                    ),
                ),
                ("item_id", models.BigIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="event",
            name="is_union",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="offer",
            name="is_union",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="place",
            name="is_union",
            field=models.BooleanField(default=False),
        ),
    ]
