"""The plain records that every reader yields and every writer takes.

A reader has two functions.  ``split(stream, options)`` walks through a delivery once, in constant memory, and yields one
:class:`RawRecord` for each thing delivered.  ``parse(raw, options)`` understands one raw record on its own.  Between the
two, an importer can skip what it has seen before by comparing bytes, and can keep the bytes as delivered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, BinaryIO, Literal, Protocol

Kind = Literal["event", "place", "offer"]
Severity = Literal["error", "note"]
Texts = dict[str, str]
"""Language code (``"fr"``) -> text.  ``""`` stands for the language of the delivery."""


class UnusableInput(Exception):
    """The delivery as a whole cannot be read.  The message names the reason and the remedy, for the person who sent it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a delivery: an error (the record is refused) or a note (it was repaired and goes in)."""

    where: str
    """The place in the delivery, as a person finds it: ``"line 12"``, ``"row 7, column start"``, ``"record 3"``."""
    message: str
    """One sentence: what is wrong and what to do about it.  Never contains more than 80 characters of the input."""
    code: str
    """Stable short name, for machines: ``"bad-date"``, ``"no-title"``, ``"duplicate-key"``."""
    severity: Severity = "error"
    key: str = ""
    """The record's key where it is known."""


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One thing as delivered.  ``raw`` is complete in itself: ``parse`` needs nothing else from the delivery."""

    key: str
    """Identifier within the source, at most 255 characters; stable from delivery to delivery."""
    raw: bytes
    where: str


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the person who imports may say about a delivery."""

    mapping: Mapping[str, Any] | None = None
    """Column mapping for csv, xlsx, json and geojson; see ``formats/mapping.py``."""
    language: str = "en"
    """Language of texts that do not name their own."""
    timezone: str = "UTC"
    """IANA time zone of times that do not name their own."""
    kind: Kind = "event"
    """What a record is where the format does not say."""


@dataclass(slots=True)
class Address:
    """A postal address as written by the source."""

    street: str = ""
    postal_code: str = ""
    locality: str = ""
    region: str = ""
    country: str = ""
    """ISO 3166-1 alpha-2 where known, else as written."""
    municipality_code: str = ""
    """Official municipality code (LAU, INSEE, AGS, ...) where the source names it."""


@dataclass(slots=True)
class Contact:
    """An organisation or office to ask."""

    name: str = ""
    url: str = ""
    email: str = ""
    phone: str = ""


@dataclass(slots=True)
class Price:
    """One price.  ``minimum == maximum == 0`` means free."""

    minimum: Decimal | None = None
    maximum: Decimal | None = None
    currency: str = "EUR"
    label: Texts = field(default_factory=dict)


@dataclass(slots=True)
class Hours:
    """One line of opening hours, in local time of the place.

    ``days`` holds weekdays 0 (Monday) to 6 (Sunday) and 7 for public holidays.  ``opens``/``closes`` are ``"HH:MM"``;
    both empty means closed on these days.  ``closes <= opens`` runs past midnight.  ``valid_from``/``valid_through``
    bound the season, both inclusive; with ``every_year`` only month and day count.
    """

    days: tuple[int, ...]
    opens: str
    closes: str
    valid_from: date | None = None
    valid_through: date | None = None
    every_year: bool = False


@dataclass(slots=True)
class MediaItem:
    """A picture that the source names, with its rights."""

    url: str
    licence: str = ""
    credit: str = ""
    alt: Texts = field(default_factory=dict)
    width: int | None = None
    height: int | None = None


@dataclass(slots=True)
class Override:
    """One occurrence of a series that differs: moved, renamed or cancelled (RFC 5545 RECURRENCE-ID)."""

    recurrence_id: date | datetime
    """Start that the rule gives; same type and zone handling as ``Schedule.start``."""
    start: date | datetime | None = None
    end: date | datetime | None = None
    name: str = ""
    cancelled: bool = False


