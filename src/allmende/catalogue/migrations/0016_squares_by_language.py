from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0015_bulk_edits"),
    ]

    operations = [
        migrations.AddField(
            model_name="mapcluster",
            name="hidden_in",
            field=models.PositiveSmallIntegerField(default=0),
        ),
    ]
