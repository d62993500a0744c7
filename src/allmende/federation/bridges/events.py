"""Events of the catalogue as objects of the federation, and arrived objects as raw records."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from allmende.catalogue.queries.public_events import PublicEvent
from allmende.federation.addresses import actor_id, event_id, event_page, followers_id, origin
from allmende.formats.activitypub import object_key, raw_event
from allmende.formats.activitypub.terms import PUBLIC, is_event
from allmende.formats.activitypub.writer import CONTEXT, EventOut, event_object, instant
from allmende.formats.records import Address, MediaItem, Problem, RawRecord

__all__ = [
    "CONTEXT",
    "PUBLIC",
    "Problem",
    "RawRecord",
    "digest_of",
    "from_event",
    "instant",
    "is_event",
    "object_key",
    "raw_event",
]


def from_event(event: PublicEvent) -> dict[str, Any]:
    """The object of a public event, without ``@context``."""
    organiser_page = ""
    if event.organiser_id:
        organiser_page = f"{origin()}/organisations/{event.organiser_slug}-{event.organiser_id}/"
    ends_at = event.ends_at
    out = EventOut(
        id=event_id(event.id),
        url=event_page(event.slug, event.id),
        actor=actor_id(),
        followers=followers_id(),
        name=event.name,
        language=event.language,
        schedule=event.schedule,
        start=event.starts_at.date() if event.all_day else event.starts_at,
        end=ends_at.date() if ends_at and event.all_day else ends_at,
        published=event.created_at,
        updated=event.updated_at,
        description=event.description,
        summary=event.summary,
        categories=event.categories,
        status=event.status,
        place_name=event.place_name,
        address=Address(event.street, event.postal_code, event.locality, "", event.country),
        lon=event.lon,
        lat=event.lat,
        online_url=event.online_url,
        organiser=event.organiser_name,
        organiser_url=organiser_page,
        participation_url=event.url,
        licence=event.licence,
        credit=event.credit,
        tags=f"{origin()}/categories/",
        # Pictures that are kept here are WebP, and have a licence or a credit: others are never kept.
        pictures=tuple(
            (
                MediaItem(
                    f"{origin()}/media/{one.file}", one.licence, one.credit, dict(one.alt), one.width, one.height
                ),
                "image/webp",
            )
            for one in event.pictures
            if one.licence or one.credit or event.licence
        ),
    )
    return event_object(out)


def digest_of(value: dict[str, Any]) -> str:
    """What two states of an object that say the same have in common: when it was written does not count."""
    told = {name: part for name, part in value.items() if name not in {"updated", "published"}}
    return hashlib.blake2b(orjson.dumps(told, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()
