"""Territories: official codes, outlines, neighbours; bad outlines are reported and lose nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from allmende.catalogue.bridges.places import Gazetteer
from allmende.partners import queries
from allmende.partners.actions import AreaFile, found_organisation, load_territories, outline_parent_from_children
from allmende.partners.models import Organisation, Territory

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
pytestmark = pytest.mark.django_db


def square(west: float, south: float, size: float = 1.0) -> dict[str, Any]:
    east, north = west + size, south + size
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def area(code: str, name: str, geometry: Any) -> dict[str, Any]:
    return {"properties": {"code": code, "name": name}, "geometry": geometry}


HOW = AreaFile("FR", "municipality", "code", "name")


def test_areas_come_in_and_are_brought_up_to_date() -> None:
    report = load_territories([area("1", "Uzès", square(4, 44))], HOW, by=None, now=NOW)
    assert (report.created, report.updated, report.problems) == (1, 0, [])
    report = load_territories([area("1", "Uzès-le-Vieux", square(4, 44))], HOW, by=None, now=NOW)
    assert (report.created, report.updated) == (0, 1)
    assert Territory.objects.get().name == "Uzès-le-Vieux"


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point", "coordinates": [1, 2]},
        {"type": "Polygon", "coordinates": "x"},
        {"type": "Polygon", "coordinates": []},
        {},
    ],
)
def test_a_bad_outline_is_reported_and_the_area_goes_in(geometry: Any) -> None:
    report = load_territories([area("1", "Uzès", geometry), area("2", "Alès", square(4, 44))], HOW, by=None, now=NOW)
    assert report.created == 2
    assert len(report.problems) == (1 if geometry else 0)
    assert Territory.objects.get(code="1").outline is None


def test_an_area_without_code_is_refused_with_the_remedy() -> None:
    report = load_territories([{"properties": {"name": "X"}}], HOW, by=None, now=NOW)
    assert report.created == 0
    assert "property names" in report.problems[0]


def test_neighbours_touch() -> None:
    load_territories(
        [area("1", "A", square(4, 44)), area("2", "B", square(5, 44)), area("3", "C", square(9, 44))],
        HOW,
        by=None,
        now=NOW,
    )
    page = queries.municipality("1")
    assert page is not None
    assert [neighbour.name for neighbour in page.neighbours] == ["B"]


def test_a_region_without_an_outline_gets_the_one_around_its_parts() -> None:
    load_territories(
        [{"properties": {"code": "R", "name": "R"}}], AreaFile("FR", "region", "code", "name"), by=None, now=NOW
    )
    how = AreaFile("FR", "municipality", "code", "name", parent_level="region", parent_code="R")
    load_territories([area("1", "A", square(4, 44)), area("2", "B", square(5, 44))], how, by=None, now=NOW)
    region = Territory.objects.get(level="region")
    outline_parent_from_children(region)
    page = queries.region()
    assert page is not None
    assert page.bbox is not None
    assert [round(value) for value in page.bbox] == [4, 44, 6, 45]


def test_the_real_outlines_of_occitanie_all_go_in_and_hold_the_events() -> None:
    features = json.loads((EXAMPLES / "outlines/fr_occitanie_communes.geojson").read_bytes())["features"]
    report = load_territories(features, AreaFile("FR", "municipality", "code", "nom"), by=None, now=NOW)
    assert (report.created, report.problems) == (4485, [])
    events = json.loads((EXAMPLES / "occitanie/occitanie_400.json").read_bytes())
    items = [
        {"lon": e["geometry"]["coordinates"][0], "lat": e["geometry"]["coordinates"][1], "locality": ""} for e in events
    ]
    gazetteer = Gazetteer()
    found = gazetteer.locate(items, [""] * len(items))
    codes = dict(Territory.objects.values_list("pk", "code"))
    same = [
        codes[identifier] == event["fields"].get("code_insee")
        for identifier, event in zip(found, events, strict=True)
        if identifier is not None
    ]
    assert (len(same), sum(same)) == (380, 377)


def test_outline_tiles_are_coarse_when_far_and_fine_when_near() -> None:
    load_territories([area("1", "A", square(4, 44))], HOW, by=None, now=NOW)
    tile = queries.outlines_tile(9, 261, 185)
    assert [feature["id"] for feature in tile["features"]] == ["1"]
    assert queries.outlines_tile(9, 0, 0)["features"] == []


def test_two_spellings_of_a_name_are_one_organisation() -> None:
    one = found_organisation("Musée de l’Éphèbe", by=None, now=NOW)
    two = found_organisation("musee de l'Ephebe ", by=None, now=NOW)
    assert one.pk == two.pk
    assert Organisation.objects.count() == 1


def test_municipalities_are_found_while_typing() -> None:
    load_territories(
        [area("1", "Saint-Gély", None), area("2", "Le Saint", None), area("3", "Uzès", None)], HOW, by=None, now=NOW
    )
    assert [found.name for found in queries.search_municipalities("saint g")] == ["Saint-Gély"]
    assert [found.name for found in queries.search_municipalities("SAINT")] == ["Saint-Gély", "Le Saint"]
    assert queries.search_municipalities("  ") == []
