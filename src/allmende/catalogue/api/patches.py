"""Changes to one record as a program sends them, and how they become columns.

What is left out stays.  Every field that is sent is held by this edit: a later import keeps it and shows the difference.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from pydantic import Field, StringConstraints

from allmende.catalogue import vocabulary
from allmende.catalogue.bridges.schedule import rule_fault
from allmende.core.api.problems import Fault, Refused
from allmende.core.api.schemas import Strict
from allmende.core.text import fingerprint, followed, original_text

Columns = Mapping[str, Any]
LONGEST = {"name": 300, "summary": 1000, "description": 20_000, "price_text": 1000, "hours_text": 2000}
_NO_CONTROL = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"
CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
MOMENT = r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?$"
Code = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]


def _line(longest: int) -> Any:
    return Annotated[str, StringConstraints(max_length=longest, pattern=_NO_CONTROL, strip_whitespace=True)]


Written = Annotated[str, StringConstraints(max_length=20_000, pattern=_NO_CONTROL, strip_whitespace=True)]
Texts = Written | dict[Code, Written]
"""A text in the record's own language, or by language; an empty one takes that language away."""


class PricePatch(Strict):
    """One price; amounts are decimal texts or numbers."""

    min: Decimal | None = Field(None, ge=0, le=1_000_000)
    max: Decimal | None = Field(None, ge=0, le=1_000_000)
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "EUR"
    label: _line(120) = ""  # type: ignore[valid-type]


class AddressPatch(Strict):
    """A postal address, as a whole; the municipality follows from the point or the address."""

    street: _line(300) = ""  # type: ignore[valid-type]
    postal_code: _line(20) = ""  # type: ignore[valid-type]
    locality: _line(120) = ""  # type: ignore[valid-type]
    country: _line(60) = ""  # type: ignore[valid-type]


class PointPatch(Strict):
    """A point in degrees (EPSG:4326)."""

    lon: float = Field(ge=-180, le=180)
    lat: float = Field(ge=-90, le=90)


class ContactPatch(Strict):
    """Whom to ask, as a whole."""

    name: _line(200) = ""  # type: ignore[valid-type]
    email: _line(254) = ""  # type: ignore[valid-type]
    phone: _line(100) = ""  # type: ignore[valid-type]


class DatesPatch(Strict):
    """A further date."""

    start: Annotated[str, StringConstraints(pattern=MOMENT)]
    end: Annotated[str, StringConstraints(pattern=MOMENT)] | None = None


class SchedulePatch(Strict):
    """When an event takes place, as a whole: all dates, or all local times without offset."""

    start: Annotated[str, StringConstraints(pattern=MOMENT)]
    end: Annotated[str, StringConstraints(pattern=MOMENT)] | None = None
    timezone: str | None = Field(None, max_length=60, description="IANA name; without it, as it was.")
    rrule: Annotated[str, StringConstraints(max_length=500, pattern=r"^[A-Z0-9=;,+-]*$")] | None = None
    exdates: list[Annotated[str, StringConstraints(pattern=MOMENT)]] = Field([], max_length=500)
    rdates: list[Annotated[str, StringConstraints(pattern=MOMENT)]] = Field([], max_length=500)
    dates: list[DatesPatch] = Field([], max_length=500)


class HoursPatch(Strict):
    """A line of opening hours; both times empty: closed."""

    days: list[Annotated[int, Field(ge=0, le=7)]] = Field(min_length=1, max_length=8)
    opens: Annotated[str, StringConstraints(pattern=CLOCK)] | Literal[""] = ""
    closes: Annotated[str, StringConstraints(pattern=CLOCK)] | Literal[""] = ""
    valid_from: date | None = None
    valid_through: date | None = None
    every_year: bool = False


class RecordPatch(Strict):
    """What can be changed in every kind of record."""

    name: Texts | None = None
    summary: Texts | None = None
    description: Texts | None = None
    categories: list[str] | None = Field(None, min_length=1, max_length=6)
    audience: list[str] | None = Field(None, max_length=20)
    age_min: int | None = Field(None, ge=0, le=120)
    age_max: int | None = Field(None, ge=0, le=120)
    accessibility: dict[str, Literal["yes", "no", "partly"]] | None = None
    prices: list[PricePatch] | None = Field(None, max_length=20)
    price_text: Texts | None = None
    address: AddressPatch | None = None
    point: PointPatch | None = None
    url: _line(1000) | None = None  # type: ignore[valid-type]
    contact: ContactPatch | None = None
    state: Literal["published", "withdrawn"] | None = Field(None, description="Put on the public pages, or take off.")


