"""What is known about a person, to read, to print and for a spreadsheet: all of it, and theirs alone."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import timedelta

import pytest

from allmende.catalogue.models import BulkEdit, BulkEditRow
from allmende.core.models import AuditEntry, User
from allmende.core.notices import tell
from allmende.core.retention import forget_what_is_over, retention_rules
from tests.guide.workspace.conftest import NOW, People, words

pytestmark = pytest.mark.django_db
TO_READ = "/en/workspace/account/data/all/"
TABLES = "/en/workspace/account/data/export/tables/"


def rows_of(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))


@pytest.fixture
def told(people: People) -> User:
    """An editor who was told many things, one of them by somebody with a formula for a name."""
    editor = User.objects.get(email="editor@example.org")
    for number in range(30):
        tell([editor], "test.done", f"Number {number}", subject=("event", number), path="/", now=NOW)
    User.objects.filter(pk=editor.pk).update(name="=1+1")
    return editor


def test_every_row_stands_on_the_page_to_print(people: People, told: User) -> None:
    page = words(people.editor.get(TO_READ))
    assert all(f"Number {number}<" in page for number in range(30))
    assert "Nothing is known of" in page
    assert "Number 1<" not in words(people.colleague.get(TO_READ)), "what is theirs stays theirs"


def test_the_tables_hold_all_kinds_and_are_safe_in_a_spreadsheet(people: People, told: User) -> None:
    answer = people.editor.get(TABLES)
    assert answer["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    kinds = {row["table"]: row for row in rows_of(archive, "kinds.csv")}
    assert set(kinds) - {""} == set(archive.namelist()) - {"kinds.csv"}
    assert len(rows_of(archive, "notices.csv")) == 30 == int(kinds["notices.csv"]["rows"])
    assert rows_of(archive, "profile.csv")[0]["name"] == "'=1+1"
    others = zipfile.ZipFile(io.BytesIO(people.colleague.get(TABLES).content))
    assert "notices.csv" not in others.namelist()


def test_what_takes_many_changes_back_is_kept_a_year_and_told_of(people: People) -> None:
    editor = User.objects.get(email="editor@example.org")
    old, fresh = (
        BulkEdit.objects.create(kind="event", by=editor, at=NOW - timedelta(days=days), fields=["url"])
        for days in (366, 364)
    )
    BulkEditRow.objects.create(edit=old, item_id=1, outcome="changed", before={"columns": {"url": "x"}})
    assert forget_what_is_over(now=NOW)["bulk_edits"] == 2
    assert list(BulkEdit.objects.all()) == [fresh]
    assert not BulkEditRow.objects.exists()
    assert people.editor.get(f"/en/workspace/changes/{old.pk}/").status_code == 404
    User.objects.filter(pk=editor.pk).update(is_operator=True)
    rule = next(one for one in retention_rules() if one.key == "bulk_edits")
    assert rule.what.split(";")[0] in words(people.editor.get("/en/workspace/processing/"))
    assert AuditEntry.objects.filter(action="core.forget").exists()
