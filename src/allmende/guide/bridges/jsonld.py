"""Detail pages as schema.org JSON-LD, for search engines and the next guide: what they show in the writer's words."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from allmende.catalogue import vocabulary
from allmende.catalogue.queries import DateLine, Detail
from allmende.formats.schema_org import writer
from allmende.formats.schema_org.types import type_for
from allmende.formats.schema_org.values import Event, Offer, Organisation, Picture, Place, PostalAddress, PriceRange

CONTEXT: Final = {"@context": "https://schema.org"}
MOST_DATES: Final = 10
MOST_LETTERS: Final = 600


def _type(detail: Detail) -> str:
    known = vocabulary.category(detail.category)
    return type_for(detail.kind, known.schema_type if known else "")


def _text(detail: Detail) -> str:
    return (detail.summary.text or detail.description.text)[:MOST_LETTERS]


def _address(detail: Detail) -> PostalAddress:
    town = detail.locality or (detail.municipality.name if detail.municipality else "")
    return PostalAddress(detail.street, detail.postal_code, town, country=detail.country)


def _prices(detail: Detail) -> tuple[PriceRange, ...]:
    named = (price for price in detail.prices if price["min"] is not None or price["max"] is not None)
    return tuple(PriceRange(p["min"], p["max"], p["currency"], p["label"]) for p in named)


def _same_as(detail: Detail) -> tuple[str, ...]:
    return (detail.url,) if detail.url else ()


def _pictures(addresses: list[str]) -> tuple[Picture, ...]:
    return tuple(Picture(address) for address in addresses)


def _where(detail: Detail) -> Place | None:
    name = detail.place_name or (detail.municipality.name if detail.municipality else detail.locality)
    address = _address(detail)
    if not name and address == PostalAddress() and detail.lat is None:
        return None
    return Place(name, address=address, lon=detail.lon, lat=detail.lat, access=detail.accessibility)


def _moment(at: datetime | None, *, all_day: bool) -> date | datetime | None:
    return at.date() if at and all_day else at


def _span(line: DateLine) -> tuple[date | datetime, date | datetime | None]:
    start = line.starts_at.date() if line.all_day else line.starts_at
    return start, _moment(line.ends_at, all_day=line.all_day)


def event_ld(detail: Detail, url: str, pictures: list[str]) -> list[dict[str, Any]]:
    """An event at its next date, with its further dates below it."""
    organiser = detail.organiser.name if detail.organiser else detail.organiser_name
    shown = detail.next_date
    start = _moment(shown.starts_at if shown else detail.starts_at, all_day=shown.all_day if shown else detail.all_day)
    end = _moment(shown.ends_at if shown else detail.ends_at, all_day=shown.all_day if shown else detail.all_day)
    coming = tuple(_span(line) for line in detail.dates if not line.cancelled)[:MOST_DATES]
    event = Event(
        name=detail.name.text,
        start=start or detail.updated_at.date(),
        end=end,
        timezone=detail.timezone or "UTC",
        url=url,
        id=url,
        type=_type(detail),
        description=_text(detail),
        status=detail.status,
        online_url=detail.online_url,
        place=_where(detail),
        organiser=Organisation(organiser) if organiser else None,
        pictures=_pictures(pictures),
        prices=_prices(detail),
        dates=coming if len(coming) > 1 else (),
        language=detail.name.language,
        age_min=detail.age_min,
        age_max=detail.age_max,
        modified=detail.updated_at,
    )
    return [CONTEXT | writer.event_jsonld(event)]


def place_ld(detail: Detail, url: str, pictures: list[str]) -> list[dict[str, Any]]:
    """A place with its hours and facts."""
    place = Place(
        name=detail.name.text,
        url=url,
        id=url,
        type=_type(detail),
        description=_text(detail),
        address=_address(detail),
        lon=detail.lon,
        lat=detail.lat,
        email=detail.email,
        telephone=detail.phone,
        pictures=_pictures(pictures),
        hours=detail.hours,
        access=detail.accessibility,
        prices=_prices(detail),
        same_as=_same_as(detail),
        modified=detail.updated_at,
    )
    return [CONTEXT | writer.place_jsonld(place)]


def offer_ld(detail: Detail, url: str, pictures: list[str]) -> list[dict[str, Any]]:
    """An offer: what is offered, by whom, where, for how much."""
    offer = Offer(
        name=detail.name.text,
        url=url,
        id=url,
        type=_type(detail),
        description=_text(detail),
        provider=Organisation(detail.owner.name) if detail.owner else None,
        place=_where(detail),
        pictures=_pictures(pictures),
        prices=_prices(detail),
        hours=detail.hours,
        modified=detail.updated_at,
    )
    return [CONTEXT | writer.offer_jsonld(offer)]
