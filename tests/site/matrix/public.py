"""The guide, the federation and the API as a browser sees it: open to everybody, and the same for everybody."""

from __future__ import annotations

from typing import Final

from allmende.catalogue.models import Event, Offer, Place
from allmende.partners.actions import AreaFile, load_territories
from tests.guide.workspace.conftest import calendar, event
from tests.site.matrix.harness import NOW, OPEN, Row, World

NOWHERE: Final = "404 404 404 404 404 404 404"
NO_KEY: Final = "401 401 401 401 401 401 401"

ALWAYS: Final = [
    "openapi",
    "list_events",
    "list_places",
    "list_offers",
    "search",
    "list_occurrences",
    "list_organisations",
    "get_organisation",
    "api_page",
    "nodeinfo_links",
    "nodeinfo",
    "federation_actor",
    "federation_outbox",
    "federation_followers",
    "federation_following",
    "federation_upcoming",
    "home",
    "events",
    "event",
    "event_ics",
    "events_ics",
    "events_rss",
    "events_atom",
    "places",
    "offers",
    "calendar",
    "calendar_week",
    "calendar_day",
    "map",
    "map_outlines",
    "suggest",
    "region",
    "municipalities",
    "municipality",
    "categories",
    "category",
    "organisations",
    "organisation",
    "favourites",
    "widgets",
    "widget_loader",
    "embed_list",
    "embed_calendar",
    "embed_map",
    "embed_event",
    "embed_theme",
    "report",
    "accessibility",
    "privacy",
    "imprint",
    "sources",
    "open_data",
    "open_data_description",
    "open_data_bulk",
    "sitemap",
    "robots",
    "manifest",
    "opensearch",
    "vocabulary",
    "brand_css",
    "place",
    "offer",
    "get_place",
    "get_offer",
    "federation_event",
]

ROWS: dict[str, tuple[Row, ...]] = {name: (Row(OPEN),) for name in ALWAYS}
ROWS |= {
    "api_nothing": (Row(NOWHERE),),
    "search": (Row(OPEN, query="?q=concert"),),
    "map_data": (Row(OPEN, query="?bbox=0,43,5,45&zoom=8"),),
    "webfinger": (Row("404 404 404 404 404 404 404", query="?resource=acct:nobody@nowhere.example"),),
    "api_try": (Row("303 303 303 303 303 303 303"),),
    "sitemap_page": (Row(OPEN),),
    # Not signed, and not an activity.
    "federation_inbox": (Row("415 415 415 415 415 415 415", "POST"),),
    # A session opens nothing in the API; a key does, for its organisation.
    "list_own_sources": (Row(NO_KEY), Row("401 200 401 401 200 401 200", with_key=True)),
    "deliver": (Row(NO_KEY, "POST"), Row("401 404 401 401 422 401 422", "POST", with_key=True)),
    "get_delivery": (Row(NO_KEY), Row("401 404 401 401 200 401 200", with_key=True)),
    "get_event": (
        Row(OPEN),
        Row(NO_KEY, "PATCH"),
        Row("401 403 401 401 200 401 200", "PATCH", {"url": "https://example.org/"}, with_key=True),
        Row("401 403 401 401 204 401 204", "DELETE", with_key=True),
    ),
    "list_changes": (Row(OPEN, query="?modified_since=2020-01-01T00:00:00Z"),),
}


def build(world: World) -> None:
    concert = Event.objects.get(pk=world.concert.pk)
    delivered = world.clients["guest"].post(
        "/api/v1/sources/agenda/deliveries",
        calendar(event("a"), event("b")),
        content_type="text/calendar",
        headers={"authorization": f"Bearer {world.keys['manager']}"},
    )
    area = [{"properties": {"c": "R", "n": "Region"}}]
    load_territories(area, AreaFile("FR", "region", "c", "n"), by=None, now=NOW)
    town = [{"properties": {"c": "30334", "n": "Uzès"}}]
    load_territories(town, AreaFile("FR", "municipality", "c", "n", parent_level="region"), by=None, now=NOW)
    common = {
        "organisation": world.town,
        "state": "published",
        "slug": "musee",
        "sort_name": "musee",
        "language": "fr",
        "name": {"original": "fr", "texts": {"fr": "Musée"}},
        "category": "museum",
        "categories": ["museum"],
        "created_at": NOW,
        "updated_at": NOW,
    }
    place, offer = Place.objects.create(**common), Offer.objects.create(**common)
    item = {"slug": concert.slug, "pk": concert.pk}
    world.args |= {
        "event": item,
        "event_ics": item,
        "place": {"slug": place.slug, "pk": place.pk},
        "offer": {"slug": offer.slug, "pk": offer.pk},
        "get_event": {"id": concert.pk},
        "list_occurrences": {"id": concert.pk},
        "get_place": {"id": place.pk},
        "get_offer": {"id": offer.pk},
        "get_organisation": {"id": world.town.pk},
        "organisation": {"slug": world.town.slug, "pk": world.town.pk},
        "federation_event": {"pk": concert.pk},
        "embed_event": {"pk": concert.pk},
        "api_try": {"operation": "list_events"},
        "nodeinfo": {"major": "2", "minor": "1"},
        "map_outlines": {"z": 6, "x": 32, "y": 23},
        "municipality": {"code": "30334-uzes"},
        "category": {"key": "museum"},
        "open_data_description": {"form": "ttl"},
        "open_data_bulk": {"name": "events", "suffix": "csv"},
        "sitemap_page": {"kind": "event", "number": 1},
        "deliver": {"slug": "agenda"},
        "get_delivery": {"slug": "agenda", "id": delivered.json()["id"]},
    }
