"""Search: words to items, best first."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.db import connection

from allmende.catalogue import search as index
from allmende.catalogue.queries.shapes import Filters, Listing
from allmende.catalogue.values import KIND_CODES, KIND_OF_CODE, KINDS
from allmende.core.content import recent_content_stamp

CAP = 1000
"""Hits beyond this many are counted as "more than"."""


@lru_cache(maxsize=256)
def _hits(stamp: int, text: str, kinds: tuple[int, ...], language: str) -> index.Hits:
    return index.find(connection, text, language=language, kinds=kinds, limit=CAP, cap=2 * CAP)


def hits(text: str, kinds: tuple[int, ...], language: str) -> index.Hits:
    """What the index finds; remembered for a moment, since a page asks several times."""
    return _hits(recent_content_stamp(), text.strip(), kinds, language)


def matching(text: str, kind: str, language: str) -> list[int]:
    """Ids of the items of one kind that the words find, best first, at most ``CAP``."""
    return [identifier for _, identifier in hits(text, (KIND_CODES[kind],), language).keys]


def search(
    filters: Filters,
    *,
    language: str,
    now: datetime,
    zone: ZoneInfo,
    kind: str = "",
    after: str = "",
    limit: int = 24,
) -> Listing:
    """Items of all kinds (or one) that the words and filters find, best first; events that are over are left out."""
    from allmende.catalogue.models import ITEM_MODELS
    from allmende.catalogue.queries.cards import cards_of
    from allmende.catalogue.queries.lists import decode_cursor, encode_cursor, facts, occurrences, today_at
    from allmende.core.publication import Publication

    kinds = (kind,) if kind in KIND_CODES else KINDS
    found = hits(filters.q, tuple(KIND_CODES[name] for name in kinds), language)
    by_kind: dict[str, list[int]] = {}
    for code, identifier in found.keys:
        by_kind.setdefault(KIND_OF_CODE[code], []).append(identifier)
    passing: set[tuple[str, int]] = set()
    plain = Filters(
        category=filters.category,
        municipality=filters.municipality,
        department=filters.department,
        audience=filters.audience,
        access=filters.access,
        free=filters.free,
        near=filters.near,
        radius_km=filters.radius_km,
        organisation=filters.organisation,
        place=filters.place,
        until=filters.until,
    )
    for name, identifiers in by_kind.items():
        if name == "event":
            rows = occurrences(plain, first=filters.since or today_at(now, zone), language=language)
            ids = rows.filter(event_id__in=identifiers).order_by().values_list("event_id", flat=True).distinct()
        else:
            items = ITEM_MODELS[name].objects.filter(state=Publication.PUBLISHED, pk__in=identifiers)  # type: ignore[attr-defined]
            if filters.organisation:
                items = items.filter(organisation_id=filters.organisation)
            ids = facts(items, plain).values_list("pk", flat=True)
        passing.update((name, identifier) for identifier in ids)
    ordered = [(KIND_OF_CODE[c], i) for c, i in found.keys if (KIND_OF_CODE[c], i) in passing]
    parts = decode_cursor(after, 2) if after else None
    start = int(parts[0]) if parts and parts[0].isdecimal() else 0
    page = ordered[start : start + limit]
    more = len(ordered) > start + limit
    return Listing(
        cards_of(page, language=language, now=now),
        encode_cursor(start + limit, "s") if more else "",
        total=len(ordered),
        total_is_at_least=found.capped or found.total > len(found.keys),
        corrected=found.corrected or "",
        relaxed=found.relaxed,
    )


def suggest(text: str, *, language: str, limit: int = 8) -> list[str]:
    """Completions of what is being typed in the search box."""
    return [entry.text for entry in index.suggest(connection, text, language, limit)]
