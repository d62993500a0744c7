"""Events as ActivityPub objects after FEP-8a8e, with what Mobilizon and Gancio look for."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from allmende.formats.activitypub.terms import CATEGORY_OUT, PUBLIC, STATUS_OUT
from allmende.formats.activitypub.when import Moment, series_terms, zone_named
from allmende.formats.records import Address, MediaItem, Schedule

ACTIVITY: Final = "https://www.w3.org/ns/activitystreams"
CONTEXT: Final[list[Any]] = [
    ACTIVITY,
    "https://w3id.org/security/v1",
    {
        "Hashtag": "as:Hashtag",
        "toot": "http://joinmastodon.org/ns#",
        "mz": "https://joinmobilizon.org/ns#",
        "pt": "https://joinpeertube.org/ns#",
        "sc": "https://schema.org/",
        "ical": "http://www.w3.org/2002/12/cal/ical#",
        "fep": "https://w3id.org/fep/8a8e/",
        "category": "fep:category",
        "displayEndTime": "fep:displayEndTime",
        "eventStatus": {"@id": "fep:eventStatus", "@type": "@vocab"},
        "EventScheduled": "fep:EventScheduled",
        "EventCancelled": "fep:EventCancelled",
        "EventPostponed": "fep:EventPostponed",
        "EventMovedOnline": "fep:EventMovedOnline",
        "externalParticipationUrl": {"@id": "fep:externalParticipationUrl", "@type": "@id"},
        "joinMode": "fep:joinMode",
        "organizers": {"@id": "fep:organizers", "@type": "@id"},
        "timezone": "fep:timezone",
        "upcomingEvents": {"@id": "fep:upcomingEvents", "@type": "@id"},
        "anonymousParticipationEnabled": "mz:anonymousParticipationEnabled",
        "isOnline": "mz:isOnline",
        "repliesModerationOption": "mz:repliesModerationOption",
        "commentsEnabled": "pt:commentsEnabled",
        "status": "ical:status",
        "dtstart": "ical:dtstart",
        "dtend": "ical:dtend",
        "rrule": "ical:rrule",
        "rdate": {"@id": "ical:rdate", "@container": "@list"},
        "exdate": {"@id": "ical:exdate", "@container": "@list"},
        "recurrenceId": "ical:recurrenceId",
        "recurrences": {"@id": "ical:component", "@container": "@list"},
        "address": "sc:address",
        "PostalAddress": "sc:PostalAddress",
        "VirtualLocation": "sc:VirtualLocation",
        "streetAddress": "sc:streetAddress",
        "postalCode": "sc:postalCode",
        "addressLocality": "sc:addressLocality",
        "addressRegion": "sc:addressRegion",
        "addressCountry": "sc:addressCountry",
        "inLanguage": "sc:inLanguage",
        "license": "sc:license",
        "creditText": "sc:creditText",
    },
]
"""Terms are defined in place: a reader that resolves contexts asks no further server for ours."""
SPAN: Final = timedelta(hours=3)
"""FEP-8a8e wants an end; for an event whose end nobody knows it is this long, and marked as not to be shown."""
_PARAGRAPH = re.compile(r"\n{2,}")


@dataclass(slots=True)
class EventOut:
    """A public event, ready to be sent."""

    id: str
    url: str
    """Its page for people."""
    actor: str
    """Address of the actor that sends it."""
    followers: str
    name: Mapping[str, str]
    language: str
    """Original language: a key of ``name``."""
    schedule: Schedule
    start: Moment
    """Local start of the date that is shown: the next one of a series."""
    published: datetime
    updated: datetime
    end: Moment | None = None
    """Local end; the last day for whole days; None where it is unknown."""
    description: Mapping[str, str] = field(default_factory=dict)
    summary: Mapping[str, str] = field(default_factory=dict)
    categories: tuple[str, ...] = ()
    status: str = "scheduled"
    place_name: str = ""
    address: Address = field(default_factory=Address)
    lon: float | None = None
    lat: float | None = None
    online_url: str = ""
    organiser: str = ""
    organiser_url: str = ""
    participation_url: str = ""
    licence: str = ""
    credit: str = ""
    tags: str = ""
    """Address below which the pages of categories are."""
    pictures: tuple[tuple[MediaItem, str], ...] = ()
    """Each with its media type."""


def instant(at: datetime) -> str:
    """A moment in UTC, as ActivityStreams writes it."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def as_html(text: str) -> str:
    """Plain paragraphs as HTML that is safe to show."""
    paragraphs = [html.escape(part.strip(), quote=False) for part in _PARAGRAPH.split(text) if part.strip()]
    return "".join("<p>" + part.replace("\n", "<br>") + "</p>" for part in paragraphs)


