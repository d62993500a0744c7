"""A first mapping from the names of columns and what stands in them."""

from __future__ import annotations

from typing import Any

import pytest

from allmende.formats.mapping import check_mapping, paths_of, propose_mapping


def propose(*rows: dict[str, Any], kind: Any = None) -> dict[str, Any]:
    return propose_mapping(list(rows[0]), rows, kind_hint=kind).mapping


@pytest.mark.parametrize(
    "headers",
    [
        ("Titel", "Beschreibung", "Beginn", "Ende", "Uhrzeit", "Straße", "PLZ", "Ort", "Veranstalter", "Kategorie", "Eintritt"),
        ("Rubrik", "Beskrivning", "Startdatum", "Slutdatum", "Starttid", "Gatuadress", "Postnummer", "Postort", "Arrangör", "Kategori", "Inträde"),
        ("Overskrift", "Beskrivelse", "Fra", "Til", "Klokkeslæt", "Vej", "Postnr", "By", "Arrangør", "Kategorier", "Pris"),
        ("Naam", "Omschrijving", "Van", "Tot", "Tijdstip", "Straat", "Postcode", "Plaats", "Organisator", "Categorie", "Prijs"),
        ("Titre", "Descriptif", "Date de début", "Date de fin", "Heure", "Adresse", "Code postal", "Commune", "Organisateur", "Thématique", "Tarif"),
        ("Title", "Description", "Start date", "End date", "Time", "Street", "Zip code", "City", "Organizer", "Category", "Price"),
    ],
    ids=["de", "sv", "da", "nl", "fr", "en"],
)  # fmt: skip
def test_column_names_in_six_languages(headers: tuple[str, ...]) -> None:
    cells = (
        "Fest",
        "Ein Fest.",
        "2026-11-07",
        "2026-11-08",
        "19:30",
        "Weg 1",
        "79400",
        "Kandern",
        "Verein",
        "Musik",
        "5 €",
    )
    fields = ("name", "description", "start", "end", "start_time", "street", "postal_code", "locality", "organiser_name", "categories", "price")  # fmt: skip
    assert propose(dict(zip(headers, cells, strict=True)))["fields"] == dict(zip(fields, headers, strict=True))


def test_what_stands_in_a_column_decides_where_its_name_does_not() -> None:
    fields = propose(
        {"Titel": "a", "A": "https://a.example/x", "B": "a@b.example", "C": "07.11.2026", "D": "47.7, 7.66", "E": "07626 255-0"},
        {"Titel": "b", "A": "https://a.example/y", "B": "c@d.example", "C": "08.11.2026", "D": "47.8, 7.60", "E": "+49 7626 9876"},
    )["fields"]  # fmt: skip
    assert fields == {"name": "Titel", "url": "A", "email": "B", "start": "C", "point": "D", "phone": "E"}


def test_values_that_do_not_fit_overrule_a_name() -> None:
    assert (
        "start" not in propose({"Titel": "a", "Datum": "siehe Flyer"}, {"Titel": "b", "Datum": "siehe Flyer"})["fields"]
    )


def test_a_key_must_tell_rows_apart() -> None:
    assert propose({"id": "1", "name": "a"}, {"id": "2", "name": "b"})["key"] == "id"
    assert "key" not in propose({"id": "1", "name": "a"}, {"id": "1", "name": "b"})


def test_kind_follows_from_the_columns_or_the_hint() -> None:
    row = {"name": "a", "start": "2026-11-07"}
    assert propose(row)["kind"] == "event"
    assert propose({"name": "a"})["kind"] == "place"
    assert propose(row, kind="place") == {"kind": "place", "fields": {"name": "name"}}


def test_a_day_that_repeats_on_every_row_is_no_event() -> None:
    rows = [{"nom": f"musée {n}", "date_arrete": "2003-02-01"} for n in range(20)]
    assert propose(*rows)["kind"] == "place"


def test_dates_with_slashes_decide_their_order_or_are_pointed_out() -> None:
    def notes(*days: str) -> tuple[list[str], Any]:
        rows = [{"id": str(n), "name": "a", "start": day} for n, day in enumerate(days)]
        proposal = propose_mapping(["id", "name", "start"], rows)
        return [note.code for note in proposal.notes], proposal.mapping.get("day_first")

    assert notes("03/04/2026", "05/06/2026") == (["day-first"], None)
    assert notes("03/04/2026", "25/06/2026") == ([], None)
    assert notes("03/04/2026", "05/26/2026") == ([], False)


def test_columns_by_language_become_a_text_by_language() -> None:
    row = {"title_de": "Fest", "title_fr": "Fête", "start": "2026-11-07"}
    assert propose(row)["fields"]["name"] == {"de": "title_de", "fr": "title_fr"}


def test_accessibility_is_found() -> None:
    assert propose({"name": "a", "Rollstuhlgerecht": "ja"})["fields"]["accessibility"] == {
        "step_free": "Rollstuhlgerecht"
    }


def test_every_column_has_its_reason() -> None:
    proposal = propose_mapping(["Titel", "xyz"], [{"Titel": "a", "xyz": "b"}])
    assert [(column.name, column.field, column.why) for column in proposal.columns] == [
        ("Titel", "name", "the name “Titel” says so"),
        ("xyz", "", "no field fits"),
    ]
    assert proposal.columns[0].confidence > 0.9


def test_what_is_missing_is_pointed_out() -> None:
    assert [note.code for note in propose_mapping(["xyz"], [{"xyz": "b"}]).notes] == ["no-name", "no-key"]


def test_nested_records_are_proposed_by_paths() -> None:
    rows = [
        {"id": 1, "label": {"fr": "Abbaye", "en": "Abbey"}, "at": [{"geo": {"lat": "47.1", "lon": "7.1"}}], "a.b": "x"}
    ]
    headers = paths_of(rows)
    assert headers == ["id", "label", "at.geo.lat", "at.geo.lon", r"a\.b"]
    mapping = propose_mapping(headers, rows).mapping
    assert mapping["fields"] == {"name": "label", "lat": "at.geo.lat", "lon": "at.geo.lon"}
    assert check_mapping(mapping) == []