class EventPatch(RecordPatch):
    """Changes to an event."""

    status: Literal["scheduled", "cancelled", "postponed", "moved_online", "sold_out"] | None = None
    schedule: SchedulePatch | None = None
    place_name: _line(300) | None = None  # type: ignore[valid-type]
    organiser_name: _line(200) | None = None  # type: ignore[valid-type]


class PlacePatch(RecordPatch):
    """Changes to a place."""

    hours: list[HoursPatch] | None = Field(None, max_length=40)
    hours_text: Texts | None = None


class OfferPatch(PlacePatch):
    """Changes to an offer."""


class _Wrong(Exception):
    def __init__(self, where: str, message: str) -> None:
        super().__init__(message)
        self.fault = Fault(f"body.{where}", message)


def _texts(name: str, told: str | dict[str, str], before: Columns, language: str) -> dict[str, Any]:
    """A translated value; a text that was sent is no machine's any more."""
    stored: Mapping[str, Any] = before[name]
    texts = dict(stored.get("texts", {}))
    original = str(stored.get("original") or language)
    sent = {original: told} if isinstance(told, str) else told
    for code, text in sent.items():
        if len(text) > LONGEST[name]:
            raise _Wrong(name, f"Please write at most {LONGEST[name]} characters.")
        if text:
            texts[code] = text
        else:
            texts.pop(code, None)
    if name == "name" and not texts.get(original):
        raise _Wrong(name, f"A record needs a name in its own language ({original}).")
    if not texts:
        return {}
    value: dict[str, Any] = {"original": original if original in texts else next(iter(texts)), "texts": texts}
    machine = [code for code in stored.get("machine", ()) if code in texts and code not in sent]
    if machine:
        value["machine"] = machine
    now = fingerprint(original_text(value))  # what is sent is meant for the original as it stands now
    if now != fingerprint(original_text(stored)) or stored.get("of"):
        value["of"] = {code: now for code in sent if code in texts and code != value["original"]}
    return followed(stored, value)


def _prices(told: list[PricePatch], language: str) -> list[dict[str, Any]]:
    found = []
    for number, price in enumerate(told):
        low, high = price.min, price.max
        if low is not None and high is not None and low > high:
            raise _Wrong(f"prices.{number}.max", "The highest price is below the lowest.")
        low, high = (high if low is None else low), (low if high is None else high)
        label = {language: price.label} if price.label else {}
        found.append(
            {
                "min": None if low is None else _plain(low),
                "max": None if high is None else _plain(high),
                "currency": price.currency,
                "label": label,
            }
        )
    return found


def _plain(amount: Decimal) -> str:
    try:
        return f"{amount:f}"
    except (InvalidOperation, ValueError) as error:
        raise _Wrong("prices", "An amount is no plain number.") from error


def _moment(where: str, text: str) -> date | datetime:
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError as error:
        raise _Wrong(where, f"{text} is no date or local time.") from error


def _schedule(told: SchedulePatch, before: Columns) -> dict[str, Any]:
    zone = told.timezone or before["timezone"]
    if zone not in available_timezones():
        raise _Wrong("schedule.timezone", "There is no such time zone. Write one such as Europe/Paris.")
    start = _moment("schedule.start", told.start)
    pairs = [("schedule.end", told.end)]
    pairs += [(f"schedule.exdates.{n}", text) for n, text in enumerate(told.exdates)]
    pairs += [(f"schedule.rdates.{n}", text) for n, text in enumerate(told.rdates)]
    for n, further in enumerate(told.dates):
        pairs += [(f"schedule.dates.{n}.start", further.start), (f"schedule.dates.{n}.end", further.end)]
    known = {where: _moment(where, text) for where, text in pairs if text}
    for where, at in [("schedule.start", start), *known.items()]:
        if isinstance(at, datetime) != isinstance(start, datetime):
            raise _Wrong(where, "Write all as dates, or all as local times.")
        if not 1900 <= at.year <= 2199:
            raise _Wrong(where, "Years lie between 1900 and 2199.")
    for where, first, last in [
        ("schedule.end", start, known.get("schedule.end")),
        *(
            (f"schedule.dates.{n}.end", known[f"schedule.dates.{n}.start"], known.get(f"schedule.dates.{n}.end"))
            for n in range(len(told.dates))
        ),
    ]:
        if last is not None and last < first:
            raise _Wrong(where, "It ends before it starts.")

    def text(where: str) -> str | None:
        return known[where].isoformat() if where in known else None

    value: dict[str, Any] = {"start": start.isoformat(), "end": text("schedule.end")}
    if told.rrule:
        value["rrule"] = told.rrule
    for name, count in (("exdates", len(told.exdates)), ("rdates", len(told.rdates))):
        if count:
            value[name] = [text(f"schedule.{name}.{n}") for n in range(count)]
    if told.dates:
        value["dates"] = [
            [text(f"schedule.dates.{n}.start"), text(f"schedule.dates.{n}.end")] for n in range(len(told.dates))
        ]
    if before["schedule"].get("overrides") and value["start"] == before["schedule"]["start"]:
        value["overrides"] = before["schedule"]["overrides"]
    fault = rule_fault(value, zone)
    if fault:
        raise _Wrong("schedule.rrule", fault)
    return {"schedule": value, "timezone": zone}


