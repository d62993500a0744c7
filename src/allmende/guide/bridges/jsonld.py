"""Things as schema.org JSON-LD, for search engines and other programs."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from allmende.catalogue import vocabulary
from allmende.catalogue.queries import Detail

CONTEXT: Final = "https://schema.org"
STATUS: Final = {
    "scheduled": "EventScheduled",
    "cancelled": "EventCancelled",
    "postponed": "EventPostponed",
    "moved_online": "EventMovedOnline",
    "sold_out": "EventScheduled",
}
DAYS: Final = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
    "PublicHolidays",
)
FEATURES: Final = {
    "step_free": "Wheelchair accessible",
    "toilet": "Accessible toilet",
    "parking": "Accessible parking",
    "hearing": "Support for hearing impaired visitors",
    "vision": "Support for visually impaired visitors",
    "assistance_dog": "Assistance dogs welcome",
    "easy_language": "Information in easy language",
}
MOST_DATES: Final = 10


def _filled(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [], {})}


def _moment(at: datetime | None, zone: ZoneInfo, all_day: bool) -> str:
    if at is None:
        return ""
    return at.date().isoformat() if all_day else at.replace(tzinfo=zone).isoformat()


def _address(detail: Detail) -> dict[str, Any]:
    fields = _filled(
        {
            "streetAddress": detail.street,
            "postalCode": detail.postal_code,
            "addressLocality": detail.locality or (detail.municipality.name if detail.municipality else ""),
            "addressCountry": detail.country,
        }
    )
    return {"@type": "PostalAddress", **fields} if fields else {}


def _geo(detail: Detail) -> dict[str, Any]:
    if detail.lat is None or detail.lon is None:
        return {}
    return {"@type": "GeoCoordinates", "latitude": round(detail.lat, 6), "longitude": round(detail.lon, 6)}


def _offers(detail: Detail) -> list[dict[str, Any]]:
    found = []
    for price in detail.prices:
        low, high = price["min"], price["max"]
        if low is None and high is None:
            continue
        common = _filled({"name": price["label"], "priceCurrency": price["currency"]})
        if low is not None and high is not None and low != high:
            found.append({"@type": "AggregateOffer", "lowPrice": str(low), "highPrice": str(high), **common})
        else:
            found.append({"@type": "Offer", "price": str(low if low is not None else high), **common})
    return found


def _features(detail: Detail) -> list[dict[str, Any]]:
    return [
        {"@type": "LocationFeatureSpecification", "name": FEATURES[fact], "value": state == "yes"}
        for fact, state in detail.accessibility.items()
        if fact in FEATURES and state in {"yes", "no"}
    ]


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _hours(detail: Detail) -> list[dict[str, Any]]:
    return [
        _filled(
            {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": [f"https://schema.org/{DAYS[day]}" for day in line.days],
                "opens": line.opens or "00:00",
                "closes": line.closes or "00:00",
                "validFrom": _day(line.valid_from),
                "validThrough": _day(line.valid_through),
            }
        )
        for line in detail.hours
    ]


def _type(detail: Detail, default: str) -> str:
    known = vocabulary.category(detail.category)
    return known.schema_type if known and known.schema_type else default


def _common(detail: Detail, url: str, pictures: list[str]) -> dict[str, Any]:
    return {
        "@context": CONTEXT,
        "@id": url,
        "url": url,
        "name": detail.name.text,
        "description": (detail.summary.text or detail.description.text)[:600],
        "inLanguage": detail.name.language,
        "image": pictures,
        "sameAs": detail.url,
    }


def _location(detail: Detail) -> Any:
    place: dict[str, Any] = _filled(
        {
            "@type": "Place",
            "name": detail.place_name or (detail.municipality.name if detail.municipality else detail.locality),
            "address": _address(detail),
            "geo": _geo(detail),
        }
    )
    if detail.online_url:
        online = {"@type": "VirtualLocation", "url": detail.online_url}
        return [place, online] if len(place) > 1 else online
    return place if len(place) > 1 else {}


def event_ld(detail: Detail, url: str, pictures: list[str]) -> list[dict[str, Any]]:
    """An event: its next date, and each of its further dates as an Event of its own below ``subEvent``."""
    zone = ZoneInfo(detail.timezone or "UTC")
    organiser = detail.organiser.name if detail.organiser else detail.organiser_name
    shown = detail.next_date
    starts = shown.starts_at if shown else detail.starts_at
    ends = shown.ends_at if shown else detail.ends_at
    all_day = shown.all_day if shown else detail.all_day
    online = bool(detail.online_url)
    further = [
        {
            "@type": "Event",
            "name": detail.name.text,
            "startDate": _moment(line.starts_at, zone, line.all_day),
            "endDate": _moment(line.ends_at, zone, line.all_day),
            "eventStatus": f"{CONTEXT}/{STATUS['cancelled' if line.cancelled else 'scheduled']}",
            "location": _location(detail),
        }
        for line in detail.dates[:MOST_DATES]
    ]
    mode = "OnlineEventAttendanceMode" if online and detail.lat is None else "OfflineEventAttendanceMode"
    event = {
        **_common(detail, url, pictures),
        "@type": _type(detail, "Event"),
        "startDate": _moment(starts, zone, all_day),
        "endDate": _moment(ends, zone, all_day),
        "eventStatus": f"{CONTEXT}/{STATUS.get(detail.status, 'EventScheduled')}",
        "eventAttendanceMode": f"{CONTEXT}/{mode}",
        "location": _location(detail),
        "organizer": {"@type": "Organization", "name": organiser} if organiser else {},
        "offers": _offers(detail),
        "isAccessibleForFree": True if detail.flags & 1 else None,
        "subEvent": [_filled(line) for line in further] if len(further) > 1 else [],
    }
    return [_filled(event)]


def place_ld(detail: Detail, url: str, pictures: list[str]) -> list[dict[str, Any]]:
    """A place with its hours and facts."""
    place = {
        **_common(detail, url, pictures),
        "@type": _type(detail, "Place"),
        "address": _address(detail),
        "geo": _geo(detail),
        "telephone": detail.phone,
        "email": detail.email,
        "openingHoursSpecification": _hours(detail),
        "amenityFeature": _features(detail),
        "isAccessibleForFree": True if detail.flags & 1 else None,
    }
    place.pop("inLanguage")
    return [_filled(place)]


def offer_ld(detail: Detail, url: str, pictures: list[str]) -> list[dict[str, Any]]:
    """An offer: what is offered, where, for how much, until when."""
    offered = _filled({"@type": _type(detail, "Service"), "name": detail.name.text, "inLanguage": None})
    where = _filled(
        {"@type": "Place", "name": detail.place.name.text if detail.place else "", "address": _address(detail)}
    )
    seller = detail.owner.name if detail.owner else ""
    prices = _offers(detail)
    common = _common(detail, url, pictures)
    common.pop("inLanguage")
    offer = {
        **common,
        "@type": "Offer",
        "itemOffered": offered,
        "availableAtOrFrom": where if len(where) > 1 else {},
        "validFrom": _day(detail.valid_from),
        "validThrough": _day(detail.valid_through),
        "offeredBy": {"@type": "Organization", "name": seller} if seller else {},
    }
    if len(prices) == 1 and "price" in prices[0]:
        offer |= {"price": prices[0]["price"], "priceCurrency": prices[0].get("priceCurrency", "EUR")}
    elif prices:
        offer["priceSpecification"] = [
            _filled(
                {
                    "@type": "PriceSpecification",
                    "name": price.get("name"),
                    "price": price.get("price"),
                    "minPrice": price.get("lowPrice"),
                    "maxPrice": price.get("highPrice"),
                    "priceCurrency": price.get("priceCurrency", "EUR"),
                }
            )
            for price in prices
        ]
    return [_filled(offer)]
