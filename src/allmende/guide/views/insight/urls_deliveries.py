"""Deliveries of figures: read, match, preview, apply."""

from __future__ import annotations

from typing import Final

from django.urls import URLPattern, path

from allmende.guide.views.insight import deliveries, folders

WORKSPACE: Final[list[URLPattern]] = [
    path("deliveries/", deliveries.deliveries, name="insight_deliveries"),
    path("deliveries/new/", deliveries.new_delivery, name="insight_new_delivery"),
    path("deliveries/folders/", folders.folders, name="insight_folders"),
    path("deliveries/<int:pk>/", deliveries.delivery, name="insight_delivery"),
    path("deliveries/<int:pk>/match/", deliveries.match, name="insight_delivery_match"),
    path("deliveries/<int:pk>/apply/", deliveries.apply, name="insight_delivery_apply"),
    path("deliveries/<int:pk>/state.json", deliveries.state, name="insight_delivery_state"),
    path("deliveries/<int:pk>/stop/", deliveries.stop, name="insight_delivery_stop"),
    path("deliveries/<int:pk>/problems.csv", deliveries.problems, name="insight_delivery_problems"),
    path("deliveries/<int:pk>/discard/", deliveries.discard, name="insight_delivery_discard"),
    path("deliveries/<int:pk>/undo/", deliveries.undo, name="insight_delivery_undo"),
]
"""Below ``workspace/insight/``."""
PUBLIC: Final[list[URLPattern]] = []
"""Below the language."""
PLAIN: Final[list[URLPattern]] = []
"""Without a language: for other systems."""
