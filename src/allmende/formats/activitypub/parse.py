"""One ``Event`` object, understood.  Every value may be of any shape: nothing here trusts a type."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from allmende.formats.activitypub.terms import CATEGORY_IN, STATUS_IN, is_public
from allmende.formats.activitypub.when import ical_terms, moment, zone_named
from allmende.formats.records import Address, Contact, MediaItem, Parsed, Problem, RawRecord, ReadOptions, Record, Texts
from allmende.formats.records import Schedule as When
from allmende.formats.text import clean_url, one_line, plain_text

_LANGUAGE = re.compile(r"([a-zA-Z]{2,3})(?:[-_][a-zA-Z0-9]+)*")
MOST: Final = 50
"""So many entries of a list are looked at."""


def text_of(value: Any) -> str:
    """A text, or ``""`` for what is none."""
    return value if isinstance(value, str) else ""


def entries(value: Any) -> list[dict[str, Any]]:
    """The objects among a value that may be one object or a list."""
    found = value if isinstance(value, list) else [value]
    return [one for one in found[:MOST] if isinstance(one, dict)]


def parse_event(raw: RawRecord, options: ReadOptions) -> Parsed:
    """The record of one event object."""
    problems: list[Problem] = []

    def refuse(message: str, code: str) -> Parsed:
        return Parsed(None, [*problems, Problem(raw.where, message, code, key=raw.key)])

    try:
        event = orjson.loads(raw.raw)
    except ValueError:
        return refuse("This is not valid JSON.", "bad-json")
    if not isinstance(event, dict):
        return refuse("This is no object.", "not-an-object")
    if "to" in event and not is_public(event):
        return refuse("The event is not addressed to the public, so it is not shown.", "not-public")
    language = _language(event)
    names = _texts(event, "name", one_line)
    if not any(names.values()):
        return refuse("The event has no name.", "no-title")
    schedule = _schedule(event, options, raw, problems)
    if schedule is None:
        return refuse("The event has no start that can be read (startTime).", "no-start")
    record = Record("event", raw.key, names, language=language, schedule=schedule)
    record.description = _texts(event, "content", plain_text)
    record.summary = {
        code: text for code, text in _texts(event, "summary", one_line).items() if text != record.description.get(code)
    }
    record.url = _page(event)
    record.categories = _categories(event)
    record.status = _status(event)
    _where(event, record)
    record.organiser = _organiser(event)
    record.media = list(_pictures(event))
    changed = moment(event.get("updated")) or moment(event.get("published"))
    record.modified = changed if isinstance(changed, datetime) and changed.tzinfo else None
    record.extra = _extra(event, raw.key)
    return Parsed(record, problems)


# ---------------------------------------------------------------------- texts


def _language(event: Mapping[str, Any]) -> str:
    """The original language: ``inLanguage``, else the language whose text is the plain ``content`` or ``name``."""
    for told in (event.get("inLanguage"), _same_text(event, "content"), _same_text(event, "name")):
        if isinstance(told, dict):
            told = told.get("identifier") or told.get("alternateName")
        if isinstance(told, str) and (found := _LANGUAGE.fullmatch(told)) and found[1].lower() != "und":
            return found[1].lower()
    return ""


def _same_text(event: Mapping[str, Any], name: str) -> str:
    plain, by_language = event.get(name), event.get(name + "Map")
    if not isinstance(by_language, dict):
        return ""
    return next((code for code, text in by_language.items() if text == plain and text), "")


def _texts(event: Mapping[str, Any], name: str, clean: Any) -> Texts:
    texts: Texts = {}
    by_language = event.get(name + "Map")
    if isinstance(by_language, dict):
        for code, text in list(by_language.items())[:MOST]:
            found = _LANGUAGE.fullmatch(code)
            if found and isinstance(text, str) and found[1].lower() != "und":
                texts[found[1].lower()] = clean(text)
    plain = clean(text_of(event.get(name)))
    if plain and plain not in texts.values():
        texts[""] = plain
    return {code: text for code, text in texts.items() if text}


# ---------------------------------------------------------------------- when


def _schedule(event: Mapping[str, Any], options: ReadOptions, raw: RawRecord, problems: list[Problem]) -> When | None:
    named = zone_named(event.get("timezone"))
    zone = named or zone_named(options.timezone) or ZoneInfo("UTC")
    series = ical_terms(event, zone)
    if series is not None:
        series.timezone = str(zone)
        return series
    start = _local(moment(event.get("startTime")), zone)
    if start is None:
        return None
    end = _local(moment(event.get("endTime")), zone)
    if event.get("displayEndTime") is False:
        end = None
    if end is not None and isinstance(end, datetime) != isinstance(start, datetime):
        end = None
    if end is not None and end < start:
        problems.append(
            Problem(raw.where, "The event ends before it begins; its end is left out.", "end-before-start", "note")
        )
        end = None
    if isinstance(start, datetime) and isinstance(end, datetime) and _fills_days(start, end):
        return When(start.date(), (end - timedelta(minutes=1)).date(), str(zone))
    return When(start, end, str(zone))


def _fills_days(start: datetime, end: datetime) -> bool:
    """Whether a span is whole days, as programs without all-day events write them: 00:00 to 23:59 or 24:00."""
    to_the_end = (end.hour, end.minute) == (23, 59) or (end.hour, end.minute, end.second) == (0, 0, 0)
    return (start.hour, start.minute) == (0, 0) and to_the_end and end - start >= timedelta(hours=23)


def _local(at: date | datetime | None, zone: ZoneInfo) -> date | datetime | None:
    if isinstance(at, datetime) and at.tzinfo is not None:
        return at.astimezone(zone).replace(tzinfo=None)
    return at


# ---------------------------------------------------------------------- where, who, what


def _where(event: Mapping[str, Any], record: Record) -> None:
    found = event.get("location")
    if isinstance(found, str):
        record.place_name = one_line(found)
    for place in entries(found):
        if place.get("type") == "VirtualLocation":
            record.online_url = record.online_url or clean_url(text_of(place.get("url")))
            continue
        if record.place_name or record.address != Address():
            continue
        record.place_name = one_line(text_of(place.get("name")))
        record.address = _address(place.get("address"))
        lon, lat = place.get("longitude"), place.get("latitude")
        if isinstance(lon, int | float) and isinstance(lat, int | float) and _on_earth(lon, lat):
            record.lon, record.lat = float(lon), float(lat)
    if not record.online_url and event.get("isOnline") is True:
        record.online_url = next(iter(_links(event)), "")


def _on_earth(lon: float, lat: float) -> bool:
    return abs(lon) <= 180 and abs(lat) <= 90 and not lon == lat == 0


def _address(value: Any) -> Address:
    if isinstance(value, str):
        # One line as its writer wrote it; taking it apart would be guessing.
        return Address(street=one_line(value))
    if not isinstance(value, dict):
        return Address()
    country = value.get("addressCountry")
    if isinstance(country, dict):
        country = country.get("name")
    return Address(
        street=one_line(text_of(value.get("streetAddress"))),
        postal_code=one_line(text_of(value.get("postalCode"))),
        locality=one_line(text_of(value.get("addressLocality"))),
        region=one_line(text_of(value.get("addressRegion"))),
        country=one_line(text_of(country)),
    )


def _links(event: Mapping[str, Any]) -> Iterator[str]:
    for part in entries(event.get("attachment")):
        if part.get("type") == "Link" and str(part.get("mediaType", "text/html")).startswith("text/html"):
            address = clean_url(text_of(part.get("href")))
            if address:
                yield address


def _page(event: Mapping[str, Any]) -> str:
    """The page for people: what the organiser links to, else the event's own page."""
    told = event.get("url")
    for one in told if isinstance(told, list) else [told]:
        if isinstance(one, dict) and str(one.get("mediaType", "")).startswith("text/html"):
            one = one.get("href")
        if isinstance(one, str) and (address := clean_url(one)):
            return address
    return clean_url(text_of(event.get("id")))


