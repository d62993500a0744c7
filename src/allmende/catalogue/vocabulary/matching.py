"""From the words of a source to the keys of the vocabulary."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from allmende.catalogue.vocabulary.terms import LANGUAGES, audiences, categories
from allmende.core.slugs import fold as without_accents

CLOSE_ENOUGH: Final = 92
"""Least similarity (rapidfuzz ratio) at which a word counts as a misspelt synonym."""
_SHORTEST_FUZZY: Final = 6
_COMPOUNDING: Final = frozenset({"de", "sv", "da", "nl"})
"""Languages that write compounds as one word, so that ``Orgelkonzert`` ends in a telling word."""
_SHORTEST_ENDING: Final = 6
_CASE_STEP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NAMESPACE = re.compile(r"^(?:https?://[^\s]*[/#]|[a-z0-9]{1,12}:(?=\S))")
_PARTS = re.compile(r"\s*[/,;|&•·>]\s*|\s+(?:et|und|och|og|en|and|ou|oder)\s+")
_NOT_WORD = re.compile(r"[^\w]+")
_DESCRIPTION_START: Final = 400


@dataclass(slots=True)
class _Index:
    """Words of all categories of one kind, folded."""

    exact: dict[str, list[str]] = field(default_factory=dict)
    generic: dict[str, list[str]] = field(default_factory=dict)
    languages: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    order: dict[str, int] = field(default_factory=dict)


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Lower case, without accents and punctuation: ``"Vide-grenier"`` -> ``"vide grenier"``."""
    return _NOT_WORD.sub(" ", without_accents(text.casefold())).strip()


def _add(table: dict[str, list[str]], word: str, key: str) -> None:
    keys = table.setdefault(word, [])
    if word and key not in keys:
        keys.append(key)


@lru_cache(maxsize=8)
def _index(kind: str) -> _Index:
    index = _Index()
    for item in categories():
        index.order[item.key] = len(index.order)
        if kind not in item.kinds:
            continue
        for name in item.types:
            _add(index.exact, fold(name), item.key)
        for name in item.generic_types:
            _add(index.generic, fold(name), item.key)
        _add(index.exact, fold(item.key), item.key)
        for language, label in item.labels.items():
            own = index.languages.setdefault(language, {})
            for word in (label.one, label.many, *item.synonyms.get(language, ())):
                _add(own, fold(word), item.key)
    return index


def match_categories(terms: Iterable[str], kind: str, language: str = "") -> list[str]:
    """Our keys for the terms that a source delivered, best first; ``[]`` if none is understood.

    A type of schema.org or DATAtourisme matches by its name, a word by the synonyms of ``language`` and then of the
    others, a list of words (``"Brocantes / Foires et salons"``) by its members, a misspelt word by likeness.
    """
    return list(_match(tuple(terms), kind, language[:2]))


@lru_cache(maxsize=8192)
def _match(terms: tuple[str, ...], kind: str, language: str) -> tuple[str, ...]:
    index = _index(kind)
    found: list[str] = []
    for term in terms:
        found += match_term(term, kind, language)
    keys = list(dict.fromkeys(found)) or _generic(terms, index)
    said = [key for key in keys if key != "other"]
    return tuple(said or keys)


def _generic(terms: tuple[str, ...], index: _Index) -> list[str]:
    keys = [key for term in terms for key in index.generic.get(fold(_NAMESPACE.sub("", term.strip())), ())]
    return list(dict.fromkeys(keys))


@lru_cache(maxsize=65536)
def match_term(term: str, kind: str, language: str) -> tuple[str, ...]:
    """Our keys for one term."""
    index = _index(kind)
    name = _NAMESPACE.sub("", term.strip())[:200]
    word = fold(name)
    if not word or word in index.generic:
        return ()
    if found := _exact(word, index, language):
        return found
    if " " in word and (parts := [fold(part) for part in _PARTS.split(name.casefold())]) and len(parts) > 1:
        return tuple(dict.fromkeys(key for part in parts for key in _exact(part, index, language)[:1]))
    spaced = fold(_CASE_STEP.sub(" ", name))
    return _exact(spaced, index, language) or _ending(word, language, kind) or _fuzzy(word, index, language)


