"""Folded names for addresses, order and comparison."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_PAIRS = str.maketrans(
    {"ß": "ss", "æ": "ae", "ø": "o", "œ": "oe", "đ": "d", "ł": "l", "þ": "th", "ð": "d", "’": "'", "‐": "-", "–": "-"}
)
_NOT_WORD = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Lower case without marks: "Musée d’Œuvres" -> "musee d'oeuvres"."""
    text = text.lower()
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text.translate(_PAIRS))
    return "".join(char for char in decomposed if not unicodedata.combining(char)) if decomposed else ""


def slugify(text: str, length: int = 80) -> str:
    """A readable part of an address; "-" where nothing readable is left."""
    slug = _NOT_WORD.sub("-", fold(text)).strip("-")
    if len(slug) > length:
        slug = slug[:length].rpartition("-")[0] or slug[:length]
    return slug or "-"


def name_key(text: str) -> str:
    """What two spellings of one name have in common."""
    return _NOT_WORD.sub(" ", fold(text)).strip()[:200]