def _hours(told: list[HoursPatch]) -> list[dict[str, Any]]:
    lines = []
    for number, line in enumerate(told):
        if bool(line.opens) != bool(line.closes):
            raise _Wrong(f"hours.{number}", "Write both times; leave both empty for closed.")
        if line.every_year and not (line.valid_from and line.valid_through):
            raise _Wrong(f"hours.{number}", "A season that comes every year needs its first and its last day.")
        if line.valid_from and line.valid_through and line.valid_through < line.valid_from and not line.every_year:
            raise _Wrong(f"hours.{number}.valid_through", "The season ends before it starts.")
        lines.append(
            {
                "days": sorted(set(line.days)),
                "opens": line.opens,
                "closes": line.closes,
                "valid_from": line.valid_from.isoformat() if line.valid_from else None,
                "valid_through": line.valid_through.isoformat() if line.valid_through else None,
                "every_year": line.every_year,
            }
        )
    return lines


def _web_address(text: str) -> str:
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        is_sound = (
            parts.scheme in {"http", "https"} and "." in (parts.hostname or "") and not re.search(r"[\s<>\"]", text)
        )
    except ValueError:
        is_sound = False
    if not is_sound:
        raise _Wrong("url", "Write a web address such as https://example.org/concert.")
    return text


def _contact(told: ContactPatch) -> dict[str, Any]:
    if told.email:
        try:
            validate_email(told.email)
        except ValidationError as error:
            raise _Wrong("contact.email", "This is not a complete e-mail address, such as anna@example.org.") from error
    return {"contact_name": told.name, "email": told.email, "phone": told.phone}


def _known(name: str, values: list[str] | dict[str, Any], known: set[str]) -> None:
    unknown = [value for value in values if value not in known]
    if unknown:
        raise _Wrong(name, f"There is no {unknown[0][:40]!r}; see /vocabulary.json.")


def _facts(told: RecordPatch, sent: set[str], before: Columns) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    if told.categories is not None:
        _known("categories", told.categories, {entry.key for entry in vocabulary.categories()})
        columns["categories"] = list(dict.fromkeys(told.categories))
    if told.audience is not None:
        _known("audience", told.audience, {entry.key for entry in vocabulary.audiences()})
        columns["audience"] = list(dict.fromkeys(told.audience))
    for name in ("age_min", "age_max"):
        if name in sent:
            columns[name] = getattr(told, name)
    low, high = columns.get("age_min", before["age_min"]), columns.get("age_max", before["age_max"])
    if low is not None and high is not None and low > high:
        raise _Wrong("age_max", "The oldest age is below the youngest.")
    if told.accessibility is not None:
        _known("accessibility", told.accessibility, {fact.key for fact in vocabulary.access_facts()})
        columns["accessibility"] = dict(told.accessibility)
    return columns


def columns_of_patch(told: RecordPatch, before: Columns) -> dict[str, Any]:
    """The columns that a patch changes; raises :class:`Refused` (422) naming what makes no sense.

    ``before``: the stored columns of the record.
    """
    language = str(before["language"])
    sent = told.model_fields_set - {"state"}
    try:
        columns = _facts(told, set(sent), before)
        for name in LONGEST:
            value = getattr(told, name, None)
            if value is not None:
                columns[name] = _texts(name, value, before, language)
        if told.prices is not None:
            columns["prices"] = _prices(told.prices, language)
        if told.address is not None:
            columns.update(told.address.model_dump())
        if "point" in sent:
            columns.update({"lon": told.point.lon, "lat": told.point.lat} if told.point else {"lon": None, "lat": None})
        if told.url is not None:
            columns["url"] = _web_address(told.url)
        if told.contact is not None:
            columns.update(_contact(told.contact))
        columns.update(_of_kind(told, before))
    except _Wrong as error:
        raise Refused(422, "The change makes no sense; nothing was changed.", faults=[error.fault]) from error
    return columns


def _of_kind(told: RecordPatch, before: Columns) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    if isinstance(told, EventPatch):
        if told.schedule is not None:
            columns.update(_schedule(told.schedule, before))
        for name in ("status", "place_name", "organiser_name"):
            if getattr(told, name) is not None:
                columns[name] = getattr(told, name)
    elif isinstance(told, PlacePatch) and told.hours is not None:
        columns["hours"] = _hours(told.hours)
    return columns
