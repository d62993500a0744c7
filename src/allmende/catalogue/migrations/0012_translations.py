"""How far each record is translated, and the languages in which its owner holds it back."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

from allmende.catalogue.text_states import packed

BLOCK = 500


def count_texts(apps: Any, schema_editor: Any) -> None:
    for name in ("Event", "Place", "Offer"):
        model = apps.get_model("catalogue", name)
        last = 0
        while block := list(
            model.objects.filter(pk__gt=last).order_by("pk").only("name", "summary", "description")[:BLOCK]
        ):
            for item in block:
                item.text_states = packed({"name": item.name, "summary": item.summary, "description": item.description})
            model.objects.bulk_update(block, ["text_states"], batch_size=100)
            last = block[-1].pk


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0011_publication_plans"),
    ]

    operations = [
        *(
            migrations.AddField(model_name=name, name=field, field=kind(default=0))
            for name in ("event", "place", "offer")
            for field, kind in (
                ("hidden_in", models.PositiveSmallIntegerField),
                ("text_states", models.PositiveIntegerField),
            )
        ),
        migrations.RunPython(count_texts, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                fields=["organisation", "state", "last_day", "text_states"], name="event_by_text_states"
            ),
        ),
        *(
            migrations.AddIndex(
                model_name=name,
                index=models.Index(fields=["hidden_in"], condition=models.Q(hidden_in__gt=0), name=f"{name}_held_back"),
            )
            for name in ("event", "place", "offer")
        ),
        *(
            migrations.AddIndex(
                model_name=name,
                index=models.Index(fields=["organisation", "state", "text_states"], name=f"{name}_by_text_states"),
            )
            for name in ("place", "offer")
        ),
    ]
