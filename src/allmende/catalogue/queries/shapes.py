"""What the catalogue's queries take and give: plain values, ready for a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from allmende.catalogue.values import Kind
from allmende.core.text import NOTHING, Picked


@dataclass(frozen=True, slots=True)
class Filters:
    """What a guest asked for.  Empty fields do not filter."""

    q: str = ""
    category: tuple[str, ...] = ()
    """Any of these category keys."""
    municipality: int | None = None
    """Territory id of a municipality."""
    department: int | None = None
    """Territory id of a department."""
    audience: tuple[str, ...] = ()
    """All of these audiences."""
    access: tuple[str, ...] = ()
    """All of these facts must be a clear yes (``formats.records.ACCESS_FACTS``)."""
    free: bool = False
    since: date | None = None
    until: date | None = None
    """Last day, inclusive."""
    near: tuple[float, float] | None = None
    """(lon, lat) in degrees."""
    radius_km: float = 20.0
    organisation: int | None = None
    """Owner or organiser."""
    organisations: tuple[int, ...] = ()
    """Any of these as owner or organiser."""
    place: int | None = None
    """Events at this place."""

    @property
    def is_empty(self) -> bool:
        return self == Filters(radius_km=self.radius_km)


@dataclass(frozen=True, slots=True)
class Card:
    """One item in a list."""

    kind: Kind
    id: int
    slug: str
    name: Picked
    summary: Picked
    category: str
    flags: int
    municipality: str
    lon: float | None
    lat: float | None
    picture: str
    place_name: str = ""
    status: str = "scheduled"
    day: date | None = None
    """The day this card stands for (first matching day of an event)."""
    starts_at: datetime | None = None
    """Local start of the occurrence shown (naive, in the event's own zone)."""
    ends_at: datetime | None = None
    """Local end; for all-day occurrences the last day at 00:00."""
    all_day: bool = False
    recurs: bool = False
    """There are further dates."""
    is_ongoing: bool = False
    """Began on an earlier day than ``day``."""
    distance_km: float | None = None
    is_demo: bool = False

    @property
    def key(self) -> str:
        """Short name for favourites: e12, p3, o5."""
        return f"{self.kind[0]}{self.id}"


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list."""

    cards: list[Card]
    next_cursor: str = ""
    """Opaque; give it back as ``after`` for the next page.  Empty: this is the end."""
    total: int | None = None
    """Number of hits where it is known cheaply."""
    total_is_at_least: bool = False
    corrected: str = ""
    """The words that were searched instead of what was typed."""
    relaxed: bool = False
    """Nothing had all words; these have some."""


@dataclass(frozen=True, slots=True)
class DaySummary:
    """One day of a month calendar."""

    day: date
    count: int
    count_is_at_least: bool
    cards: list[Card]
    """The first few."""


@dataclass(frozen=True, slots=True)
class Named:
    """Something with a page of its own that has a number of things: a municipality, category or organisation."""

    id: int
    slug: str
    """Last part of the page's address: ``30351-villeneuve-les-avignon``, ``12-region-occitanie``, or a category key."""
    name: str
    events: int = 0
    places: int = 0
    offers: int = 0
    parent: str = ""

    @property
    def total(self) -> int:
        return self.events + self.places + self.offers


@dataclass(frozen=True, slots=True)
class DateLine:
    """One date of an event, local."""

    day: date
    starts_at: datetime
    ends_at: datetime | None
    all_day: bool
    cancelled: bool = False
    name: str = ""
    is_past: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture kept here, with its rights."""

    file: str
    alt: str
    credit: str
    licence: str
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True)
class SourceNote:
    """Where a record comes from."""

    title: str
    licence: str
    licence_url: str
    credit: str
    organisation: str
    is_demo: bool
    shift_days: int
    is_indexed: bool = True
    """Whether search engines may list the pages of its records."""


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything a detail page shows."""

    kind: Kind
    id: int
    slug: str
    name: Picked
    summary: Picked
    description: Picked
    languages: tuple[str, ...]
    """Languages that the name exists in."""
    shown_in: tuple[str, ...]
    """Languages of the interface in which the record is shown; its owner may hold it back in others."""
    category: str
    categories: tuple[str, ...]
    audience: tuple[str, ...]
    age_min: int | None
    age_max: int | None
    accessibility: Mapping[str, str]
    prices: list[dict[str, Any]]
    """Each {min, max (Decimal | None), currency, label}."""
    price_text: Picked
    flags: int
    municipality: Named | None
    street: str
    postal_code: str
    locality: str
    country: str
    lon: float | None
    lat: float | None
    url: str
    contact_name: str
    email: str
    phone: str
    updated_at: datetime
    source: SourceNote | None
    owner: Named | None
    organiser: Named | None
    pictures: list[Picture]
    state: str
    """published or withdrawn; drafts are never returned to guests."""
    timezone: str
    also_from: tuple[SourceNote, ...] = ()
    """Further sources that describe the same thing."""
    # places and offers
    hours: list[Any] = field(default_factory=list)
    """``formats.records.Hours`` lookalikes, for ``engines.opening``."""
    hours_text: Picked = NOTHING
    # events
    status: str = "scheduled"
    online_url: str = ""
    place: Card | None = None
    place_name: str = ""
    organiser_name: str = ""
    all_day: bool = False
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    dates: list[DateLine] = field(default_factory=list)
    """Upcoming dates first (at most 60), each once."""
    past_dates: int = 0
    recurs: bool = False
    rrule: str = ""
    # offers
    valid_from: date | None = None
    valid_through: date | None = None
    next_date: DateLine | None = None


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A single item, or a cluster of ``n``, on the map."""

    lon: float
    lat: float
    n: int
    kind: Kind
    category: str
    id: int = 0
    slug: str = ""
    name: str = ""
    when: str = ""
