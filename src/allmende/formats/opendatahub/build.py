"""One object of the Open Data Hub -> one record."""

from __future__ import annotations

from datetime import datetime
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
    truth_of,
    web_of,
    whole_of,
)
from allmende.formats.occasions import Occasion, day_by_day, occasion, schedule_of
from allmende.formats.opendatahub.hours import read_hours
from allmende.formats.opendatahub.shape import kind_of, type_of
from allmende.formats.records import Address, Contact, MediaItem, Price, ReadOptions, Record, Schedule, Texts
from allmende.formats.schema_org.dates import parse_clock, parse_when, zone
from allmende.formats.schema_org.where import country_code

TIMEZONE: Final = "Europe/Rome"
"""All times of the hub are local to South Tyrol and say so nowhere."""
_LANGUAGES: Final = ("de", "it", "en")
_TYPE_TERMS: Final = {"accommodation": "schema:LodgingBusiness", "gastronomy": "schema:FoodEstablishment"}


def record_of(key: str, value: Object, options: ReadOptions, note: Notes) -> Record:
    """Raises nothing for values of wrong types; they are left out."""
    kind, type_name = kind_of(value) or options.kind, type_of(value)
    record = Record(kind, key, _name(value, type_name))
    record.language = first_of(tag for tag in (options.language, *_LANGUAGES) if tag in record.name)
    wanted = (record.language, *_LANGUAGES)
    _descriptions(record, value, type_name)
    contact = _in_language(value.get("AccoDetail" if type_name == "accommodation" else "ContactInfos"), wanted)
    _where(record, value, contact, wanted, note)
    record.contact = _contact(contact)
    record.url = _url(value, contact, wanted)
    record.categories = _categories(value, type_name, wanted)
    record.media = [picture for item in things(value.get("ImageGallery")) if (picture := _picture(item))]
    record.prices = _prices(value)
    record.modified = _modified(value)
    _extra(record, value, wanted)
    if kind == "event":
        _event(record, value, type_name, wanted, note)
    else:
        record.hours = read_hours(value.get("OperationSchedule"))
    return record


def _in_language(value: Any, wanted: tuple[str, ...]) -> Object:
    """The object of the first wanted language that says anything."""
    found = {language_of(tag): inner for tag, inner in thing(value).items() if isinstance(inner, dict)}
    ordered = [found[tag] for tag in dict.fromkeys((*wanted, *found)) if tag in found]
    return next(
        (inner for inner in ordered if any(text_of(item) for name, item in inner.items() if name != "Language")), {}
    )


def _part(value: Any, *names: str) -> Texts:
    """Texts by language of the first of these fields, from ``{"de": {"Title": …}}``."""
    found: Texts = {}
    for name in names:
        parts = {tag: inner.get(name) for tag, inner in thing(value).items() if isinstance(inner, dict)}
        for tag, text in texts_of(parts, single_line=name in ("Title", "Name")).items():
            found.setdefault(tag, text)
    return found


def _name(value: Object, type_name: str) -> Texts:
    if type_name == "accommodation":
        name = _part(value.get("AccoDetail"), "Name")
    else:
        name = _part(value.get("Detail"), "Title") or texts_of(value.get("EventTitle"), single_line=True)
    if not name and type_name == "eventshort":
        parts = {tag: value.get(f"EventDescription{tag.upper()}") for tag in _LANGUAGES}
        name = texts_of(parts, single_line=True) or texts_of(value.get("EventDescription"), single_line=True)
    return name or texts_of(value.get("Shortname"), single_line=True)


def _descriptions(record: Record, value: Object, type_name: str) -> None:
    if type_name == "accommodation":
        short, full = _part(value.get("AccoDetail"), "Shortdesc"), _part(value.get("AccoDetail"), "Longdesc")
    else:
        detail = value.get("Detail")
        short = _part(detail, "IntroText", "SubHeader", "Header")
        full = _part(detail, "BaseText") or texts_of(value.get("EventText"))
    record.description = {**short, **full}
    record.summary = {tag: text for tag, text in short.items() if tag in full and text != full[tag]}


# --- where and who


def _where(record: Record, value: Object, contact: Object, wanted: tuple[str, ...], note: Notes) -> None:
    places = thing(value.get("LocationInfo"))
    named = {
        name: best_of(texts_of(thing(inner).get("Name"), single_line=True), *wanted) for name, inner in places.items()
    }
    town = line_of(contact.get("City")) or named.get("DistrictInfo", "") or named.get("MunicipalityInfo", "")
    record.address = Address(
        street=line_of(contact.get("Address")) or line_of(contact.get("Street")),
        postal_code=line_of(contact.get("ZipCode"), 20) or line_of(contact.get("Zip"), 20),
        locality=town or named.get("TvInfo", ""),
        region=named.get("RegionInfo", ""),
        country=country_code(line_of(contact.get("CountryCode"), 2) or "IT"),
    )
    point = _point(value, note)
    if point is not None:
        record.lon, record.lat = point