def _exact(word: str, index: _Index, language: str) -> tuple[str, ...]:
    if word in index.exact:
        return tuple(index.exact[word])
    own = index.languages.get(language, {})
    if word in own:
        return tuple(own[word])
    for words in index.languages.values():
        if word in words:
            return tuple(words[word])
    return ()


def _fuzzy(word: str, index: _Index, language: str) -> tuple[str, ...]:
    if len(word) < _SHORTEST_FUZZY:
        return ()
    from rapidfuzz import fuzz, process  # takes longer to load than a delivery without change to read

    for words in (index.languages.get(language, {}), index.exact):
        best = process.extractOne(word, words.keys(), scorer=fuzz.ratio, score_cutoff=CLOSE_ENOUGH)
        if best is not None:
            return tuple(words[best[0]])
    return ()


# --- words inside a title


@lru_cache(maxsize=32)
def _telling(language: str) -> tuple[dict[str, list[tuple[tuple[str, ...], str]]], tuple[tuple[str, str], ...]]:
    """Telling phrases by their first word, longest first, and endings of compounds, longest first."""
    keys = {fold(word): item.key for item in categories() for word in item.telling_words.get(language, ())}
    longest_first = sorted(keys, key=len, reverse=True)
    phrases: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for phrase in longest_first:
        words = tuple(phrase.split())
        phrases.setdefault(words[0], []).append((words, keys[phrase]))
    endings = tuple((word, keys[word]) for word in longest_first if len(word) >= _SHORTEST_ENDING and " " not in word)
    return phrases, endings if language in _COMPOUNDING else ()


def _ending(word: str, language: str, kind: str) -> tuple[str, ...]:
    """The category of a compound such as ``kirchenkonzert``; for events, whose words are the ones that we know."""
    if kind != "event":
        return ()
    for lang in (language,) if language else sorted(_COMPOUNDING):
        for ending, key in _telling(lang)[1]:
            if word.endswith(ending):
                return (key,)
    return ()


def _told(text: str, language: str) -> list[str]:
    phrases, endings = _telling(language)
    words = tuple(fold(text).split())
    found = []
    for place, word in enumerate(words):
        for phrase, key in phrases.get(word, ()):
            if words[place : place + len(phrase)] == phrase:
                found.append(key)
                break
    if endings and not found:
        found = [key for word in words for ending, key in endings if word.endswith(ending)]
    return list(dict.fromkeys(found))


@lru_cache(maxsize=4096)
def _guess(title: str, start: str, language: str) -> tuple[str, ...]:
    order = _index("event").order
    languages = (language,) if language in LANGUAGES else ("en", "fr", "de", "nl", "sv", "da")
    for text in (title, start):
        for lang in languages:
            if found := _told(text, lang):
                # A guided tour of an exhibition is a guided tour: what comes first in the title says what it is.
                return tuple(found[:2]) if text is title else tuple(sorted(found, key=order.__getitem__)[:1])
    return ()


def guess_categories(title: str, description: str, language: str) -> list[str]:
    """At most two keys for an event whose source names only a vague category, from telling words; often ``[]``.

    The title decides; only if it tells nothing, the beginning of the description may name one category.
    """
    return list(_guess(title[:300], description[:_DESCRIPTION_START], language[:2]))


@lru_cache(maxsize=1)
def _audience_words() -> dict[str, str]:
    return {fold(word): item.key for item in audiences() for words in item.synonyms.values() for word in words}


def match_audiences(terms: Iterable[str]) -> list[str]:
    """Members of ``records.AUDIENCES`` that the terms name; a term that we do not know says nothing."""
    words = _audience_words()
    return list(dict.fromkeys(words[folded] for term in terms if (folded := fold(term)) in words))
