"""What is expected, and how good earlier forecasts were."""

from __future__ import annotations

from typing import Final

from django.urls import URLPattern, path

from allmende.guide.views.insight import forecast

WORKSPACE: Final[list[URLPattern]] = [
    path("sites/<slug:slug>/forecast/", forecast.site_forecast, name="insight_forecast"),
    path("sites/<slug:slug>/forecast/<int:series>.csv", forecast.site_forecast_csv, name="insight_forecast_csv"),
]
"""Below ``workspace/insight/``."""
PUBLIC: Final[list[URLPattern]] = []
"""Below the language."""
PLAIN: Final[list[URLPattern]] = []
"""Without a language: for other systems."""
