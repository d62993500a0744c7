"""Suggestions of quieter places: what the guide shows, the kiosk, the widget, the lots."""

from __future__ import annotations

from typing import Final

from django.urls import URLPattern, path

from allmende.guide.views.insight import busy, busy_embed, kiosk, steering, suggested

WORKSPACE: Final[list[URLPattern]] = [
    path("steering/", steering.trials, name="insight_steering"),
    path("steering/<int:pk>/stop/", steering.stop, name="insight_steering_stop"),
]
"""Below ``workspace/insight/``."""
PUBLIC: Final[list[URLPattern]] = [
    path("busy/", busy.busy, name="busy"),
    path("places/<slug:slug>-<int:pk>/busy.json", busy.place_json, name="place_busy_json"),
    path("kiosk/<slug:slug>/", kiosk.kiosk, name="kiosk"),
    path("steering/", steering.steering, name="steering"),
    path("instead/<int:site>/<int:other>/", suggested.instead, name="instead"),
    path("embed/busy/", busy_embed.busy, name="embed_busy"),
]
"""Below the language."""
PLAIN: Final[list[URLPattern]] = [
    path("busy.json", busy.busy_json, name="busy_json"),
    path("steering/seen/<int:site>/<slug:instead>.gif", suggested.seen, name="steering_seen"),
]
"""Without a language: for other systems."""
