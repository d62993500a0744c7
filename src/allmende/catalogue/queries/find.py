"""Search: words to items, best first."""

from __future__ import annotations

from functools import lru_cache

from django.db import connection

from allmende.catalogue import search as index
from allmende.catalogue.values import KIND_CODES
from allmende.core.content import recent_content_stamp

CAP = 400
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


def suggest(text: str, *, language: str, limit: int = 8) -> list[str]:
    """Completions of what is being typed in the search box."""
    return [entry.text for entry in index.suggest(connection, text, language, limit)]
