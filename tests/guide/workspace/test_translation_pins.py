"""A translation is pinned alone: its original goes on following the source."""

from __future__ import annotations

from allmende.catalogue.actions import edit_item, release_field
from allmende.catalogue.models import Event
from allmende.catalogue.text_states import state_of_record, unpacked
from allmende.core.models import User
from allmende.core.text import is_stale, with_translation
from tests.guide.workspace.conftest import NOW, Deliver, event


def translate(concert: Event, text: str, *, by_machine: bool = False) -> None:
    concert.refresh_from_db()
    value = with_translation(concert.description, "de", text, by_machine=by_machine)
    edit_item("event", concert.pk, {"description": value}, by=None, now=NOW, rule=lambda by, item: True)
    concert.refresh_from_db()


def test_an_import_keeps_the_translation_and_brings_the_new_original(concert: Event, deliver: Deliver) -> None:
    translate(concert, "Ein Abend.", by_machine=True)
    assert concert.origins["description"]["languages"] == ["de"]
    deliver(event("a", text="Deux soirées."))
    concert.refresh_from_db()
    assert concert.description["texts"] == {"fr": "Deux soirées.", "de": "Ein Abend."}
    assert concert.description["machine"] == ["de"]
    assert is_stale(concert.description, "de")
    assert unpacked(concert.text_states, "de") == "partly"  # the name is in French alone
    deliver(event("a", text="Une soirée."))
    concert.refresh_from_db()
    assert not is_stale(concert.description, "de")


def test_an_original_that_a_person_set_is_pinned_as_a_whole(concert: Event, deliver: Deliver) -> None:
    translate(concert, "Ein Abend.")
    value = {"original": "fr", "texts": {"fr": "Une belle soirée.", "de": "Ein Abend."}}
    edit_item("event", concert.pk, {"description": value}, by=None, now=NOW, rule=lambda by, item: True)
    deliver(event("a", text="Deux soirées."))
    concert.refresh_from_db()
    assert "languages" not in concert.origins["description"]
    assert concert.description["texts"]["fr"] == "Une belle soirée."
    assert is_stale(concert.description, "de")


def test_letting_go_of_the_pin_lets_go_of_the_translation(concert: Event) -> None:
    translate(concert, "Ein Abend.")
    release_field("event", concert.pk, "description", by=User.objects.get(is_operator=True), now=NOW)
    concert.refresh_from_db()
    assert concert.origins == {}
    assert concert.description["texts"] == {"fr": "Une soirée."}


def test_states_of_a_record_say_what_is_worst(concert: Event) -> None:
    columns = {"name": concert.name, "summary": {}, "description": concert.description}
    assert state_of_record(columns, "fr") == "original"
    assert state_of_record(columns, "de") == "missing"
    columns["name"] = with_translation(concert.name, "de", "Konzert", by_machine=False)
    assert state_of_record(columns, "de") == "partly"
    columns["description"] = with_translation(concert.description, "de", "Ein Abend.", by_machine=True)
    assert state_of_record(columns, "de") == "machine"
    assert unpacked(concert.text_states, "de") == "missing"
    assert unpacked(concert.text_states, "fr") == "original"
