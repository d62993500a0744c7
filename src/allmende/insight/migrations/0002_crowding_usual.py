"""How unusual an episode was by rank, and what is usual in a form that a map can read for a thousand sites."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("insight", "0001_initial")]

    operations = [
        migrations.AddField("crowdingepisode", "percentile", models.FloatField(blank=True, null=True)),
        migrations.AddField("sitesummary", "usual", models.BinaryField(default=b"")),
    ]
