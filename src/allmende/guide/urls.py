"""Addresses of the guide.  The language prefix comes off before these are matched, see ``core.middleware.language``."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from allmende.guide.views import (
    areas,
    brand,
    calendar,
    details,
    favourites,
    home,
    lists,
    machine,
    report,
    search,
    static_pages,
)
from allmende.guide.views import map as map_views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("events/", lists.events, name="events"),
    path("events/<slug:slug>-<int:pk>/", details.event, name="event"),
    path("events/<slug:slug>-<int:pk>.ics", machine.event_ics, name="event_ics"),
    path("events.ics", machine.events_ics, name="events_ics"),
    path("places/", lists.places, name="places"),
    path("places/<slug:slug>-<int:pk>/", details.place, name="place"),
    path("offers/", lists.offers, name="offers"),
    path("offers/<slug:slug>-<int:pk>/", details.offer, name="offer"),
    path("calendar/", calendar.month, name="calendar"),
    path("calendar/week/", calendar.week, name="calendar_week"),
    path("calendar/day/", calendar.day, name="calendar_day"),
    path("map/", map_views.map_page, name="map"),
    path("map/data.json", map_views.data, name="map_data"),
    path("map/outlines/<int:z>/<int:x>/<int:y>.json", map_views.outlines, name="map_outlines"),
    path("search/", search.search, name="search"),
    path("search/suggest.json", search.suggest, name="suggest"),
    path("region/", areas.region, name="region"),
    path("municipalities/", areas.municipalities, name="municipalities"),
    path("municipalities/<slug:code>/", areas.municipality, name="municipality"),
    path("categories/", areas.categories, name="categories"),
    path("categories/<slug:key>/", areas.category, name="category"),
    path("organisations/", areas.organisations, name="organisations"),
    path("organisations/<slug:slug>-<int:pk>/", areas.organisation, name="organisation"),
    path("favourites/", favourites.favourites, name="favourites"),
    path("report/", report.report, name="report"),
    path("accessibility/", static_pages.accessibility, name="accessibility"),
    path("privacy/", static_pages.privacy, name="privacy"),
    path("imprint/", static_pages.imprint, name="imprint"),
    path("sources/", static_pages.sources, name="sources"),
    path("sitemap.xml", machine.sitemap_index, name="sitemap"),
    path("sitemap-<slug:kind>-<int:number>.xml", machine.sitemap_page, name="sitemap_page"),
    path("robots.txt", machine.robots, name="robots"),
    path("manifest.webmanifest", machine.manifest, name="manifest"),
    path("opensearch.xml", machine.opensearch, name="opensearch"),
    path("vocabulary.json", machine.vocabulary, name="vocabulary"),
    path("brand.css", brand.brand_css, name="brand_css"),
    path("workspace/", include("allmende.guide.workspace_urls")),
]
