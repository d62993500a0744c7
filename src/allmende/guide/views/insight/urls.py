"""All addresses of the pages of measured places, by slice."""

from __future__ import annotations

from typing import Final

from django.urls import URLPattern, path

from allmende.guide.views.insight import (
    overview,
    urls_counters,
    urls_crowding,
    urls_deliveries,
    urls_forecasts,
    urls_indicators,
    urls_interventions,
    urls_sites,
    urls_steering,
    urls_weather,
)

SLICES: Final = (
    urls_sites,
    urls_deliveries,
    urls_counters,
    urls_crowding,
    urls_forecasts,
    urls_steering,
    urls_interventions,
    urls_indicators,
    urls_weather,
)

workspace_urls: Final[list[URLPattern]] = [
    path("", overview.overview, name="insight"),
    *(one for part in SLICES for one in part.WORKSPACE),
]
public_urls: Final[list[URLPattern]] = [one for part in SLICES for one in part.PUBLIC]
plain_urls: Final[list[URLPattern]] = [one for part in SLICES for one in part.PLAIN]
