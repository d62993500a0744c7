"""What is written for others holds to their published rules: AlpineBits schemas, Parquet tables, feeds."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq  # type: ignore[import-untyped]
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from allmende.catalogue.bridges import dump as bridge
from allmende.catalogue.models import Event, Occurrence, Place
from allmende.catalogue.queries import Choice, export
from allmende.catalogue.queries.export.choice import published
from allmende.formats import alpinebits_writer
from allmende.formats.outgoing import FeedInfo
from allmende.formats.parquet_tables.schemas import TABLES, VERSION
from tests.catalogue.export.round_trip import NOW, ORIGIN
from tests.catalogue.export.test_round_trip import various
from tests.catalogue.export.various import ALL

SCHEMAS = Path(__file__).parents[2] / "formats" / "alpinebits_schemas"
REFERENCE = Path(__file__).parents[3] / "docs" / "reference"
pytestmark = pytest.mark.django_db


@cache
def validator(name: str) -> Any:
    from jsonschema import Draft7Validator  # seconds of reading grammars: not while tests are collected

    found = [json.loads(path.read_bytes()) for path in SCHEMAS.glob("*.json")]
    registry: Registry[Any] = Registry().with_resources(
        (schema["$id"], Resource(contents=schema, specification=DRAFT7)) for schema in found
    )
    registry = registry.crawl()  # once, not for every reference
    schema = next(schema for schema in found if schema["$id"].endswith(f"/2022-04/{name}/get"))
    return Draft7Validator(schema, registry=registry, format_checker=Draft7Validator.FORMAT_CHECKER)


def document(name: str, kind: Any) -> dict[str, Any]:
    whole = b"".join(export(name, Choice((kind,)), origin=ORIGIN, title="Guide", now=NOW))
    value: dict[str, Any] = json.loads(whole)
    return value


def faults(name: str, value: Any) -> list[str]:
    return [f"{list(error.path)[:6]}: {error.message[:200]}" for error in validator(name).iter_errors(value)]


@pytest.mark.parametrize(("kind", "name", "number"), [("event", "events", 400), ("place", "venues", 134)])
def test_the_demo_region_is_valid_alpinebits(occitanie: None, kind: str, name: str, number: int) -> None:
    value = document("alpinebits", kind)
    assert faults(name, value) == []
    assert (len(value["data"]), value["meta"]["count"]) == (number, number)


@pytest.mark.parametrize(("kind", "name"), [("event", "events"), ("place", "venues")])
def test_records_with_everything_are_valid_alpinebits(kind: str, name: str, tmp_path: Path) -> None:
    various(tmp_path, ALL)
    value = document("alpinebits", kind)
    assert faults(name, value) == []
    there = {(resource["type"], resource["id"]) for resource in value["included"]}
    assert len(there) == len(value["included"])
    assert set(_references(value["data"])) <= there
    assert set(_references(value["included"])) <= there


def _references(resources: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for resource in resources:
        for relation in resource.get("relationships", {}).values():
            data = (relation or {}).get("data", [])
            for reference in data if isinstance(data, list) else [data]:
                yield reference["type"], reference["id"]


def test_the_schemas_do_find_mistakes(tmp_path: Path) -> None:
    various(tmp_path, ALL)
    for spoil, value in (("startDate", "tomorrow"), ("url", "not an address"), ("name", {"german": "x"})):
        whole = document("alpinebits", "event")
        whole["data"][0]["attributes"][spoil] = value
        assert faults("events", whole) != [], spoil


def test_a_series_names_its_coming_dates(tmp_path: Path) -> None:
    various(tmp_path, ALL)
    value = document("alpinebits", "event")
    series = next(event for event in value["data"] if event["attributes"]["name"].get("fra") == "Visite")
    parts = series["relationships"]["subEvents"]["data"]
    assert [part["id"][-13:] for part in parts[:3]] == ["20261201T1000", "20261208T1000", "20261222T1000"]
    assert len(parts) == 11


@pytest.mark.parametrize("address", ["https://a.example/x[1]?y=ä#b#c", "https://a.example/100%", "www.a.example"])
def test_addresses_become_those_of_rfc_3986(address: str) -> None:
    checker = validator("events").FORMAT_CHECKER
    assert alpinebits_writer.uri(address).startswith("http")
    checker.check(alpinebits_writer.uri(address), "uri")


# --- Parquet


def tables(choice: Choice) -> dict[str, Any]:
    whole = b"".join(export("parquet", choice, origin=ORIGIN, title="Guide", now=NOW))
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        assert archive.testzip() is None
        return {
            name.removesuffix(".parquet"): pq.read_table(io.BytesIO(archive.read(name))) for name in archive.namelist()
        }


def test_dump_holds_all_tables_and_they_refer_to_each_other(tmp_path: Path) -> None:
    various(tmp_path, ALL)
    found = tables(Choice())
    assert list(found) == list(TABLES)
    assert {name: table.column_names for name, table in found.items()} == {
        name: [column for column, _, _ in columns] for name, columns in TABLES.items()
    }
    assert found["events"].num_rows == Event.objects.count()
    assert set(found["occurrences"].column("event_id").to_pylist()) <= set(
        found["events"].column("event_id").to_pylist()
    )
    shown = Occurrence.objects.values_list("event_id", "starts_at").distinct().count()
    assert found["occurrences"].num_rows == shown
    hall = Place.objects.get(name__texts__de="Der Hof")
    row = next(row for row in found["events"].to_pylist() if dict(row["names"]).get("fr") == "Visite")
    assert row["place_id"] == f"place-{hall.pk}"
    assert (str(row["price_min"]), str(row["price_max"]), row["currency"]) == ("0.00", "12.50", "EUR")
    assert row["licence"] is None
    assert found["feed_info"].to_pylist()[0]["version"] == VERSION


def test_dump_of_nothing_is_readable(db: None) -> None:
    assert {name: table.num_rows for name, table in tables(Choice()).items() if name in {"events", "offers"}} == {
        "events": 0,
        "offers": 0,
    }


def test_the_same_catalogue_gives_the_same_dump(tmp_path: Path) -> None:
    various(tmp_path, ALL)
    first, second = (b"".join(export("parquet", Choice(), origin=ORIGIN, title="G", now=NOW)) for _ in range(2))
    assert first == second


def test_schemas_and_reference_say_the_same() -> None:
    text = (REFERENCE / "open-data.md").read_text(encoding="utf-8")
    missing = [
        f"{name}.{column}"
        for name, columns in TABLES.items()
        for column, kind, about in columns
        if f"| `{column}` | {kind} | {about} |" not in text
    ]
    assert missing == []
    assert bridge.VERSION == VERSION


# --- what is chosen


def test_choice_by_day_source_and_language(tmp_path: Path) -> None:
    source = various(tmp_path, ALL)
    day = datetime(2026, 12, 8, tzinfo=UTC).date()
    on_that_day = [entry.record.name for entry in published(Choice(("event",), since=day, until=day), origin=ORIGIN)]
    assert on_that_day == [{"de": "Führung +", "fr": "Visite"}, {"fr": "Exposition"}]
    german = Choice(("event",), source=source.pk, since=day, until=day, language="de")
    assert [entry.record.name for entry in published(german, origin=ORIGIN)] == [
        {"de": "Führung +"},
        {"fr": "Exposition"},
    ]
    assert list(published(Choice(source=source.pk + 1), origin=ORIGIN)) == []


def test_calendar_in_one_language_has_its_texts(tmp_path: Path) -> None:
    various(tmp_path, ALL)
    whole = b"".join(export("ical", Choice(("event",), language="fr"), origin=ORIGIN, title="G", now=NOW)).decode()
    assert "SUMMARY:Visite" in whole
    assert "Führung" not in whole
    assert f"UID:event-{Event.objects.get(name__texts__fr='Visite').pk}@guide.example" in whole


def test_withdrawn_and_draft_records_never_go_out(tmp_path: Path) -> None:
    various(tmp_path, ALL)
    Event.objects.filter(name__texts__fr="Exposition").update(state="draft")
    Event.objects.filter(name__texts__fr="Visite").update(state="withdrawn")
    Event.objects.filter(name__texts__fr="En ligne").update(state="joined")
    names = [name for entry in published(Choice(), origin=ORIGIN) for name in entry.record.name.values()]
    assert {"Exposition", "Visite", "En ligne"} & set(names) == set()
    assert "À minuit" in names


def test_documents_flow_in_pieces(tmp_path: Path) -> None:
    """No writer waits for the last record, and none holds all of them."""
    various(tmp_path, ALL)
    entries = list(published(Choice(("event",)), origin=ORIGIN))
    taken = 0

    def counted() -> Iterator[Any]:
        nonlocal taken
        for number in range(3000):
            taken += 1
            entry = entries[number % len(entries)]
            yield replace(entry, record=replace(entry.record, key=f"event-{number}"))

    info = FeedInfo("G", ORIGIN, updated=NOW)
    for write in (alpinebits_writer.write_alpinebits,):
        pieces = write(counted(), info)
        next(pieces)
        next(pieces)
        assert taken <= 2
