"""What one may ask of the catalogue's lists."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from django.utils.translation import gettext_noop
from ninja import Schema
from pydantic import AwareDatetime, Field

from allmende.catalogue import vocabulary
from allmende.catalogue.models import Source
from allmende.catalogue.queries import Filters
from allmende.catalogue.queries.api import FIELD_NAMES, Box, Shown, Wanted
from allmende.catalogue.queries.facets import municipality_codes
from allmende.catalogue.values import ACCESS_FLAGS, AUDIENCE_FLAGS
from allmende.core.api.calls import Call
from allmende.core.api.problems import Fault, Refused, wrong
from allmende.partners.models import Territory

LANGUAGE = Literal["de", "sv", "da", "nl", "fr", "en"]
LON = r"-?(180(\.0+)?|(1[0-7][0-9]|[1-9]?[0-9])(\.[0-9]{1,9})?)"
LAT = r"-?(90(\.0+)?|[1-8]?[0-9](\.[0-9]{1,9})?)"
_TEXT = r"^[^\x00]*$"


class Paging(Schema):
    """Where in a list, and how much of it."""

    limit: int = Field(20, ge=1, le=1000, description=gettext_noop("How many at most on a page."))
    cursor: str = Field(
        "",
        max_length=400,
        pattern=r"^[A-Za-z0-9_-]*$",
        description=gettext_noop("Where the page begins: taken from the address in `next`."),
    )


class Showing(Schema):
    """How records are shown."""

    fields: str = Field(
        "",
        max_length=600,
        pattern=r"^[a-z_,]*$",
        description=gettext_noop("Only these fields, separated by commas; `id` and `kind` are always there."),
    )
    language: LANGUAGE | None = Field(
        None, description=gettext_noop("Language of the texts; else what Accept-Language asks for.")
    )
    languages: Literal["all"] | None = Field(
        None,
        description=gettext_noop("`all`: every text in all its languages, each marked original, reviewed or machine."),
    )


class FactFilters(Schema):
    """Filters that all kinds have."""

    q: str = Field("", max_length=200, pattern=_TEXT, description=gettext_noop("Words to search for."))
    category: list[str] = Field(
        [], max_length=20, description=gettext_noop("Keys of categories, any of them; see the vocabulary.")
    )
    municipality: str = Field(
        "", max_length=20, pattern=_TEXT, description=gettext_noop("Official code of a municipality.")
    )
    department: str = Field(
        "", max_length=20, pattern=_TEXT, description=gettext_noop("Official code of a department.")
    )
    audience: list[str] = Field([], max_length=20, description=gettext_noop("For whom; all must hold."))
    access: list[str] = Field(
        [], max_length=20, description=gettext_noop("Access facts such as `step_free`; all must be a clear yes.")
    )
    free: bool = Field(False, description=gettext_noop("Only what is free of charge."))
    near: str = Field(
        "",
        pattern=rf"^({LON},{LAT})?$",
        description=gettext_noop("Longitude and latitude in degrees: `1.44,43.6`."),
    )
    radius_km: float = Field(20, gt=0, le=60, description=gettext_noop("With `near`: how far, in km."))
    bbox: str = Field(
        "",
        pattern=rf"^({LON},{LAT},{LON},{LAT})?$",
        description=gettext_noop("West, south, east, north in degrees."),
    )
    organisation: int | None = Field(
        None, ge=1, le=2**53, description=gettext_noop("Number of the organisation that owns or organises.")
    )
    place: int | None = Field(None, ge=1, le=2**53, description=gettext_noop("Number of the place."))


class DayFilters(Schema):
    """Filters by day."""

    since: date | None = Field(None, description=gettext_noop("First day; without it, today."))
    until: date | None = Field(None, description=gettext_noop("Last day, inclusive."))


class Lists(Schema):
    """What every list of one kind takes beside its filters."""

    source: str = Field("", max_length=80, pattern=_TEXT, description=gettext_noop("Short name of a source."))
    count: bool = Field(False, description=gettext_noop("Count the hits, up to 1,000."))
    modified_since: AwareDatetime | None = Field(
        None,
        description=gettext_noop("Instead of the list: what changed since this time (RFC 3339), with what is gone."),
    )
    state: Literal["draft", "submitted", "published", "withdrawn", "joined", "all"] | None = Field(
        None, description=gettext_noop("With a key: the organisation's own records in this state.")
    )


class ItemQuery(Lists, FactFilters, Showing, Paging):
    """Places and offers."""


class EventQuery(Lists, DayFilters, FactFilters, Showing, Paging):
    """Events."""

    expand: Literal["occurrences"] | None = Field(
        None, description=gettext_noop("`occurrences`: with the coming dates of each event; `limit` at most 100.")
    )


class OneQuery(Showing):
    """One record."""


class OneEventQuery(Showing):
    """One event."""

    expand: Literal["occurrences"] | None = Field(
        None, description=gettext_noop("`occurrences`: with the coming dates, at most 60.")
    )


class OccurrenceQuery(DayFilters, Paging):
    """Dates of an event."""


class SearchQuery(DayFilters, FactFilters, Showing):
    """A search over all kinds."""

    q: str = Field(..., min_length=1, max_length=200, pattern=_TEXT, description=gettext_noop("Words to search for."))
    kind: list[Literal["event", "place", "offer"]] = Field(
        [], max_length=1, description=gettext_noop("Only this kind.")
    )
    limit: int = Field(20, ge=1, le=100, description=gettext_noop("How many at most on a page."))
    cursor: str = Field(
        "",
        max_length=400,
        pattern=r"^[A-Za-z0-9_-]*$",
        description=gettext_noop("Where the page begins: taken from the address in `next`."),
    )


class ChangeQuery(Showing, Paging):
    """What changed."""

    modified_since: AwareDatetime = Field(
        ..., description=gettext_noop("RFC 3339; the `until` of the last answer, or long ago for everything.")
    )
    kind: list[Literal["event", "place", "offer"]] = Field(
        [], max_length=3, description=gettext_noop("Only these kinds.")
    )
    source: str = Field("", max_length=80, pattern=_TEXT, description=gettext_noop("Short name of a source."))


# ---------------------------------------------------------------------- from parameters to questions


def shown_by(asked: Showing, call: Call, kinds: Sequence[str]) -> Shown:
    """How records are to be shown."""
    names = frozenset(name for name in asked.fields.split(",") if name)
    known = {name for kind in kinds for name in FIELD_NAMES[kind]} | {"occurrences"}
    unknown = sorted(names - known)
    if unknown:
        raise wrong("query.fields", f"There is no field {unknown[0]!r}. There are: {', '.join(sorted(known))}.")
    return Shown(
        language=call.language,
        public_url=call.public_url,
        all_languages=asked.languages == "all",
        # With id alone the plan must still not be "all fields".
        fields=names | {"id"} if names else names,
    )


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(part) for part in text.split(","))


def box_of(text: str) -> Box | None:
    """The box of a bbox parameter."""
    if not text:
        return None
    west, south, east, north = _numbers(text)
    if west > east or south > north:
        raise wrong("query.bbox", "West must not lie east of east, nor south north of north.")
    return west, south, east, north


def source_of(slug: str) -> int | None:
    """Number of the source of that short name."""
    if not slug:
        return None
    found = Source.objects.filter(slug=slug).values_list("pk", flat=True).first()
    if found is None:
        raise wrong("query.source", f"There is no source {slug[:80]!r}.")
    return found


def _known(asked: FactFilters) -> list[Fault]:
    faults = []
    for name, known in (
        ("category", {entry.key for entry in vocabulary.categories()}),
        ("audience", set(AUDIENCE_FLAGS)),
        ("access", set(ACCESS_FLAGS)),
    ):
        unknown = [value for value in getattr(asked, name) if value not in known]
        if unknown:
            faults.append(Fault(f"query.{name}", f"There is no {name} {unknown[0][:40]!r}; see /vocabulary.json."))
    return faults


def _territory(level: str, code: str, faults: list[Fault]) -> int | None:
    if not code:
        return None
    if level == "municipality":
        found = next((pk for pk, known in municipality_codes().items() if known == code), None)
    else:
        found = Territory.objects.filter(level=level, code=code).values_list("pk", flat=True).first()
    if found is None:
        faults.append(Fault(f"query.{level}", f"There is no {level} with the code {code!r} in this region."))
    return found


def filters_of(asked: FactFilters, *, since: date | None = None, until: date | None = None) -> Filters:
    """The filters, or a problem that names every one that makes no sense."""
    faults = _known(asked)
    municipality = _territory("municipality", asked.municipality, faults)
    department = _territory("department", asked.department, faults)
    for name, day in (("since", since), ("until", until)):
        if day and not 1990 <= day.year <= 2199:
            faults.append(Fault(f"query.{name}", "Days lie between 1990 and 2199."))
    if since and until and until < since:
        faults.append(Fault("query.until", "The last day is before the first."))
    if faults:
        raise Refused(422, "Some filters make no sense here.", faults=faults)
    point = _numbers(asked.near) if asked.near else None
    return Filters(
        q=" ".join(asked.q.split()),
        category=tuple(asked.category),
        municipality=municipality,
        department=department,
        audience=tuple(asked.audience),
        access=tuple(asked.access),
        free=asked.free,
        since=since,
        until=until,
        near=(point[0], point[1]) if point else None,
        radius_km=asked.radius_km,
        organisation=asked.organisation,
        place=asked.place,
    )


def wanted_by(asked: Any, filters: Filters) -> Wanted:
    """The question for a list."""
    return Wanted(
        filters=filters,
        source=source_of(asked.source),
        box=box_of(asked.bbox),
        cursor=asked.cursor,
        limit=asked.limit,
        expand=getattr(asked, "expand", None) == "occurrences",
        count=asked.count,
    )


def only(asked: Schema, allowed: frozenset[str], why: str) -> None:
    """Refuse filters that would be left out in silence."""
    told = asked.model_fields_set - allowed
    if told:
        raise Refused(422, why, faults=[Fault(f"query.{name}", why) for name in sorted(told)])