def _point(value: Object, note: Notes) -> tuple[float, float] | None:
    tracks = things(value.get("GpsInfo"))
    named = [item for item in tracks if text_of(item.get("Gpstype")) == "position"]
    points = thing(value.get("GpsPoints"))
    for item in (thing(points.get("position")), *named, *tracks, value):
        if found := point_of(item.get("Longitude"), item.get("Latitude"), note):
            return found
    return None


def _contact(contact: Object) -> Contact:
    person = " ".join(lines_of([contact.get("Givenname"), contact.get("Surname")]))
    return Contact(
        name=line_of(contact.get("CompanyName")) or person,
        url=web_of(contact.get("Url")) or web_of(contact.get("Website")),
        email=email_of(contact.get("Email")),
        phone=phone_of(contact.get("Phonenumber")) or phone_of(contact.get("Phone")),
    )


def _url(value: Object, contact: Object, wanted: tuple[str, ...]) -> str:
    pages = [item.get("Url") for item in things(value.get("EventUrls"))]
    urls = [web_of(page) or web_of(best_of(texts_of(page, single_line=True), *wanted)) for page in pages]
    return first_of(
        [*urls, web_of(value.get("WebAddress")), web_of(contact.get("Url")), web_of(contact.get("Website"))]
    )


# --- the rest


def _categories(value: Object, type_name: str, wanted: tuple[str, ...]) -> list[str]:
    found = [_TYPE_TERMS.get(type_name, "")]
    found += [line_of(item.get("TopicInfo")) for item in things(value.get("Topics"))]
    info = _in_language(value.get("AdditionalPoiInfos"), wanted)
    found += [line_of(info.get(name)) for name in ("MainType", "SubType", "PoiType")]
    found += lines_of(info.get("Categories")) if isinstance(info.get("Categories"), list) else []
    if type_name not in ("event", "eventshort"):
        found += [line_of(value.get(name)) for name in ("Type", "SubType", "PoiType")]
    for item in things(value.get("Tags")):
        name = item.get("Name", item.get("TagName"))
        found.append(best_of(texts_of(name, single_line=True), *wanted) or line_of(item.get("Id")))
    found += [line_of(item.get("Id")) for item in things(value.get("ODHTags"))]
    found += lines_of(value.get("SmgTags")) if isinstance(value.get("SmgTags"), list) else []
    found += lines_of(value.get("CustomTagging")) if isinstance(value.get("CustomTagging"), list) else []
    unique: dict[str, str] = {}
    for word in found:
        if word and not word.isdigit():
            unique.setdefault(word.casefold(), word)
    return list(unique.values())


def _picture(item: Object) -> MediaItem | None:
    url = web_of(item.get("ImageUrl"))
    if not url:
        return None
    alt = texts_of(item.get("ImageAltText"), single_line=True, most=500)
    alt = alt or texts_of(item.get("ImageDesc"), single_line=True, most=500)
    return MediaItem(
        url,
        licence=line_of(item.get("License")),
        credit=first_of(line_of(item.get(name)) for name in ("CopyRight", "LicenseHolder", "ImageSource")),
        alt=alt or texts_of(item.get("ImageTitle"), single_line=True, most=500),
        width=whole_of(item.get("Width"), 1, 99_999),
        height=whole_of(item.get("Height"), 1, 99_999),
    )


def _prices(value: Object) -> list[Price]:
    found: list[Price] = []
    for field in ("EventPrice", "EventPrices"):
        for tag, inner in thing(value.get(field)).items():
            for item in things(inner):
                amount = number_of(item.get("Price"))
                if amount is None or not 0 < amount < 100_000:
                    continue
                label = line_of(item.get("ShortDesc")) or line_of(item.get("Description"))
                price = Price(Decimal(str(round(amount, 2))), Decimal(str(round(amount, 2))))
                known = next((one for one in found if one.minimum == price.minimum), None)
                if known is None:
                    found.append(known := price)
                if label and language_of(tag):
                    known.label.setdefault(language_of(tag), label[:200])
    if not found and truth_of(value.get("HasFreeEntrance")):
        found.append(Price(Decimal(0), Decimal(0)))
    return found


def _modified(value: Object) -> datetime | None:
    text = text_of(value.get("LastChange")) or text_of(value.get("ChangedOn"))
    text = text or text_of(thing(value.get("_Meta")).get("LastUpdate"))
    found = parse_when(text, TIMEZONE) if len(text) >= 10 else None
    return found.replace(tzinfo=zone(TIMEZONE)) if isinstance(found, datetime) else None


