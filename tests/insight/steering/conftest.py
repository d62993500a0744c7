"""Two beaches, a lake, a castle and what is not to be told, measured by the hour for nine weeks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from allmende.catalogue.models import Place
from allmende.catalogue.values import cell_of, flags_of
from allmende.core.models import User
from allmende.core.slugs import slugify
from allmende.insight import store
from allmende.insight.models import Forecast, Series, Site
from allmende.insight.values import Quality, Resolution
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.models import Organisation

ZONE = ZoneInfo("Europe/Copenhagen")
NOON = datetime(2026, 7, 18, 12, 10, tzinfo=ZONE).astimezone(UTC)
"""A Saturday in July, ten past twelve at the beach."""
DAILY = {"days": list(range(7)), "valid_from": None, "valid_through": None, "every_year": False}


def opens(begin: str, end: str) -> list[dict[str, Any]]:
    """Opening hours of every day."""
    return [{**DAILY, "opens": begin, "closes": end}]


@dataclass
class Coast:
    """Who keeps the coast's places, and functions to make more."""

    owner: Organisation
    other: Organisation
    editor: User
    member: User
    stranger: User
    place: Callable[..., Place]
    site: Callable[..., Site]


def make_place(owner: Organisation, name: str, lon: float, lat: float, **more: Any) -> Place:
    access = more.pop("accessibility", {})
    is_free = more.pop("is_free", False)
    text = more.pop("text", {"original": "da", "texts": {"da": name}})
    return Place.objects.create(
        organisation=owner,
        state=more.pop("state", "published"),
        slug=slugify(name),
        sort_name=name.lower(),
        language="da",
        name=text,
        category=more.pop("category", "beach-lake"),
        categories=["beach-lake"],
        accessibility=access,
        flags=flags_of(is_free=is_free, accessibility=access, audience=[]),
        lon=lon,
        lat=lat,
        cell=cell_of(lon, lat),
        country="DK",
        timezone="Europe/Copenhagen",
        created_at=NOON,
        updated_at=NOON,
        **more,
    )


def make_site(owner: Organisation, name: str, place: Place | None, busy: dict[int, float], **more: Any) -> Site:
    """A site with ``busy``: local hour -> visitors, the same every day of nine weeks up to now, 0 in the other hours."""
    until = more.pop("until", NOON)
    ahead = more.pop("ahead", None)
    site = Site.objects.create(
        organisation=owner,
        place=place,
        name=name,
        slug=slugify(name),
        kind=more.pop("kind", "beach"),
        timezone="Europe/Copenhagen",
        capacity=100,
        shown=more.pop("shown", Site.Shown.FORECAST),
        created_at=NOON,
        updated_at=NOON,
        **more,
    )
    series = Series.objects.create(site=site, measure="presence", resolution=Resolution.HOUR, is_main=True)
    last = store.number_of(Resolution.HOUR, until)
    periods = np.arange(last - 63 * 24, last, dtype=np.int64)
    figures = np.array([figure_at(int(number), busy) for number in periods], "<f4")
    quality = np.full(len(periods), Quality.MEASURED, np.uint8)
    store.write_figures(series, periods, figures, quality, now=NOON)
    if ahead is not None:
        make_forecast(series, ahead)
    return site


def figure_at(number: int, busy: dict[int, float]) -> float:
    return busy.get(store.begin_of(Resolution.HOUR, number).astimezone(ZONE).hour, 0.0)


def make_forecast(series: Series, ahead: dict[int, float], *, spread: float = 0.02, made_at: datetime = NOON) -> None:
    """A forecast of eight days from noon that says ``ahead`` for each local hour of every day."""
    start = NOON.replace(minute=0)
    first = store.number_of(Resolution.HOUR, start)
    middle = np.array([figure_at(first + step, ahead) for step in range(8 * 24)])
    factors = np.array([1 - 2 * spread, 1 - spread, 1, 1 + spread, 1 + 2 * spread])
    Forecast.objects.create(
        series=series,
        made_at=made_at,
        resolution=Resolution.HOUR,
        start=start,
        steps=len(middle),
        levels=[0.025, 0.1, 0.5, 0.9, 0.975],
        quantiles=(middle[:, None] * factors).astype("<f4").tobytes(),
        method="test",
    )


BUSY = {10: 30.0, 11: 60.0, 12: 95.0, 13: 95.0, 14: 60.0, 15: 60.0, 16: 30.0, 17: 20.0}
CALM = dict.fromkeys(range(9, 19), 20.0)


@pytest.fixture
def coast(db: None) -> Iterator[Coast]:
    owner = found_organisation("Kommunen", by=None, now=NOON, kind="municipality")
    other = found_organisation("Nabokommunen", by=None, now=NOON, kind="municipality")
    people = {
        name: User.objects.create_user(f"{name}@example.org", "a long enough password", name=name)
        for name in ("editor", "member", "stranger")
    }
    join_organisation(people["editor"], owner, "editor", by=None, now=NOON)
    join_organisation(people["member"], owner, "member", by=None, now=NOON)
    join_organisation(people["stranger"], other, "manager", by=None, now=NOON)

    def place(name: str, lon: float = 10.6, lat: float = 57.7, **more: Any) -> Place:
        return make_place(owner, name, lon, lat, **more)

    def site(name: str, at: Place | None, busy: dict[int, float], **more: Any) -> Site:
        return make_site(more.pop("owner", owner), name, at, busy, **more)

    return Coast(owner, other, people["editor"], people["member"], people["stranger"], place, site)


def later(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)
