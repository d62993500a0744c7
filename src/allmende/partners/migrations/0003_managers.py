"""Whoever ran an organisation's records was its coordinator; networks have coordinators now, organisations managers."""

from __future__ import annotations

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def _rename(apps: StateApps, old: str, new: str) -> None:
    apps.get_model("partners", "Membership").objects.filter(role=old).update(role=new)


def to_manager(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _rename(apps, "coordinator", "manager")


def to_coordinator(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _rename(apps, "manager", "coordinator")


class Migration(migrations.Migration):
    dependencies = [("partners", "0002_api_keys")]
    operations = [
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(
                choices=[("member", "Member"), ("editor", "Editor"), ("manager", "Manager")],
                default="member",
                max_length=20,
            ),
        ),
        migrations.RunPython(to_manager, to_coordinator),
    ]
