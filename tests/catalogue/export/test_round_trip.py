"""What is exported comes in again without a difference that is not declared, and a second time changes nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from allmende.catalogue.actions import ImportOptions, open_source, run_import
from allmende.catalogue.models import Event, Offer, Place, Source
from allmende.catalogue.queries import Choice
from tests.catalogue.export.round_trip import LOSSES, NOW, copies, differences, originals, read_back, write
from tests.catalogue.export.various import ALL, BEYOND_SCHEMA_ORG

KINDS = {"ical": ("event",)}
pytestmark = pytest.mark.django_db


def choice_of(name: str, source: int | None = None) -> Choice:
    return Choice(kinds=KINDS.get(name, ("event", "place", "offer")), source=source)  # type: ignore[arg-type]


def various(folder: Path, records: list[dict[str, Any]]) -> Source:
    """The hard records, imported from our own JSON."""
    path = folder / "various.json"
    path.write_text(json.dumps(records))
    source = open_source(
        "various", defaults={"title": "Various", "timezone": "Europe/Paris", "language": "fr"}, now=NOW
    )
    report = run_import(source, path, options=ImportOptions(format="json"), by=None, now=NOW, trusted=True)
    assert (report.created, report.failed) == (len(records), 0), report.problems
    assert [problem for problem in report.problems if problem.severity == "error"] == []
    return source


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_the_whole_demo_region_comes_in_again(name: str, occitanie: None, tmp_path: Path) -> None:
    choice = choice_of(name)
    before = originals(choice)
    assert len(before) >= 400
    path = write(name, tmp_path)
    source, report = read_back(name, path)
    assert (report.created, report.failed, report.withdrawn) == (len(before), 0, 0)
    assert differences(name, before, copies(source)) == []


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_records_with_everything_come_in_again(name: str, tmp_path: Path) -> None:
    records = [record for record in ALL if name != "schema-org" or record["id"] not in BEYOND_SCHEMA_ORG]
    source = various(tmp_path, records)
    choice = choice_of(name, source.pk)
    before = originals(choice)
    copy, report = read_back(name, write(name, tmp_path, choice))
    assert (report.created, report.failed) == (len(before), 0), report.problems
    assert differences(name, before, copies(copy)) == []


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_the_same_export_once_more_changes_nothing(name: str, tmp_path: Path) -> None:
    source = various(tmp_path, ALL)
    path = write(name, tmp_path, choice_of(name, source.pk))
    _, first = read_back(name, path)
    _, second = read_back(name, path)
    assert (second.created, second.updated, second.unchanged) == (0, 0, first.created)


@pytest.mark.parametrize("name", ["json", "geojson", "csv", "xlsx"])
def test_an_export_of_the_copy_is_the_export_again(name: str, tmp_path: Path) -> None:
    source = various(tmp_path, ALL)
    first = _rows(name, tmp_path, source)
    copy, _ = read_back(name, write(name, tmp_path, Choice(source=source.pk)))
    assert _rows(name, tmp_path, copy) == first


def _rows(name: str, folder: Path, source: Source) -> list[Any]:
    """The exported records without what belongs to the installation: ids, pages, sources."""
    path = write("json", folder, Choice(source=source.pk))
    local = {"id", "place_id", "page", "source", "licence", "licence_url", "credit", "updated"}
    records = json.loads(path.read_bytes())
    return sorted(
        ({key: value for key, value in record.items() if key not in local} for record in records),
        key=lambda record: json.dumps(record, sort_keys=True),
    )


def test_what_was_typed_is_what_is_stored(tmp_path: Path) -> None:
    """The comparison above would hold for two empty catalogues; here the values stand as they must."""
    various(tmp_path, ALL)
    hall = Place.objects.get(name__texts__de="Der Hof")
    assert hall.name == {
        "original": "fr",
        "texts": {"fr": '\'t Hof; "salle", grande', "de": "Der Hof", "nl": "'t Hof"},
        "machine": ["de"],
    }
    assert [(line["days"], line["opens"], line["every_year"]) for line in hall.hours] == [
        ([0, 4], "09:00", False),
        ([5], "20:00", True),
        ([7], "", False),
    ]
    series = Event.objects.get(name__texts__fr="Visite")
    assert series.schedule["exdates"] == ["2026-12-15T10:00:00"]
    assert series.place_id == hall.pk
    moved = Event.objects.get(name__texts__fr="Déplacé")
    assert [line[4] for line in moved.schedule["overrides"]] == [False, True]
    assert Event.objects.get(name__texts__fr="À minuit").schedule["start"] == "2026-12-01T00:00:00"
    assert Offer.objects.get().place_id == hall.pk


def test_the_losses_are_in_the_reference() -> None:
    text = (Path(__file__).parents[3] / "docs/reference/formats.md").read_text(encoding="utf-8")
    missing = [
        f"{name}: {field}"
        for name, fields in LOSSES.items()
        for field, why in fields.items()
        if why and why not in text
    ]
    assert missing == []
