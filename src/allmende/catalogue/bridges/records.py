"""Records to columns: what a reader understood, in the words of the tables."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC
from typing import Any

from allmende.catalogue.bridges.schedule import from_schedule, shifted
from allmende.catalogue.models import Source
from allmende.catalogue.vocabulary import guess_categories, match_categories
from allmende.core.publication import Publication
from allmende.core.text import original_text, translated
from allmende.formats.records import Hours, Price, Record

GROUPS: dict[str, tuple[str, ...]] = {
    "name": ("name",),
    "summary": ("summary",),
    "description": ("description",),
    "categories": ("categories",),
    "audience": ("audience", "age_min", "age_max"),
    "accessibility": ("accessibility",),
    "prices": ("prices", "price_text"),
    "address": ("street", "postal_code", "locality", "country", "municipality_id"),
    "point": ("lon", "lat"),
    "url": ("url",),
    "contact": ("contact_name", "email", "phone"),
    "hours": ("hours", "hours_text"),
    "schedule": ("schedule", "timezone"),
    "status": ("status",),
    "venue": ("place_name",),
    "organiser": ("organiser_name",),
    "state": ("state",),
}
"""Fields as people see them, and their columns.  A person's edit pins one of these."""


def _hours(hours: list[Hours]) -> list[dict[str, Any]]:
    return [
        {
            "days": list(line.days),
            "opens": line.opens,
            "closes": line.closes,
            "valid_from": line.valid_from.isoformat() if line.valid_from else None,
            "valid_through": line.valid_through.isoformat() if line.valid_through else None,
            "every_year": line.every_year,
        }
        for line in hours
    ]


def _prices(prices: list[Price]) -> list[dict[str, Any]]:
    return [
        {
            "min": str(price.minimum) if price.minimum is not None else None,
            "max": str(price.maximum) if price.maximum is not None else None,
            "currency": price.currency,
            "label": price.label,
        }
        for price in prices
    ]


def _categories(record: Record, language: str) -> list[str]:
    found = match_categories(tuple(record.categories), record.kind, language)
    if not found or found == ["other"]:
        guessed = guess_categories(
            next(iter(record.name.values()), ""), next(iter(record.description.values()), ""), language
        )
        found = guessed if guessed and record.kind == "event" else found
    return found or ["other"]


def to_columns(record: Record, source: Source) -> dict[str, Any]:
    """Column values of ``record`` as Python values; what follows from them is added by ``complete``."""
    language = record.language or source.language
    machine = record.machine_translated
    address = record.address
    columns: dict[str, Any] = {
        "source_id": source.pk,
        "joined_into": None,
        "is_union": False,
        "organisation_id": source.organisation_id,
        "language": language,
        "name": translated(record.name, language, machine),
        "summary": translated(record.summary, language, machine),
        "description": translated(record.description, language, machine),
        "categories": _categories(record, language),
        "audience": record.audience,
        "age_min": record.age_min,
        "age_max": record.age_max,
        "accessibility": dict(record.accessibility),
        "prices": _prices(record.prices),
        "price_text": translated(record.price_text, language, machine),
        "street": address.street[:300],
        "postal_code": address.postal_code[:20],
        "locality": address.locality[:120],
        "country": (address.country or source.country)[:60],
        "lon": record.lon,
        "lat": record.lat,
        "url": record.url[:1000],
        "contact_name": record.contact.name[:200],
        "email": (record.contact.email or record.organiser.email)[:254],
        "phone": (record.contact.phone or record.organiser.phone)[:100],
        "source_modified_at": record.modified.astimezone(UTC) if record.modified and record.modified.tzinfo else None,
    }
    if record.kind == "event":
        columns.update(_event_columns(record, source))
    else:
        columns["hours"] = _hours(record.hours)
        columns["hours_text"] = translated(record.hours_text, language, machine)
        columns["timezone"] = source.timezone
        if record.kind == "offer":
            columns.update(place_id=None, place_key=record.place_key[:255], valid_from=None, valid_through=None)
    if not columns["url"]:
        columns["url"] = record.contact.url[:1000]
    return columns


def _event_columns(record: Record, source: Source) -> dict[str, Any]:
    if record.schedule is None:
        raise ValueError("an event without a schedule got past its reader")
    schedule = shifted(record.schedule, source.shift_days)
    return {
        "place_id": None,
        "place_key": record.place_key[:255],
        "place_name": record.place_name[:300],
        "organiser_id": None,
        "organiser_name": record.organiser.name[:200],
        "status": record.status,
        "online_url": record.online_url[:1000],
        "timezone": schedule.timezone or source.timezone,
        "schedule": from_schedule(schedule),
    }


def media_rows(record: Record, language: str) -> list[dict[str, Any]]:
    """Columns of the pictures a record names."""
    return [
        {**asdict(item), "alt": translated(item.alt, language), "position": position}
        for position, item in enumerate(record.media[:20])
    ]


def delivered_name(record: Record, language: str) -> str:
    """The name in its original language, for reports."""
    return original_text(translated(record.name, record.language or language))


def state_of(record: Record) -> str:
    """What a source marks as private (RFC 5545 CLASS) comes in, and waits for a person as a draft."""
    private = str(record.extra.get("class", "")).upper() in {"PRIVATE", "CONFIDENTIAL"}
    return (Publication.DRAFT if private else Publication.PUBLISHED).value
