"""Weather and holidays."""

from __future__ import annotations

from typing import Final

from django.urls import URLPattern, path

from allmende.guide.views.insight import weather

WORKSPACE: Final[list[URLPattern]] = [
    path("weather/", weather.weather, name="insight_weather"),
    path("weather/<int:pk>/", weather.weather_station, name="insight_weather_station"),
]
PUBLIC: Final[list[URLPattern]] = []
PLAIN: Final[list[URLPattern]] = []
