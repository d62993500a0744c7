from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0011_address_change"),
    ]

    operations = [
        migrations.AddField(
            model_name="letterchoice",
            name="begun_at",
            field=models.DateTimeField(blank=True, db_index=True, null=True),
        ),
        migrations.AddField(
            model_name="letterchoice",
            name="begun_is_digest",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="letterchoice",
            name="repeats",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
