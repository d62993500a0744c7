"""The fields of a record as the API gives it: which columns each needs, and how they become its value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from allmende.catalogue.bridges.schedule import zone_of
from allmende.catalogue.models import Place, Source
from allmende.catalogue.text_states import TRANSLATED, texts_shown
from allmende.catalogue.values import KINDS, Flag
from allmende.core.api.texts import all_of, chosen, label_of
from allmende.core.content import recent_content_stamp
from allmende.partners.models import Organisation, Territory

Row = Mapping[str, Any]


@dataclass(slots=True)
class Shown:
    """How records are to be shown, and what their rows only name by number."""

    language: str
    public_url: str
    all_languages: bool = False
    fields: frozenset[str] = frozenset()
    """Names of the fields that are wanted; empty: all."""
    municipalities: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    sources: Mapping[int, dict[str, str]] = field(default_factory=dict)
    organisations: Mapping[int, str] = field(default_factory=dict)
    places: Mapping[int, str] = field(default_factory=dict)
    nexts: Mapping[int, dict[str, Any]] = field(default_factory=dict)
    """Event -> its next occurrence, ready to be sent."""
    expanded: Mapping[int, list[dict[str, Any]]] | None = None
    """Event -> its coming occurrences, where they are asked for."""
    distances: Mapping[int, float] = field(default_factory=dict)


class FieldOf(NamedTuple):
    """One field."""

    columns: tuple[str, ...]
    make: Callable[[Row, Shown], Any]


def version(updated_at: datetime) -> str:
    """Names one state of a record, for If-Match."""
    return f"{int(updated_at.timestamp()) * 1_000_000 + updated_at.microsecond:x}"


def moment(at: datetime | None, zone: str, *, all_day: bool, is_end: bool = False) -> str | None:
    """RFC 3339 with the offset of the place; all-day: a date, and an end is the last day."""
    if at is None:
        return None
    local = at.astimezone(zone_of(zone))
    if all_day:
        return (local.date() - timedelta(days=1) if is_end else local.date()).isoformat()
    return local.isoformat()


def _column(name: str) -> FieldOf:
    return FieldOf((name,), lambda row, shown: row[name])


def _text(name: str) -> FieldOf:
    def make(row: Row, shown: Shown) -> Any:
        value = row[name]
        return all_of(value) if shown.all_languages else chosen(value, shown.language)

    return FieldOf((name,), make)


def _prices(row: Row, shown: Shown) -> list[dict[str, Any]]:
    return [
        {
            "min": price["min"],
            "max": price["max"],
            "currency": price["currency"],
            "label": label_of(price.get("label"), shown.language),
        }
        for price in row["prices"]
    ]


def _address(row: Row, shown: Shown) -> dict[str, Any]:
    town = shown.municipalities.get(row["municipality_id"])
    return {
        "street": row["street"],
        "postal_code": row["postal_code"],
        "locality": row["locality"],
        "country": row["country"],
        "municipality": {"code": town[0], "name": town[1]} if town else None,
    }


def _point(row: Row, shown: Shown) -> dict[str, float] | None:
    return None if row["lon"] is None else {"lon": row["lon"], "lat": row["lat"]}


def _named(column: str) -> FieldOf:
    def make(row: Row, shown: Shown) -> Any:
        name = shown.organisations.get(row[column])
        return None if name is None else {"id": row[column], "name": name}

    return FieldOf((column,), make)


def _of_organiser(row: Row, shown: Shown) -> Any:
    name = row["organiser_name"] or shown.organisations.get(row["organiser_id"], "")
    return {"id": row["organiser_id"], "name": name} if name else None


def _place(row: Row, shown: Shown) -> Any:
    name = row.get("place_name") or shown.places.get(row["place_id"], "")
    identifier = row["place_id"] if row["place_id"] in shown.places else None
    return {"id": identifier, "name": name} if name or identifier else None


def _picture(row: Row, shown: Shown) -> str | None:
    return f"{shown.public_url}/media/{row['picture']}" if row["picture"] else None


def _page(kind: str) -> FieldOf:
    return FieldOf(("slug", "state"), lambda row, shown: f"{shown.public_url}/{kind}s/{row['slug']}-{row['pk']}/")


def _schedule(row: Row, shown: Shown) -> dict[str, Any]:
    stored = row["schedule"]
    return {
        "start": stored["start"],
        "end": stored.get("end"),
        "rrule": stored.get("rrule") or None,
        "rdates": stored.get("rdates", []),
        "exdates": stored.get("exdates", []),
        "dates": [{"start": start, "end": end} for start, end in stored.get("dates", ())],
        "overrides": [
            {"recurrence_id": at, "start": start, "end": end, "name": name, "cancelled": cancelled}
            for at, start, end, name, cancelled in stored.get("overrides", ())
        ],
    }


COMMON: dict[str, FieldOf] = {
    "state": _column("state"),
    "version": FieldOf(("updated_at",), lambda row, shown: version(row["updated_at"])),
    "language": _column("language"),
    "name": _text("name"),
    "summary": _text("summary"),
    "description": _text("description"),
    "category": _column("category"),
    "categories": _column("categories"),
    "audience": _column("audience"),
    "age_min": _column("age_min"),
    "age_max": _column("age_max"),
    "accessibility": _column("accessibility"),
    "free": FieldOf(("flags",), lambda row, shown: bool(row["flags"] & Flag.FREE)),
    "prices": FieldOf(("prices",), _prices),
    "price_text": _text("price_text"),
    "address": FieldOf(("street", "postal_code", "locality", "country", "municipality_id"), _address),
    "point": FieldOf(("lon", "lat"), _point),
    "distance_km": FieldOf((), lambda row, shown: shown.distances.get(row["pk"])),
    "url": FieldOf(("url",), lambda row, shown: row["url"] or None),
    "contact": FieldOf(
        ("contact_name", "email", "phone"),
        lambda row, shown: {"name": row["contact_name"], "email": row["email"], "phone": row["phone"]},
    ),
    "picture": FieldOf(("picture",), _picture),
    "organisation": _named("organisation_id"),
    "source": FieldOf(("source_id",), lambda row, shown: shown.sources.get(row["source_id"])),
    "created_at": _column("created_at"),
    "updated_at": _column("updated_at"),
}
EVENT: dict[str, FieldOf] = {
    "status": _column("status"),
    "place": FieldOf(("place_id", "place_name"), _place),
    "organiser": FieldOf(("organiser_id", "organiser_name"), _of_organiser),
    "online_url": FieldOf(("online_url",), lambda row, shown: row["online_url"] or None),
    "timezone": _column("timezone"),
    "all_day": _column("all_day"),
    "start": FieldOf(
        ("starts_at", "timezone", "all_day"),
        lambda row, shown: moment(row["starts_at"], row["timezone"], all_day=row["all_day"]),
    ),
    "end": FieldOf(
        ("ends_at", "timezone", "all_day"),
        lambda row, shown: moment(row["ends_at"], row["timezone"], all_day=row["all_day"], is_end=True),
    ),
    "recurs": _column("recurs"),
    "schedule": FieldOf(("schedule",), _schedule),
    "next": FieldOf(("timezone",), lambda row, shown: shown.nexts.get(row["pk"])),
}
HOURS: dict[str, FieldOf] = {
    "timezone": _column("timezone"),
    "hours": _column("hours"),
    "hours_text": _text("hours_text"),
}
OFFER: dict[str, FieldOf] = {
    **HOURS,
    "place": FieldOf(("place_id",), _place),
    "valid_from": _column("valid_from"),
    "valid_through": _column("valid_through"),
}
OF_KIND: dict[str, dict[str, FieldOf]] = {
    "event": {"page": _page("event"), **COMMON, **EVENT},
    "place": {"page": _page("place"), **COMMON, **HOURS},
    "offer": {"page": _page("offer"), **COMMON, **OFFER},
}
FIELD_NAMES: dict[str, tuple[str, ...]] = {kind: ("id", "kind", *OF_KIND[kind]) for kind in KINDS}
"""Names of the fields of each kind, in order."""


@lru_cache(maxsize=128)
def _plan(
    kind: str, wanted: frozenset[str]
) -> tuple[tuple[str, ...], tuple[tuple[str, Callable[[Row, Shown], Any]], ...]]:
    """The columns to read and the fields to make."""
    chosen_fields = [(name, one) for name, one in OF_KIND[kind].items() if not wanted or name in wanted]
    columns = dict.fromkeys(column for _, one in chosen_fields for column in one.columns)
    return ("pk", "hidden_in", *columns), tuple((name, one.make) for name, one in chosen_fields)


def columns_of(kind: str, shown: Shown) -> tuple[str, ...]:
    """The columns that the wanted fields need; the first is the number."""
    return _plan(kind, shown.fields)[0]


def wants(shown: Shown, name: str) -> bool:
    """Whether a field is asked for."""
    return not shown.fields or name in shown.fields


@lru_cache(maxsize=2)
def _municipalities(stamp: int) -> dict[int, tuple[str, str]]:
    towns = Territory.objects.filter(level="municipality").values_list("id", "code", "name")
    return {pk: (code, name) for pk, code, name in towns}


@lru_cache(maxsize=2)
def _sources(stamp: int) -> dict[int, dict[str, str]]:
    rows = Source.objects.values_list("id", "slug", "title", "licence", "licence_url", "credit")
    names = ("slug", "title", "licence", "licence_url", "credit")
    return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}


def municipalities() -> dict[int, tuple[str, str]]:
    """Code and name of each municipality by its number, remembered while nothing public changes."""
    return _municipalities(recent_content_stamp())


def sources() -> dict[int, dict[str, str]]:
    """What is told of each source, by its number, remembered likewise."""
    return _sources(recent_content_stamp())


@lru_cache(maxsize=2)
def _organisations(stamp: int) -> dict[int, str]:
    return {}


def organisations(wanted: set[int]) -> dict[int, str]:
    """Names of organisations; those that were asked for before are remembered while nothing public changes."""
    known = _organisations(recent_content_stamp())
    missing = wanted - known.keys()
    if missing:
        known.update(Organisation.objects.filter(pk__in=missing).values_list("pk", "name"))
    return known


def _add_names(kind: str, rows: Sequence[dict[str, Any]], shown: Shown) -> None:
    """Read the names of what the rows name by number: the same few questions for one row and for a hundred."""
    if wants(shown, "address"):
        shown.municipalities = municipalities()
    if wants(shown, "source"):
        shown.sources = sources()
    owners: set[Any] = {row.get("organisation_id") for row in rows}
    if kind == "event":
        owners |= {row.get("organiser_id") for row in rows if not row.get("organiser_name")}
    shown.organisations = organisations(owners - {None})
    if kind != "place" and wants(shown, "place"):
        wanted: set[Any] = {row["place_id"] for row in rows} - {None}
        # Only what is public may be named; a venue's own words stand in the event itself.
        named = Place.objects.filter(pk__in=wanted).values_list("pk", "name", "state") if wanted else ()
        shown.places = {
            pk: str((chosen(name, shown.language) or {"text": ""})["text"])
            for pk, name, state in named
            if state == "published"
        }


def render(kind: str, rows: Sequence[dict[str, Any]], shown: Shown) -> list[dict[str, Any]]:
    """Rows (read by ``columns_of``) as records."""
    _, makers = _plan(kind, shown.fields)
    _add_names(kind, rows, shown)
    records = []
    for row in rows:
        record: dict[str, Any] = {"id": row["pk"], "kind": kind}
        if row["hidden_in"]:
            row = {**row, **{name: texts_shown(row[name], row["hidden_in"]) for name in TRANSLATED if name in row}}
        for name, make in makers:
            record[name] = make(row, shown)
        if shown.expanded is not None:
            record["occurrences"] = shown.expanded.get(row["pk"], [])
        records.append(record)
    return records
