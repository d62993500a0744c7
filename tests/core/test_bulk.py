"""Rows written many at a time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from allmende.core.bulk import VALUES, insert_rows
from allmende.partners.models import Organisation

pytestmark = pytest.mark.django_db

TEXTS = ("url", "email", "phone", "street", "postal_code", "locality")
FIELDS = ("name", "slug", "name_key", "kind", "about", "created_at", "updated_at", *TEXTS)
AT = datetime(2026, 11, 23, 9, tzinfo=UTC).isoformat()


def row(number: int, kind: str = "other") -> list[object]:
    return [f"Verein {number}", f"verein-{number}", f"verein {number}", kind, "{}", AT, AT, *[""] * len(TEXTS)]


@pytest.mark.parametrize("count", [0, 1, 3, VALUES // len(FIELDS), 2 * (VALUES // len(FIELDS)) + 1])
def test_every_row_is_written_once_however_many_go_into_a_statement(count: int) -> None:
    insert_rows(Organisation, FIELDS, [row(number) for number in range(count)])
    assert sorted(Organisation.objects.values_list("name", flat=True)) == sorted(f"Verein {n}" for n in range(count))


def test_rows_that_are_there_are_updated_among_new_ones() -> None:
    insert_rows(Organisation, FIELDS, [row(number) for number in range(100)])
    insert_rows(Organisation, FIELDS, [row(number, "museum") for number in range(50, 250)], update_on="name_key")
    kinds = dict(Organisation.objects.values_list("name_key", "kind"))
    assert len(kinds) == 250
    assert [kinds[f"verein {n}"] for n in (0, 49, 50, 99, 100, 249)] == ["other", "other", *["museum"] * 4]
