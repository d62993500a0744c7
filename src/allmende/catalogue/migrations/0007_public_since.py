"""When a record first stood on the public pages: only what was public once is told to be gone.

What is public now gets the time it came in.  What was withdrawn before this step stays unknown; nobody could have asked
for changes then.
"""

from __future__ import annotations

from typing import Any

from django.db import migrations, models


def from_creation(apps: Any, schema_editor: Any) -> None:
    for name in ("Event", "Place", "Offer"):
        model = apps.get_model("catalogue", name)
        model.objects.filter(state__in=("published", "joined")).update(public_since=models.F("created_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0006_planning_together"),
    ]

    operations = [
        *(
            migrations.AddField(model_name=name, name="public_since", field=models.DateTimeField(null=True))
            for name in ("event", "place", "offer")
        ),
        migrations.RunPython(from_creation, migrations.RunPython.noop),
    ]
