"""Search with filters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from allmende.catalogue.models import ITEM_MODELS
from allmende.catalogue.queries import find
from allmende.catalogue.queries.cards import cards_of
from allmende.catalogue.queries.lists import decode_cursor, encode_cursor, facts, occurrences, today_at
from allmende.catalogue.queries.shapes import Filters, Listing
from allmende.catalogue.values import KIND_CODES, KIND_OF_CODE, KINDS
from allmende.core.publication import Publication


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
    kinds = (kind,) if kind in KIND_CODES else KINDS
    found = find.hits(filters.q, tuple(KIND_CODES[name] for name in kinds), language)
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
    ids: Iterable[int]
    for name, identifiers in by_kind.items():
        if name == "event":
            rows = occurrences(plain, first=filters.since or today_at(now, zone), language=language)
            ids = rows.filter(event_id__in=identifiers).order_by().values_list("event_id", flat=True).distinct()
        else:
            items = ITEM_MODELS[name].objects.filter(pk__in=identifiers)  # type: ignore[attr-defined]
            if filters.organisation:
                items = items.filter(organisation_id=filters.organisation)
            # The state is looked at here: see ``cards``.
            states = facts(items, plain, language).values_list("pk", "state")
            ids = [pk for pk, state in states if state == Publication.PUBLISHED]
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
