"""A whole catalogue as one JSON-LD document: an ``@graph`` of events, places and offers, written as a stream.

``url`` and ``@id`` are the page here, so that two events of one web site stay two; the source's page is in ``sameAs``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from allmende.formats.outgoing import FeedInfo, Published, first_text
from allmende.formats.records import MediaItem, Override, Price, Record, Schedule, Texts
from allmende.formats.schema_org import writer
from allmende.formats.schema_org.details import VOCABULARY
from allmende.formats.schema_org.repeats import expand
from allmende.formats.schema_org.types import type_for
from allmende.formats.schema_org.values import Event, Offer, Organisation, Picture, Place, PostalAddress, PriceRange

Moment = date | datetime
Span = tuple[Moment, Moment | None]
MOST_DATES: Final = 750
"""Dates that are written out where schema.org cannot say the rule: two years of days."""


def write_jsonld(entries: Iterable[Published], info: FeedInfo) -> Iterator[bytes]:
    """The document, a node on each line."""
    yield b'{"@context":"https://schema.org","@graph":[\n'
    between = b""
    for entry in entries:
        yield between + orjson.dumps(node_of(entry))
        between = b",\n"
    yield b"\n]}\n"


def node_of(entry: Published) -> dict[str, Any]:
    """One record as a node, with licence and credit."""
    record = entry.record
    if record.kind == "event" and record.schedule is not None:
        node = _event(entry, record.schedule)
    elif record.kind == "place":
        node = _place(entry)
    else:
        node = _offer(entry)
    node.pop("@context", None)
    node["name"] = _by_language(record.name, record.language)
    texts = {"description": record.description, "disambiguatingDescription": record.summary}
    node |= {name: _by_language(text, record.language) for name, text in texts.items() if text}
    node["inLanguage"] = record.language
    node["keywords"] = _terms(entry)
    if record.url:
        node["sameAs"] = [record.url]
    contact = {"name": record.contact.name, "email": record.contact.email, "telephone": record.contact.phone}
    if any(contact.values()):
        node["contactPoint"] = {"@type": "ContactPoint", **{key: text for key, text in contact.items() if text}}
    _translate_labels(node.get("offers"), record)
    node["dateModified"] = (record.modified or entry.updated).isoformat(timespec="seconds")
    node["license"] = entry.licence_url or entry.licence
    node["creditText"] = entry.credit
    return {name: value for name, value in node.items() if value not in (None, "", [], {})}


def _by_language(texts: Texts, original: str) -> Any:
    """One text in the record's language as it is, several or others each with theirs; the original first."""
    if list(texts) == [original]:
        return texts[original]
    ordered = sorted(texts, key=lambda language: language != original)
    return [{"@language": language, "@value": texts[language]} for language in ordered if texts[language]]


def _translate_labels(offers: Any, record: Record) -> None:
    if not isinstance(offers, list) or len(offers) != len(record.prices):
        return
    for node, price in zip(offers, record.prices, strict=True):
        if price.label and list(price.label) not in ([""], [record.language]):
            node["name"] = _by_language(price.label, record.language)


# --- kinds


def _event(entry: Published, schedule: Schedule) -> dict[str, Any]:
    record = entry.record
    dates, rrule = _dates(schedule)
    event = Event(
        name=first_text(record.name, record.language),
        start=schedule.start,
        end=schedule.end,
        timezone=schedule.timezone or "UTC",
        url=entry.page,
        id=entry.page,
        type=_type(record),
        status=record.status,
        online_url=record.online_url,
        place=_where(entry),
        organiser=Organisation(record.organiser.name) if record.organiser.name else None,
        pictures=_pictures(record.media),
        prices=_prices(record.prices),
        rrule=rrule,
        exdates=(*schedule.exdates, *(change.recurrence_id for change in schedule.overrides if change.cancelled)),
        audience=tuple(record.audience),
        age_min=record.age_min,
        age_max=record.age_max,
    )
    node = writer.event_jsonld(event)
    node["amenityFeature"] = writer.place_jsonld(Place("", access=record.accessibility)).get("amenityFeature")
    if len(dates) > 1:
        cancelled = {change.recurrence_id for change in schedule.overrides if change.cancelled}
        node["subEvent"] = [_sub_event(event, span, is_off=span[0] in cancelled) for span in dates]
    _say_length(node, schedule)
    return node


def _dates(schedule: Schedule) -> tuple[list[Span], str]:
    """All dates where they are to be named one by one, else the rule."""
    if not schedule.rrule:
        length = _length(schedule)
        further = [(start, start + length if length is not None else None) for start in schedule.rdates]
        return _moved([(schedule.start, schedule.end), *further, *schedule.dates], schedule.overrides), ""
    probe = writer.event_jsonld(
        Event("", schedule.start, schedule.end, schedule.timezone or "UTC", rrule=schedule.rrule)
    )
    if "eventSchedule" in probe:
        return [], schedule.rrule
    length = _length(schedule)
    off = set(schedule.exdates)
    starts = [start for start in expand(schedule.rrule, schedule.start, MOST_DATES) if start not in off]
    spans: list[Span] = [(start, start + length if length is not None else None) for start in starts]
    return _moved([*spans, *schedule.dates], schedule.overrides), ""


