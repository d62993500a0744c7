"""Reads of the catalogue, for other modules.  Everything here answers for guests: only what is published."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from allmende.catalogue.queries.calendars import calendar_file, event_calendar_file
from allmende.catalogue.queries.cards import cards_of
from allmende.catalogue.queries.details import event_detail, offer_detail, place_detail, similar_nearby
from allmende.catalogue.queries.export import (
    FORMATS,
    Choice,
    DataSetNote,
    FeedInfo,
    Format,
    count,
    data_sets,
    export,
    feed,
    last_change,
    safe_cell,
    source_id,
)
from allmende.catalogue.queries.facets import Facet, facets
from allmende.catalogue.queries.find import suggest
from allmende.catalogue.queries.held_back import languages_of, languages_shown
from allmende.catalogue.queries.lists import events_on, list_events, list_items, month
from allmende.catalogue.queries.overview import (
    box_cards,
    categories,
    map_points,
    municipalities,
    organisations,
    shift_days,
    sitemap,
    sitemap_pages,
    sources,
    totals,
)
from allmende.catalogue.queries.searching import search
from allmende.catalogue.queries.shapes import (
    Card,
    DateLine,
    DaySummary,
    Detail,
    Filters,
    Listing,
    MapPoint,
    Named,
    Picture,
    SourceNote,
)
from allmende.catalogue.queries.standing import stands_for
from allmende.catalogue.values import KINDS

_KIND_OF_LETTER = {kind[0]: kind for kind in KINDS}


def list_places(filters: Filters, **options: Any) -> Listing:
    """Published places; see ``list_items``."""
    return list_items("place", filters, **options)


def list_offers(filters: Filters, **options: Any) -> Listing:
    """Published offers; see ``list_items``."""
    return list_items("offer", filters, **options)


def cards_by_keys(keys: Sequence[str], *, language: str, now: datetime) -> list[Card]:
    """Cards for short names such as e12 and p3, in their order; what is unknown or not published is left out."""
    pairs = [
        (_KIND_OF_LETTER[key[0]], int(key[1:]))
        for key in keys
        if key[:1] in _KIND_OF_LETTER and key[1:].isdecimal() and len(key) < 16
    ]
    standing = {kind: stands_for(kind, [pk for k, pk in pairs if k == kind]) for kind in {kind for kind, _ in pairs}}
    pairs = [(kind, standing[kind].get(pk, pk)) for kind, pk in pairs]
    return cards_of(list(dict.fromkeys(pairs)), language=language, now=now)


__all__ = [
    "FORMATS",
    "Card",
    "Choice",
    "DataSetNote",
    "DateLine",
    "DaySummary",
    "Detail",
    "Facet",
    "FeedInfo",
    "Filters",
    "Format",
    "Listing",
    "MapPoint",
    "Named",
    "Picture",
    "SourceNote",
    "box_cards",
    "calendar_file",
    "cards_by_keys",
    "categories",
    "count",
    "data_sets",
    "event_calendar_file",
    "event_detail",
    "events_on",
    "export",
    "facets",
    "feed",
    "languages_of",
    "languages_shown",
    "last_change",
    "list_events",
    "list_offers",
    "list_places",
    "map_points",
    "month",
    "municipalities",
    "offer_detail",
    "organisations",
    "place_detail",
    "safe_cell",
    "search",
    "shift_days",
    "similar_nearby",
    "sitemap",
    "sitemap_pages",
    "source_id",
    "sources",
    "stands_for",
    "suggest",
    "totals",
]
