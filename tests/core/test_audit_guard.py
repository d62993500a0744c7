"""The database itself refuses to change, replace, delete or empty the audit trail, and the self-test sees when it does not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from allmende.core.audit import record
from allmende.core.audit_guard import guards, missing_guards
from allmende.core.models import AuditEntry, User

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)


@pytest.fixture
def line() -> AuditEntry:
    return record("test.do", ("thing", 1), by=None, now=NOW, what="x")


def refuses(statement: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return "append-only" in str(error)
    return False


def test_a_line_is_neither_changed_nor_deleted(line: AuditEntry) -> None:
    assert refuses(f"UPDATE core_auditentry SET action = 'other' WHERE id = {line.pk}")
    assert refuses(f"DELETE FROM core_auditentry WHERE id = {line.pk}")
    assert AuditEntry.objects.get().action == "test.do"


@pytest.mark.sqlite
def test_sqlite_does_not_replace_a_line_either(line: AuditEntry) -> None:
    columns = "id, at, action, subject_type, subject_id, details"
    values = f"{line.pk}, '2026-11-29 09:00:00', 'forged', 'thing', 1, '{{}}'"
    assert refuses(f"INSERT OR REPLACE INTO core_auditentry ({columns}) VALUES ({values})")
    record("test.again", ("thing", 1), by=None, now=NOW)
    assert [entry.action for entry in AuditEntry.objects.order_by("pk")] == ["test.do", "test.again"]


@pytest.mark.postgres
@pytest.mark.django_db
def test_postgresql_does_not_empty_the_table_either(line: AuditEntry) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE core_auditentry ENABLE TRIGGER audit_no_truncate")
    assert refuses("TRUNCATE core_auditentry CASCADE")
    assert missing_guards() == []


def test_the_self_test_names_a_guard_that_is_gone() -> None:
    first = next(iter(guards(connection.vendor)))
    before = missing_guards()
    on = "" if connection.vendor == "sqlite" else " ON core_auditentry"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {first}{on}")
    assert missing_guards() == [first, *before]


def test_a_line_names_whom_it_concerns() -> None:
    anna = User.objects.create_user("anna@example.org")
    assert record("test.join", ("organisation", 1), by=None, now=NOW, user=anna.pk).about == anna.pk
    assert record("test.save", ("user", anna.pk), by=None, now=NOW).about == anna.pk
    assert record("test.do", ("thing", anna.pk), by=anna, now=NOW, user="anna").about is None
