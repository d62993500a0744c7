"""Nobody replaces (SQLite) or truncates (PostgreSQL) the audit trail; and the triggers are there whatever came before."""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from allmende.core.audit_guard import TABLE, statements


def forbid(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in statements(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def allow(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER audit_no_truncate ON {TABLE}")
    else:
        schema_editor.execute("DROP TRIGGER audit_no_replace")


class Migration(migrations.Migration):
    dependencies = [("core", "0008_letters_and_calendar")]
    operations = [migrations.RunPython(forbid, allow)]
