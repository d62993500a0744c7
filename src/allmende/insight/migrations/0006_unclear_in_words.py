"""Only a word: what is unclear is not that methods disagree."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("insight", "0005_weather_and_holidays")]

    operations = [
        migrations.AlterField(
            model_name="evaluation",
            name="verdict",
            field=models.CharField(
                choices=[
                    ("worked", "It worked"),
                    ("no_effect", "No effect can be seen"),
                    ("opposite", "The opposite happened"),
                    ("unclear", "It cannot be told"),
                    ("refused", "The data allow no answer"),
                ],
                max_length=10,
            ),
        ),
    ]
