"""The catalogue's answers, as the OpenAPI document declares them.

Records are put together from rows by ``queries.api``; a test holds real answers of every operation against these.  Every
field may be left out with ``fields``, so none but ``id`` and ``kind`` is required.
"""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime, Field

from allmende.core.api.schemas import AddressOut, AnyText, NamedOut, Strict

AccessState = Literal["yes", "no", "partly"]
DATE_OR_TIME = "A date where it lasts all day, else a time with offset (RFC 3339)."


class PriceOut(Strict):
    """One price; amounts are decimal texts, and 0 means free."""

    min: str | None
    max: str | None
    currency: str
    label: str


class PointOut(Strict):
    """A point in degrees (EPSG:4326)."""

    lon: float
    lat: float


class ContactOut(Strict):
    """Whom to ask."""

    name: str
    email: str
    phone: str


class SourceOut(Strict):
    """Where a record comes from, and under which licence."""

    slug: str
    title: str
    licence: str
    licence_url: str
    credit: str


class OccurrenceOut(Strict):
    """One date of an event."""

    start: str = Field(description=DATE_OR_TIME)
    end: str | None = Field(description=DATE_OR_TIME + " An all-day end is the last day.")
    all_day: bool
    cancelled: bool
    name: str | None = Field(description="Name of this one date where it differs.")
    day: str = Field(description="The local day for which it stands in a list.")
    ongoing: bool = Field(description="Began on an earlier day than this.")


class DatesOut(Strict):
    """Start and end of a further date."""

    start: str
    end: str | None


class OverrideOut(Strict):
    """One date of a series that differs."""

    recurrence_id: str
    start: str | None
    end: str | None
    name: str
    cancelled: bool


class ScheduleOut(Strict):
    """When an event takes place, in local time of its zone (RFC 5545)."""

    start: str
    end: str | None
    rrule: str | None
    rdates: list[str]
    exdates: list[str]
    dates: list[DatesOut]
    overrides: list[OverrideOut]


class HoursOut(Strict):
    """A line of opening hours; days 0 (Monday) to 6, and 7 for public holidays; empty times mean closed."""

    days: list[int]
    opens: str
    closes: str
    valid_from: str | None
    valid_through: str | None
    every_year: bool


class RecordOut(Strict):
    """What events, places and offers have in common."""

    id: int
    page: str = Field(default="", description="Address of its page in the guide.")
    state: Literal["draft", "submitted", "published", "withdrawn", "joined"] = "published"
    version: str = Field(default="", description="Names this state of the record, for If-Match.")
    language: str = Field(default="", description="Original language.")
    name: AnyText = None
    summary: AnyText = None
    description: AnyText = None
    category: str = ""
    categories: list[str] = []
    audience: list[str] = []
    age_min: int | None = None
    age_max: int | None = None
    accessibility: dict[str, AccessState] = {}
    free: bool = False
    prices: list[PriceOut] = []
    price_text: AnyText = None
    address: AddressOut | None = None
    point: PointOut | None = None
    distance_km: float | None = Field(default=None, description="From `near`, where that is asked for.")
    url: str | None = Field(default=None, description="Its own web address.")
    contact: ContactOut | None = None
    picture: str | None = None
    organisation: NamedOut | None = Field(default=None, description="Its owner.")
    source: SourceOut | None = None
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    timezone: str = ""


class EventOut(RecordOut):
    """An event."""

    kind: Literal["event"]
    status: Literal["scheduled", "cancelled", "postponed", "moved_online", "sold_out"] = "scheduled"
    place: NamedOut | None = Field(default=None, description="The venue; without a number where it is no place here.")
    organiser: NamedOut | None = None
    online_url: str | None = None
    all_day: bool = False
    start: str = Field(default="", description="First start. " + DATE_OR_TIME)
    end: str | None = Field(default=None, description="End of that first date.")
    recurs: bool = False
    schedule: ScheduleOut | None = None
    next: OccurrenceOut | None = Field(
        default=None, description="The coming date; in a list the first one that passes the filters."
    )
    occurrences: list[OccurrenceOut] = Field(default=[], description="With `expand=occurrences`; at most 60.")


class PlaceOut(RecordOut):
    """A place."""

    kind: Literal["place"]
    hours: list[HoursOut] = []
    hours_text: AnyText = None


class OfferOut(RecordOut):
    """An offer."""

    kind: Literal["offer"]
    hours: list[HoursOut] = []
    hours_text: AnyText = None
    place: NamedOut | None = None
    valid_from: str | None = None
    valid_through: str | None = None


class GoneOut(Strict):
    """A record that was public and is no more."""

    id: int
    kind: Literal["event", "place", "offer"]
    state: Literal["withdrawn", "joined"]
    replaced_by: int | None = Field(description="The record of the same kind that stands for a joined one.")
    updated_at: AwareDatetime


class _Page(Strict):
    next: str | None = Field(description="Address of the next page; null: this is the last.")


class _Counted(_Page):
    total: int | None = Field(default=None, description="With `count=true`.")
    total_is_at_least: bool = Field(default=False, description="There are more than `total`.")
    until: AwareDatetime | None = Field(default=None, description="With `modified_since`: ask again from here.")


class EventPage(_Counted):
    """A page of events."""

    items: list[EventOut | GoneOut]


class PlacePage(_Counted):
    """A page of places."""

    items: list[PlaceOut | GoneOut]


class OfferPage(_Counted):
    """A page of offers."""

    items: list[OfferOut | GoneOut]


class SearchPage(_Page):
    """What a search finds, best first."""

    items: list[EventOut | PlaceOut | OfferOut]
    total: int
    total_is_at_least: bool
    corrected: str | None = Field(description="The words that were searched instead of what was asked for.")
    relaxed: bool = Field(description="Nothing had all words; these have some.")


class OccurrencePage(_Page):
    """A page of an event's dates."""

    items: list[OccurrenceOut]


class ChangePage(_Page):
    """A page of changes, the oldest first."""

    items: list[EventOut | PlaceOut | OfferOut | GoneOut]
    until: AwareDatetime = Field(description="Ask again from here: everything before is told.")


class ProblemOut(Strict):
    """Something wrong in a delivery: an error (the record is left out) or a note (it goes in, repaired)."""

    where: str
    message: str
    code: str
    severity: Literal["error", "note"]
    key: str


class DifferenceOut(Strict):
    """A field that would change."""

    field: str
    before: str
    after: str
    pinned: bool = Field(description="A person's edit holds; the delivered value is not taken.")


class ChangeOut(Strict):
    """What would become of one record."""

    action: Literal["create", "update", "withdraw"]
    kind: str
    key: str
    name: str
    item_id: int | None
    differences: list[DifferenceOut]


class DeliveryOut(Strict):
    """What became of a delivery, or would become of it."""

    id: int
    state: Literal["previewed", "running", "applied", "refused", "failed"]
    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    failed: int = 0
    format: str = ""
    message: str = Field(default="", description="Why it was refused, or how far it is.")
    problems: list[ProblemOut] = []
    changes: list[ChangeOut] = Field(default=[], description="In a preview: the first two hundred.")


class SourceRow(Strict):
    """A source to which a key may deliver."""

    slug: str
    title: str
    format: str
    kind: str
    licence: str


class SourceList(Strict):
    """Sources."""

    items: list[SourceRow]
