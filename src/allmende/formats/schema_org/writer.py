"""schema.org JSON-LD for our own pages, built from plain values.

Nothing empty is written.  Addresses on the web are written as given; pass whole ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from allmende.formats.schema_org.values import (
    Event,
    HoursLine,
    Offer,
    Organisation,
    Picture,
    Place,
    PostalAddress,
    PriceRange,
)

__all__ = [
    "Event",
    "HoursLine",
    "JsonLd",
    "Offer",
    "Organisation",
    "Picture",
    "Place",
    "PostalAddress",
    "PriceRange",
    "breadcrumb",
    "event_jsonld",
    "hours_jsonld",
    "item_list",
    "offer_jsonld",
    "organisation_jsonld",
    "place_jsonld",
    "script_safe",
]

JsonLd = dict[str, Any]
CONTEXT: Final = "https://schema.org"
_STATUS: Final = {
    "scheduled": "EventScheduled",
    "sold_out": "EventScheduled",
    "cancelled": "EventCancelled",
    "postponed": "EventPostponed",
    "moved_online": "EventMovedOnline",
}
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "PublicHolidays")
_FREQUENCIES: Final = {"DAILY": "D", "WEEKLY": "W", "MONTHLY": "M", "YEARLY": "Y"}
_DAY_NAMES: Final = dict(zip(("MO", "TU", "WE", "TH", "FR", "SA", "SU"), _WEEKDAYS, strict=False))
_RULE_PARTS: Final = frozenset(("FREQ", "INTERVAL", "BYDAY", "BYMONTH", "BYMONTHDAY", "COUNT", "UNTIL", "WKST"))
_ACCESS_NAMES: Final = {
    "step_free": "Wheelchair accessible",
    "toilet": "Accessible toilet",
    "parking": "Accessible parking",
    "hearing": "Induction loop or sign language",
    "vision": "Braille, tactile or audio description",
    "assistance_dog": "Assistance dogs welcome",
    "easy_language": "Easy to read information",
}


# --- whole pages


def event_jsonld(event: Event) -> JsonLd:
    """An event for its page."""
    node: JsonLd = {"@context": CONTEXT, **_head(event.type, event.id, event.name, event.url, event.description)}
    node["startDate"] = _when(event.start, event.timezone)
    node["endDate"] = _when(event.end, event.timezone) if event.end is not None else None
    node["eventStatus"] = f"{CONTEXT}/{_STATUS.get(event.status, 'EventScheduled')}"
    node["eventAttendanceMode"] = f"{CONTEXT}/{_attendance(event)}EventAttendanceMode"
    virtual = [{"@type": "VirtualLocation", "url": event.online_url}] if event.online_url else []
    physical = [_place(event.place)] if event.place is not None else []
    node["location"] = _one(physical + virtual)
    node["organizer"] = _organisation(event.organiser) if event.organiser is not None else None
    node["image"] = [_picture(picture) for picture in event.pictures]
    node["offers"] = _offers(event.prices, event.url, sold_out=event.status == "sold_out")
    if any(price.minimum == 0 and not price.maximum for price in event.prices) and len(event.prices) == 1:
        node["isAccessibleForFree"] = True
    node["subEvent"] = _sub_events(event) if not event.rrule else None
    node["eventSchedule"] = _schedule(event) if event.rrule else None
    node["performer"] = [{"@type": "PerformingGroup", "name": name} for name in event.performers]
    node["inLanguage"] = event.language
    node["keywords"] = ", ".join(event.keywords)
    node["audience"] = [{"@type": "Audience", "audienceType": name} for name in event.audience]
    node["typicalAgeRange"] = _ages(event.age_min, event.age_max)
    node["dateModified"] = event.modified.isoformat() if event.modified else None
    return _without_empty(node)


def place_jsonld(place: Place) -> JsonLd:
    """A place for its page."""
    return {"@context": CONTEXT, **_place(place)}


def offer_jsonld(offer: Offer) -> JsonLd:
    """An offer for its page."""
    node: JsonLd = {"@context": CONTEXT, **_head(offer.type, offer.id, offer.name, offer.url, offer.description)}
    node["provider"] = _organisation(offer.provider) if offer.provider is not None else None
    node["location"] = _place(offer.place) if offer.place is not None else None
    node["image"] = [_picture(picture) for picture in offer.pictures]
    node["offers"] = _offers(offer.prices, offer.url)
    node["openingHoursSpecification"] = hours_jsonld(offer.hours)
    node["keywords"] = ", ".join(offer.keywords)
    node["dateModified"] = offer.modified.isoformat() if offer.modified else None
    return _without_empty(node)


def organisation_jsonld(organisation: Organisation) -> JsonLd:
    """An organisation for its page."""
    return {"@context": CONTEXT, **_organisation(organisation)}


def breadcrumb(trail: Sequence[tuple[str, str]]) -> JsonLd:
    """The way to a page: names and addresses from the home page down."""
    return {"@context": CONTEXT, "@type": "BreadcrumbList", "itemListElement": _items(trail)}


def item_list(items: Sequence[tuple[str, str]], name: str = "") -> JsonLd:
    """A list page: names and addresses of what it lists."""
    node = {"@context": CONTEXT, "@type": "ItemList", "name": name, "numberOfItems": len(items)}
    return _without_empty({**node, "itemListElement": _items(items)})


def script_safe(value: object) -> str:
    """JSON that may stand inside ``<script type="application/ld+json">`` whatever the texts in it are."""
    text = orjson.dumps(value).decode()
    for char in "<>&\u2028\u2029":
        if char in text:
            text = text.replace(char, f"\\u{ord(char):04x}")
    return text


# --- parts


def hours_jsonld(hours: Sequence[HoursLine]) -> list[JsonLd]:
    """``openingHoursSpecification`` of lines of opening hours."""
    found = []
    for line in hours:
        node: JsonLd = {"@type": "OpeningHoursSpecification"}
        node["dayOfWeek"] = [f"{CONTEXT}/{_WEEKDAYS[day]}" for day in line.days]
        node["opens"], node["closes"] = line.opens or "00:00", line.closes or "00:00"
        if line.opens and line.opens == line.closes == "00:00":
            node["closes"] = "23:59"  # from 00:00 to 00:00 would say closed
        node["validFrom"] = _season_day(line.valid_from, every_year=line.every_year)
        node["validThrough"] = _season_day(line.valid_through, every_year=line.every_year)
        found.append(_without_empty(node))
    return found


def _season_day(day: date | None, *, every_year: bool) -> str:
    if day is None:
        return ""
    return f"--{day:%m-%d}" if every_year else day.isoformat()


def _head(type_name: str, identifier: str, name: str, url: str, description: str) -> JsonLd:
    return {"@type": type_name, "@id": identifier, "name": name, "url": url, "description": description}


def _place(place: Place) -> JsonLd:
    node = _head(place.type, place.id, place.name, place.url, place.description)
    node["address"] = _address(place.address)
    if place.lon is not None and place.lat is not None:
        node["geo"] = {"@type": "GeoCoordinates", "latitude": place.lat, "longitude": place.lon}
    node["email"], node["telephone"] = place.email, place.telephone
    node["image"] = [_picture(picture) for picture in place.pictures]
    node["openingHoursSpecification"] = hours_jsonld(place.hours)
    node["amenityFeature"] = _amenities(place.access or {})
    node["isAccessibleForFree"] = True if _is_free(place.prices) else None
    if not _is_free(place.prices):
        node["priceRange"] = ", ".join(_price_text(price) for price in place.prices)
    node["sameAs"] = list(place.same_as)
    node["keywords"] = ", ".join(place.keywords)
    node["dateModified"] = place.modified.isoformat() if place.modified else None
    node["parentOrganization"] = _organisation(place.operator) if place.operator is not None else None
    return _without_empty(node)


def _organisation(organisation: Organisation) -> JsonLd:
    node = _head(organisation.type, organisation.id, organisation.name, organisation.url, organisation.description)
    node["email"], node["telephone"] = organisation.email, organisation.telephone
    node["address"] = _address(organisation.address)
    node["logo"] = organisation.logo
    node["sameAs"] = list(organisation.same_as)
    return _without_empty(node)


def _address(address: PostalAddress) -> JsonLd | None:
    node = _without_empty(
        {
            "streetAddress": address.street,
            "postalCode": address.postal_code,
            "addressLocality": address.locality,
            "addressRegion": address.region,
            "addressCountry": address.country,
        }
    )
    return {"@type": "PostalAddress", **node} if node else None


def _picture(picture: Picture) -> JsonLd | str:
    node = {
        "@type": "ImageObject",
        "url": picture.url,
        "license": picture.licence,
        "creditText": picture.credit,
        "caption": picture.caption,
        "width": picture.width,
        "height": picture.height,
    }
    kept = _without_empty(node)
    return picture.url if len(kept) == 2 else kept


def _offers(prices: Sequence[PriceRange], url: str, *, sold_out: bool = False) -> list[JsonLd]:
    found = []
    for price in prices:
        node: JsonLd = {"@type": "Offer", "name": price.name, "priceCurrency": price.currency}
        if price.minimum is not None and price.maximum in (None, price.minimum):
            node["price"] = str(price.minimum)
        else:
            node["@type"] = "AggregateOffer"
            node["lowPrice"] = str(price.minimum) if price.minimum is not None else None
            node["highPrice"] = str(price.maximum) if price.maximum is not None else None
        node["availability"] = f"{CONTEXT}/{'SoldOut' if sold_out else 'InStock'}"
        node["url"] = price.url or url
        found.append(_without_empty(node))
    if sold_out and not found:
        found.append(_without_empty({"@type": "Offer", "availability": f"{CONTEXT}/SoldOut", "url": url}))
    return found


def _is_free(prices: Sequence[PriceRange]) -> bool:
    return bool(prices) and all(price.minimum == 0 and not price.maximum for price in prices)


def _price_text(price: PriceRange) -> str:
    ends = [str(end) for end in (price.minimum, price.maximum) if end is not None]
    return f"{'–'.join(dict.fromkeys(ends))} {price.currency}" if ends else ""


def _amenities(access: Mapping[str, str]) -> list[JsonLd]:
    found = []
    for fact, said in access.items():
        name = _ACCESS_NAMES.get(fact)
        if name:
            value: bool | str = "partly" if said == "partly" else said == "yes"
            found.append({"@type": "LocationFeatureSpecification", "name": name, "value": value})
    return found


def _items(items: Sequence[tuple[str, str]]) -> list[JsonLd]:
    return [
        {"@type": "ListItem", "position": number, "name": name, "item": url}
        for number, (name, url) in enumerate(items, 1)
    ]


def _attendance(event: Event) -> str:
    if event.online_url:
        return "Mixed" if event.place is not None else "Online"
    return "Offline"


def _when(value: date | datetime, timezone: str) -> str:
    """ISO 8601; local times get the offset of their zone, as search engines ask."""
    if not isinstance(value, datetime):
        return value.isoformat()
    aware = value if value.tzinfo is not None else value.replace(tzinfo=ZoneInfo(timezone))
    return aware.isoformat(timespec="minutes")


def _sub_events(event: Event) -> list[JsonLd]:
    if len(event.dates) < 2:
        return []
    return [
        _without_empty(
            {
                "@type": event.type,
                "name": event.name,
                "startDate": _when(start, event.timezone),
                "endDate": _when(end, event.timezone) if end is not None else None,
            }
        )
        for start, end in event.dates
    ]


def _schedule(event: Event) -> JsonLd | None:
    """A ``Schedule`` for the rule; None for a rule that schema.org cannot say."""
    rule = dict(part.split("=", 1) for part in event.rrule.upper().split(";") if "=" in part)
    letter = _FREQUENCIES.get(rule.get("FREQ", ""))
    if letter is None or not rule.keys() <= _RULE_PARTS:
        return None
    days = rule["BYDAY"].split(",") if "BYDAY" in rule else []
    node: JsonLd = {
        "@type": "Schedule",
        "startDate": event.start.date().isoformat() if isinstance(event.start, datetime) else event.start.isoformat(),
        "endDate": _until(rule.get("UNTIL", ""), event.timezone),
        "repeatFrequency": f"P{rule.get('INTERVAL', '1')}{letter}",
        "byDay": [f"{CONTEXT}/{_DAY_NAMES[day]}" if day in _DAY_NAMES else day for day in days],
        "byMonth": [int(month) for month in rule.get("BYMONTH", "").split(",") if month],
        "byMonthDay": [int(day) for day in rule.get("BYMONTHDAY", "").split(",") if day],
        "repeatCount": int(rule["COUNT"]) if rule.get("COUNT", "").isdigit() else None,
        "exceptDate": [value.isoformat() for value in event.exdates],
        "scheduleTimezone": event.timezone,
    }
    if isinstance(event.start, datetime):
        node["startTime"] = f"{event.start:%H:%M:%S}"
        if isinstance(event.end, datetime) and event.end - event.start <= timedelta(days=1):
            node["endTime"] = f"{event.end:%H:%M:%S}"
    return _without_empty(node)


def _until(until: str, timezone: str) -> str:
    if len(until) < 8 or not until[:8].isdigit():
        return ""
    day = date(int(until[:4]), int(until[4:6]), int(until[6:8]))
    if until.endswith("Z") and len(until) == 16:
        moment = datetime.strptime(until, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        day = moment.astimezone(ZoneInfo(timezone)).date()
    return day.isoformat()


def _ages(least: int | None, most: int | None) -> str:
    if least is None and most is None:
        return ""
    return f"{least if least is not None else ''}-{most if most is not None else ''}"


def _one(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _without_empty(node: Mapping[str, Any]) -> JsonLd:
    return {key: value for key, value in node.items() if value not in (None, "", [], {})}
