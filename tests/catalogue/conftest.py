"""Real objects that the catalogue's tests share."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from allmende.catalogue.actions import ImportOptions, ImportReport, open_source, run_import
from allmende.catalogue.models import Source
from allmende.partners.actions import AreaFile, load_territories

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

MAPPING = {
    "kind": "event",
    "records": "",
    "key": "id",
    "language": "fr",
    "fields": {
        "name": "title",
        "description": "text",
        "start": "start",
        "end": "end",
        "rrule": "rule",
        "place_name": "place",
        "locality": "town",
        "lon": "lon",
        "lat": "lat",
        "categories": ["category"],
    },
}


def square(west: float, south: float) -> dict[str, Any]:
    """A square municipality of a tenth of a degree."""
    east, north = west + 0.1, south + 0.1
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def towns(db: None) -> None:
    """Two neighbouring municipalities in one region."""
    load_territories([{"properties": {"c": "R", "n": "Region"}}], AreaFile("FR", "region", "c", "n"), by=None, now=NOW)
    load_territories(
        [
            {"properties": {"c": "1", "n": "Uzès"}, "geometry": square(4.4, 44.0)},
            {"properties": {"c": "2", "n": "Alès"}, "geometry": square(4.5, 44.0)},
        ],
        AreaFile("FR", "municipality", "c", "n", parent_level="region", parent_code="R"),
        by=None,
        now=NOW,
    )


@pytest.fixture
def source(towns: None) -> Source:
    """A feed of events in French."""
    return open_source(
        "agenda",
        defaults={"title": "Agenda", "organisation": "Ville d’Uzès", "language": "fr", "timezone": "Europe/Paris"},
        now=NOW,
    )


def event(identifier: str, title: str = "Concert", start: str = "2026-12-05T19:30", **more: Any) -> dict[str, Any]:
    """A delivered event."""
    return {"id": identifier, "title": title, "start": start, "lon": 4.42, "lat": 44.05, **more}


Deliver = Callable[..., ImportReport]


@pytest.fixture
def deliver(source: Source, tmp_path: Path) -> Deliver:
    """Import a list of events as the source's delivery."""

    def run(events: list[dict[str, Any]], **options: Any) -> ImportReport:
        path = tmp_path / "delivery.json"
        path.write_text(json.dumps(events))
        return run_import(
            source,
            path,
            options=ImportOptions(format="json", mapping=options.pop("mapping", MAPPING), **options),
            by=None,
            now=NOW,
            trusted=True,
        )

    return run
