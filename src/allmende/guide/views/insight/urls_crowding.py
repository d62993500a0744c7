"""How full places are: a site's pages, the comparison of sites, maps of presence and flows."""

from __future__ import annotations

from typing import Final

from django.urls import URLPattern, path

from allmende.guide.views.insight import crowding, presence, site

WORKSPACE: Final[list[URLPattern]] = [
    path("crowding/", crowding.crowding, name="insight_crowding"),
    path("crowding/crowding.csv", crowding.crowding_csv, name="insight_crowding_csv"),
    path("crowding/presence/", presence.presence, name="insight_presence"),
    path("crowding/presence/presence.csv", presence.presence_csv, name="insight_presence_csv"),
    path("crowding/flows/", crowding.flows, name="insight_flows"),
    path("crowding/flows/flows.csv", crowding.flows_csv, name="insight_flows_csv"),
    path("sites/<slug:slug>/", site.site, name="insight_site"),
    path("sites/<slug:slug>/<slug:table>.csv", site.site_csv, name="insight_site_csv"),
]
"""Below ``workspace/insight/``."""
PUBLIC: Final[list[URLPattern]] = [
    path("measured/<slug:slug>/", site.measured, name="measured"),
    path("measured/<slug:slug>/<slug:table>.csv", site.measured_csv, name="measured_csv"),
]
"""Below the language."""
PLAIN: Final[list[URLPattern]] = []
"""Without a language: for other systems."""