def _moved(spans: list[Span], changes: Sequence[Override]) -> list[Span]:
    """The dates at the times to which they were moved."""
    moved = {change.recurrence_id: change for change in changes if change.start is not None and not change.cancelled}
    found: list[Span] = []
    for start, end in spans:
        change = moved.get(start)
        found.append((start, end) if change is None or change.start is None else (change.start, change.end))
    return found


def _length(schedule: Schedule) -> timedelta | None:
    start, end = schedule.start, schedule.end
    if end is None or isinstance(start, datetime) != isinstance(end, datetime):
        return None
    return end - start


def _sub_event(event: Event, span: Span, *, is_off: bool) -> dict[str, Any]:
    part = replace(event, start=span[0], end=span[1], rrule="", status="cancelled" if is_off else "scheduled")
    whole = writer.event_jsonld(part)
    kept = {name: whole[name] for name in ("@type", "name", "startDate", "endDate") if name in whole}
    return kept | ({"eventStatus": whole["eventStatus"]} if is_off else {})


def _say_length(node: dict[str, Any], schedule: Schedule) -> None:
    """What lasts longer than a day says so: an end of day would be taken for the end of the series."""
    length = _length(schedule)
    if "eventSchedule" not in node or length is None:
        return
    is_timed = isinstance(schedule.start, datetime)
    if not is_timed and length:
        node["eventSchedule"]["duration"] = f"P{length.days + 1}D"
    elif is_timed and "endTime" not in node["eventSchedule"]:
        node["eventSchedule"]["duration"] = f"PT{int(length.total_seconds()) // 60}M"
    node.pop("endDate", None)


def _place(entry: Published) -> dict[str, Any]:
    record = entry.record
    return _with_hours_in_words(
        writer.place_jsonld(
            Place(
                name=first_text(record.name, record.language),
                url=entry.page,
                id=entry.page,
                type=_type(record),
                address=_address(record),
                lon=record.lon,
                lat=record.lat,
                pictures=_pictures(record.media),
                hours=record.hours,
                access=record.accessibility,
                prices=_prices(record.prices),
            )
        ),
        record,
    )


def _offer(entry: Published) -> dict[str, Any]:
    record = entry.record
    node = writer.offer_jsonld(
        Offer(
            name=first_text(record.name, record.language),
            url=entry.page,
            id=entry.page,
            type=_type(record),
            provider=Organisation(record.organiser.name) if record.organiser.name else None,
            place=_where(entry),
            pictures=_pictures(record.media),
            prices=_prices(record.prices),
            hours=record.hours,
        )
    )
    return _with_hours_in_words(node, record)


def _with_hours_in_words(node: dict[str, Any], record: Record) -> dict[str, Any]:
    words = first_text(record.hours_text, record.language)
    return node | ({"openingHours": words} if words and not record.hours else {})


# --- parts


def _type(record: Record) -> str:
    return type_for(record.kind, str(record.extra.get("schema_type", "")))


def _terms(entry: Published) -> list[dict[str, str]]:
    """Categories as terms of the vocabulary here, so that a reader need not guess them from types and words."""
    vocabulary = urlsplit(entry.page)._replace(path=VOCABULARY, query="", fragment="").geturl()
    return [
        {"@type": "DefinedTerm", "termCode": key, "inDefinedTermSet": vocabulary} for key in entry.record.categories
    ]


def _address(record: Record) -> PostalAddress:
    address = record.address
    return PostalAddress(address.street, address.postal_code, address.locality, country=address.country)


def _where(entry: Published) -> Place | None:
    record = entry.record
    address = _address(record)
    if not record.place_name and record.lat is None and address == PostalAddress():
        return None
    page = entry.place_page
    return Place(record.place_name, page, page, address=address, lon=record.lon, lat=record.lat)


def _pictures(media: Iterable[MediaItem]) -> tuple[Picture, ...]:
    return tuple(
        Picture(item.url, item.licence, item.credit, next(iter(item.alt.values()), ""), item.width, item.height)
        for item in media
    )


def _prices(prices: Iterable[Price]) -> tuple[PriceRange, ...]:
    return tuple(
        PriceRange(price.minimum, price.maximum, price.currency, _label(price.label))
        for price in prices
        if price.minimum is not None or price.maximum is not None
    )


def _label(label: Mapping[str, str]) -> str:
    return next(iter(label.values()), "")