def event_object(event: EventOut) -> dict[str, Any]:
    """The object, without ``@context``."""
    zone = zone_named(event.schedule.timezone) or ZoneInfo("UTC")
    shown, as_ical = STATUS_OUT.get(event.status, STATUS_OUT["scheduled"])
    value: dict[str, Any] = {
        "id": event.id,
        "type": "Event",
        "url": event.url,
        "attributedTo": event.actor,
        "actor": event.actor,
        "to": [PUBLIC],
        "cc": [event.followers],
        "published": instant(event.published),
        "updated": instant(event.updated),
        "mediaType": "text/html",
        **_texts(event),
        **_times(event, zone),
        "timezone": str(zone),
        "eventStatus": shown,
        "status": as_ical,
        "joinMode": "external",
        "externalParticipationUrl": event.participation_url or event.url,
        "repliesModerationOption": "closed",
        "commentsEnabled": False,
        "anonymousParticipationEnabled": False,
        "isOnline": bool(event.online_url),
        "category": next((CATEGORY_OUT[key] for key in event.categories if key in CATEGORY_OUT), "COMMUNITY"),
        "tag": [_tag(key, event.tags) for key in event.categories if key != "other"],
        "organizers": _organizers(event),
        "attachment": _attachments(event),
    }
    place = _location(event)
    if place:
        value["location"] = place
    if event.licence:
        value["license"] = event.licence
    if event.credit:
        value["creditText"] = event.credit
    return value


def _texts(event: EventOut) -> dict[str, Any]:
    value: dict[str, Any] = {"name": _original(event.name, event.language), "inLanguage": event.language}
    value["nameMap"] = dict(event.name)
    content = {code: as_html(text) for code, text in (event.description or event.summary).items()}
    value["content"] = _original(content, event.language)
    if content:
        value["contentMap"] = content
    if event.summary and event.description:
        value["summary"] = _original(event.summary, event.language)
        value["summaryMap"] = dict(event.summary)
    return value


def _original(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or next(iter(texts.values()), "")


def _times(event: EventOut, zone: ZoneInfo) -> dict[str, Any]:
    whole_days = not isinstance(event.start, datetime)
    value: dict[str, Any] = {"startTime": _aware(event.start, zone, time(0)).isoformat()}
    if event.end is None and not whole_days:
        value["endTime"] = (_aware(event.start, zone, time(0)) + SPAN).isoformat()
        value["displayEndTime"] = False
    else:
        value["endTime"] = _aware(event.end or event.start, zone, time(23, 59, 59)).isoformat()
    schedule = event.schedule
    if whole_days or schedule.rrule or schedule.rdates or schedule.dates or schedule.overrides:
        value |= series_terms(schedule)
    return value


def _aware(at: Moment, zone: ZoneInfo, of_day: time) -> datetime:
    local = at if isinstance(at, datetime) else datetime.combine(date(at.year, at.month, at.day), of_day)
    return local.replace(tzinfo=zone)


def _tag(key: str, pages: str) -> dict[str, str]:
    return {"type": "Hashtag", "name": "#" + key.replace("-", "_"), "href": f"{pages}{key}/"}


def _organizers(event: EventOut) -> dict[str, Any]:
    one: dict[str, Any] | str = event.actor
    if event.organiser:
        one = {"type": "Organization", "name": event.organiser}
        if event.organiser_url:
            one["url"] = event.organiser_url
    return {"type": "Collection", "totalItems": 1, "items": [one]}


def _location(event: EventOut) -> dict[str, Any] | None:
    """The place.  One alone, also for hybrid events: Mobilizon reads no lists; the other way in is an attachment."""
    address = event.address
    is_somewhere = event.place_name or address.street or address.locality or event.lat is not None
    if not is_somewhere:
        return {"type": "VirtualLocation", "name": "Online", "url": event.online_url} if event.online_url else None
    told = {
        "streetAddress": address.street,
        "postalCode": address.postal_code,
        "addressLocality": address.locality,
        "addressRegion": address.region,
        "addressCountry": address.country,
    }
    value: dict[str, Any] = {
        "type": "Place",
        "name": event.place_name or address.street or address.locality or _original(event.name, event.language),
        "address": {"type": "PostalAddress"} | {name: text for name, text in told.items() if text},
    }
    if event.lon is not None and event.lat is not None:
        value |= {"longitude": float(event.lon), "latitude": float(event.lat)}
    return value


def _attachments(event: EventOut) -> list[dict[str, Any]]:
    """Pictures first: Gancio takes the first attachment for the poster."""
    found: list[dict[str, Any]] = []
    for number, (picture, media_type) in enumerate(event.pictures):
        entry: dict[str, Any] = {
            "type": "Document",
            "mediaType": media_type,
            "url": picture.url,
            "name": "Banner" if number == 0 else _original(picture.alt, event.language),
        }
        if picture.alt:
            entry["summary"] = _original(picture.alt, event.language)
        if picture.licence:
            entry["license"] = picture.licence
        if picture.credit:
            entry["creditText"] = picture.credit
        if picture.width and picture.height:
            entry |= {"width": picture.width, "height": picture.height}
        found.append(entry)
    if event.online_url:
        found.append({"type": "Link", "mediaType": "text/html", "name": "Website", "href": event.online_url})
    return found
