"""What in the database keeps the audit trail append-only: triggers that refuse everything but a new line.

SQLite: no update, no deletion, and no ``INSERT OR REPLACE`` of a line that is there (it would delete the old one without
asking the trigger for deletions).  PostgreSQL: no update, no deletion, no ``TRUNCATE``.  Whoever owns the table may drop the
triggers; docs/reference/access.md says how to run the program as somebody who does not.
"""

from __future__ import annotations

from typing import Final

from django.db import connection

TABLE: Final = "core_auditentry"
SAYS: Final = "the audit trail is append-only"

_SQLITE: Final = {
    "audit_no_update": f"CREATE TRIGGER IF NOT EXISTS audit_no_update BEFORE UPDATE ON {TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{SAYS}'); END",
    "audit_no_delete": f"CREATE TRIGGER IF NOT EXISTS audit_no_delete BEFORE DELETE ON {TABLE} "
    f"BEGIN SELECT RAISE(ABORT, '{SAYS}'); END",
    "audit_no_replace": f"CREATE TRIGGER IF NOT EXISTS audit_no_replace BEFORE INSERT ON {TABLE} "  # noqa: S608  names of ours
    f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, '{SAYS}'); END",
}
_FUNCTION: Final = (
    "CREATE OR REPLACE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{SAYS}'; END $$"
)
_POSTGRESQL: Final = {
    "audit_append_only": f"CREATE OR REPLACE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON {TABLE} "
    "FOR EACH ROW EXECUTE FUNCTION audit_is_append_only()",
    "audit_no_truncate": f"CREATE OR REPLACE TRIGGER audit_no_truncate BEFORE TRUNCATE ON {TABLE} "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only()",
}


def guards(vendor: str) -> dict[str, str]:
    """Name of each trigger -> the statement that makes it, safe to repeat."""
    return _POSTGRESQL if vendor == "postgresql" else _SQLITE


def statements(vendor: str) -> list[str]:
    """What a migration executes."""
    return [*([_FUNCTION] if vendor == "postgresql" else []), *guards(vendor).values()]


def missing_guards() -> list[str]:
    """The triggers that are not there, or (PostgreSQL) are turned off."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND tgenabled IN ('O', 'A')", [TABLE]
            )
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [TABLE])
        there = {str(row[0]).lower() for row in cursor.fetchall()}  # an older migration wrote capitals
    return [name for name in guards(connection.vendor) if name not in there]
