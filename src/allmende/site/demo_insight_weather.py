"""Weather and holidays of a demo region: simulated weather, marked as such, and real school holidays where they may ship."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from allmende.insight.deliveries.actions import Supply, apply_delivery, choose_options, keep_path, preview_delivery
from allmende.insight.models import HolidayPeriod, Site, WeatherStation
from allmende.insight.weather.simulated import go_on, place_stations
from allmende.partners.models import Network, Organisation

EXAMPLES: Final = Path(__file__).resolve().parents[3] / "examples"
PARTS: Final[Mapping[str, str]] = {"occitanie": "FR-OCC", "niederrhein": "DE-NW"}
"""In which part of its country a region lies."""
SCHOOL: Final[Mapping[str, tuple[str, Supply]]] = {
    "occitanie": (
        "occitanie/vacances_scolaires.csv",
        Supply(
            "holidays", "Ministère de l’Éducation nationale, data.education.gouv.fr (zone C)", "Licence Ouverte 2.0"
        ),
    ),
}
"""Files of school holidays whose licence lets them ship; of other regions none is delivered."""
SOURCE: Final[Mapping[str, str]] = {"fr": "Météo simulée (démo)", "de": "Simuliertes Wetter (Demo)"}


def load_weather(
    region: str,
    owner: Organisation,
    space: Network,
    sites: Sequence[Site],
    language: str,
    *,
    since: datetime,
    now: datetime,
) -> None:
    """A simulated station in each municipality with a measured place, and the region's school holidays; once."""
    part = PARTS.get(region, "")
    Site.objects.filter(pk__in=[site.pk for site in sites]).update(subdivision=part)
    if not WeatherStation.objects.filter(is_demo=True).exists():
        spots: dict[str, tuple[float, float]] = {}
        for site in sites:
            if site.lon is not None and site.lat is not None:
                spots.setdefault(site.territory.name if site.territory else site.name, (site.lon, site.lat))
        place_stations(spots, owner, space, source=SOURCE.get(language, SOURCE["de"]), since=since, now=now)
    if region in SCHOOL and not HolidayPeriod.objects.filter(organisation=owner).exists():
        _load_school_holidays(*SCHOOL[region], owner, now=now)


def _load_school_holidays(file: str, supply: Supply, owner: Organisation, *, now: datetime) -> None:
    delivery = keep_path(owner.pk, EXAMPLES / file, supply, by=None, now=now, trusted=True)
    choose_options(delivery, {"use": "everyone"}, by=None, trusted=True)
    preview_delivery(delivery, by=None, trusted=True)
    apply_delivery(delivery, by=None, now=now, trusted=True)


def weather_goes_on(now: datetime) -> int:
    """Let the simulated stations go on: nothing to do where there are none."""
    return go_on(now=now)
