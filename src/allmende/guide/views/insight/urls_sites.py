"""Sites: the list, one site's settings, its capacity and what is shown of it."""

from __future__ import annotations

from typing import Final

from django.urls import URLPattern, path

from allmende.guide.views.insight import sites, spaces

WORKSPACE: Final[list[URLPattern]] = [
    path("sites/", sites.sites, name="insight_sites"),
    path("sites/new/", sites.new_site, name="insight_new_site"),
    path("sites/<slug:slug>/settings/", sites.settings, name="insight_site_settings"),
    path("spaces/", spaces.spaces, name="insight_spaces"),
    path("spaces/<slug:slug>/", spaces.space, name="insight_space"),
]
"""Below ``workspace/insight/``."""
PUBLIC: Final[list[URLPattern]] = []
"""Below the language."""
PLAIN: Final[list[URLPattern]] = []
"""Without a language: for other systems."""
