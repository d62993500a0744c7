"""The counts over everything that is published and not over, as computed last."""

from __future__ import annotations

from functools import lru_cache

from allmende.catalogue.models import FacetCount
from allmende.core.content import recent_content_stamp


@lru_cache(maxsize=2)
def _counts(stamp: int) -> dict[tuple[str, str], dict[str, int]]:
    found: dict[tuple[str, str], dict[str, int]] = {}
    for kind, facet, value, n in FacetCount.objects.values_list("kind", "facet", "value", "n"):
        found.setdefault((kind, facet), {})[value] = n
    return found


def counts() -> dict[tuple[str, str], dict[str, int]]:
    """(kind, facet) -> value -> number; facets: all, category, municipality, organisation, flag, mix, cell."""
    return _counts(recent_content_stamp())
