"""One object of the UiTdatabank -> one record."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from allmende.formats.objects import (
    Notes,
    Object,
    best_of,
    email_of,
    first_of,
    language_of,
    line_of,
    lines_of,
    number_of,
    phone_of,
    point_of,
    text_of,
    texts_of,
    thing,
    things,
    web_of,
)
from allmende.formats.records import Address, Contact, MediaItem, Price, ReadOptions, Record
from allmende.formats.schema_org.access import read_access
from allmende.formats.schema_org.dates import parse_when, zone
from allmende.formats.schema_org.details import parse_ages
from allmende.formats.schema_org.where import country_code
from allmende.formats.uitdatabank.calendar import read_calendar, read_hours
from allmende.formats.uitdatabank.shape import key_of, kind_of

TIMEZONE: Final = "Europe/Brussels"
_DOMAINS: Final = ("eventtype", "theme", "facility")
"""Kinds of terms that say what something is; the others name regions."""
_EVERYWHERE: Final = ("offline", "")


def record_of(key: str, value: Object, options: ReadOptions, note: Notes) -> Record:
    """Raises nothing for values of wrong types; they are left out."""
    main = language_of(value.get("mainLanguage")) or "nl"
    record = Record(kind_of(value) or options.kind, key, _texts(value.get("name"), main, single_line=True))
    record.language = main if main in record.name else next(iter(record.name), "")
    record.description = _texts(value.get("description"), main)
    record.contact = _contact(value)
    same = [url for item in _list(value.get("sameAs")) if (url := web_of(item))]
    see = [url for item in _list(value.get("seeAlso")) if (url := web_of(item))]
    record.url = first_of((*see, record.contact.url, *same))
    _terms(record, value)
    _audience(record, value)
    record.media = _media(value, main)
    record.prices = _prices(value, main)
    record.modified = _modified(value)
    _extra(record, value, same)
    if record.kind == "place":
        record.address = _address(value.get("address"), main)
        _point(record, value, note)
    else:
        _where(record, value, main, note)
        record.organiser = _organiser(value.get("organizer"), main)
    record.hours = read_hours(value)
    if record.kind == "event":
        record.schedule, record.status = read_calendar(value, TIMEZONE, note)
    else:
        _open(record, value, main)
    if key.startswith("noid-"):
        note("no-key", "The object has no @id; it is known by its name, date and place only.")
    return record


def _list(value: Any) -> list[Any]:
    return value[:200] if isinstance(value, list) else [value]


def _texts(value: Any, main: str, *, single_line: bool = False) -> dict[str, str]:
    """Texts by language; a bare text is in the main language."""
    found = texts_of(value, single_line=single_line)
    return {tag or main: text for tag, text in found.items()}


# --- where and who


def _address(value: Any, main: str) -> Address:
    """An address by language, or a plain one as in older exports."""
    address = thing(value)
    by_language = {language_of(tag): inner for tag, inner in address.items() if isinstance(inner, dict)}
    if by_language:
        address = by_language.get(main) or next(iter(by_language.values()))
    return Address(
        street=line_of(address.get("streetAddress")),
        postal_code=line_of(address.get("postalCode"), 20),
        locality=line_of(address.get("addressLocality")),
        country=country_code(line_of(address.get("addressCountry"), 60)),
    )


def _point(record: Record, place: Object, note: Notes) -> None:
    geo = thing(place.get("geo"))
    point = point_of(geo.get("longitude"), geo.get("latitude"), note)
    if point is not None:
        record.lon, record.lat = point


def _where(record: Record, value: Object, main: str, note: Notes) -> None:
    place = thing(value.get("location"))
    mode = text_of(value.get("attendanceMode"))
    if mode not in _EVERYWHERE:
        record.online_url = web_of(value.get("onlineUrl"))
        record.extra["attendance"] = mode
    if mode == "online":
        return
    record.place_key = key_of(place)
    language = language_of(place.get("mainLanguage")) or main
    record.place_name = best_of(_texts(place.get("name"), language, single_line=True), main, language)[:255]
    record.address = _address(place.get("address"), language)
    _point(record, place, note)


def _contact(value: Object) -> Contact:
    contact = Contact()
    for source in (*things(value.get("contactPoint")), *things(value.get("bookingInfo")), value):
        contact.email = contact.email or first_of(email_of(item) for item in _list(source.get("email")))
        phones = [*_list(source.get("phone")), *_list(source.get("telephone"))]
        contact.phone = contact.phone or first_of(phone_of(item) for item in phones)
        if source is not value and "priceCurrency" not in source:
            contact.url = contact.url or first_of(web_of(item) for item in _list(source.get("url")))
    return contact


def _organiser(value: Any, main: str) -> Contact:
    organiser = thing(value)
    language = language_of(organiser.get("mainLanguage")) or main
    contact = _contact(organiser)
    contact.name = best_of(_texts(organiser.get("name"), language, single_line=True), main, language)[:255]
    contact.url = web_of(organiser.get("url")) or contact.url
    return contact


# --- what and for whom


def _terms(record: Record, value: Object) -> None:
    terms = things(value.get("terms"))
    for domain in _DOMAINS:
        for item in terms:
            if text_of(item.get("domain")) == domain or (domain == "eventtype" and not item.get("domain")):
                record.categories.append(line_of(item.get("label")))
    record.categories += lines_of(value.get("labels")) if isinstance(value.get("labels"), list) else []
    facilities = [line_of(item.get("label")) for item in terms if text_of(item.get("domain")) == "facility"]
    record.accessibility = read_access({"amenityFeature": [label for label in facilities if label]})


def _audience(record: Record, value: Object) -> None:
    ages = text_of(value.get("typicalAgeRange"))
    record.age_min, record.age_max = parse_ages(ages)
    if text_of(thing(value.get("audience")).get("audienceType")) == "education":
        record.audience = ["schools"]
    elif value.get("typicalAgeRange") == "-":
        record.audience = ["everyone"]
    if value.get("childrenOnly") is True:
        record.audience = ["children"]
    born = thing(value.get("birthdateRange"))
    record.extra["born"] = [line_of(born.get("from"), 10), line_of(born.get("to"), 10)] if born else []
    record.extra["audience"] = line_of(thing(value.get("audience")).get("audienceType"))


def _media(value: Object, main: str) -> list[MediaItem]:
    found: list[MediaItem] = []
    for item in (*things(value.get("mediaObject")), *things(value.get("images"))):
        kind = text_of(item.get("@type"))
        url = web_of(item.get("contentUrl"))
        if url and "Video" not in kind:
            alt = line_of(item.get("description"), 500)
            tag = language_of(item.get("inLanguage") or item.get("language")) or main
            credit = line_of(item.get("copyrightHolder"))
            found.append(MediaItem(url, credit=credit, alt={tag: alt} if alt else {}))
    first = web_of(value.get("image"))
    stem = first.partition("?")[0]
    if first and all(item.url.partition("?")[0] != stem for item in found):
        found.insert(0, MediaItem(first))
    return found


def _prices(value: Object, main: str) -> list[Price]:
    found = []
    for item in things(value.get("priceInfo"))[:50]:
        amount = number_of(item.get("price"))
        if amount is None or not 0 <= amount < 1_000_000:
            continue
        price = Decimal(str(round(amount, 2)))
        currency = text_of(item.get("priceCurrency")).upper()
        label = _texts(item.get("name"), main, single_line=True)
        label = {tag: text[:200] for tag, text in label.items()}
        found.append(Price(price, price, currency if len(currency) == 3 and currency.isalpha() else "EUR", label))
    return found


# --- the rest


def _modified(value: Object) -> datetime | None:
    found = parse_when(text_of(value.get("modified")), TIMEZONE)
    if not isinstance(found, datetime):
        return None
    return found.replace(tzinfo=zone(TIMEZONE) or UTC)


def _extra(record: Record, value: Object, same: list[str]) -> None:
    extra = record.extra
    state = text_of(value.get("workflowStatus")).upper()
    extra["workflow"] = line_of(state, 40)
    if state == "DRAFT":
        extra["class"] = "PRIVATE"  # comes in as a draft, as everything that a source does not publish
    extra["available_from"] = line_of(value.get("availableFrom"), 30)
    extra["same_as"] = same[:20]
    extra["publisher"] = line_of(value.get("publisher"))
    for item in things(value.get("bookingInfo")):
        extra["ticket_url"] = extra.get("ticket_url") or web_of(item.get("url"))
    extra["videos"] = [url for item in things(value.get("videos")) if (url := web_of(item.get("url")))]
    extra["languages"] = [tag for item in _list(value.get("completedLanguages")) if (tag := language_of(item))]


def _open(record: Record, value: Object, main: str) -> None:
    """Whether a place or an offer is closed for a time or for good."""
    status = thing(value.get("status"))
    state = {"Unavailable": "closed", "TemporarilyUnavailable": "closed for now"}.get(text_of(status.get("type")), "")
    record.extra["open"] = state
    if state:
        record.hours_text = _texts(status.get("reason"), main)
