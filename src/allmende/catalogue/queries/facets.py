"""Facets: what one can narrow a list by, with how many there are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from allmende.catalogue.models import ITEM_MODELS
from allmende.catalogue.queries import find, lists
from allmende.catalogue.queries.cards import municipality_names
from allmende.catalogue.queries.numbers import counts
from allmende.catalogue.queries.shapes import Filters
from allmende.catalogue.values import ACCESS_FLAGS, AUDIENCE_FLAGS, Flag
from allmende.core.content import recent_content_stamp
from allmende.core.publication import Publication
from allmende.partners.models import Territory

EVERYTHING = Filters()
CAP = 500
"""Filtered lists are counted up to this many; beyond, the counts say "at least"."""
MOST_VALUES = 30


@dataclass(frozen=True, slots=True)
class Facet:
    """One value of a facet."""

    value: str
    """For the address: a category key, municipality code, audience, access fact, or ``1`` for free."""
    label: str
    """Only municipalities have one here; the rest are labelled by the vocabulary."""
    n: int
    at_least: bool
    selected: bool


@lru_cache(maxsize=2)
def _codes(stamp: int) -> dict[int, str]:
    return dict(Territory.objects.filter(level="municipality").values_list("id", "code"))


def municipality_codes() -> dict[int, str]:
    """Official codes by territory id."""
    return _codes(recent_content_stamp())


def _counted(
    kind: str, filters: Filters, language: str, now: datetime, zone: ZoneInfo
) -> tuple[Counter[tuple[str, str]], bool]:
    """Counts over the first ``CAP`` rows of a filtered list, and whether there were more."""
    fields = ("category", "municipality_id", "flags")
    if kind == "event":
        first = filters.since or lists.today_at(now, zone)
        rows = lists.occurrences(filters, first=first, language=language).order_by("day", "rank", "id")
        found = list(rows.values_list("event_id", *fields)[: CAP + 1])
    else:
        items = ITEM_MODELS[kind].objects.filter(state=Publication.PUBLISHED)  # type: ignore[attr-defined]
        items = lists.facts(items, filters, language)
        if filters.organisation:
            items = items.filter(organisation_id=filters.organisation)
        if filters.q:
            items = items.filter(pk__in=find.matching(filters.q, kind, language))
        found = list(items.values_list("pk", *fields)[: CAP + 1])
    counter: Counter[tuple[str, str]] = Counter()
    for _, category, municipality, flags in {row[0]: row for row in found}.values():
        counter["category", category] += 1
        if municipality:
            counter["municipality", str(municipality)] += 1
        for flag in Flag(flags):
            counter["flag", str(flag.name)] += 1
    return counter, len(found) > CAP


def facets(
    kind: str, *, language: str, filters: Filters = EVERYTHING, now: datetime, zone: ZoneInfo
) -> dict[str, list[Facet]]:
    """Values to narrow a list by: category, municipality, audience, access, free; most frequent first.

    Without filters the counts are those of the whole catalogue; with filters they are counted over the first ``CAP``
    rows.  The categories are counted without the category filter, so that one can widen it.
    """
    if filters.is_empty:
        whole = counts(language)
        tally: Counter[tuple[str, str]] = Counter()
        for facet in ("category", "municipality", "flag"):
            for value, n in whole.get((kind, facet), {}).items():
                tally[facet, value] = n
        capped = wide_capped = False
        wide = tally
    else:
        tally, capped = _counted(kind, filters, language, now, zone)
        wide, wide_capped = tally, capped
        if filters.category:
            wide, wide_capped = _counted(kind, replace(filters, category=()), language, now, zone)
    names, codes = municipality_names(), municipality_codes()
    municipalities = [
        Facet(codes[int(value)], names[int(value)], n, capped, int(value) == filters.municipality)
        for (facet, value), n in tally.most_common()
        if facet == "municipality" and int(value) in names
    ][:MOST_VALUES]
    categories = [
        Facet(value, "", n, wide_capped, value in filters.category)
        for (facet, value), n in wide.most_common()
        if facet == "category"
    ]
    missing = set(filters.category) - {facet.value for facet in categories}
    categories += [Facet(value, "", 0, False, True) for value in sorted(missing)]

    def flagged(flags: dict[str, Flag], chosen: tuple[str, ...]) -> list[Facet]:
        return [
            Facet(name, "", tally["flag", str(flag.name)], capped, name in chosen)
            for name, flag in flags.items()
            if tally["flag", str(flag.name)] or name in chosen
        ]

    free = tally["flag", "FREE"]
    return {
        "category": categories,
        "municipality": municipalities,
        "audience": flagged(AUDIENCE_FLAGS, filters.audience),
        "access": flagged(ACCESS_FLAGS, filters.access),
        "free": [Facet("1", "", free, capped, filters.free)] if free or filters.free else [],
    }
