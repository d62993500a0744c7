"""Names as comparable words: folded, short forms written out, common words recognised, numbers set aside."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from sys import intern
from typing import Final

from allmende.engines.linkage.lexicon import (
    GENERIC,
    NUMBER_WORDS,
    ROMAN,
    SHORT_FORMS,
    STOPWORDS,
    SUFFIXES,
    TIMES_OF_DAY,
)

RARITY_FILE: Final = Path(__file__).parent / "samples" / "rarity.json"
GENERIC_WEIGHT: Final = 0.2
NUMBER_WEIGHT: Final = 0.5
_LETTERS: Final = str.maketrans(
    {
        "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
        "’": "'", "‘": "'", "`": "'", "´": "'", "\x91": "'", "\x92": "'", "\x93": '"', "\x94": '"',
    }
)  # fmt: skip
_SPECIAL: Final = re.compile(f"[{''.join(map(chr, _LETTERS))}]")
_RARE: Final = re.compile("[ßøæœłđðþı]")
_MARKS: Final = re.compile(r"[\u0300-\u036f]+")
_LONG_WORD: Final = re.compile(r"[^\W\d_]{5,}")
_POSSESSIVE: Final = re.compile(r"'s\b")
_DOTTED: Final = re.compile(r"\b(?:[a-z]\.){2,}")
_TOKEN: Final = re.compile(r"[^\W_]+")
_BRACKETS: Final = re.compile(r"[(\[][^)\]]*[)\]]?")
_ORDINAL: Final = re.compile(r"^(\d{1,3})(?:st|nd|rd|th|e|er|eme|ere|o|a|de)$")


def fold(text: str) -> str:
    """Lower case without accents; umlauts lose their dots, ``ß`` is ``ss``."""
    lower = text.lower()
    if lower.isascii():
        return lower.replace("`", "'")
    if _SPECIAL.search(lower):
        lower = lower.translate(_LETTERS)
    return _MARKS.sub("", unicodedata.normalize("NFKD", lower))


def words(text: str) -> list[str]:
    """The folded words; ``d'art`` is two, ``joe's`` is ``joes``, ``U.S.A.`` is ``usa``."""
    if not text:
        return []
    folded = fold(text)
    if "'" in folded:
        folded = _POSSESSIVE.sub("s", folded)
    if "." in folded:
        folded = _DOTTED.sub(lambda match: match.group().replace(".", ""), folded)
    return _TOKEN.findall(folded)


def telling_words(text: str, most: int) -> tuple[str, ...]:
    """The first ``most`` words of a description that are long and rare."""
    found: set[str] = set()
    if not text:
        return ()
    lower = text.lower()
    if not lower.isascii():
        # As ``fold``, without the care for apostrophes, which no word holds.
        lower = _MARKS.sub("", unicodedata.normalize("NFKD", fold(lower) if _RARE.search(lower) else lower))
    for word in _LONG_WORD.findall(lower):
        if weight(word) > 0.6:
            found.add(intern(word))
            if len(found) >= most:
                break
    return tuple(sorted(found))


@lru_cache(maxsize=1)
def _rarity() -> dict[str, float]:
    return dict(json.loads(RARITY_FILE.read_text(encoding="utf-8"))) if RARITY_FILE.exists() else {}


@lru_cache(maxsize=50_000)
def weight(token: str) -> float:
    """How much a word says, 0 to 1: a static table of common words; a word that is not in it says most."""
    if token in CONCEPTS:
        return GENERIC_WEIGHT
    if token[0].isdigit() and (len(token) < 5 or token.isdigit()):
        return NUMBER_WEIGHT
    if len(token) == 1 and token.isascii():
        return 0.3
    return _rarity().get(token, 1.0)


CONCEPTS: Final = frozenset(GENERIC.values())


@lru_cache(maxsize=50_000)
def canonical(token: str) -> tuple[str, ...]:
    """Short forms written out, common words as their concept, compounds taken apart, number words as digits."""
    token = SHORT_FORMS.get(token, token)
    if token in GENERIC:
        return (GENERIC[token],)
    if token in NUMBER_WORDS:
        return (str(NUMBER_WORDS[token]),)
    ordinal = _ORDINAL.match(token)
    if ordinal:
        return (ordinal.group(1),)
    if token.isdigit():
        return (token.lstrip("0") or "0",)
    for suffix in SUFFIXES:
        if len(token) >= len(suffix) + 4 and token.endswith(suffix):
            stem = token[: -len(suffix)]
            return (stem[:-1] if stem.endswith("s") and len(stem) > 4 else stem, GENERIC.get(suffix, suffix))
    return (token,)


@lru_cache(maxsize=5_000)
def canonical_words(text: str) -> frozenset[str]:
    """All canonical words of a short text that comes again and again, such as a category; no articles."""
    return frozenset(part for word in words(text) if word not in STOPWORDS for part in canonical(word))


@dataclass(frozen=True, slots=True)
class Name:
    """One name, ready to be compared."""

    whole: str
    """Folded words in their order."""
    tokens: tuple[str, ...]
    """Canonical words, each once, in their order, without articles and prepositions."""
    token_set: frozenset[str]
    ordered: str
    """The canonical words, sorted."""
    core: str
    """The words that are neither common nor articles, in their order."""
    squeezed: str
    """The folded words without the spaces between them."""
    initials: str
    numbers: frozenset[int]
    """Ordinals and other numbers, without years."""
    years: frozenset[int]
    times: frozenset[str]
    """Times of day that the name speaks of."""
    concepts: frozenset[str]
    aside: frozenset[str]
    """Canonical words that stand in brackets only: a remark, a branch, a place."""


def _numbers(raw: list[str]) -> tuple[frozenset[int], frozenset[int]]:
    numbers, years = set(), set()
    last = len(raw) - 1
    for place, token in enumerate(raw):
        value = -1
        ordinal = _ORDINAL.match(token)
        if token.isdecimal() and len(token) <= 9:
            value = int(token)
        elif ordinal:
            value = int(ordinal.group(1))
        elif token in NUMBER_WORDS and place < last:
            value = NUMBER_WORDS[token]
        elif token in ROMAN and place and (len(token) > 1 or place == last):
            value = ROMAN[token]
        if 1900 <= value <= 2100:
            years.add(value)
        elif value >= 0:
            numbers.add(value)
    return frozenset(numbers), frozenset(years)


@lru_cache(maxsize=20_000)
def read_name(text: str) -> Name:
    raw = words(text)[:40]
    kept = [word for word in raw if word not in STOPWORDS] or raw
    tokens = tuple(dict.fromkeys(part for word in kept for part in canonical(word)))
    numbers, years = _numbers(raw)
    return Name(
        whole=" ".join(raw),
        tokens=tokens,
        token_set=frozenset(tokens),
        ordered=" ".join(sorted(tokens)),
        core=" ".join(token for token in tokens if token not in CONCEPTS),
        squeezed="".join(raw),
        initials="".join(word[0] for word in kept) if len(kept) > 2 else "",
        numbers=numbers,
        years=years,
        times=frozenset(TIMES_OF_DAY[word] for word in raw if word in TIMES_OF_DAY),
        concepts=frozenset(token for token in tokens if token in CONCEPTS),
        aside=_aside(text, tokens),
    )


def _aside(text: str, tokens: tuple[str, ...]) -> frozenset[str]:
    if "(" not in text and "[" not in text:
        return frozenset()
    plain = {part for word in words(_BRACKETS.sub(" ", text)) for part in canonical(word)}
    # A name that is all in brackets has no remark.
    return frozenset(token for token in tokens if token not in plain) if plain & set(tokens) else frozenset()
