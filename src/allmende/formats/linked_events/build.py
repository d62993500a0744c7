"""One object of Linked Events -> one record."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from allmende.formats.linked_events.shape import gone, id_of, is_date_of, is_series, kind_of, super_id
from allmende.formats.objects import (
    Notes,
    Object,
    best_of,
    email_of,
    first_of,
    language_of,
    line_of,
    phone_of,
    point_of,
    short_key,
    text_of,
    texts_of,
    thing,
    things,
    truth_of,
    web_of,
    whole_of,
)
from allmende.formats.occasions import Occasion, occasion, schedule_of
from allmende.formats.records import Address, Contact, MediaItem, Price, ReadOptions, Record, Schedule
from allmende.formats.schema_org.dates import parse_when
from allmende.formats.schema_org.nodes import words
from allmende.formats.schema_org.where import country_code

_LANGUAGES: Final = ("fi", "sv", "en")
_STATUS: Final = {
    "EventCancelled": "cancelled",
    "EventPostponed": "postponed",
    "EventMovedOnline": "moved_online",
}
_AMOUNT: Final = re.compile(r"(?<![\d.,])(\d{1,5})(?:[.,](\d{1,2}))?(?![\d])")
_MAX_PRICE_TEXT: Final = 100
_DIVISION: Final = re.compile(r"/(?:kunta|municipality):([^/]+)$")


def record_of(key: str, value: Object, options: ReadOptions, note: Notes) -> Record:
    """Raises nothing for values of wrong types; they are left out."""
    dates = value.get("dates")
    if "event" in value and isinstance(dates, list):
        value = thing(value.get("event"))
    record = Record(kind_of(value) or options.kind, key, texts_of(value.get("name"), single_line=True))
    record.language = first_of(tag for tag in (options.language, *_LANGUAGES) if tag in record.name)
    wanted = (record.language, *_LANGUAGES)
    record.description = texts_of(value.get("description"))
    record.summary = texts_of(value.get("short_description"))
    record.url = _localised_url(value.get("info_url"), wanted)
    record.categories = _keywords(value.get("keywords"), wanted)
    record.media = [found for item in _images(value) if (found := _picture(item, wanted))]
    record.modified = _modified(value.get("last_modified_time"))
    record.extra["data_source"] = line_of(value.get("data_source"))
    if record.kind == "event":
        _event(record, value, dates if isinstance(dates, list) else [], wanted, options, note)
    else:
        _place(record, value, wanted, note)
    return record


def _localised(value: Any, wanted: tuple[str, ...]) -> str:
    return best_of(texts_of(value, single_line=True), *wanted)


def _localised_url(value: Any, wanted: tuple[str, ...]) -> str:
    found = {tag: url for tag, text in texts_of(value, single_line=True).items() if (url := web_of(text))}
    return best_of(found, *wanted)


def _keywords(value: Any, wanted: tuple[str, ...]) -> list[str]:
    return [_localised(item.get("name"), wanted) for item in things(value)]


def _images(value: Object) -> list[Object]:
    return [*things(value.get("images")), *things(value.get("image"))]


def _picture(item: Object, wanted: tuple[str, ...]) -> MediaItem | None:
    url = web_of(item.get("url"))
    if not url:
        return None
    return MediaItem(
        url,
        licence=web_of(item.get("license_url")) or line_of(item.get("license")),
        credit=line_of(item.get("photographer_name")),
        alt=texts_of(item.get("alt_text"), single_line=True, most=500),
    )


def _modified(value: Any) -> datetime | None:
    found = parse_when(text_of(value), "UTC")
    return found.replace(tzinfo=UTC) if isinstance(found, datetime) else None


# --- places


def _place(record: Record, value: Object, wanted: tuple[str, ...], note: Notes) -> None:
    record.address = _address(value, wanted)
    _point(record, value, note)
    record.contact = Contact(
        url=record.url,
        email=email_of(value.get("email")),
        phone=phone_of(_localised(value.get("telephone"), wanted)),
    )


def _address(place: Object, wanted: tuple[str, ...]) -> Address:
    address = Address(
        street=_localised(place.get("street_address"), wanted)[:255],
        postal_code=line_of(place.get("postal_code"), 20),
        locality=_localised(place.get("address_locality"), wanted)[:255],
        region=line_of(place.get("address_region")),
        country=country_code(line_of(place.get("address_country"), 60)),
    )
    if not address.locality:
        towns = [item for item in things(place.get("divisions")) if _DIVISION.search(text_of(item.get("ocd_id")))]
        address.locality = first_of(_localised(item.get("name"), wanted) for item in towns)[:255]
    return address


def _point(record: Record, place: Object, note: Notes) -> None:
    position = thing(place.get("position"))
    pair = position.get("coordinates")
    if isinstance(pair, list) and len(pair) >= 2:
        point = point_of(pair[0], pair[1], note)
        if point is not None:
            record.lon, record.lat = point


# --- events


def _event(
    record: Record, value: Object, dates: list[Any], wanted: tuple[str, ...], options: ReadOptions, note: Notes
) -> None:
    record.schedule = _schedule(value, dates, options.timezone, note)
    state = text_of(value.get("event_status")).rpartition("/")[2]
    record.status = _STATUS.get(state, "scheduled")
    record.extra["rescheduled"] = state == "EventRescheduled" or None
    _where(record, value, wanted, note)
    record.organiser = Contact(_localised(value.get("provider"), wanted)[:255])
    record.age_min = whole_of(value.get("audience_min_age"), 0, 120)
    record.age_max = whole_of(value.get("audience_max_age"), 0, 120)
    record.extra["audience"] = [name for name in _keywords(value.get("audience"), wanted) if name]
    _offers(record, value, wanted)
    _languages(record, value, wanted)
    if whole := super_id(value):
        record.extra["part_of_key"] = line_of(whole)
        record.extra["part_of"] = _localised(thing(value.get("super_event")).get("name"), wanted)
    links = [web_of(item.get("link")) for item in things(value.get("external_links"))]
    record.extra["same_as"] = [link for link in links if link]
    record.extra["publisher"] = line_of(value.get("publisher"))


def _schedule(value: Object, dates: list[Any], timezone: str, note: Notes) -> Schedule | None:
    if not is_series(value):
        one = _occasion(value, timezone, note)
        return schedule_of([one] if one else [], timezone, note)
    parts = [item for item in dates if isinstance(item, dict) and is_date_of(item, value) and not gone(item)]
    found = [one for item in parts if (one := _occasion(item, timezone, note))]
    if not found:
        # From the first date to the last is no event: the source tells only that some days lie between.
        note("no-dates-of-series", "The dates of the series are not in the delivery; only its first one was taken.")
        first = occasion(value.get("start_time"), None, timezone, note)
        found = [first] if first else []
    return schedule_of(found, timezone, note)


def _occasion(item: Object, timezone: str, note: Notes) -> Occasion | None:
    """One date.  A midnight in the zone of the source as the end of a whole day is the day before it."""
    start, end = item.get("start_time"), item.get("end_time")
    cancelled = text_of(item.get("event_status")).endswith("EventCancelled")
    found = occasion(start, end, timezone, note, cancelled=cancelled)
    if found is None or isinstance(found.start, datetime) or not isinstance(found.end, date):
        return found
    is_moment = isinstance(end, str) and len(end.strip()) > 10
    if is_moment and isinstance(start, str) and len(start.strip()) == 10 and found.end > found.start:
        moment = parse_when(str(end), timezone)
        if isinstance(moment, datetime) and (moment.hour, moment.minute) == (0, 0):
            return found._replace(end=found.end - timedelta(days=1))
    return found


def _where(record: Record, value: Object, wanted: tuple[str, ...], note: Notes) -> None:
    place = thing(value.get("location"))
    record.place_key = short_key(id_of(place)) if place else ""
    record.place_name = _localised(place.get("name"), wanted)[:255]
    record.address = _address(place, wanted)
    _point(record, place, note)
    more = texts_of(value.get("location_extra_info"), single_line=True)
    record.extra["location_extra"] = best_of(more, *wanted)
    if not record.place_name and not record.place_key:
        record.place_name = best_of(more, *wanted)[:255]
    if record.place_key.endswith(":internet"):
        record.online_url = _localised_url(value.get("virtual_public_url"), wanted) or record.url
        record.place_key = ""


def _offers(record: Record, value: Object, wanted: tuple[str, ...]) -> None:
    for item in things(value.get("offers"))[:50]:
        record.extra["ticket_url"] = record.extra.get("ticket_url") or _localised_url(item.get("info_url"), wanted)
        label = texts_of(item.get("description"), single_line=True, most=200)
        if truth_of(item.get("is_free")):
            record.prices.append(Price(Decimal(0), Decimal(0), label=label))
            continue
        text = _localised(item.get("price"), wanted)
        amounts = [Decimal(f"{whole}.{cents or 0}") for whole, cents in _AMOUNT.findall(text)]
        if amounts and len(text) <= _MAX_PRICE_TEXT:
            record.prices.append(Price(min(amounts), max(amounts), label=label))
        for tag, inner in texts_of(item.get("price"), single_line=True).items():
            record.price_text.setdefault(tag, inner[:500])


def _languages(record: Record, value: Object, wanted: tuple[str, ...]) -> None:
    found = []
    for item in things(value.get("in_language")):
        tag = language_of(id_of(item)) or language_of(item.get("code"))
        found.append(tag or first_of(words(_localised(item.get("name"), wanted))))
    record.extra["languages"] = [tag for tag in found if tag]
