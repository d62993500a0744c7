"""One resource of DestinationData, with what it refers to -> one record."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from allmende.formats.alpinebits.hours import read_hours
from allmende.formats.alpinebits.shape import KINDS, TERMS, related
from allmende.formats.geometry import middle_of
from allmende.formats.objects import (
    Notes,
    Object,
    best_of,
    email_of,
    first_of,
    line_of,
    number_of,
    phone_of,
    point_of,
    short_key,
    text_of,
    texts_of,
    thing,
    things,
    web_of,
    whole_of,
)
from allmende.formats.occasions import occasion, schedule_of
from allmende.formats.records import Address, Contact, MediaItem, ReadOptions, Record
from allmende.formats.schema_org.dates import parse_when
from allmende.formats.schema_org.where import country_code

_SIZES: Final = ("length", "area", "minAltitude", "maxAltitude", "capacity", "inPersonCapacity", "personsPerChair")


class _Included:
    """The resources that came along, by type and id."""

    def __init__(self, value: Object) -> None:
        self.found = {
            (text_of(item.get("type")), text_of(item.get("id"))): item for item in things(value.get("included"))
        }

    def of(self, resource: Object, relation: str) -> list[Object]:
        return [self.found[name] for name in related(resource, relation) if name in self.found]


def record_of(key: str, value: Object, options: ReadOptions, note: Notes) -> Record:
    """Raises nothing for values of wrong types; they are left out."""
    resource, included = thing(value.get("data")), _Included(value)
    said = thing(resource.get("attributes"))
    type_name = text_of(resource.get("type"))
    record = Record(KINDS.get(type_name, options.kind), key, texts_of(said.get("name"), single_line=True))
    record.name = record.name or texts_of(said.get("shortName"), single_line=True)
    record.language = first_of(tag for tag in (options.language, "de", "it", "en") if tag in record.name)
    record.summary = texts_of(said.get("abstract"))
    record.description = texts_of(said.get("description"))
    record.url = _url(said.get("url"), record.language)
    record.categories = _categories(resource, type_name, included, record.language)
    record.media = [
        found for item in included.of(resource, "multimediaDescriptions") if (found := _picture(item, included))
    ]
    record.modified = _modified(thing(resource.get("meta")).get("lastUpdate"))
    record.extra["data_provider"] = web_of(thing(resource.get("meta")).get("dataProvider"))
    for name in _SIZES:
        record.extra[name] = number_of(said.get(name))
    record.extra["how_to_get_there"] = best_of(texts_of(said.get("howToArrive")), record.language)
    owner = included.of(resource, "organizers" if record.kind == "event" else "areaOwner")
    if owner:
        record.organiser = _agent(owner[0], record.language)
    if record.kind == "event":
        _event(record, resource, said, included, options, note)
    else:
        record.address = _address(said, record.language)
        _point(record, said, note)
        record.hours = read_hours(said.get("openingHours"))
    return record


def _url(value: Any, language: str) -> str:
    return web_of(value) or web_of(best_of(texts_of(value, single_line=True), language, "de", "en"))


def _categories(resource: Object, type_name: str, included: _Included, language: str) -> list[str]:
    found = [TERMS.get(type_name, "")]
    for name in related(resource, "categories"):
        known = included.found.get(name)
        label = best_of(texts_of(thing(thing(known).get("attributes")).get("name"), single_line=True), language, "de")
        own = name[1]
        if own.startswith("schema:") or not label:
            found.append(own if own.startswith("schema:") else own.rpartition(":")[2].replace("-", " ").strip())
        if label:
            found.append(label)
    return found


def _picture(resource: Object, included: _Included) -> MediaItem | None:
    said = thing(resource.get("attributes"))
    kind = text_of(said.get("contentType"))
    url = _url(said.get("url"), "")
    if not url or (kind and not kind.startswith("image/")):
        return None
    holders = [*included.of(resource, "licenseHolder"), *included.of(resource, "copyrightOwner")]
    names = [best_of(texts_of(thing(item.get("attributes")).get("name"), single_line=True)) for item in holders]
    return MediaItem(
        url,
        licence=line_of(said.get("license")),
        credit=first_of((line_of(said.get("author")), *names)),
        alt=texts_of(said.get("description"), single_line=True, most=500),
        width=whole_of(said.get("width"), 1, 99_999),
        height=whole_of(said.get("height"), 1, 99_999),
    )


def _modified(value: Any) -> datetime | None:
    found = parse_when(text_of(value), "UTC")
    return found.replace(tzinfo=UTC) if isinstance(found, datetime) else None


def _agent(resource: Object, language: str) -> Contact:
    said = thing(resource.get("attributes"))
    points = things(said.get("contactPoints"))
    return Contact(
        best_of(texts_of(said.get("name"), single_line=True), language, "de"),
        _url(said.get("url"), language),
        first_of(email_of(point.get("email")) for point in points),
        first_of(phone_of(point.get("telephone")) for point in points),
    )


def _address(said: Object, language: str) -> Address:
    address = thing(said.get("address"))

    def part(name: str) -> str:
        return best_of(texts_of(address.get(name), single_line=True, most=255), language, "de")

    return Address(
        street=part("street"),
        postal_code=line_of(address.get("zipcode"), 20) or line_of(address.get("zipCode"), 20),
        locality=part("city"),
        region=part("region"),
        country=country_code(line_of(address.get("country"), 2)),
    )


def _point(record: Record, said: Object, note: Notes) -> None:
    for geometry in things(said.get("geometries")):
        middle = middle_of(geometry)
        point = point_of(middle[1], middle[0], note) if middle is not None else None
        if point is not None:
            record.lon, record.lat = point
            return


def _event(
    record: Record, resource: Object, said: Object, included: _Included, options: ReadOptions, note: Notes
) -> None:
    one = occasion(said.get("startDate"), said.get("endDate"), options.timezone, note)
    record.schedule = schedule_of([one] if one else [], options.timezone, note)
    if text_of(said.get("status")) in ("canceled", "cancelled"):
        record.status = "cancelled"
    record.online_url = _url(said.get("participationUrl"), record.language)
    record.extra["ticket_url"] = _url(said.get("registrationUrl"), record.language)
    places = related(resource, "venues")
    if places:
        record.place_key = short_key(places[0][1])
    venues = included.of(resource, "venues")
    if venues:
        venue = thing(venues[0].get("attributes"))
        record.place_name = best_of(texts_of(venue.get("name"), single_line=True, most=255), record.language, "de")
        record.address = _address(venue, record.language)
        _point(record, venue, note)
    for name, relation in (("part_of", "series"), ("parts", "subEvents"), ("publisher", "publisher")):
        names = [
            best_of(texts_of(thing(item.get("attributes")).get("name"), single_line=True), record.language, "de")
            for item in included.of(resource, relation)
        ]
        record.extra[name] = [one for one in names if one] if relation == "subEvents" else first_of(names)
