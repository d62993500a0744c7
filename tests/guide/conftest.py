"""A small guide with one of everything."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.test import Client

from allmende.catalogue.actions import ImportOptions, open_source, refresh_derived, run_import
from allmende.catalogue.models import Event, Offer, Place
from allmende.core.content import touch_content
from allmende.guide import pictures
from allmende.guide.actions import set_brand
from allmende.guide.brand import forget_brand
from allmende.guide.page import forget_kept
from allmende.partners.actions import AreaFile, load_territories

LANGUAGES = ("de", "sv", "da", "nl", "fr", "en")
FIELDS = {
    "name": "name",
    "description": "text",
    "start": "start",
    "end": "end",
    "rrule": "rule",
    "status": "status",
    "place_name": "venue",
    "street": "street",
    "postal_code": "postal_code",
    "locality": "town",
    "lon": "lon",
    "lat": "lat",
    "url": "url",
    "phone": "phone",
    "categories": ["category"],
    "audience": ["audience"],
    "price": "price",
    "organiser_name": "organiser",
    "hours_text": "hours",
    "accessibility": {"step_free": "step_free", "toilet": "toilet"},
}
Deliver = Callable[[str, list[dict[str, Any]]], None]


def square(west: float, south: float) -> dict[str, Any]:
    """A square municipality of a tenth of a degree."""
    east, north = west + 0.1, south + 0.1
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def in_days(days: int, clock: str = "19:30") -> str:
    """A local time so many days from today."""
    day = datetime.now(UTC).date() + timedelta(days=days)
    return f"{day.isoformat()}T{clock}" if clock else day.isoformat()


def _forget() -> None:
    forget_brand()
    forget_kept()
    for drawn in vars(pictures).values():  # kept by the hour
        if hasattr(drawn, "cache_clear"):
            drawn.cache_clear()


@pytest.fixture(autouse=True)
def _fresh() -> None:
    """Nothing is remembered from the test before: its rows are gone, and the stamp may have its old number."""
    _forget()


def load_areas(now: datetime) -> None:
    """Two neighbouring municipalities in a department."""
    load_territories([{"properties": {"c": "R", "n": "Uzège"}}], AreaFile("FR", "region", "c", "n"), by=None, now=now)
    load_territories(
        [{"properties": {"c": "30", "n": "Gard"}, "geometry": square(4.4, 44.0)}],
        AreaFile("FR", "department", "c", "n", parent_level="region", parent_code="R"),
        by=None,
        now=now,
    )
    load_territories(
        [
            {"properties": {"c": "30334", "n": "Uzès"}, "geometry": square(4.4, 44.0)},
            {"properties": {"c": "30007", "n": "Alès"}, "geometry": square(4.5, 44.0)},
        ],
        AreaFile("FR", "municipality", "c", "n", parent_level="department", parent_code="30"),
        by=None,
        now=now,
    )


def importer(folder: Path, now: datetime) -> Deliver:
    """Import a list of things of one kind, as a feed of its own."""

    def run(kind: str, things: list[dict[str, Any]]) -> None:
        source = open_source(
            f"feed-{kind}",
            defaults={
                "title": f"Feed of {kind}s",
                "organisation": "Ville d’Uzès",
                "language": "fr",
                "timezone": "Europe/Paris",
                "country": "FR",
                "kind": kind,
                "licence": "Licence Ouverte 2.0",
                "licence_url": "https://www.etalab.gouv.fr/licence-ouverte-open-licence/",
                "credit": "Ville d’Uzès",
                "is_demo": True,
                "shift_days": SHIFT if kind == "event" else 0,
            },
            now=now,
        )
        path = folder / f"{kind}.json"
        path.write_text(json.dumps(things))
        fields = FIELDS if kind == "event" else {k: v for k, v in FIELDS.items() if k not in {"start", "end", "rrule"}}
        mapping = {"kind": kind, "records": "", "key": "id", "language": "fr", "fields": fields}
        options = ImportOptions(format="json", mapping=mapping, allow_vanish=True)
        report = run_import(source, path, options=options, by=None, now=now, trusted=True)
        assert [problem for problem in report.problems if problem.severity == "error"] == []
        refresh_derived(now=now)
        touch_content()

    return run


@pytest.fixture
def deliver(request: pytest.FixtureRequest, db: None, tmp_path: Path) -> Deliver:
    """Import a list of things of one kind, as a feed of its own."""
    now = datetime.now(UTC)
    if "small_guide" not in request.fixturenames:  # which has them
        load_areas(now)
    return importer(tmp_path, now)


@dataclass
class Region:
    """Ids of what the small guide holds."""

    concert: Event
    series: Event
    exhibition: Event
    gone: Event
    over: Event
    museum: Place
    tour: Offer


SHIFT = 28
"""By so many days the demonstration's dates are moved."""


def _events() -> list[dict[str, Any]]:
    here = {"lon": 4.42, "lat": 44.05, "town": "Uzès", "postal_code": "30700"}
    concert = {
        "id": "concert",
        "name": "Concert d’été <b>& chœur</b>",
        "text": "Un chœur.\n\nEt un orchestre.",
        "start": in_days(1 - SHIFT),
        "end": in_days(1 - SHIFT, "22:00"),
        "venue": "Cathédrale",
        "street": "Place de l’Évêché",
        "category": "concert",
        "price": "gratuit",
        "step_free": "oui",
        "organiser": "Chœur d’Uzès",
        "url": "https://example.org/concert",
    }
    series = {"id": "series", "name": "Marché", "start": in_days(2 - SHIFT, "08:00"), "rule": "FREQ=WEEKLY;COUNT=9"}
    first, last = in_days(-9 - SHIFT, ""), in_days(9 - SHIFT, "")
    exhibition = {"id": "exhibition", "name": "Exposition", "start": first, "end": last, "category": "exposition"}
    over = {"id": "over", "name": "Passé", "start": in_days(-40 - SHIFT)}
    gone = {"id": "gone", "name": "Retiré", "start": in_days(3 - SHIFT)}
    return [here | event for event in (concert, series | {"category": "marché"}, exhibition, over, gone)]


def make_small_guide() -> None:
    """A concert, a series, a running exhibition, a withdrawn and a past event, a museum and a tour."""
    now = datetime.now(UTC)
    load_areas(now)
    with TemporaryDirectory() as folder:
        _deliver_all(importer(Path(folder), now))
    brand = {"name": "Uzège", "region_code": "R", "timezone": "Europe/Paris", "is_demo": True}
    set_brand(brand, by=None, now=now, trusted=True)


def _deliver_all(deliver: Deliver) -> None:
    here = {"lon": 4.43, "lat": 44.06, "town": "Uzès", "postal_code": "30700"}
    events = _events()
    deliver("event", events)
    deliver("event", events[:-1])
    museum = {"id": "museum", "name": "Musée du Duché", "category": "musée", "hours": "Tous les jours", "toilet": "oui"}
    deliver("place", [museum | here | {"phone": "04 66 00 00 00"}])
    deliver("offer", [{"id": "tour", "name": "Visite", "category": "visite guidée", "price": "5–10 EUR"} | here])


@pytest.fixture
def region(small_guide: None, deliver: Deliver) -> Region:
    """What ``make_small_guide`` made."""
    _forget()
    by_name = {event.sort_name.split(" ")[0]: event for event in Event.objects.all()}
    names = ("concert", "marche", "exposition", "retire", "passe")
    return Region(*(by_name[name] for name in names), Place.objects.get(), Offer.objects.get())


@pytest.fixture
def client() -> Client:
    """A guest without JavaScript."""
    return Client()
