"""The demo's weather and school holidays: simulated and marked as such, or real and credited."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from allmende.insight.holidays.queries import holidays_of
from allmende.insight.models import HolidayPeriod, Site, WeatherStation
from allmende.insight.weather import store
from allmende.insight.weather.queries import site_weather
from allmende.partners.actions import found_organisation
from allmende.partners.models import Network, Territory
from allmende.site.config import BadSetting, read_config
from allmende.site.demo_insight_weather import load_weather, weather_goes_on

NOW = datetime(2026, 11, 29, 9, 40, tzinfo=UTC)


def test_the_demo_has_simulated_weather_that_goes_on_and_real_school_holidays(
    db: None, tmp_path: Path, settings: Any
) -> None:
    settings.ALLMENDE_DATA = tmp_path
    owner = found_organisation("Région", by=None, now=NOW, kind="region")
    space = Network.objects.create(name="Lieux", slug="lieux", kind="insight", created_at=NOW, updated_at=NOW)
    area = Territory.objects.create(country="FR", level="municipality", code="34301", name="Sète", slug="sete")
    site = Site.objects.create(
        organisation=owner, network=space, name="Plage", slug="plage", lon=3.66, lat=43.39, timezone="Europe/Paris",
        territory=area, is_demo=True, created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    for _ in range(2):
        load_weather("occitanie", owner, space, [site], "fr", since=NOW - timedelta(days=40), now=NOW)
    station = WeatherStation.objects.get()
    assert (station.name, station.is_demo, station.issued_at) == ("Sète", True, NOW.replace(minute=0))
    assert station.observed_last == NOW.replace(hour=8, minute=0)
    site.refresh_from_db()
    assert len(site_weather(site, now=NOW).days) == 2
    off = holidays_of(site, [date(2026, 8, 15), date(2026, 10, 20), date(2026, 11, 2)], language="fr").days
    assert [[one.name for one in names] for names in off.values()] == [
        ["Assomption", "Vacances d’été"],
        ["Vacances de la Toussaint"],
        [],
    ]
    assert {one.licence for one in HolidayPeriod.objects.all()} == {"Licence Ouverte 2.0"}
    later = NOW + timedelta(hours=30)
    assert [weather_goes_on(later), weather_goes_on(later)] == [1, 0]
    station.refresh_from_db()
    assert station.observed_last == later.replace(minute=0) - timedelta(hours=1)
    assert station.issued_at == later.replace(minute=0)
    seen = store.read_observed(station.pk, store.hour_of(NOW) - 900, store.hour_of(later))
    assert not np.isnan(seen).any()
    assert ((seen[:, store.SUNSHINE] >= 0) & (seen[:, store.SUNSHINE] <= 60)).all()


def test_the_part_of_the_country_is_set_by_its_code(tmp_path: Path) -> None:
    def told(code: str) -> str:
        return read_config({"ALLMENDE_DATA": str(tmp_path), "ALLMENDE_SUBDIVISION": code}).subdivision

    assert [told(""), told(" fr-occ ")] == ["", "FR-OCC"]
    with pytest.raises(BadSetting, match="FR-OCC"):
        told("Occitanie")
