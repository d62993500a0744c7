import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("insight", "0007_delivery_work"),
        ("partners", "0007_people"),
    ]

    operations = [
        migrations.CreateModel(
            name="PublicFigures",
            fields=[
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="partners.organisation",
                    ),
                ),
                ("published_at", models.DateTimeField()),
            ],
        ),
    ]
