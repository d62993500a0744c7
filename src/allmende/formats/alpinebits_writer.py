"""AlpineBits DestinationData 2022-04: events or venues as one JSON:API document, with what they refer to.

The document is valid against the published schemas.  ``data`` is written while the records pass; what they refer to waits
in a temporary file and follows as ``included``, so that memory does not grow with the catalogue (sixteen bytes for each
agent and venue, to name each once).
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import date, datetime, timedelta
from mimetypes import guess_type
from typing import IO, Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import orjson

from allmende.formats.outgoing import FeedInfo, Published
from allmende.formats.records import Address, MediaItem, Record, Schedule, Texts
from allmende.formats.schema_org.repeats import expand
from allmende.formats.text import clean_url

Resource = dict[str, Any]
CODES: Final[Mapping[str, str]] = {
    "da": "dan", "de": "deu", "en": "eng", "fr": "fra", "nl": "nld", "sv": "swe", "it": "ita", "es": "spa", "pt": "por",
    "ca": "cat", "oc": "oci", "eu": "eus", "br": "bre", "pl": "pol", "cs": "ces", "fi": "fin", "nb": "nob", "nn": "nno",
    "no": "nor", "is": "isl", "fy": "fry", "lb": "ltz", "rm": "roh", "ru": "rus", "uk": "ukr", "zh": "zho", "ja": "jpn",
}  # fmt: skip
"""ISO 639-1 to 639-3, which the standard asks for."""
NAMESPACE: Final = "allmende"
MOST_DATES: Final = 60
"""Dates of a series that are named as its parts: those to come, within a year."""
_TYPES: Final = {"event": "events", "place": "venues"}
_PIECE: Final = 1 << 16
_PHONE = re.compile(r"\+\d+")
_EMAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")


def write_alpinebits(entries: Iterable[Published], info: FeedInfo) -> Iterator[bytes]:
    """The document.  Records of another kind than the first are left out: a collection has one type."""
    with closing(_Included()) as included:
        yield b'{"jsonapi":{"version":"1.0"},"data":[\n'
        kind = ""
        number = 0
        for entry in entries:
            kind = kind or entry.record.kind
            if entry.record.kind != kind or kind not in _TYPES:
                continue
            resource = _event(entry, info, included) if kind == "event" else _venue(entry, included)
            yield (b",\n" if number else b"") + orjson.dumps(resource)
            number += 1
        yield b'\n],"included":[\n'
        yield from included.pieces()
        end = {"meta": {"dataProvider": uri(info.url) or None, "count": number, "pages": 1}}
        end["meta"] = {name: value for name, value in end["meta"].items() if value is not None}
        yield b"\n]," + orjson.dumps(end)[1:-1] + b"}\n"


class _Included:
    """Resources that others refer to, each once, in a temporary file."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed by close
        self._seen: set[bytes] = set()
        self._is_empty = True

    def add(self, resource: Resource) -> dict[str, str]:
        """Put it in, and return the reference to it."""
        reference = {"type": resource["type"], "id": resource["id"]}
        mark = hashlib.blake2b(f"{resource['type']} {resource['id']}".encode(), digest_size=8).digest()
        if mark not in self._seen:
            self._seen.add(mark)
            self._write(resource)
        return reference

    def add_own(self, resource: Resource) -> dict[str, str]:
        """The same for what only one record refers to, such as its dates: nothing of it is remembered."""
        self._write(resource)
        return {"type": resource["type"], "id": resource["id"]}

    def _write(self, resource: Resource) -> None:
        self._file.write((b"" if self._is_empty else b",\n") + orjson.dumps(resource))
        self._is_empty = False

    def pieces(self) -> Iterator[bytes]:
        self._file.seek(0)
        while piece := self._file.read(_PIECE):
            yield piece

    def close(self) -> None:
        self._file.close()


# --- resources


