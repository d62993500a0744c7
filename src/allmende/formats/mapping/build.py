"""From a record as delivered to a record understood."""

from __future__ import annotations

import json
import math
from typing import Any, Final

import orjson

from allmende.formats.geometry import middle_of
from allmende.formats.mapping.details import hours_of, media_of, price_in_words, prices_of
from allmende.formats.mapping.plan import Plan, plan_for
from allmende.formats.mapping.schedule import schedule_of
from allmende.formats.mapping.values import Sheet, as_pair, as_text, yes_no
from allmende.formats.opening_hours import parse_opening_hours
from allmende.formats.records import (
    ACCESS_FACTS,
    AccessState,
    Address,
    Contact,
    Parsed,
    Problem,
    RawRecord,
    ReadOptions,
    Record,
    UnusableInput,
)
from allmende.formats.text import strip_control
from allmende.formats.words import AUDIENCES, STATUSES, fold

_MAX_EXTRA: Final = 20_000
_STATES: Final[dict[str, AccessState]] = {"yes": "yes", "no": "no", "partly": "partly"}


def parse_with_mapping(raw: RawRecord, options: ReadOptions) -> Parsed:
    """Understand one raw record, a JSON object, by the mapping of ``options``; never raises for bad input."""
    try:
        plan = plan_for(options)
        value = _load(raw.raw)
        if type(value) is not dict:
            return _refused(raw, "This is no object with named values; set “records” in the mapping.", "not-an-object")
        return _build(plan, value, raw, options)
    except UnusableInput as unusable:
        return _refused(raw, str(unusable)[:300], "bad-mapping")
    except RecursionError:
        return _refused(raw, "This record nests too deep. Deliver it flatter.", "too-deep")
    except ValueError as error:
        return _refused(raw, f"The record cannot be read ({str(error)[:80]}).", "bad-json")


def _build(plan: Plan, value: dict[str, Any], raw: RawRecord, options: ReadOptions) -> Parsed:
    sheet = Sheet(plan, value, raw.where, options.timezone)
    got = sheet.got
    kind = plan.kind_of(value) if plan.kind_of else plan.kind or options.kind
    name = sheet.texts("name", single=True)
    if not name:
        sheet.error("name", "The title is missing; every record needs one.", "no-title")
    schedule = schedule_of(sheet) if kind == "event" else None
    lat, lon = _position(sheet, value)
    if not name or (kind == "event" and schedule is None) or any(p.severity == "error" for p in sheet.problems):
        return Parsed(None, _with_key(sheet.problems, raw.key))
    record = Record(
        kind=kind,
        key=raw.key,
        name=name,
        language=sheet.language,
        summary=sheet.texts("summary"),
        description=sheet.texts("description"),
        url=sheet.url("url"),
        categories=sheet.items("categories"),
        lon=lon,
        lat=lat,
        address=_address(sheet),
        place_name=sheet.line("place_name"),
        place_key=sheet.line("place_key"),
        schedule=schedule,
    )
    _add_contacts(record, sheet)
    _add_facts(record, sheet)
    if "prices" in got or "price" in got or "price_min" in got or "price_max" in got or "free" in got:
        record.prices = prices_of(sheet)
    if "price_text" in got or "price" in got:
        record.price_text = price_in_words(sheet)
    if "hours" in got:
        record.hours = hours_of(sheet)
    if "hours_text" in got:
        _add_hours_in_words(record, sheet, options.language)
    if "image" in got or "images" in got:
        record.media = media_of(sheet)
    if "extra" in got:
        record.extra = _extra(sheet)
    return Parsed(record, _with_key(sheet.problems, raw.key))


