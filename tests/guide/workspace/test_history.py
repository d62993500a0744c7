"""Every version of a record can be seen, compared and taken again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allmende.catalogue.actions import edit_item, publish_item, release_field, withdraw_item
from allmende.catalogue.actions.editorial.restore import restore_version
from allmende.catalogue.models import Event, Revision
from allmende.catalogue.rules import EditForbidden
from allmende.core.models import User
from allmende.core.text import original_text
from tests.guide.workspace.conftest import NOW, Deliver, People, event, note_of, words

pytestmark = pytest.mark.django_db


def editor() -> User:
    return User.objects.get(email="editor@example.org")


def title(text: str) -> dict[str, Any]:
    return {"name": {"original": "fr", "texts": {"fr": text}}}


def edits(concert: Event, *names: str) -> list[int]:
    for number, name in enumerate(names):
        edit_item("event", concert.pk, title(name), by=editor(), now=NOW + timedelta(minutes=number))
    return list(Revision.objects.order_by("pk").values_list("pk", flat=True))


def name_of(concert: Event) -> str:
    concert.refresh_from_db()
    return original_text(concert.name)


def test_each_version_can_be_restored_and_pins_its_fields(concert: Event) -> None:
    first, _, _ = edits(concert, "One", "Two", "Three")
    restore_version("event", concert.pk, first, by=editor(), now=NOW + timedelta(hours=1))
    assert name_of(concert) == "One"
    restore_version("event", concert.pk, 0, by=editor(), now=NOW + timedelta(hours=2))
    assert name_of(concert) == "Concert"
    assert set(concert.origins) == {"name"}
    assert Revision.objects.count() == 5


def test_an_old_text_neither_publishes_nor_withdraws(concert: Event) -> None:
    (first,) = edits(concert, "One")
    withdraw_item("event", concert.pk, by=editor(), now=NOW)
    edit_item("event", concert.pk, title("Two"), by=editor(), now=NOW)
    assert restore_version("event", concert.pk, first, by=editor(), now=NOW) == ["name"]
    assert (name_of(concert), concert.state) == ("One", "withdrawn")
    publish_item("event", concert.pk, by=editor(), now=NOW)
    assert [(r.action, r.before.get("state")) for r in Revision.objects.filter(action="published")] == [
        ("published", "withdrawn")
    ]


def test_what_only_imports_changed_keeps_todays_value(concert: Event, deliver: Deliver) -> None:
    (first,) = edits(concert, "One")
    deliver(event("a", "Concert", "Nouveau."))
    edit_item("event", concert.pk, title("Two"), by=editor(), now=NOW)
    restore_version("event", concert.pk, first, by=editor(), now=NOW)
    concert.refresh_from_db()
    assert (original_text(concert.name), original_text(concert.description)) == ("One", "Nouveau.")


def test_a_released_field_is_a_version_too(concert: Event) -> None:
    (first,) = edits(concert, "One")
    release_field("event", concert.pk, "name", by=editor(), now=NOW)
    assert name_of(concert) == "Concert"
    restore_version("event", concert.pk, first, by=editor(), now=NOW)
    assert name_of(concert) == "One"


def test_compare_and_restore_through_the_web(people: People, concert: Event) -> None:
    first, _ = edits(concert, "Grand concert", "Petit concert")
    here = f"/en/workspace/records/event/{concert.pk}/"
    listing = words(people.editor.get(f"{here}history/"))
    assert listing.index("Petit") < listing.index("Concert<span")
    page = words(people.editor.get(f"{here}history/{first}/"))
    assert '<del><span class="sr">taken away: </span>Petit<span' in page
    assert '<ins><span class="sr">added: </span>Grand<span' in page
    assert note_of(people.editor.post(f"{here}history/{first}/")) == ["Restored: Name."]
    assert name_of(concert) == "Grand concert"
    stale = people.editor.post(f"{here}history/0/", {"seen": NOW.isoformat()})
    assert stale.status_code == 409
    assert name_of(concert) == "Grand concert"


def test_who_sees_and_restores(people: People, concert: Event) -> None:
    edits(concert, "One")
    expected = {"member": 404, "editor": 200, "manager": 200, "colleague": 404, "operator": 200, "stranger": 302}
    here = f"/en/workspace/records/event/{concert.pk}/history/"
    for path in (here, f"{here}0/"):
        assert people.answers(lambda client, path=path: client.get(path)) == expected
    colleague = User.objects.get(email="colleague@example.org")
    with pytest.raises(EditForbidden):
        restore_version("event", concert.pk, 0, by=colleague, now=NOW)
    assert people.editor.get(f"{here}999/").status_code == 404


def test_the_list_asks_as_often_for_one_as_for_three(people: People, concert: Event) -> None:
    people.editor.get("/en/workspace/")  # the first page of a session notes who is there
    counts = []
    for names in (("One",), ("Two", "Three")):
        edits(concert, *names)
        with CaptureQueriesContext(connection) as asked:
            people.editor.get(f"/en/workspace/records/event/{concert.pk}/history/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