def _event(entry: Published, info: FeedInfo, included: _Included) -> Resource:
    record = entry.record
    schedule = record.schedule
    if schedule is None:
        raise ValueError("an event without a schedule cannot be written")
    publisher = included.add(_agent(entry.owner or info.publisher or info.title))
    organiser = included.add(_agent(record.organiser.name, entry)) if record.organiser.name else publisher
    venue = _venue_of(entry)
    start, end = _span(schedule)
    resource: Resource = {
        "type": "events",
        "id": record.key,
        "meta": _meta(entry),
        "links": {"self": uri(entry.page)},
        "attributes": {
            "abstract": _text(record.summary),
            "description": _text(record.description),
            "endDate": _when(end, schedule),
            "inPersonCapacity": None,
            "name": _text(record.name),
            "onlineCapacity": None,
            "participationUrl": uri(record.online_url) or None,
            "recorded": None,
            "registrationUrl": None,
            "shortName": None,
            "startDate": _when(start, schedule),
            "status": "canceled" if record.status == "cancelled" else "published",
            "url": uri(record.url) or uri(entry.page),
        },
        "relationships": {
            "categories": {"data": [included.add(category) for category in _categories(record)]},
            "contributors": None,
            "multimediaDescriptions": _many(included.add_own(item) for item in _media(entry)),
            "organizers": {"data": [organiser]},
            "publisher": {"data": publisher},
            "series": None,
            "sponsors": None,
            "subEvents": None,
            "venues": {"data": [included.add(venue)]} if venue else None,
        },
    }
    parts = _parts(entry, resource, schedule, info)
    if parts:
        resource["relationships"]["subEvents"] = {"data": [included.add_own(part) for part in parts]}
    return resource


def _parts(entry: Published, whole: Resource, schedule: Schedule, info: FeedInfo) -> list[Resource]:
    """The coming dates of an event that has several, each as an event of its own."""
    off = {*schedule.exdates, *(change.recurrence_id for change in schedule.overrides if change.cancelled)}
    length = schedule.end - schedule.start if schedule.end is not None else None
    today = (info.updated or entry.updated).date()
    spans: dict[date | datetime, date | datetime | None] = {}
    if schedule.rrule:
        starts = expand(schedule.rrule, schedule.start, 2000, before=_like(schedule.start, today + timedelta(days=366)))
        spans |= {start: start + length if length is not None else None for start in starts}
    elif schedule.dates or schedule.rdates:
        spans[schedule.start] = schedule.end
    spans |= {start: start + length if length is not None else None for start in schedule.rdates}
    spans |= dict(schedule.dates)
    ordered = sorted(spans.items(), key=lambda span: span[0].isoformat())
    coming = [(start, end) for start, end in ordered if start not in off and _day(start) >= today]
    # A date says when; what it is, is said once, by the whole.
    said = whole["attributes"] | {"abstract": None, "description": None}
    relations = whole["relationships"] | {"multimediaDescriptions": None}
    return [
        {
            "type": "events",
            "id": f"{whole['id']}-{start:%Y%m%d}" + (f"T{start:%H%M}" if isinstance(start, datetime) else ""),
            "attributes": {**said, "startDate": _when(start, schedule), "endDate": _when(end, schedule)},
            "relationships": relations,
        }
        for start, end in coming[:MOST_DATES]
    ]


def _span(schedule: Schedule) -> tuple[date | datetime, date | datetime | None]:
    """From the first start to the last end that is known; a series by rule has no end of its own."""
    if schedule.rrule:
        return schedule.start, None
    spans = [(schedule.start, schedule.end), *schedule.dates]
    ends = [end for _, end in spans if end is not None]
    return min((start for start, _ in spans), key=str), max(ends, key=str, default=None)


def _venue(entry: Published, included: _Included) -> Resource:
    record = entry.record
    resource = _place(record.key, record.name, entry, _text(record.summary), _text(record.description))
    resource["links"] = {"self": uri(entry.page)}
    resource["attributes"]["url"] = uri(record.url) or uri(entry.page)
    resource["relationships"] = {
        "categories": _many(included.add(category) for category in _categories(record)),
        "multimediaDescriptions": _many(included.add(item) for item in _media(entry)),
    }
    return resource


def _venue_of(entry: Published) -> Resource | None:
    """Where an event takes place: the place of the catalogue, or what is said about it."""
    record = entry.record
    name = record.place_name or record.address.locality or entry.municipality
    if not name:
        return None
    where = (name, record.address.street, record.address.postal_code, str(record.lon), str(record.lat))
    identifier = record.place_key or "venue-" + _digest("\x1f".join(where))
    return _place(identifier, {record.language: name}, entry, None, None)