def _categories(event: Mapping[str, Any]) -> list[str]:
    told = event.get("category")
    found = []
    for one in told if isinstance(told, list) else [told]:
        if isinstance(one, str) and one.strip() and one != "MEETING":  # Mobilizon's word for none
            found.append(CATEGORY_IN.get(one.strip(), one.strip().replace("_", " ").capitalize()))
    for tag in entries(event.get("tag")):
        name = text_of(tag.get("name")).strip()
        if tag.get("type", "Hashtag") == "Hashtag" and name.strip("#"):
            found.append(one_line(name.lstrip("#").replace("_", "-"))[:100])
    return list(dict.fromkeys(found))


def _status(event: Mapping[str, Any]) -> str:
    for name in ("eventStatus", "status", "ical:status"):
        told = text_of(event.get(name)).rpartition("/")[2].rpartition(":")[2]
        if told in STATUS_IN:
            return STATUS_IN[told]
    return "scheduled"


def _organiser(event: Mapping[str, Any]) -> Contact:
    """The first organiser that has a name; actors that are only linked are not asked for theirs."""
    told = event.get("organizers")
    for collection in entries(told):
        page = collection.get("first")
        items = collection.get("items") or collection.get("orderedItems")
        if not items and isinstance(page, dict):
            items = page.get("items") or page.get("orderedItems")
        for one in entries(items):
            name = one_line(text_of(one.get("name")))
            if name:
                return Contact(name=name[:200], url=clean_url(text_of(one.get("url"))))
    for one in entries(event.get("attributedTo")):
        name = one_line(text_of(one.get("name")))
        if name:
            return Contact(name=name[:200], url=clean_url(text_of(one.get("url"))))
    return Contact()


def _pictures(event: Mapping[str, Any]) -> Iterator[MediaItem]:
    found = [*entries(event.get("image")), *entries(event.get("attachment"))]
    found.sort(key=lambda part: part.get("name") != "Banner")
    seen = set()
    for part in found:
        is_picture = part.get("type") == "Image" or (
            part.get("type") == "Document" and str(part.get("mediaType", "")).startswith("image/")
        )
        told = part.get("url")
        told = told[0] if isinstance(told, list) and told else told
        address = clean_url(text_of(told.get("href") if isinstance(told, dict) else told))
        if not is_picture or not address or address in seen:
            continue
        seen.add(address)
        name = one_line(text_of(part.get("summary")) or text_of(part.get("name")))
        yield MediaItem(
            url=address,
            licence=one_line(text_of(part.get("license")))[:200],
            credit=one_line(text_of(part.get("creditText")))[:300],
            alt={"": name} if name and name != "Banner" else {},
        )


def _extra(event: Mapping[str, Any], identifier: str) -> dict[str, Any]:
    """What linkage and credits need: the object's own names, and its rights."""
    same = [identifier, clean_url(text_of(event.get("url")))]
    extra: dict[str, Any] = {"same_as": list(dict.fromkeys(one for one in same if one))}
    for name in ("license", "creditText", "externalParticipationUrl"):
        if value := one_line(text_of(event.get(name)))[:500]:
            extra[name] = value
    return extra