def _extra(record: Record, value: Object, wanted: tuple[str, ...]) -> None:
    licence = thing(value.get("LicenseInfo"))
    record.extra["licence"] = line_of(licence.get("License"))
    record.extra["credit"] = first_of((line_of(licence.get("Author")), line_of(licence.get("LicenseHolder"))))
    record.extra["source"] = line_of(thing(value.get("_Meta")).get("Source")) or line_of(value.get("Source"))
    record.extra["how_to_get_there"] = best_of(_part(value.get("Detail"), "GetThereText"), *wanted)


# --- events


def _event(record: Record, value: Object, type_name: str, wanted: tuple[str, ...], note: Notes) -> None:
    if type_name == "eventshort":
        _short_event(record, value, note)
        return
    record.schedule = _schedule(value, note)
    more = _in_language(value.get("EventAdditionalInfos"), wanted)
    record.place_name = line_of(more.get("Location"))
    record.extra["meeting_point"] = first_of((line_of(more.get("MeetingPoint")), line_of(more.get("Mplace"))))
    record.extra["registration"] = first_of((line_of(more.get("Registration")), line_of(more.get("Reg"))))
    record.organiser = _contact(_in_language(value.get("OrganizerInfos"), wanted))
    booking = thing(thing(value.get("EventBooking")).get("BookingUrl"))
    record.extra["ticket_url"] = web_of(_in_language(booking, wanted).get("Url"))
    if record.schedule is not None and _all_cancelled(value):
        record.status = "cancelled"


def _all_cancelled(value: Object) -> bool:
    dates = things(value.get("EventDate"))
    return bool(dates) and all(_is_cancelled(item) for item in dates)


def _is_cancelled(item: Object) -> bool:
    return any(truth_of(item.get(name)) for name in ("Cancelled", "IsCancelled", "Canceled"))


def _schedule(value: Object, note: Notes) -> Schedule | None:
    occasions: list[Occasion] = []
    for item in things(value.get("EventDate")):
        occasions += _occasions(item, note)
    if not occasions:
        whole = _period(value.get("DateBegin"), value.get("DateEnd"), note)
        occasions = [whole] if whole else []
    return schedule_of(occasions, TIMEZONE, note)


def _period(start: Any, end: Any, note: Notes) -> Occasion | None:
    """From one day to another.  The hub writes days as midnights, and means the last one with it."""
    days = [value[:10] if isinstance(value, str) else value for value in (start, end)]
    return occasion(days[0], days[1], TIMEZONE, note)


def _occasions(item: Object, note: Notes) -> list[Occasion]:
    """The dates of one period.  ``SingleDays``: every day of it is an event of its own, with the same hours.

    00:00 for begin and end stands for hours that nobody knows.
    """
    whole = _period(item.get("From"), item.get("To"), note)
    if whole is None:
        return []
    first, last = _day(whole.start), _day(whole.end if whole.end is not None else whole.start)
    begins, ends = parse_clock(text_of(item.get("Begin"))), parse_clock(text_of(item.get("End")))
    known = begins is not None and (begins.hour or begins.minute or (ends is not None and (ends.hour or ends.minute)))
    cancelled = _is_cancelled(item)
    if not known or begins is None:
        days = day_by_day(first, last, None, None) if truth_of(item.get("SingleDays")) else [Occasion(first, last)]
        return [one._replace(cancelled=cancelled) for one in days]
    if ends is not None and not (ends.hour or ends.minute):
        ends = None
    if truth_of(item.get("SingleDays")) or first == last:
        return [one._replace(cancelled=cancelled) for one in day_by_day(first, last, begins, ends)]
    end = datetime.combine(last, ends) if ends is not None else None
    return [Occasion(datetime.combine(first, begins), end, cancelled)]


def _day(when: Any) -> Any:
    return when.date() if isinstance(when, datetime) else when


def _short_event(record: Record, value: Object, note: Notes) -> None:
    """Events of meeting houses: times to the minute, one company behind them."""
    one = occasion(value.get("StartDate"), value.get("EndDate"), TIMEZONE, note)
    record.schedule = schedule_of([one] if one else [], TIMEZONE, note)
    record.place_name = first_of((line_of(value.get("AnchorVenue")), line_of(value.get("AnchorVenueShort"))))
    record.organiser = Contact(
        line_of(value.get("CompanyName")),
        web_of(value.get("CompanyUrl")),
        email_of(value.get("CompanyMail")),
        phone_of(value.get("CompanyPhone")),
    )
    if truth_of(value.get("SoldOut")):
        record.status = "sold_out"
    rooms = [line_of(item.get("SpaceDesc")) for item in things(value.get("RoomBooked"))]
    record.extra["rooms"] = list(dict.fromkeys(room for room in rooms if room))
