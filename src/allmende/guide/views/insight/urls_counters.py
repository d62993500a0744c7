"""Counters that report by themselves.  The address that takes their readings is part of the API (``insight.api``)."""

from __future__ import annotations

from typing import Final

from django.urls import URLPattern, path

from allmende.guide.views.insight import counters

WORKSPACE: Final[list[URLPattern]] = [
    path("counters/", counters.counters, name="insight_counters"),
    path("counters/new/", counters.new_counter, name="insight_new_counter"),
    path("counters/<int:pk>/", counters.counter, name="insight_counter"),
]
"""Below ``workspace/insight/``."""
PUBLIC: Final[list[URLPattern]] = []
"""Below the language."""
PLAIN: Final[list[URLPattern]] = []
"""Without a language: for other systems."""
