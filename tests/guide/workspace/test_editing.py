"""The edit form: what is typed is kept, pinned and undone; two people at once; nothing typed is lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from allmende.catalogue.actions import ImportOptions, open_source, run_import
from allmende.catalogue.models import Event, Place
from allmende.core.models import AuditEntry
from allmende.core.text import original_text
from tests.guide.workspace.conftest import NOW, Deliver, People, event, form_of, note_of, words

pytestmark = pytest.mark.django_db


def here(item: Any) -> str:
    return f"/en/workspace/records/{item.KIND}/{item.pk}/"


def open_form(client: Client, item: Any) -> dict[str, list[str]]:
    return form_of(words(client.get(here(item))), "edit")


def save(client: Client, item: Any, told: dict[str, list[str]], **changes: list[str] | str) -> Any:
    return client.post(here(item), told | {name.replace("__", "."): value for name, value in changes.items()})


def test_saving_without_a_change_pins_nothing(people: People, concert: Event) -> None:
    answer = save(people.editor, concert, open_form(people.editor, concert))
    assert note_of(answer) == ["There was nothing to save: no field was changed."]
    concert.refresh_from_db()
    assert concert.origins == {}


def test_pinned_field_through_the_web(people: People, concert: Event, deliver: Deliver) -> None:
    answer = save(people.editor, concert, open_form(people.editor, concert), name__fr="Concert de Noël")
    assert (answer.status_code, answer.url) == (303, here(concert))
    assert note_of(answer) == ["Saved: Name. A later import will not overwrite this."]
    deliver(event("a", "Concert!", "Nouveau."))
    concert.refresh_from_db()
    assert (original_text(concert.name), original_text(concert.description)) == ("Concert de Noël", "Nouveau.")
    page = words(people.editor.get(here(concert)))
    assert "Edited by you on" in page
    assert "The source says: <q>Concert!</q>" in page
    assert "Edited by Editor on" in words(people.manager.get(here(concert)))
    answer = people.manager.post(f"{here(concert)}release/", {"field": "name"})
    assert note_of(answer) == ["“Name” follows its source again."]
    concert.refresh_from_db()
    assert (original_text(concert.name), concert.origins) == ("Concert!", {})
    assert people.manager.post(f"{here(concert)}release/", {"field": "name"}).status_code == 404


def test_the_public_page_shows_the_edit(people: People, concert: Event) -> None:
    save(people.editor, concert, open_form(people.editor, concert), name__fr="Concert de Noël")
    concert.refresh_from_db()
    assert "Concert de Noël" in words(Client().get(f"/fr/events/{concert.slug}-{concert.pk}/"))


EVERYTHING: dict[str, tuple[dict[str, Any], str, Any]] = {
    "english name": (
        {"name.en": "Christmas concert"},
        "name",
        {"original": "fr", "texts": {"fr": "Concert", "en": "Christmas concert"}},
    ),
    "summary": ({"summary.fr": "En bref"}, "summary", {"original": "fr", "texts": {"fr": "En bref"}}),
    "categories": (
        {"categories.main": "festival", "categories.also": ["music"]},
        "categories",
        ["festival", "music"],
    ),
    "audience": ({"audience.who": ["children", "families"]}, "audience", ["families", "children"]),
    "accessibility": (
        {"accessibility.step_free": "yes", "accessibility.toilet": "no"},
        "accessibility",
        {"step_free": "yes", "toilet": "no"},
    ),
    "prices": (
        {"prices.0.label": "Adulte", "prices.0.min": "12,50", "prices.1.min": "0", "prices.1.label": "Enfant"},
        "prices",
        [
            {"min": "12.50", "max": "12.50", "currency": "EUR", "label": {"fr": "Adulte"}},
            {"min": "0", "max": "0", "currency": "EUR", "label": {"fr": "Enfant"}},
        ],
    ),
    "town": ({"address.locality": "Uzès"}, "locality", "Uzès"),
    "longitude": ({"point.lat": "44,01", "point.lon": "4.42"}, "lon", 4.42),
    "web page": ({"url.url": "example.org/concert"}, "url", "https://example.org/concert"),
    "e-mail": ({"contact.email": "anna@example.org"}, "email", "anna@example.org"),
    "status": ({"status.status": "cancelled"}, "status", "cancelled"),
    "venue": ({"venue.place_name": "Le Moulin"}, "place_name", "Le Moulin"),
    "organiser": ({"organiser.organiser_name": "Musée de Nîmes"}, "organiser_name", "Musée de Nîmes"),
    "start": (
        {"schedule.start_time": "20.00"},
        "schedule",
        {"start": "2030-12-05T20:00:00", "end": "2030-12-05T22:00:00"},
    ),
    "past midnight": (
        {"schedule.end_time": "01:00"},
        "schedule",
        {"start": "2030-12-05T19:30:00", "end": "2030-12-06T01:00:00"},
    ),
    "all day": (
        {"schedule.all_day": "1", "schedule.end_day": "2030-12-07"},
        "schedule",
        {"start": "2030-12-05", "end": "2030-12-07"},
    ),
    "weekly": (
        {"schedule.repeat": "weekly", "schedule.days": ["SA", "TH"], "schedule.until": "2030-12-31"},
        "schedule",
        {
            "start": "2030-12-05T19:30:00",
            "end": "2030-12-05T22:00:00",
            "rrule": "FREQ=WEEKLY;BYDAY=TH,SA;UNTIL=20301231T225959Z",
        },
    ),
    "first Thursday": (
        {"schedule.repeat": "nth", "schedule.count": "3"},
        "schedule",
        {
            "start": "2030-12-05T19:30:00",
            "end": "2030-12-05T22:00:00",
            "rrule": "FREQ=MONTHLY;BYDAY=1TH;COUNT=3",
        },
    ),
    "further date": (
        {"schedule.0.day": "2030-12-12"},
        "schedule",
        {
            "start": "2030-12-05T19:30:00",
            "end": "2030-12-05T22:00:00",
            "dates": [["2030-12-12T19:30:00", "2030-12-12T22:00:00"]],
        },
    ),
}


@pytest.mark.parametrize("name", EVERYTHING)
def test_each_field_is_saved_in_stored_form_and_shown_again(people: People, concert: Event, name: str) -> None:
    changes, column, value = EVERYTHING[name]
    answer = people.editor.post(here(concert), open_form(people.editor, concert) | changes)
    assert answer.status_code == 303, words(answer)
    concert.refresh_from_db()
    assert getattr(concert, column) == value
    assert len(concert.origins) == 1
    again = save(people.editor, concert, open_form(people.editor, concert))
    assert note_of(again)[-1] == "There was nothing to save: no field was changed."


def test_organiser_typed_by_a_person_is_the_one_on_the_public_page(people: People, concert: Event) -> None:
    save(people.editor, concert, open_form(people.editor, concert), organiser__organiser_name="Musée de Nîmes")
    concert.refresh_from_db()
    assert concert.organiser.name == "Musée de Nîmes"


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"name.fr": "  "}, "name.fr"),
    "long name": ({"name.fr": "x" * 301}, "name.fr"),
    "half a point": ({"point.lat": "44"}, "point.lon"),
    "point off the earth": ({"point.lat": "94", "point.lon": "4"}, "point.lat"),
    "no number": ({"point.lat": "north", "point.lon": "4"}, "point.lat"),
    "script address": ({"url.url": "javascript:alert(1)"}, "url.url"),
    "address with a gap": ({"url.url": "https://example.org/a b"}, "url.url"),
    "half an e-mail": ({"contact.email": "anna"}, "contact.email"),
    "no day": ({"schedule.start_day": ""}, "schedule.start_day"),
    "odd day": ({"schedule.start_day": "5 December"}, "schedule.start_day"),
    "odd time": ({"schedule.start_time": "half past"}, "schedule.start_time"),
    "ends before": ({"schedule.end_day": "2030-12-01"}, "schedule.end_day"),
    "no such zone": ({"schedule.timezone": "Europe/Uzes"}, "schedule.timezone"),
    "until and count": (
        {"schedule.repeat": "daily", "schedule.until": "2030-12-31", "schedule.count": "3"},
        "schedule.count",
    ),
    "price upside down": ({"prices.0.min": "9", "prices.0.max": "5"}, "prices.0.max"),
    "odd currency": ({"prices.0.min": "9", "prices.0.currency": "€"}, "prices.0.currency"),
    "ages upside down": ({"audience.age_min": "9", "audience.age_max": "5"}, "audience.age_max"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_used_is_said_beside_its_field_and_nothing_typed_is_lost(
    people: People, concert: Event, name: str
) -> None:
    changes, field = WRONG[name]
    before = Event.objects.values().get()
    typed = open_form(people.editor, concert) | {"description.fr": "Nouveau texte"} | changes
    answer = people.editor.post(here(concert), typed)
    assert answer.status_code == 422
    assert f'id="{field.replace(".", "-")}-error"' in words(answer)
    shown = form_of(words(answer), "edit")
    assert shown["description.fr"] == ["Nouveau texte"]
    for name_, value in changes.items():
        assert shown[name_] == [value.strip()]
    assert Event.objects.values().get() == before


def test_two_people_on_one_field_and_nothing_is_overwritten(people: People, concert: Event) -> None:
    mine = open_form(people.editor, concert)
    save(
        people.manager,
        concert,
        open_form(people.manager, concert),
        name__fr="Theirs",
        url__url="https://example.org/",
    )
    answer = save(people.editor, concert, mine, name__fr="Mine", description__fr="My text")
    assert answer.status_code == 409
    page = words(answer)
    assert "Somebody else changed this record" in page
    assert '<p class="stored">Theirs</p>' in page
    shown = form_of(page, "edit")
    assert (shown["name.fr"], shown["description.fr"], shown["url.url"]) == (
        ["Mine"],
        ["My text"],
        ["https://example.org/"],
    )
    concert.refresh_from_db()
    assert original_text(concert.name) == "Theirs"
    assert save(people.editor, concert, shown).status_code == 303
    concert.refresh_from_db()
    assert (original_text(concert.name), original_text(concert.description), concert.url) == (
        "Mine",
        "My text",
        "https://example.org/",
    )


def test_two_people_on_different_fields_both_get_theirs(people: People, concert: Event) -> None:
    mine = open_form(people.editor, concert)
    save(people.manager, concert, open_form(people.manager, concert), url__url="https://example.org/")
    assert save(people.editor, concert, mine, name__fr="Mine").status_code == 303
    concert.refresh_from_db()
    assert (original_text(concert.name), concert.url) == ("Mine", "https://example.org/")


def test_withdraw_and_publish(people: People, concert: Event) -> None:
    public = f"/en/events/{concert.slug}-{concert.pk}/"
    people.editor.post(f"{here(concert)}publication/", {"state": "withdrawn"})
    assert Client().get(public).status_code == 410
    people.editor.post(f"{here(concert)}publication/", {"state": "published"})
    assert Client().get(public).status_code == 200
    page = words(people.editor.get(here(concert)))
    assert [entry.action for entry in AuditEntry.objects.filter(subject_type="event")] == [
        "catalogue.published",
        "catalogue.withdrawn",
    ]
    assert "<strong>Editor</strong> withdrew" in page


def test_history_says_who_changed_what(people: People, concert: Event) -> None:
    save(people.editor, concert, open_form(people.editor, concert), name__fr="<b>Noël</b>")
    page = words(people.manager.get(here(concert)))
    assert "<strong>Editor</strong> edited" in page
    assert '<ins><span class="sr">After: </span>&lt;b&gt;Noël&lt;/b&gt;</ins>' in page
    assert "<b>Noël</b>" not in page


def test_a_rich_rule_of_the_source_survives_an_edit_of_the_time(people: People, deliver: Deliver) -> None:
    rich = "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1"
    deliver(event("a").replace("END:VEVENT", f"RRULE:{rich}\nEND:VEVENT"))
    item = Event.objects.get()
    assert f"By a rule of its source: {rich}" in words(people.editor.get(here(item)))
    save(people.editor, item, open_form(people.editor, item), schedule__start_time="18:00")
    item.refresh_from_db()
    assert item.schedule == {"start": "2030-12-05T18:00:00", "end": "2030-12-05T22:00:00", "rrule": rich}


# ---------------------------------------------------------------------- places


@pytest.fixture
def museum(people: People, tmp_path: Any) -> Place:
    source = open_source(
        "museums",
        defaults={"title": "Museums", "organisation": "Ville d’Uzès", "kind": "place", "language": "fr"},
        now=NOW,
    )
    path = tmp_path / "museums.csv"
    path.write_text("id,name\n1,Musée\n")
    mapping = {"kind": "place", "key": "id", "language": "fr", "fields": {"name": "name"}}
    run_import(source, path, options=ImportOptions(format="csv", mapping=mapping), by=None, now=NOW, trusted=True)
    return Place.objects.get()


def test_opening_hours_with_a_season(people: People, museum: Place) -> None:
    row = {
        "hours.0.days": ["1", "2", "7"],
        "hours.0.opens": "9",
        "hours.0.closes": "24:00",
        "hours.0.from": "2030-05-01",
        "hours.0.through": "2030-09-30",
        "hours.0.every_year": "1",
        "hours.1.days": ["0"],
        "hours.text": "Fermé le lundi",
    }
    answer = people.editor.post(here(museum), open_form(people.editor, museum) | row)
    assert answer.status_code == 303, words(answer)
    museum.refresh_from_db()
    assert museum.hours == [
        {
            "days": [1, 2, 7],
            "opens": "09:00",
            "closes": "00:00",
            "valid_from": "2030-05-01",
            "valid_through": "2030-09-30",
            "every_year": True,
        },
        {"days": [0], "opens": "", "closes": "", "valid_from": None, "valid_through": None, "every_year": False},
    ]
    assert museum.hours_text == {"original": "fr", "texts": {"fr": "Fermé le lundi"}}
    again = save(people.editor, museum, open_form(people.editor, museum))
    assert note_of(again)[-1] == "There was nothing to save: no field was changed."


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"hours.0.opens": "9:00", "hours.0.closes": "17:00"}, "hours.0.days"),
        ({"hours.0.days": ["1"], "hours.0.opens": "9:00"}, "hours.0.closes"),
        ({"hours.0.days": ["1"], "hours.0.every_year": "1"}, "hours.0.from"),
        ({"hours.0.days": ["1"], "hours.0.from": "2030-05-01", "hours.0.through": "2030-04-01"}, "hours.0.through"),
    ],
)
def test_opening_hours_that_make_no_sense_are_refused(
    people: People, museum: Place, row: dict[str, Any], field: str
) -> None:
    answer = people.editor.post(here(museum), open_form(people.editor, museum) | row)
    assert answer.status_code == 422
    assert f'id="{field.replace(".", "-")}-error"' in words(answer)
    museum.refresh_from_db()
    assert museum.hours == []