@dataclass(slots=True)
class Schedule:
    """When an event takes place.

    ``start``/``end`` are both ``date`` (all day; ``end`` is the LAST day, inclusive) or both naive ``datetime`` in
    local time of ``timezone`` (``end`` exclusive, may be None: unknown).  ``rrule`` is the RFC 5545 value without
    ``RRULE:``; an UNTIL inside is in UTC (``...Z``) or a date, as the RFC demands.  ``rdates`` and ``exdates`` have the
    type of ``start``.  ``dates`` lists further (start, end) pairs for events that name each date instead of a rule.
    """

    start: date | datetime
    end: date | datetime | None = None
    timezone: str = ""
    rrule: str = ""
    rdates: list[date | datetime] = field(default_factory=list)
    exdates: list[date | datetime] = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)
    dates: list[tuple[date | datetime, date | datetime | None]] = field(default_factory=list)


AccessState = Literal["yes", "no", "partly"]
ACCESS_FACTS = ("step_free", "toilet", "parking", "hearing", "vision", "assistance_dog", "easy_language")
"""Keys of ``Record.accessibility``: step-free way in and around, accessible toilet, reserved parking, help for hearing,
help for seeing, assistance dogs welcome, information in easy language."""
AUDIENCES = ("everyone", "families", "children", "youth", "adults", "seniors", "schools", "groups", "professionals")
STATUSES = ("scheduled", "cancelled", "postponed", "moved_online", "sold_out")


@dataclass(slots=True)
class Record:
    """One event, place or offer, understood.  Texts are plain text: HTML has been turned into paragraphs."""

    kind: Kind
    key: str
    name: Texts
    language: str = ""
    """Original language of the texts where the source says; else empty (the option's language holds)."""
    machine_translated: tuple[str, ...] = ()
    """Languages in which the source says its texts come from a machine."""
    summary: Texts = field(default_factory=dict)
    description: Texts = field(default_factory=dict)
    url: str = ""
    categories: list[str] = field(default_factory=list)
    """Terms as delivered: schema.org types (``"schema:MusicEvent"``), source categories, keywords."""
    audience: list[str] = field(default_factory=list)
    """Members of ``AUDIENCES`` where the source says so clearly."""
    age_min: int | None = None
    age_max: int | None = None
    lon: float | None = None
    lat: float | None = None
    address: Address = field(default_factory=Address)
    place_name: str = ""
    """Venue of an event as written (``"Kandertalhalle"``)."""
    place_key: str = ""
    """Key of a place in the same source, where the source refers to one."""
    organiser: Contact = field(default_factory=Contact)
    contact: Contact = field(default_factory=Contact)
    """Whom to ask about this very thing (a place's own telephone, web address)."""
    schedule: Schedule | None = None
    """Events only; required for them."""
    status: str = "scheduled"
    online_url: str = ""
    hours: list[Hours] = field(default_factory=list)
    hours_text: Texts = field(default_factory=dict)
    """Opening hours in words, where they could not be understood."""
    prices: list[Price] = field(default_factory=list)
    price_text: Texts = field(default_factory=dict)
    accessibility: dict[str, AccessState] = field(default_factory=dict)
    media: list[MediaItem] = field(default_factory=list)
    modified: datetime | None = None
    """Last change according to the source, with time zone."""
    extra: dict[str, Any] = field(default_factory=dict)
    """What else was delivered and is worth keeping, JSON values only."""


@dataclass(slots=True)
class Parsed:
    """The outcome of parsing one raw record: a record (perhaps with notes), or None and at least one error."""

    record: Record | None
    problems: list[Problem] = field(default_factory=list)


class Reader(Protocol):
    """What a reader's module offers."""

    NAME: str
    VERSION: int
    """Raised when ``parse`` understands more than before, so that unchanged bytes are parsed again."""

    def sniff(self, head: bytes, filename: str) -> float:
        """How sure the reader is, 0 to 1, that bytes starting with ``head`` (up to 4 KiB) are for it."""

    def split(self, stream: BinaryIO, options: ReadOptions) -> Iterator[RawRecord | Problem]:
        """Walk through a seekable delivery once in constant memory; raise :class:`UnusableInput` if it is none."""

    def parse(self, raw: RawRecord, options: ReadOptions) -> Parsed:
        """Understand one raw record; never raises for bad input."""
