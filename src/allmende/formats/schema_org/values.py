"""Plain values that the writer turns into JSON-LD."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol


class HoursLine(Protocol):
    """One line of opening hours, as ``formats.records.Hours``."""

    @property
    def days(self) -> Sequence[int]: ...
    @property
    def opens(self) -> str: ...
    @property
    def closes(self) -> str: ...
    @property
    def valid_from(self) -> date | None: ...
    @property
    def valid_through(self) -> date | None: ...
    @property
    def every_year(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """A postal address; ``country`` as ISO 3166-1 alpha-2."""

    street: str = ""
    postal_code: str = ""
    locality: str = ""
    region: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its rights; ``licence`` is a web address."""

    url: str
    licence: str = ""
    credit: str = ""
    caption: str = ""
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation.  ``type`` is a schema.org type."""

    name: str
    url: str = ""
    id: str = ""
    type: str = "Organization"
    email: str = ""
    telephone: str = ""
    description: str = ""
    address: PostalAddress = PostalAddress()
    logo: str = ""
    same_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PriceRange:
    """One price; both ends 0 is free."""

    minimum: Decimal | None
    maximum: Decimal | None = None
    currency: str = "EUR"
    name: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A place.  ``access`` holds facts as in ``records.ACCESS_FACTS`` with ``"yes"``, ``"no"`` or ``"partly"``."""

    name: str
    url: str = ""
    id: str = ""
    type: str = "Place"
    description: str = ""
    address: PostalAddress = PostalAddress()
    lon: float | None = None
    lat: float | None = None
    email: str = ""
    telephone: str = ""
    pictures: tuple[Picture, ...] = ()
    hours: Sequence[HoursLine] = ()
    access: Mapping[str, str] | None = None
    prices: tuple[PriceRange, ...] = ()
    same_as: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    modified: datetime | None = None
    operator: Organisation | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """An event.  Times are local to ``timezone``; a mere ``date`` is a whole day and ``end`` the last one.

    ``dates`` lists all dates of an event that has several; ``rrule`` is the RFC 5545 rule of a recurring one.
    """

    name: str
    start: date | datetime
    end: date | datetime | None = None
    timezone: str = "UTC"
    url: str = ""
    id: str = ""
    type: str = "Event"
    description: str = ""
    status: str = "scheduled"
    online_url: str = ""
    place: Place | None = None
    organiser: Organisation | None = None
    pictures: tuple[Picture, ...] = ()
    prices: tuple[PriceRange, ...] = ()
    dates: tuple[tuple[date | datetime, date | datetime | None], ...] = ()
    rrule: str = ""
    exdates: tuple[date | datetime, ...] = ()
    performers: tuple[str, ...] = ()
    language: str = ""
    keywords: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    age_min: int | None = None
    age_max: int | None = None
    modified: datetime | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """Something that can be booked or bought: a tour, a course, a product."""

    name: str
    url: str = ""
    id: str = ""
    type: str = "Service"
    description: str = ""
    provider: Organisation | None = None
    place: Place | None = None
    pictures: tuple[Picture, ...] = ()
    prices: tuple[PriceRange, ...] = ()
    hours: Sequence[HoursLine] = ()
    keywords: tuple[str, ...] = ()
    modified: datetime | None = None
