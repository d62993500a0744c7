"""Nothing typed is lost: what stands in a form is kept while it is typed, for each window by itself."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from allmende.catalogue.models import Event
from allmende.core.drafts import forget_old_drafts, keep_draft
from allmende.core.models import FormDraft, User
from allmende.core.text import original_text
from tests.guide.workspace.conftest import NOW, People, form_of, words

pytestmark = pytest.mark.django_db

TAB, OTHER = "window-one", "window-two"


def here(concert: Event) -> str:
    return f"/en/workspace/records/event/{concert.pk}/"


def type_into(client: Client, path: str, name: str, *, tab: str = TAB, number: int = 1, **more: Any) -> Any:
    form = form_of(words(client.get(path)), "edit")
    typed = {key: texts for key, texts in form.items() if "." in key} | {"name.fr": [name]} | more
    seen = json.loads(form["seen"][0] or "{}")
    told = {"tab": tab, "number": number, "typed": typed, "seen": seen}
    return client.put(f"{path}typed/", json.dumps(told), content_type="application/json")


def test_what_was_typed_is_offered_and_gone_on_with(people: People, concert: Event) -> None:
    answer = type_into(people.editor, here(concert), "Concert de Noël")
    assert answer.json()["words"].startswith("Kept at ")
    assert original_text(Event.objects.get().name) == "Concert"
    assert "You typed something here on" in words(people.editor.get(here(concert)))
    page = words(people.editor.get(f"{here(concert)}?typed={TAB}"))
    form = form_of(page, "edit")
    assert (form["name.fr"], form["tab"]) == (["Concert de Noël"], [TAB])
    people.editor.post(here(concert), form)
    assert original_text(Event.objects.get().name) == "Concert de Noël"
    assert not FormDraft.objects.exists()


def test_a_draft_is_for_its_person_alone(people: People, concert: Event) -> None:
    type_into(people.editor, here(concert), "Secret")
    assert "Secret" not in words(people.manager.get(f"{here(concert)}?typed={TAB}"))
    assert "You typed something here" not in words(people.manager.get(here(concert)))
    told = {"tab": TAB, "number": 1, "typed": {}, "seen": {}}
    for client, status in ((people.member, 404), (people.colleague, 404), (people.stranger, 302)):
        answer = client.put(f"{here(concert)}typed/", json.dumps(told), content_type="application/json")
        assert answer.status_code == status
    assert FormDraft.objects.count() == 1


def test_two_windows_overwrite_nothing(people: People, concert: Event) -> None:
    type_into(people.editor, here(concert), "From the first")
    type_into(people.editor, here(concert), "From the second", tab=OTHER)
    page = words(people.editor.get(here(concert)))
    assert page.count("You typed something here on") == 2
    form = form_of(words(people.editor.get(f"{here(concert)}?typed={OTHER}")), "edit")
    people.editor.post(here(concert), form)
    assert original_text(Event.objects.get().name) == "From the second"
    first = form_of(words(people.editor.get(f"{here(concert)}?typed={TAB}")), "edit")
    assert first["name.fr"] == ["From the first"]
    answer = people.editor.post(here(concert), first)
    assert answer.status_code == 409
    assert "From the second" in words(answer)


def test_what_comes_late_changes_nothing(people: People, concert: Event) -> None:
    type_into(people.editor, here(concert), "New", number=7)
    type_into(people.editor, here(concert), "Old", number=6)
    assert FormDraft.objects.get().typed["name.fr"] == ["New"]


def test_a_draft_takes_over_what_others_saved_in_other_fields(people: People, concert: Event) -> None:
    type_into(people.editor, here(concert), "Mine")
    form = form_of(words(people.manager.get(here(concert))), "edit")
    people.manager.post(here(concert), form | {"venue.place_name": "Le Moulin"})
    people.editor.post(here(concert), form_of(words(people.editor.get(f"{here(concert)}?typed={TAB}")), "edit"))
    saved = Event.objects.get()
    assert (original_text(saved.name), saved.place_name) == ("Mine", "Le Moulin")


def test_a_new_record_is_kept_too(people: People) -> None:
    new = "/fr/workspace/records/event/new/"
    type_into(people.editor, new, "Marché")
    form = form_of(words(people.editor.get(f"{new}?typed={TAB}")), "edit")
    assert form["name.fr"] == ["Marché"]
    answer = people.editor.post(new, form | {"schedule.start_day": "2030-01-01", "schedule.start_time": "10:00"})
    assert answer.status_code == 303
    assert not FormDraft.objects.exists()


def test_throwing_away_is_for_one_window(people: People, concert: Event) -> None:
    type_into(people.editor, here(concert), "One")
    type_into(people.editor, here(concert), "Two", tab=OTHER)
    people.editor.post(f"{here(concert)}typed/", {"tab": TAB})
    assert FormDraft.objects.get().tab == OTHER
    people.editor.post(f"{here(concert)}typed/", {})
    assert FormDraft.objects.count() == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"tab": "x", "number": 1, "typed": {}, "seen": {}}',
        b'{"tab": "window-one", "number": -1, "typed": {}, "seen": {}}',
        b'{"tab": "window-one", "number": 1, "typed": {"a.b": 5}, "seen": {}}',
        b'{"tab": "window-one", "number": 1, "typed": [], "seen": {}}',
    ],
)
def test_nonsense_is_refused(people: People, concert: Event, body: bytes) -> None:
    answer = people.editor.put(f"{here(concert)}typed/", body, content_type="application/json")
    assert answer.status_code == 400
    assert not FormDraft.objects.exists()


def test_more_than_anybody_types_is_refused(people: People, concert: Event) -> None:
    assert type_into(people.editor, here(concert), "x" * 300_001).status_code == 413


def test_drafts_are_not_kept_for_ever(people: People) -> None:
    user = User.objects.get(email="editor@example.org")
    for number in range(10):
        keep_draft(user, "record/event/1", {}, {}, tab=f"tab-{number}", number=1, now=NOW + timedelta(minutes=number))
    assert [draft.tab for draft in FormDraft.objects.order_by("pk")] == [f"tab-{number}" for number in range(2, 10)]
    assert forget_old_drafts(now=NOW + timedelta(days=59)) == 0
    assert forget_old_drafts(now=NOW + timedelta(days=61)) == 8
