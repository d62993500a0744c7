"""What writers take: a record as every reader yields it, with what others need to know of its being published here.

A writer is a function from published records to an iterator of bytes.  It holds a few records at a time, never all.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from allmende.formats.records import Record, Texts

__all__ = ["FeedInfo", "Published", "Writer", "first_text", "in_language", "text_in"]

FALLBACKS: Mapping[str, tuple[str, ...]] = {"sv": ("da", "en"), "da": ("sv", "en"), "nl": ("de", "en")}
"""Which languages a reader of the first understands next best; for all others it is English."""


@dataclass(slots=True)
class Published:
    """One published record.  ``record.key`` is its name in exports: ``"event-12"``."""

    record: Record
    id: int
    page: str
    """Its public page, without a language in the address."""
    updated: datetime
    created: datetime
    municipality: str = ""
    municipality_code: str = ""
    starts_at: datetime | None = None
    """First start and its end, in UTC; events only."""
    ends_at: datetime | None = None
    source: str = ""
    """Title of the feed it comes from; empty for what was typed in here."""
    licence: str = ""
    licence_url: str = ""
    credit: str = ""
    owner: str = ""
    """The organisation that answers for it."""
    place_page: str = ""
    """Public page of the place where it is, if that is a place of this catalogue."""
    picture: str = ""
    """Address of the main picture as it is kept here; empty without one."""

    @property
    def language(self) -> str:
        """Original language of its texts."""
        return self.record.language


@dataclass(frozen=True, slots=True)
class FeedInfo:
    """What a document says about itself."""

    title: str
    url: str
    """The page that it is about."""
    own_url: str = ""
    """Its own address, where it has one."""
    language: str = ""
    description: str = ""
    publisher: str = ""
    updated: datetime | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


class Writer(Protocol):
    """Records to bytes."""

    def __call__(self, entries: Iterable[Published], info: FeedInfo) -> Iterator[bytes]: ...


def text_in(texts: Texts, language: str, original: str) -> tuple[str, str]:
    """The text for a reader of ``language`` and the language it is in: that one, a near one, the original, any."""
    for candidate in (language, *FALLBACKS.get(language, ("en",)), original, *texts):
        if text := texts.get(candidate):
            return text, candidate
    return "", ""


def first_text(texts: Texts, original: str) -> str:
    """The text in its original language, else any."""
    return texts.get(original) or next(iter(texts.values()), "")


def in_language(entry: Published, language: str) -> Published:
    """The same record with each text in one language only: the one asked for where there is a translation."""
    record = entry.record

    def only(texts: Texts) -> Texts:
        text, spoken = text_in(texts, language, record.language)
        return {spoken: text} if text else {}

    name = only(record.name)
    return replace(
        entry,
        record=replace(
            record,
            name=name,
            language=next(iter(name), record.language),
            summary=only(record.summary),
            description=only(record.description),
            price_text=only(record.price_text),
            hours_text=only(record.hours_text),
        ),
    )
