"""The counts over everything that is published and not over, as computed last."""

from __future__ import annotations

from functools import lru_cache

from allmende.catalogue.models import FacetCount
from allmende.core.content import recent_content_stamp
from allmende.core.languages import LANGUAGES

Counts = dict[tuple[str, str], dict[str, int]]


@lru_cache(maxsize=2)
def _counts(stamp: int) -> Counts:
    found: Counts = {}
    for kind, facet, value, n in FacetCount.objects.values_list("kind", "facet", "value", "n"):
        found.setdefault((kind, facet), {})[value] = n
    return found


@lru_cache(maxsize=2 * len(LANGUAGES))
def _counts_in(stamp: int, language: str) -> Counts:
    whole = _counts(stamp)
    found = dict(whole)
    for (kind, facet), held in whole.items():
        spoken, _, of = facet.partition(":")
        if spoken == language and of:
            left = {value: n - held.get(value, 0) for value, n in whole.get((kind, of), {}).items()}
            found[kind, of] = {value: n for value, n in left.items() if n > 0}
    return found


def counting_language(language: str) -> str:
    """``language`` if something is held back in it, else ``""``: the numbers are those of the whole catalogue then."""
    is_special = (
        any(facet.startswith(f"{language}:") for _, facet in _counts(recent_content_stamp())) if language else False
    )
    return language if is_special else ""


def counts(language: str = "") -> Counts:
    """(kind, facet) -> value -> number; facets: all, category, municipality, organisation, flag, mix, cell.

    With a language without what is held back in it; mix and cell are always those of the whole catalogue.
    """
    language = counting_language(language)
    stamp = recent_content_stamp()
    return _counts_in(stamp, language) if language else _counts(stamp)
