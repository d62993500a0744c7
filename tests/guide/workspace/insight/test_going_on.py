"""What was going on in the worst hours: events at and near the place, and holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from allmende.catalogue.models import Event, Occurrence
from allmende.catalogue.values import cell_of
from allmende.insight.crowding.queries.going_on import going_on
from allmende.insight.holidays.queries import holidays_of
from allmende.insight.models import Site
from allmende.partners.models import Organisation, Territory
from tests.guide.workspace.conftest import NOW

LON, LAT = 4.42, 44.01
NOON = datetime(2026, 7, 14, 10, tzinfo=UTC)
"""Noon in France on its national holiday."""


@pytest.fixture
def site(concert: Event) -> Site:
    Event.objects.update(lon=LON + 0.005, lat=LAT)
    area = Territory.objects.create(country="FR", level="municipality", code="30334", name="Uzès", slug="uzes")
    return Site.objects.create(
        organisation=Organisation.objects.get(name="Ville d’Uzès"),
        name="Place",
        slug="place",
        lon=LON,
        lat=LAT,
        territory=area,
        timezone="Europe/Paris",
        created_at=NOW,
        updated_at=NOW,
    )


def showing(event: Event, starts: datetime, **more: Any) -> None:
    told = {"ends_at": starts + timedelta(hours=2), "all_day": False, "cell": cell_of(LON, LAT), **more}
    Occurrence.objects.create(event=event, day=starts.date(), rank=0, starts_at=starts, category=event.category, **told)


def names(site: Site, hour: datetime) -> list[str]:
    found = going_on(site, [hour], language="en", now=NOW)[hour]
    return [one.card.name.text for one in found.events]


def test_an_event_nearby_is_named_from_two_hours_before_it_begins_until_it_ends(site: Site, concert: Event) -> None:
    showing(concert, NOON)
    assert names(site, NOON) == ["Concert"]
    assert names(site, NOON - timedelta(hours=2)) == ["Concert"], "people come early"
    assert names(site, NOON + timedelta(hours=1)) == ["Concert"]
    assert names(site, NOON + timedelta(hours=2)) == [], "it is over"
    assert names(site, NOON - timedelta(hours=3)) == []


def test_what_is_far_cancelled_or_not_published_is_not_named(site: Site, concert: Event) -> None:
    showing(concert, NOON)
    Event.objects.update(lon=LON + 0.1)
    assert names(site, NOON) == []
    Event.objects.update(lon=LON)
    Occurrence.objects.update(cancelled=True)
    assert names(site, NOON) == []
    Occurrence.objects.update(cancelled=False)
    Event.objects.update(state="draft")
    assert names(site, NOON) == []


def test_holidays_are_those_of_the_country_of_the_site(site: Site) -> None:
    day = date(2026, 7, 14)
    told = holidays_of(site, [day, day + timedelta(days=1)], language="en").days
    assert [[one.name for one in off] for off in told.values()] == [["National Day"], []]
    Territory.objects.update(country="SE")
    site.territory = Territory.objects.get(code="30334")
    assert holidays_of(site, [day], language="en").days[day] == ()
