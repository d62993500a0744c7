"""A record made ready: everything that is folded, split or looked up is done once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from allmende.engines.linkage.contact import Address, Street, read_phone, read_street, read_url
from allmende.engines.linkage.lexicon import GENERIC, STOPWORDS
from allmende.engines.linkage.things import MAX_DATES, MAX_NAMES, Thing, When
from allmende.engines.linkage.words import Name, canonical, canonical_words, fold, read_name, telling_words, words

NO_TIME: Final = -1
_TEXT: Final = 240
_TEXT_WORDS: Final = 16


@dataclass(frozen=True, slots=True)
class Slot:
    """One date: days as ordinals, the start in minutes since midnight or ``NO_TIME``."""

    day: int
    minute: int
    last_day: int


@dataclass(frozen=True, slots=True)
class Prepared:
    """What ``decide`` and ``keys`` need of a :class:`Thing`; cheap to keep."""

    id: str
    kind: str
    source: str
    titles: tuple[str, ...]
    names: tuple[Name, ...]
    lon: float | None
    lat: float | None
    street: Street
    postal: str
    locality: str
    area: str
    places: frozenset[str]
    """Words that say where: locality, street, quarter.  They count little in a name."""
    url: Address
    email: str
    phone: str
    categories: frozenset[str]
    same_as: frozenset[str]
    text: tuple[str, ...]
    """Rare words of the description (events)."""
    slots: tuple[Slot, ...]
    days: frozenset[int]
    has_spans: bool
    """Whether one of the dates is longer than a day."""
    is_series: bool
    venue: Name | None
    organiser: Name | None


def _slot(start: When, end: When | None) -> Slot:
    day, minute = start.toordinal(), NO_TIME
    if isinstance(start, datetime):
        minute = start.hour * 60 + start.minute or NO_TIME
    if end is None:
        return Slot(day, minute, day)
    last = end.toordinal()
    if isinstance(end, datetime) and end.hour < 6 and last == day + 1:
        last = day  # a night that ends after midnight is one day
    return Slot(day, minute, max(day, last))


def _identifier(text: str) -> str:
    address = read_url(text) if "/" in text or "." in text else None
    if address is not None and address.page:
        return address.page.rsplit("/", 1)[-1] if address.host == "wikidata.org" else address.page
    return fold(text).strip() if address is None else ""


def _place_words(thing: Thing, street: Street) -> frozenset[str]:
    if not (thing.locality or thing.country or thing.street):
        return frozenset()
    found = {word for word in words(thing.locality) if word not in STOPWORDS} | set(street.rest)
    found.update(word for word in street.name.split() if len(word) > 2)
    found.update(words(thing.country))
    places = {part for word in found if word not in GENERIC for part in canonical(word) if len(part) > 1}
    # "Gilchinger" is of Gilching, "Bremer" of Bremen.
    return frozenset(places | {f"{word.removesuffix('en')}er" for word in places if len(word) > 3})


def prepare(thing: Thing) -> Prepared:
    """Fold, split and look up what is compared later.  Depends on nothing but ``thing``."""
    titles = tuple(dict.fromkeys(name.strip() for name in thing.names if name.strip()))[:MAX_NAMES]
    street = read_street(thing.street)
    text = telling_words(thing.text[:_TEXT], _TEXT_WORDS) if thing.kind == "event" else ()
    slots = tuple(_slot(start, end) for start, end in thing.dates[:MAX_DATES])
    located = thing.lon is not None and thing.lat is not None and abs(thing.lat) <= 90 and (thing.lon or thing.lat)
    return Prepared(
        id=thing.id,
        kind=thing.kind,
        source=thing.source,
        titles=titles,
        names=tuple(read_name(title[:300]) for title in titles),
        lon=thing.lon if located else None,
        lat=thing.lat if located else None,
        street=street,
        postal=fold(thing.postal_code).replace(" ", "") or street.postal,
        locality=" ".join(word for word in words(thing.locality) if word not in STOPWORDS),
        area=fold(thing.area).strip(),
        places=_place_words(thing, street),
        url=read_url(thing.url),
        email=fold(thing.email).strip(),
        phone=read_phone(thing.phone),
        categories=frozenset().union(*map(canonical_words, thing.categories)),
        same_as=frozenset(filter(None, map(_identifier, thing.same_as))),
        text=text,
        slots=slots,
        days=frozenset(slot.day for slot in slots),
        has_spans=any(slot.last_day > slot.day for slot in slots),
        is_series=thing.is_series or len(slots) > 1,
        venue=read_name(thing.venue[:200]) if thing.venue.strip() else None,
        organiser=read_name(thing.organiser[:200]) if thing.organiser.strip() else None,
    )
