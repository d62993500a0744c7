"""The terms of the vocabulary as typed values, read from the JSON files beside this module."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

LANGUAGES = ("de", "sv", "da", "nl", "fr", "en")
Words = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Label:
    """``one`` names a single thing (``"Concert"``), ``many`` heads a list of them (``"Concerts and music"``)."""

    one: str
    many: str


@dataclass(frozen=True, slots=True)
class Category:
    """One category.  ``kinds`` are those of ``Record.kind`` that it is for."""

    key: str
    kinds: tuple[str, ...]
    schema_type: str
    icon: str
    hue: int
    """Colour on the wheel, 0 to 360."""
    labels: Mapping[str, Label]
    types: tuple[str, ...]
    generic_types: tuple[str, ...]
    """Types that say so little that they count only where nothing else matches."""
    synonyms: Words
    telling_words: Words

    def label(self, language: str, *, many: bool = False) -> str:
        """Label in ``language``, else in English."""
        found = self.labels.get(language) or self.labels["en"]
        return found.many if many else found.one


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom something is for."""

    key: str
    icon: str
    labels: Mapping[str, str]
    synonyms: Words


@dataclass(frozen=True, slots=True)
class AccessFact:
    """One fact on accessibility; ``states`` says it in words for ``"yes"``, ``"no"`` and ``"partly"``."""

    key: str
    icon: str
    labels: Mapping[str, str]
    states: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Status:
    """Whether an event takes place."""

    key: str
    labels: Mapping[str, str]


def _load(name: str) -> Any:
    return json.loads(resources.files(__package__).joinpath(name).read_text(encoding="utf-8"))


def _words(value: dict[str, list[str]]) -> Words:
    return MappingProxyType({language: tuple(words) for language, words in value.items()})


@lru_cache(maxsize=1)
def categories() -> tuple[Category, ...]:
    """All categories in the order in which a guide shows them."""
    return tuple(
        Category(
            key=item["key"],
            kinds=tuple(item["kinds"]),
            schema_type=item["schema_type"],
            icon=item["icon"],
            hue=item["hue"],
            labels=MappingProxyType({lang: Label(**label) for lang, label in item["labels"].items()}),
            types=tuple(item["types"]),
            generic_types=tuple(item["generic_types"]),
            synonyms=_words(item["synonyms"]),
            telling_words=_words(item["telling_words"]),
        )
        for item in _load("categories.json")
    )


@lru_cache(maxsize=1)
def _by_key() -> dict[str, Category]:
    return {item.key: item for item in categories()}


def category(key: str) -> Category | None:
    """The category of that key."""
    return _by_key().get(key)


@lru_cache(maxsize=1)
def audiences() -> tuple[Audience, ...]:
    """Audiences in the order of ``records.AUDIENCES``."""
    return tuple(
        Audience(item["key"], item["icon"], MappingProxyType(item["labels"]), _words(item["synonyms"]))
        for item in _load("audiences.json")
    )


@lru_cache(maxsize=1)
def access_facts() -> tuple[AccessFact, ...]:
    """Access facts in the order of ``records.ACCESS_FACTS``."""
    return tuple(
        AccessFact(
            item["key"],
            item["icon"],
            MappingProxyType(item["labels"]),
            MappingProxyType({state: MappingProxyType(item[state]) for state in ("yes", "no", "partly")}),
        )
        for item in _load("access.json")["facts"]
    )


@lru_cache(maxsize=1)
def statuses() -> tuple[Status, ...]:
    """Statuses in the order of ``records.STATUSES``."""
    return tuple(Status(item["key"], MappingProxyType(item["labels"])) for item in _load("access.json")["statuses"])
