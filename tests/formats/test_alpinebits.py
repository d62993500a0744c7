"""AlpineBits DestinationData: resources with what they refer to."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any

import pytest

from allmende.formats import alpinebits
from allmende.formats.records import Address, Contact, Hours, MediaItem, UnusableInput
from tests.conftest import SHARED_DATA
from tests.formats.reading import codes, read, read_one, sample, samples, split

SYNTHETIC = "events_2022_synthetic.json"


def test_an_event_is_put_together_from_what_is_included() -> None:
    walk = read("alpinebits", sample("alpinebits", SYNTHETIC))[0][0]
    assert walk.name == {"de": "Kräuterwanderung", "it": "Escursione alle erbe"}
    assert walk.schedule is not None
    assert (walk.schedule.start, walk.schedule.end) == (datetime(2026, 5, 4, 9, 30), datetime(2026, 5, 4, 11, 30))
    assert (walk.place_name, walk.place_key) == ("Musterhof", "v1")
    assert walk.address == Address("Dorf 1", "39040", "Feldthurns", "", "IT")
    assert (walk.lon, walk.lat) == (11.5985, 46.6682)
    assert walk.organiser == Contact("Musterhof", "https://hof.example.org", "info@hof.example.org", "+390472000000")
    assert walk.media == [
        MediaItem("https://img.example.org/e1.jpg", "CC0-1.0", "Musterhof", {"de": "Kräuter im Korb"}, 1200, 800)
    ]
    assert walk.categories == ["schema:FoodEvent", "Wandern"]
    assert (walk.extra["part_of"], walk.extra["ticket_url"]) == ("Sommer am Hof", "https://tickets.example.org/e1")


def test_an_exhibition_of_months_that_was_cancelled() -> None:
    exhibition = read("alpinebits", sample("alpinebits", SYNTHETIC))[0][1]
    assert exhibition.schedule is not None
    assert (exhibition.schedule.start, exhibition.schedule.end) == (date(2026, 1, 10), date(2026, 5, 31))
    assert (exhibition.status, exhibition.place_key, exhibition.place_name) == ("cancelled", "v9", "")


def test_messages_of_the_older_version() -> None:
    records, problems = read("alpinebits", sample("alpinebits", "events_2021.json"))
    assert problems == []
    assert [record.extra["publisher"] for record in records] == [
        "LTS - Landesverband der Tourismusorganisationen Südtirols"
    ] * 2
    lift = read_one("alpinebits", sample("alpinebits", "lift_2021.json"))
    assert (lift.kind, lift.categories[0]) == ("place", "lift")
    assert lift.hours == [Hours((0, 1, 2, 4, 5, 6), "08:30", "16:00", date(2018, 10, 27), date(2020, 5, 2))]
    assert 46.861 < (lift.lat or 0) < 46.864


def test_a_raw_record_holds_all_it_needs_and_does_not_change_by_itself() -> None:
    first, _ = split("alpinebits", sample("alpinebits", SYNTHETIC))
    page = json.loads(sample("alpinebits", SYNTHETIC))
    page["meta"]["count"] = 99
    again, _ = split("alpinebits", page)
    assert [raw.raw for raw in first] == [raw.raw for raw in again]
    assert b"Musterhof" in first[0].raw


def test_a_single_resource_in_its_document() -> None:
    page = json.loads(sample("alpinebits", SYNTHETIC))
    record = read_one("alpinebits", {"data": page["data"][0], "included": page["included"]})
    assert record.place_name == "Musterhof"


def test_series_and_agents_are_no_records_of_their_own() -> None:
    page = json.loads(sample("alpinebits", SYNTHETIC))
    with pytest.raises(UnusableInput, match="/events"):
        read("alpinebits", {"data": [item for item in page["included"] if item["type"] == "agents"]})
    records, problems = read("alpinebits", {"data": [*page["data"], page["included"][-1]]})
    assert (len(records), codes(problems)) == (2, ["other-types"])


def test_the_hours_of_single_days() -> None:
    value = {
        "type": "lifts", "id": "1",
        "attributes": {"name": {"eng": "Lift"}, "openingHours": {"dailySchedules": {
            "2026-12-24": [{"opens": "09:00:00", "closes": "12:00:00"}], "2026-12-25": None, "x": 3}}},
    }  # fmt: skip
    assert read_one("alpinebits", value).hours == [
        Hours((3,), "09:00", "12:00", date(2026, 12, 24), date(2026, 12, 24)),
        Hours((4,), "", "", date(2026, 12, 25), date(2026, 12, 25)),
    ]


def test_the_next_page() -> None:
    assert (
        alpinebits.next_page(sample("alpinebits", SYNTHETIC))
        == "https://destination.example.org/2022-04/events?page%5Bnumber%5D=2"
    )
    assert alpinebits.next_page(b'{"links": {"next": {"href": "https://a.example/2"}}}') == "https://a.example/2"
    assert alpinebits.next_page(b'{"links": {"next": "javascript:alert(1)"}}') is None


def test_the_synthetic_sample_is_valid_by_the_published_schemas() -> None:
    folder = SHARED_DATA / "alpinebits_dd" / "src" / "schemas"
    if not folder.exists():
        pytest.skip("the schemas of DestinationData are not part of the project; set ALLMENDE_SHARED_DATA")
    jsonschema = pytest.importorskip("jsonschema")
    referencing = pytest.importorskip("referencing")
    from referencing.jsonschema import DRAFT7  # only where the schemas are

    schemas: dict[str, Any] = {path.name: json.loads(path.read_bytes()) for path in folder.glob("*.json")}
    resources = [
        (schema["$id"], referencing.Resource.from_contents(schema, default_specification=DRAFT7))
        for schema in schemas.values()
    ]
    registry = referencing.Registry().with_resources(resources)
    validator = jsonschema.Draft7Validator(
        schemas["events.get.schema.json"], registry=registry, format_checker=jsonschema.FormatChecker()
    )
    names = [path.name for path in samples("alpinebits")]
    assert SYNTHETIC in names
    assert [error.message for error in validator.iter_errors(json.loads(sample("alpinebits", SYNTHETIC)))] == []
