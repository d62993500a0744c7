"""Folded names for addresses, order and comparison."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_SPECIAL = {
    "ß": "ss",
    "æ": "ae",
    "ø": "o",
    "œ": "oe",
    "đ": "d",
    "ł": "l",
    "þ": "th",
    "ð": "d",
    "’": "'",
    "‐": "-",
    "–": "-",
}


def _without_marks(char: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))


_FOLDED = str.maketrans(
    {
        chr(code): _without_marks(chr(code))
        for code in (*range(0xA0, 0x250), *range(0x300, 0x370), *range(0x1E00, 0x1F00))
    }
    | _SPECIAL
)
_NOT_WORD = re.compile(r"[^a-z0-9]+")


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """Lower case without marks: "Musée d’Œuvres" -> "musee d'oeuvres"."""
    text = text.lower()
    return text if text.isascii() else text.translate(_FOLDED)


def slugify(text: str, length: int = 80) -> str:
    """A readable part of an address; "-" where nothing readable is left."""
    slug = _NOT_WORD.sub("-", fold(text)).strip("-")
    if len(slug) > length:
        slug = slug[:length].rpartition("-")[0] or slug[:length]
    return slug or "-"


def name_key(text: str) -> str:
    """What two spellings of one name have in common."""
    return _NOT_WORD.sub(" ", fold(text)).strip()[:200]


def words_of(text: str) -> list[str]:
    """The folded words of a text of any length."""
    text = text.lower()
    return _NOT_WORD.sub(" ", text if text.isascii() else text.translate(_FOLDED)).split()
