"""From a row to a record, by a mapping."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from allmende.formats.mapping import check_mapping, dump_mapping, load_mapping, parse_with_mapping, plan_for
from allmende.formats.mapping.fields import FIELDS
from allmende.formats.mapping.schema import json_schema
from allmende.formats.records import (
    Contact,
    Hours,
    MediaItem,
    Parsed,
    Price,
    RawRecord,
    ReadOptions,
    Record,
    Schedule,
    UnusableInput,
)
from tests.formats.tabular_help import ROOT

BASE = {"name": "titel", "start": "beginn"}


def parse(value: Any, fields: dict[str, Any], **more: Any) -> Parsed:
    mapping = {"kind": "event", "fields": fields, "timezone": "Europe/Berlin", **more}
    raw = RawRecord("k1", json.dumps(value).encode(), "row 2")
    return parse_with_mapping(raw, ReadOptions(mapping=mapping))


def record(value: Any, fields: dict[str, Any], **more: Any) -> Record:
    parsed = parse(value, fields, **more)
    assert parsed.record is not None, parsed.problems
    return parsed.record


def event(fields: dict[str, Any] | None = None, mapping: dict[str, Any] | None = None, /, **cells: Any) -> Record:
    return record({"titel": "Markt", "beginn": "2026-11-07", **cells}, {**BASE, **(fields or {})}, **(mapping or {}))


def codes(parsed: Parsed) -> list[tuple[str, str, str]]:
    return [(problem.where, problem.code, problem.severity) for problem in parsed.problems]


# --- names and texts


def test_the_language_of_the_mapping_names_the_texts() -> None:
    assert event({}, {"language": "de"}).name == {"de": "Markt"}
    assert event({}, {"language": "de"}).language == "de"
    assert event().name == {"": "Markt"}


def test_texts_by_language_from_columns_and_from_maps() -> None:
    by_column = event({"name": {"fr": "titre", "en": "title"}}, titre="Marché", title="Market")
    by_map = event({"name": "label"}, label={"fr": ["Marché"], "en": "Market", "@id": "x"})
    assert by_column.name == by_map.name == {"fr": "Marché", "en": "Market"}


def test_html_becomes_paragraphs_and_names_stay_on_one_line() -> None:
    found = event(
        {"description": "text"}, titel="<b>Markt</b>\nim Dorf", text="<p>Ein&nbsp;Tag</p><script>x</script><p>mehr</p>"
    )
    assert found.name == {"": "Markt im Dorf"}
    assert found.description == {"": "Ein Tag\n\nmehr"}


def test_a_record_without_title_is_refused_with_its_place() -> None:
    parsed = parse({"titel": " ", "beginn": "2026-11-07"}, BASE)
    assert parsed.record is None
    assert codes(parsed) == [("row 2, titel", "no-title", "error")]
    assert parsed.problems[0].key == "k1"


# --- paths


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a", "1"),
        ("b.c", "2"),
        ("list.1", "y"),
        ("objects.*.n", "p, q"),
        ("objects.n", "p"),
        ("none|b.c", "2"),
        ("blank|b.c", "2"),
        ("Tel. privat", "3"),
        ("x|y", "4"),
        (r"deep.with\.dot", "5"),
        ("missing.far.away", ""),
        ("list.7", ""),
    ],
)
def test_paths(path: str, found: str) -> None:
    value = {
        "a": 1, "b": {"c": "2"}, "list": ["x", "y"], "objects": [{"n": "p"}, {"n": "q"}], "blank": "  ",
        "Tel. privat": "3", "x|y": "4", "deep": {"with.dot": "5"}, "titel": "t", "beginn": "2026-11-07",
    }  # fmt: skip
    assert record(value, {**BASE, "place_name": path}).place_name == found


# --- when


def schedule(fields: dict[str, Any], mapping: dict[str, Any] | None = None, /, **cells: Any) -> Schedule:
    found = event(fields, mapping, **cells).schedule
    assert found is not None
    return found


def test_a_day_without_time_is_all_day_and_its_end_is_the_last_day() -> None:
    found = schedule({"end": "ende"}, ende="09.11.2026")
    assert (found.start, found.end, found.timezone) == (date(2026, 11, 7), date(2026, 11, 9), "Europe/Berlin")


def test_time_columns_make_moments() -> None:
    found = schedule({"start_time": "von", "end_time": "bis"}, von="19.30 Uhr", bis="22 Uhr")
    assert (found.start, found.end) == (datetime(2026, 11, 7, 19, 30), datetime(2026, 11, 7, 22))


def test_a_span_in_one_column_gives_both_times() -> None:
    found = schedule({"start_time": "zeit"}, zeit="21:00 - 02:00")
    assert (found.start, found.end) == (datetime(2026, 11, 7, 21), datetime(2026, 11, 8, 2))


def test_a_time_with_zone_is_told_in_the_zone_of_the_mapping() -> None:
    found = schedule({}, beginn="2026-11-07T18:30:00Z")
    assert found.start == datetime(2026, 11, 7, 19, 30)


def test_a_last_day_behind_a_moment_is_included() -> None:
    found = schedule({"end": "ende"}, beginn="2026-11-07 19:30", ende="2026-11-09")
    assert (found.start, found.end) == (datetime(2026, 11, 7, 19, 30), datetime(2026, 11, 10))


def test_an_end_before_the_start_is_dropped_with_a_note() -> None:
    parsed = parse({"titel": "Markt", "beginn": "2026-11-07", "ende": "2026-11-01"}, {**BASE, "end": "ende"})
    assert parsed.record is not None
    assert parsed.record.schedule == Schedule(start=date(2026, 11, 7), timezone="Europe/Berlin")
    assert codes(parsed) == [("row 2, ende", "end-before-start", "note")]


def test_a_start_that_cannot_be_understood_refuses_the_record_and_says_what_to_do() -> None:
    parsed = parse({"titel": "Markt", "beginn": "im Herbst " * 20}, BASE)
    assert parsed.record is None
    assert codes(parsed) == [("row 2, beginn", "bad-date", "error")]
    assert "date_formats" in parsed.problems[0].message
    assert "im Herbst " * 5 not in parsed.problems[0].message


def test_an_event_needs_a_day() -> None:
    assert codes(parse({"titel": "Markt"}, BASE)) == [("row 2, beginn", "no-date", "error")]


def test_day_first_of_the_mapping_decides() -> None:
    assert schedule({}, {"day_first": False}, beginn="03/04/2026").start == date(2026, 3, 4)


def test_one_column_for_each_day() -> None:
    found = schedule(
        {"dates": {"pattern": r"^(\d{8})$"}}, **{"20261128": "12:00-22:00", "20261127": "16:00", "20261129": ""}
    )
    assert (found.start, found.end) == (datetime(2026, 11, 27, 16), None)
    assert found.dates == [(datetime(2026, 11, 28, 12), datetime(2026, 11, 28, 22))]


def test_an_opening_of_no_length_has_no_end() -> None:
    found = schedule({"dates": {"pattern": r"^(\d{8})$"}}, **{"20261127": "10:20-10:20"})
    assert (found.start, found.end, found.dates) == (datetime(2026, 11, 27, 10, 20), None, [])


def test_a_list_of_dates() -> None:
    fields = {"dates": {"each": "when.*", "start": "d", "start_time": "t"}}
    found = schedule(fields, when=[{"d": "2026-12-05", "t": "18:00"}, {"d": "2026-11-28", "t": "18:00"}, {"d": "?"}])
    assert (found.start, found.dates) == (datetime(2026, 11, 28, 18), [(datetime(2026, 12, 5, 18), None)])
    assert schedule({"dates": "tage"}, tage="28.11.2026; 05.12.2026").dates == [(date(2026, 12, 5), None)]


def test_a_recurrence_is_taken_as_the_rfc_wants_it() -> None:
    fields = {"rrule": "regel"}
    timed = schedule(fields, beginn="2026-11-07 10:00", regel="RRULE:FREQ=WEEKLY;UNTIL=20261231")
    assert timed.rrule == "FREQ=WEEKLY;UNTIL=20261231T235959Z"
    assert schedule(fields, regel="freq=weekly; until=20261231T120000Z").rrule == "FREQ=WEEKLY;UNTIL=20261231"
    assert schedule(fields, regel="jeden Samstag").rrule == ""


# --- where


@pytest.mark.parametrize(
    ("fields", "cells"),
    [
        ({"lat": "y", "lon": "x"}, {"y": "47,7", "x": "7,66"}),
        ({"lat": "y", "lon": "x"}, {"y": 47.7, "x": 7.66}),
        ({"point": "p"}, {"p": "47.7, 7.66"}),
        ({"point": "p"}, {"p": "47.7,7.66"}),
        ({"point": "p"}, {"p": "47,7; 7,66"}),
        ({"point": "p"}, {"p": [47.7, 7.66]}),
        ({"point": "p"}, {"p": {"lat": 47.7, "lng": "7.66"}}),
        ({"point": "p"}, {"p": "POINT (7.66 47.7)"}),
        ({"geometry": "g"}, {"g": {"type": "Point", "coordinates": [7.66, 47.7]}}),
        ({}, {"geometry": {"type": "Point", "coordinates": [7.66, 47.7, 300]}}),
    ],
)
def test_a_position_in_any_of_the_usual_ways(fields: dict[str, Any], cells: dict[str, Any]) -> None:
    found = event(fields, **cells)
    assert (found.lat, found.lon) == (47.7, 7.66)


@pytest.mark.parametrize(
    ("lat", "lon", "code", "severity"),
    [
        (0, 0, "no-position", "note"),
        (120.5, 47.7, "swapped-position", "error"),
        (5283000, 3414000, "bad-position", "error"),
        ("n/a", "n/a", "bad-position", "note"),
    ],
)
def test_a_position_that_cannot_be(lat: Any, lon: Any, code: str, severity: str) -> None:
    parsed = parse({"titel": "M", "beginn": "2026-11-07", "y": lat, "x": lon}, {**BASE, "lat": "y", "lon": "x"})
    assert codes(parsed) == [("row 2, y", code, severity)]
    assert (parsed.record is None) == (severity == "error")


def test_split_takes_an_address_apart_and_fills_only_what_is_empty() -> None:
    found = event(
        {"locality": "ort"},
        {"split": [{"from": "adr", "patterns": ["^(?P<street>nie)$", r"^(?P<street>.+), (?P<postal_code>\d{5}) (?P<locality>.+)$"]}]},
        adr="Hauptstr. 1, 79400 Kandern", ort="Wollbach",
    )  # fmt: skip
    assert (found.address.street, found.address.postal_code, found.address.locality) == (
        "Hauptstr. 1",
        "79400",
        "Wollbach",
    )


def test_a_spreadsheet_that_ate_the_zero_of_a_postal_code_gets_it_back() -> None:
    fields = {"postal_code": "cp", "country": "pays"}
    assert event(fields, cp=9000, pays="France").address.postal_code == "09000"
    assert event(fields, cp=9000, pays="Danmark").address.postal_code == "9000"
    assert event(fields, pays="Danmark").address.country == "DK"


# --- who, what, how much


def test_contacts_links_and_what_is_none() -> None:
    fields = {"url": "web", "email": "mail", "phone": "tel", "organiser_name": "org", "organiser_url": "orgweb"}
    parsed = parse(
        {"titel": "M", "beginn": "2026-11-07", "web": "javascript:alert(1)", "mail": "mailto:a@b.example", "tel": ["1", "2"],
         "org": "Verein", "orgweb": "www.verein.example"},
        {**BASE, **fields},
    )  # fmt: skip
    assert parsed.record is not None
    assert parsed.record.url == ""
    assert parsed.record.contact == Contact(email="a@b.example", phone="1, 2")
    assert parsed.record.organiser == Contact(name="Verein", url="http://www.verein.example")
    assert codes(parsed) == [("row 2, web", "bad-url", "note")]


def test_categories_are_cut_translated_and_told_once() -> None:
    found = event(
        {"categories": ["kat", "typ"]},
        {"values": {"categories": {"Musik": "schema:MusicEvent", "Sonstiges": ""}}},
        kat="Musik, Kinder; Sonstiges", typ=["Kinder"],
    )  # fmt: skip
    assert found.categories == ["schema:MusicEvent", "Kinder"]


def test_a_category_that_holds_a_comma_is_found_whole_in_the_table() -> None:
    table = {"categories": {"Brocantes, vide-greniers": "schema:SaleEvent"}}
    assert event({"categories": "kat"}, {"values": table}, kat="Brocantes, vide-greniers").categories == [
        "schema:SaleEvent"
    ]


@pytest.mark.parametrize(
    ("written", "low", "high", "currency"),
    [
        ("12,50 €", "12.50", "12.50", "EUR"),
        ("5–10 EUR", "5", "10", "EUR"),
        ("Eintritt 3 €, ermäßigt 2 €", "2", "3", "EUR"),
        ("gratuit", "0", "0", "EUR"),
        ("Eintritt frei", "0", "0", "EUR"),
        ("120 kr", "120", "120", "EUR"),
        ("80 SEK", "80", "80", "SEK"),
        ("1.200,00 €", "1200.00", "1200.00", "EUR"),
        (7.5, "7.5", "7.5", "EUR"),
    ],
)
def test_prices_as_written(written: Any, low: str, high: str, currency: str) -> None:
    assert event({"price": "preis"}, preis=written).prices == [Price(Decimal(low), Decimal(high), currency)]


def test_a_price_in_words_stays_in_words() -> None:
    found = event({"price": "preis"}, preis="Anmeldung bis 12. November")
    assert (found.prices, found.price_text) == ([], {"": "Anmeldung bis 12. November"})


def test_prices_pictures_and_hours_from_lists() -> None:
    fields = {
        "prices": {"each": "offers.*", "min": "low", "max": "high", "label": "name"},
        "images": {"each": "media.*", "url": "u", "licence": "l", "credit": "c", "alt": "a"},
        "hours": {"each": "open.*", "days": "d", "opens": "o", "closes": "c", "valid_from": "f"},
    }
    found = event(
        fields,
        offers=[{"low": "9", "high": 6, "name": {"fr": "Plein"}}, {"name": "?"}],
        media=[{"u": "https://a.example/1.jpg", "l": "CC BY 4.0", "c": "Ann", "a": "Ein Turm"}, {"u": "javascript:x"}],
        open=[{"d": "schema:Monday", "o": "10:00:00", "c": "18:00", "f": "2026-04-01T00:00:00"},
              {"d": ["mardi", "Mittwoch"], "o": "10:00", "c": "18:00", "f": "2026-04-01"}, {"d": "Sunday"}],
    )  # fmt: skip
    assert found.prices == [Price(Decimal("6.0"), Decimal(9), "EUR", {"fr": "Plein"})]
    assert found.media == [MediaItem("https://a.example/1.jpg", "CC BY 4.0", "Ann", {"": "Ein Turm"})]
    assert found.hours == [Hours((0, 1, 2), "10:00", "18:00", date(2026, 4, 1))]


def test_hours_in_words_are_understood_for_places_and_kept_otherwise() -> None:
    fields = {"name": "titel", "hours_text": "zeiten"}
    understood = record({"titel": "M", "zeiten": "Di-So 10-17 Uhr"}, fields, kind="place", language="de")
    kept = record({"titel": "M", "zeiten": "nach Absprache mit Frau Meier"}, fields, kind="place", language="de")
    assert (understood.hours, understood.hours_text) == ([Hours((1, 2, 3, 4, 5, 6), "10:00", "17:00")], {})
    assert (kept.hours, kept.hours_text) == ([], {"de": "nach Absprache mit Frau Meier"})


def test_yes_and_no_in_six_languages() -> None:
    words = {
        "step_free": "ja",
        "toilet": "Non",
        "parking": "delvis",
        "hearing": "yes",
        "vision": "geen",
        "easy_language": "?",
    }
    facts = event({"accessibility": {fact: fact for fact in words}}, **words).accessibility
    assert facts == {"step_free": "yes", "toilet": "no", "parking": "partly", "hearing": "yes", "vision": "no"}


def test_audiences_ages_and_states_in_six_languages() -> None:
    fields = {"audience": "fuer", "age_min": "ab", "status": "stand"}
    found = event(fields, fuer="Familien, Jeune public; børn | Katzen", ab="6", stand="Inställt")
    assert (found.audience, found.age_min, found.status) == (["families", "children"], 6, "cancelled")


def test_what_else_is_worth_keeping_and_when_it_changed() -> None:
    found = event({"extra": {"fb": "facebook"}, "modified": "stand"}, facebook={"id": 1}, stand="2026-10-01 12:00")
    assert found.extra == {"fb": {"id": 1}}
    assert found.modified is not None
    assert found.modified.astimezone(UTC) == datetime(2026, 10, 1, 10, tzinfo=UTC)


def test_constants_fill_what_is_empty() -> None:
    found = event({"locality": "ort"}, {"constants": {"locality": "Kandern", "country": "DE"}}, ort=" ")
    assert (found.address.locality, found.address.country) == ("Kandern", "DE")


def test_kind_may_differ_from_record_to_record() -> None:
    kind = {"path": "@type", "values": {"Event": "event", "Tour": "offer"}, "default": "place"}
    found = [
        record({"titel": "M", "beginn": "2026-11-07", "@type": types}, BASE, kind=kind)
        for types in (["Thing", "Event"], "Tour", [])
    ]
    assert [(one.kind, one.schedule is None) for one in found] == [("event", False), ("offer", True), ("place", True)]


# --- keys


def key_of(value: Any, **mapping: Any) -> str:
    return plan_for(ReadOptions(mapping={"fields": {"name": "n", "start": "s"}, **mapping})).record_key(value, "m7")


def test_keys_from_one_path_several_paths_and_the_name_of_the_member() -> None:
    assert key_of({"id": 12.0}, key="id") == "12"
    assert key_of({"a": "x", "b": None, "c": "y"}, key=["a", "b", "c"]) == "x-y"
    assert key_of({}, key="$name") == "m7"
    assert key_of({"id": None}, key="id") == ""


def test_a_long_key_is_shortened_without_becoming_another() -> None:
    first, second = key_of({"id": "a" * 300}, key="id"), key_of({"id": "a" * 299 + "b"}, key="id")
    assert len(first) <= 255
    assert first != second


def test_a_derived_key_stays_when_the_text_changes_and_differs_by_day() -> None:
    plan = plan_for(ReadOptions(mapping={"fields": {"name": "n", "start": "s", "description": "d"}}))
    keys = [plan.derived_key({"n": "Markt", "s": day, "d": text}) for day, text in (("1", "a"), ("1", "b"), ("2", "a"))]
    assert keys[0] == keys[1] != keys[2]


# --- the file itself


def test_a_misspelt_field_is_answered_with_the_nearest_name() -> None:
    problems = check_mapping(
        {"kind": "event", "feilds": 1, "fields": {"naem": "a", "start": "b", "accessibility": {"toilette": "x"}}}
    )
    assert [(problem.where, problem.message) for problem in problems if problem.severity == "error"] == [
        ("mapping", "“feilds” is no key; did you mean “fields”?"),
        ("fields", "“naem” is no field; did you mean “name”?"),
        ("fields.accessibility", "“toilette” is no fact; did you mean “toilet”?"),
        ("fields", "No column is mapped to “name”; every record needs a title."),
    ]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"kind": "happening"}, "kind"),
        ({"language": "deutsch!"}, "language"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../etc"}, "timezone"),
        ({"date_formats": "%d"}, "date_formats"),
        ({"day_first": "yes"}, "day_first"),
        ({"split": [{"from": "a", "patterns": ["(?P<street>"]}]}, "split.0.patterns"),
        ({"split": [{"from": "a", "patterns": ["(?P<street>(a+)+)"]}]}, "split.0.patterns"),
        ({"split": [{"from": "a", "patterns": ["(?P<stret>.+)"]}]}, "split"),
        ({"split": {"from": "a"}}, "split"),
        ({"values": {"categories": "x"}}, "values.categories"),
        ({"constants": {"contry": "FR"}}, "constants"),
        ({"skip": {"a": "b"}}, "skip"),
        ({"fields": {"name": 1, "start": "b"}}, "fields.name"),
        ({"fields": {"name": "a", "start": "b", "lat": "c"}}, "fields"),
        ({"fields": {"name": "a", "start": "b", "prices": "c"}}, "fields.prices"),
        ({"fields": {"name": {"deutsch!": "a"}, "start": "b"}}, "fields.name"),
        ({"fields": {"name": "a"}}, "fields"),
        ({"fields": []}, "fields"),
        ({"records": 1}, "records"),
    ],
)
def test_each_mistake_is_named_with_its_place(change: dict[str, Any], where: str) -> None:
    mapping = {"kind": "event", "key": "id", "fields": {"name": "a", "start": "b"}, **change}
    errors = [problem for problem in check_mapping(mapping) if problem.severity == "error"]
    assert [problem.where for problem in errors] == [where]
    with pytest.raises(UnusableInput):
        plan_for(ReadOptions(mapping=mapping))


def test_a_mapping_is_written_as_it_is_read() -> None:
    mapping = {"fields": {"name": "Größe"}, "kind": "place", "unknown": 1}
    assert load_mapping(dump_mapping(mapping)) == mapping
    assert dump_mapping(mapping).decode().splitlines()[1] == '  "kind": "place",'
    with pytest.raises(UnusableInput, match="not valid JSON"):
        load_mapping(b"{")
    with pytest.raises(UnusableInput, match="object"):
        load_mapping(b"[]")


def test_without_a_mapping_nothing_is_parsed() -> None:
    parsed = parse_with_mapping(RawRecord("k", b"{}", "row 2"), ReadOptions())
    assert (parsed.record, [problem.code for problem in parsed.problems]) == (None, ["bad-mapping"])


@pytest.mark.parametrize("raw", [b"", b"{", b"[1]", b"null", b"\xff", b'{"a":' * 3000, b'{"titel": 1e999}'])
def test_bytes_that_are_no_record_are_refused_not_raised(raw: bytes) -> None:
    mapping = {"kind": "event", "fields": BASE}
    assert parse_with_mapping(RawRecord("k", raw, "row 2"), ReadOptions(mapping=mapping)).record is None


def test_schema_and_reference_page_name_every_field() -> None:
    schema = json.loads((ROOT / "docs/reference/mapping.schema.json").read_text(encoding="utf-8"))
    assert schema == json_schema()
    page = (ROOT / "docs/reference/mapping.md").read_text(encoding="utf-8")
    assert [name for name in FIELDS if f"| `{name}` |" not in page] == []


def test_what_is_kept_can_be_kept_by_any_database() -> None:
    raw = RawRecord(
        "k", b'{"titel": "M", "beginn": "2026-11-07", "x": {"a\\u0000": [1e999, "b\\u0000\\ud800"]}}', "row 2"
    )
    mapping = {"kind": "event", "fields": {**BASE, "extra": {"x": "x"}}}
    found = parse_with_mapping(raw, ReadOptions(mapping=mapping)).record
    assert found is not None
    assert found.extra == {"x": {"a": [None, "b"]}}