def _load(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        # Half surrogate pairs and line breaks within texts are common in exports and harmless after cleaning.
        return json.loads(raw.decode("utf-8", "replace"), strict=False)


def _refused(raw: RawRecord, message: str, code: str) -> Parsed:
    return Parsed(None, [Problem(raw.where, message, code, key=raw.key)])


def _with_key(problems: list[Problem], key: str) -> list[Problem]:
    return [Problem(p.where, p.message, p.code, p.severity, key) for p in problems]


def _address(sheet: Sheet) -> Address:
    address = Address(country=sheet.country())
    address.street = sheet.line("street")
    address.locality = sheet.line("locality")
    address.region = sheet.line("region")
    address.postal_code = sheet.code("postal_code", address.country)
    address.municipality_code = sheet.code("municipality_code", address.country)
    return address


def _position(sheet: Sheet, value: dict[str, Any]) -> tuple[float | None, float | None]:
    """Latitude and longitude; what lies outside the world is an error that names the remedy."""
    got = sheet.got
    pair: tuple[float, float] | None = None
    field = "lat"
    if "lat" in got or "lon" in got:
        lat, lon = sheet.number("lat"), sheet.number("lon")
        pair = None if lat is None or lon is None else (lat, lon)
    if pair is None and "point" in got:
        field, pair = "point", as_pair(got["point"])
    if pair is None:
        field, pair = "geometry", _middle(got.get("geometry") or value.get("geometry"))
    if pair is None:
        _note_unread(sheet)
        return None, None
    return _checked(sheet, field, *pair)


def _middle(geometry: Any) -> tuple[float, float] | None:
    return middle_of(geometry) if type(geometry) is dict else None


def _note_unread(sheet: Sheet) -> None:
    for field in ("lat", "point"):
        if as_text(sheet.got.get(field)).strip(" -"):
            sheet.note(field, "The position could not be understood; it was left out.", "bad-position")
            return


def _checked(sheet: Sheet, field: str, lat: float, lon: float) -> tuple[float | None, float | None]:
    if lat == 0 and lon == 0:
        sheet.note(field, "The position is 0, 0, which stands for none; it was left out.", "no-position")
        return None, None
    if -90 <= lat <= 90 and -180 <= lon <= 180:
        return lat, lon
    if -180 <= lat <= 180 and -90 <= lon <= 90:
        sheet.error(field, f"Latitude {lat:g} cannot be; it looks swapped with the longitude.", "swapped-position")
    else:
        sheet.error(
            field,
            f"The position {lat:g}, {lon:g} is not in degrees. Deliver WGS 84 (EPSG:4326), longitude and latitude.",
            "bad-position",
        )
    return None, None


def _add_contacts(record: Record, sheet: Sheet) -> None:
    got = sheet.got
    if "phone" in got or "email" in got or "contact_name" in got or "contact_url" in got:
        record.contact = Contact(
            sheet.line("contact_name"), sheet.url("contact_url"), sheet.email("email"), sheet.line("phone")
        )
    if "organiser_name" in got or "organiser_url" in got or "organiser_email" in got or "organiser_phone" in got:
        record.organiser = Contact(
            sheet.line("organiser_name"),
            sheet.url("organiser_url"),
            sheet.email("organiser_email"),
            sheet.line("organiser_phone"),
        )
    if "online_url" in got:
        record.online_url = sheet.url("online_url")


def _add_facts(record: Record, sheet: Sheet) -> None:
    got = sheet.got
    if "audience" in got:
        words = (AUDIENCES.get(fold(item)) for item in sheet.items("audience"))
        record.audience = list(dict.fromkeys(word for word in words if word))
    if "age_min" in got or "age_max" in got:
        record.age_min, record.age_max = sheet.whole("age_min", 120), sheet.whole("age_max", 120)
    if "status" in got:
        record.status = STATUSES.get(fold(sheet.line("status")), "scheduled")
    if "accessibility" in got:
        record.accessibility = _accessibility(got["accessibility"])
    if "modified" in got:
        record.modified = sheet.moment("modified")
    if "machine_translated" in got:
        languages = {item for item in sheet.items("machine_translated") if item != record.language}
        record.machine_translated = tuple(sorted(languages))


def _add_hours_in_words(record: Record, sheet: Sheet, language: str) -> None:
    """Hours in words: understood for places, where all words are; kept as words otherwise."""
    texts = sheet.texts("hours_text")
    if record.kind != "event" and not record.hours:
        for tongue, text in texts.items():
            understood = parse_opening_hours(text, tongue or language)
            if understood:
                record.hours = understood
                return
    record.hours_text = texts


def _accessibility(delivered: Any) -> dict[str, AccessState]:
    facts: dict[str, AccessState] = {}
    if not isinstance(delivered, dict):
        return facts
    for fact in ACCESS_FACTS:
        state = _STATES.get(yes_no(delivered[fact])) if fact in delivered else None
        if state:
            facts[fact] = state
    return facts


def _extra(sheet: Sheet) -> dict[str, Any]:
    extra = sheet.got["extra"]
    if not isinstance(extra, dict):
        return {}
    cleaned = {strip_control(name)[:100]: _json_value(item) for name, item in extra.items()}
    small = {name: item for name, item in cleaned.items() if len(orjson.dumps(item)) <= _MAX_EXTRA}
    if len(small) < len(extra):
        sheet.note("extra", "Some further values were too long; they were left out.", "long-extra")
    return small


def _json_value(value: Any) -> Any:
    """A value that any database keeps: no hidden characters, no number that JSON cannot write."""
    if isinstance(value, str):
        return strip_control(value)
    if isinstance(value, list):
        return [_json_value(item) for item in value]
    if isinstance(value, dict):
        return {strip_control(str(name)): _json_value(item) for name, item in value.items()}
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value) if isinstance(value, int) and abs(value) >= 1 << 63 else value