def _place(identifier: str, name: Texts, entry: Published, abstract: Any, description: Any) -> Resource:
    record = entry.record
    has_point = record.lon is not None and record.lat is not None
    return {
        "type": "venues",
        "id": identifier,
        "meta": _meta(entry),
        "attributes": {
            "abstract": abstract,
            "address": _address(record.address, entry),
            "description": description,
            "geometries": [{"type": "Point", "coordinates": [record.lon, record.lat]}] if has_point else None,
            "howToArrive": None,
            "name": _text(name),
            "shortName": None,
            "url": None,
        },
        "relationships": {"categories": None, "multimediaDescriptions": None},
    }


def _agent(name: str, entry: Published | None = None) -> Resource:
    return {
        "type": "agents",
        "id": f"agent-{_digest(name)}",
        "attributes": {
            "abstract": None,
            "contactPoints": _contact(entry.record) if entry else None,
            "name": {"und": name},
            "shortName": None,
            "url": None,
        },
        "relationships": {"categories": None, "multimediaDescriptions": None},
    }


def _contact(record: Record) -> list[Resource] | None:
    phone = re.sub(r"[\s()./-]", "", record.contact.phone)
    email = record.contact.email if _EMAIL.fullmatch(record.contact.email) else None
    point = {
        "email": email,
        "telephone": phone if _PHONE.fullmatch(phone) else None,
        "address": None,
        "availableHours": None,
    }
    return [point] if point["email"] or point["telephone"] else None


def _categories(record: Record) -> Iterator[Resource]:
    names: Mapping[str, Texts] = record.extra.get("category_names", {})
    for key in record.categories:
        yield {
            "type": "categories",
            "id": f"{NAMESPACE}/{key}",
            "attributes": {
                "abstract": None,
                "name": _text(names.get(key) or {"en": key}),
                "namespace": NAMESPACE,
                "resourceTypes": ["events", "venues"],
                "shortName": None,
                "url": None,
            },
            "relationships": {"children": None, "multimediaDescriptions": None, "parents": None},
        }


def _media(entry: Published) -> Iterator[Resource]:
    for number, item in enumerate(entry.record.media, 1):
        address = uri(item.url)
        kind = guess_type(urlsplit(item.url).path)[0] or "image/jpeg"
        if address:
            yield {
                "type": "mediaObjects",
                "id": f"{entry.record.key}-media-{number}",
                "attributes": _picture(item, address, kind),
                "relationships": {"categories": None, "licenseHolder": None},
            }


def _picture(item: MediaItem, address: str, kind: str) -> Resource:
    return {
        "abstract": _text(item.alt),
        "author": item.credit or None,
        "contentType": kind,
        "duration": None,
        "height": item.height or None,
        "license": item.licence or None,
        "name": None,
        "shortName": None,
        "url": address,
        "width": item.width or None,
    }


# --- values


def _meta(entry: Published) -> Resource:
    return {
        "dataProvider": uri(entry.page),
        "lastUpdate": entry.updated.isoformat(timespec="seconds"),
        "license": entry.licence_url or entry.licence,
        "credit": entry.credit,
    }


def _many(references: Iterable[dict[str, str]]) -> Resource | None:
    found = list(references)
    return {"data": found} if found else None


def _text(texts: Texts) -> dict[str, str] | None:
    return {CODES.get(language, "und"): text for language, text in texts.items() if text} or None


def _address(address: Address, entry: Published) -> Resource | None:
    city = address.locality or entry.municipality
    if not city or not re.fullmatch(r"[A-Z]{2}", address.country):
        return None
    code = CODES.get(entry.record.language, "und")
    return {
        "street": {code: address.street} if address.street else None,
        "city": {code: city},
        "region": {code: address.region} if address.region else None,
        "country": address.country,
        "zipcode": address.postal_code or None,
        "complement": None,
        "type": None,
    }


def _when(moment: date | datetime | None, schedule: Schedule) -> str | None:
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=ZoneInfo(schedule.timezone or "UTC")).isoformat(timespec="seconds")
    return moment.isoformat() if moment else None


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _like(start: date | datetime, day: date) -> date | datetime:
    return datetime.combine(day, start.time()) if isinstance(start, datetime) else day


def uri(text: str) -> str:
    """The address as RFC 3986 wants it, or ``""``."""
    address = clean_url(text) if text else ""
    address = address.replace("[", "%5B").replace("]", "%5D")
    address = re.sub(r"%(?![0-9A-Fa-f]{2})", "%25", address)
    head, mark, fragment = address.partition("#")
    return head + mark + fragment.replace("#", "%23")


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=9).hexdigest()
