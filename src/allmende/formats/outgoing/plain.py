"""A published record as one plain object with named values: what the JSON, GeoJSON and table writers have in common.

The names are columns in tables and members in JSON.  :data:`MAPPING` reads them back, so that an export is an import.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from allmende.formats.outgoing import Published
from allmende.formats.records import ACCESS_FACTS, Hours, MediaItem, Price, Record, Schedule

SIGNATURE: Final = ("id", "kind", "name", "language", "timezone", "page", "updated")
"""Names by which a table or object of ours is known: no record is without them."""

COLUMNS: Final = (
    "id",
    "kind",
    "language",
    "name",
    "summary",
    "description",
    "categories",
    "audience",
    "age_min",
    "age_max",
    "start",
    "end",
    "timezone",
    "rrule",
    "dates",
    "rdates",
    "exdates",
    "changes",
    "status",
    "online_url",
    "place_name",
    "place_id",
    "organiser",
    "street",
    "postal_code",
    "locality",
    "municipality",
    "municipality_code",
    "country",
    "lon",
    "lat",
    "url",
    "contact_name",
    "email",
    "phone",
    "prices",
    "price_text",
    "hours",
    "hours_text",
    *ACCESS_FACTS,
    "images",
    "translations",
    "machine_translated",
    "modified",
    "page",
    "source",
    "licence",
    "licence_url",
    "credit",
    "updated",
)
"""All names, in the order of a table's columns."""
JSON_CELLS: Final = ("changes", "prices", "hours", "images", "translations", "dates")
"""Columns whose cells hold JSON where a table has no other way to say it."""
LISTS: Final = ("categories", "audience", "rdates", "exdates", "machine_translated")
"""Columns that hold lists of single words or times; tables join them with ``; ``."""
TEXTS: Final = ("name", "summary", "description", "price_text", "hours_text")
"""Translated texts: in JSON an object by language; in tables the original, the others in ``translations``."""

Plain = dict[str, Any]


def plain(entry: Published) -> Plain:
    """The record as one object; nothing empty is in it, texts are objects by language."""
    record = entry.record
    address = record.address
    value: Plain = {
        "id": record.key,
        "kind": record.kind,
        "language": record.language,
        "name": record.name,
        "summary": record.summary,
        "description": record.description,
        "categories": record.categories,
        "audience": record.audience,
        "age_min": record.age_min,
        "age_max": record.age_max,
        "timezone": "",
        "online_url": record.online_url,
        "place_name": record.place_name,
        "place_id": record.place_key,
        "organiser": record.organiser.name,
        "street": address.street,
        "postal_code": address.postal_code,
        "locality": address.locality,
        "municipality": entry.municipality,
        "municipality_code": entry.municipality_code,
        "country": address.country,
        "lon": record.lon,
        "lat": record.lat,
        "url": record.url,
        "contact_name": record.contact.name,
        "email": record.contact.email,
        "phone": record.contact.phone,
        "prices": [_price(price) for price in record.prices],
        "price_text": record.price_text,
        "hours": [_hours(line) for line in record.hours],
        "hours_text": record.hours_text,
        **record.accessibility,
        "images": [_image(item) for item in record.media],
        "machine_translated": list(record.machine_translated),
        "modified": record.modified.isoformat() if record.modified else None,
        "page": entry.page,
        "source": entry.source,
        "licence": entry.licence,
        "licence_url": entry.licence_url,
        "credit": entry.credit,
        "updated": entry.updated.isoformat(timespec="seconds"),
    }
    if record.schedule is not None:
        value["status"] = record.status
        value |= _schedule(record.schedule)
    elif zone := entry_zone(record):
        value["timezone"] = zone
    return {name: item for name, item in value.items() if item not in (None, "", [], {}, ())}


def _spans(schedule: Schedule) -> list[tuple[date | datetime, date | datetime | None]]:
    """All single dates of an event that has several; beside a rule only the further ones."""
    if not schedule.dates or schedule.rrule:
        return schedule.dates
    return [(schedule.start, schedule.end), *schedule.dates]


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name or "UTC")
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def entry_zone(record: Record) -> str:
    """The time zone of a place or offer."""
    return str(record.extra.get("timezone", ""))


