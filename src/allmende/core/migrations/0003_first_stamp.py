"""The single row of the content stamp."""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def make_row(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("core", "ContentStamp").objects.get_or_create(id=1, defaults={"value": 1})


class Migration(migrations.Migration):
    dependencies = [("core", "0002_append_only_audit")]
    operations = [migrations.RunPython(make_row, migrations.RunPython.noop)]