def _schedule(schedule: Schedule) -> Plain:
    zone = _zone(schedule.timezone)

    def _when(moment: date | datetime) -> str:
        """ISO 8601; times with their offset, so that nobody has to guess, and midnight stays a time."""
        if not isinstance(moment, datetime):
            return moment.isoformat()
        return moment.replace(tzinfo=zone).isoformat(timespec="seconds" if moment.second else "minutes")

    def _maybe(moment: date | datetime | None) -> str | None:
        return _when(moment) if moment is not None else None

    return {
        "start": _when(schedule.start),
        "end": _maybe(schedule.end),
        "timezone": schedule.timezone,
        "rrule": schedule.rrule,
        "rdates": [_when(moment) for moment in schedule.rdates],
        "exdates": [_when(moment) for moment in schedule.exdates],
        "dates": [_full({"start": _when(start), "end": _maybe(end)}) for start, end in _spans(schedule)],
        "changes": [
            _full(
                {
                    "at": _when(change.recurrence_id),
                    "start": _maybe(change.start),
                    "end": _maybe(change.end),
                    "name": change.name,
                    "cancelled": change.cancelled,
                }
            )
            for change in schedule.overrides
        ],
    }


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "PublicHolidays")


def _hours(line: Hours) -> Plain:
    return _full(
        {
            "days": [_DAYS[day] for day in line.days],
            "opens": line.opens,
            "closes": line.closes,
            "valid_from": line.valid_from.isoformat() if line.valid_from else None,
            "valid_through": line.valid_through.isoformat() if line.valid_through else None,
            "every_year": line.every_year,
            "closed": not line.opens,
        }
    )


def _price(price: Price) -> Plain:
    ends = {"min": price.minimum, "max": price.maximum}
    amounts = {name: f"{end:f}" for name, end in ends.items() if end is not None}
    return {**amounts, "currency": price.currency, **({"label": price.label} if price.label else {})}


def _image(item: MediaItem) -> Plain:
    return _full(
        {
            "url": item.url,
            "licence": item.licence,
            "credit": item.credit,
            "alt": item.alt,
            "width": item.width,
            "height": item.height,
        }
    )


def _full(value: Plain) -> Plain:
    return {name: item for name, item in value.items() if item not in (None, "", [], {}, False)}


# --- and back


def own_mapping(names: Iterable[str], *, prefix: str = "") -> dict[str, Any] | None:
    """The mapping that reads an export of ours; None if ``names`` are not its columns.  ``prefix`` stands before each."""
    there = set(names)
    if not all(f"{prefix}{name}" in there or _is_parted(f"{prefix}{name}", there) for name in SIGNATURE):
        return None

    def path(name: str) -> str:
        return f"{prefix}{name}"

    fields: dict[str, Any] = {name: path(name) for name in _STRAIGHT}
    fields |= {name: path(column) for name, column in _RENAMED.items()}
    fields |= {name: {"each": path(name), **{part: part for part in parts}} for name, parts in _EACH.items()}
    fields["accessibility"] = {fact: path(fact) for fact in ACCESS_FACTS}
    return {
        "kind": {
            "path": path("kind"),
            "values": {"event": "event", "place": "place", "offer": "offer"},
            "default": "event",
        },
        "key": path("id"),
        "fields": fields,
    }


def own_paths(mapping: Mapping[str, Any]) -> Iterator[str]:
    """The columns that such a mapping reads."""
    yield mapping["key"]
    yield mapping["kind"]["path"]
    for field, value in mapping["fields"].items():
        if isinstance(value, str):
            yield value
        elif field == "accessibility":
            yield from value.values()
        else:
            yield value["each"]


def _is_parted(name: str, there: set[str]) -> bool:
    return any(other.startswith(f"{name}.") for other in there)


_STRAIGHT: Final = (
    *TEXTS,
    "language",
    "timezone",
    "categories",
    "audience",
    "age_min",
    "age_max",
    "start",
    "end",
    "rrule",
    "rdates",
    "exdates",
    "status",
    "online_url",
    "place_name",
    "street",
    "postal_code",
    "locality",
    "municipality_code",
    "country",
    "lon",
    "lat",
    "url",
    "contact_name",
    "email",
    "phone",
    "machine_translated",
    "modified",
    "translations",
)
_RENAMED: Final = {"place_key": "place_id", "organiser_name": "organiser"}
_EACH: Final[Mapping[str, tuple[str, ...]]] = {
    "dates": ("start", "end"),
    "changes": ("at", "start", "end", "name", "cancelled"),
    "prices": ("min", "max", "currency", "label"),
    "hours": ("days", "opens", "closes", "valid_from", "valid_through", "every_year", "closed"),
    "images": ("url", "licence", "credit", "alt", "width", "height"),
}
