"""Searches of the directory."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from allmende.core.slugs import name_key
from allmende.core.text import Picked, pick
from allmende.partners.directory import bits
from allmende.partners.directory.keep import Kept, Town, index_now, is_known
from allmende.partners.models import Organisation, Profile
from allmende.partners.vocabulary import label

FACETS: Final = ("kind", "service", "skill", "audience", "schools", "section", "size", "requests", "municipality")
"""What one can narrow the directory by, in the order of the page."""
MOST_MUNICIPALITIES: Final = 40
ON_A_PAGE: Final = 24
MOST_WORDS: Final = 8
EARTH_KM: Final = 6371.0
RADII: Final = (5, 10, 25, 50, 100)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for."""

    text: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    """Facet -> value; a municipality by its official code."""
    near: str = ""
    """Official code of the municipality from which distances count."""
    radius: int | None = None
    """Kilometres around ``near``."""
    sort: str = "fit"
    """fit, name or distance."""
    page: int = 1


@dataclass(frozen=True, slots=True)
class Facet:
    """One value to narrow by."""

    value: str
    label: str
    n: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Card:
    """An organisation in the directory."""

    id: int
    slug: str
    name: str
    kind: str
    kind_label: str
    summary: Picked
    services: list[str]
    schools: str
    municipality: str
    municipality_code: str
    lon: float | None
    lat: float | None
    km: float | None
    """From the place that was asked for, as the crow flies between municipalities."""
    url: str
    email: str
    phone: str
    street: str
    postal_code: str
    locality: str
    section: str
    size: str
    takes_requests: bool


@dataclass(frozen=True, slots=True)
class Found:
    """A page of the directory."""

    cards: list[Card]
    total: int
    page: int
    pages: int
    facets: Mapping[str, list[Facet]]
    corrected: Sequence[tuple[str, str]]
    """(typed, taken for)."""
    near: Town | None
    towns: list[tuple[Town, int]]
    """Municipalities of all hits that have a place on the map, with how many."""


def wanted_of(values: Mapping[str, str]) -> Wanted:
    """What the fields of an address ask for; what makes no sense is left out."""

    def told(name: str, longest: int = 40) -> str:
        return values.get(name, "").replace("\0", " ").strip()[:longest]

    chosen = {facet: told(facet) for facet in FACETS if is_known(facet, told(facet))}
    kept = index_now()
    if told("municipality") in kept.by_code:
        chosen["municipality"] = told("municipality")
    start = kept.by_code.get(told("near")) or kept.by_name.get(name_key(told("near", 120)))
    near = start.code if start else ""
    radius, page = told("radius"), told("page")
    sort = told("sort") if told("sort") in {"name", "distance"} else "fit"
    return Wanted(
        text=told("q", 100),
        chosen=chosen,
        near=near,
        radius=int(radius) if near and radius.isdecimal() and int(radius) in RADII else None,
        sort="fit" if sort == "distance" and not near else sort,
        page=int(page) if page.isdecimal() and 0 < len(page) < 6 else 1,
    )


def find(wanted: Wanted, *, language: str, per_page: int = ON_A_PAGE) -> Found:
    """Who fits, in order, with what one can narrow by; one query for the page beside what the index needs."""
    kept = index_now()
    hits = _Hits(kept, wanted)
    total = hits.all.bit_count()
    pages = max(1, -(-total // per_page))
    page = min(max(1, wanted.page), pages)
    rows = list(islice(hits.ordered(), (page - 1) * per_page, page * per_page))
    keys = [kept.index.rows[row].key for row in rows if row in kept.index.rows]
    return Found(
        cards=_cards(keys, kept, hits.km, language),
        total=total,
        page=page,
        pages=pages,
        facets={facet: _facet(facet, hits, wanted, language) for facet in FACETS},
        corrected=hits.corrected,
        near=kept.by_code.get(wanted.near),
        towns=_towns(kept, hits.all),
    )


def every(wanted: Wanted, *, language: str, most: int = 50_000) -> list[Card]:
    """All that fit, in order, for files; one query per 900."""
    kept = index_now()
    hits = _Hits(kept, wanted)
    keys = [kept.index.rows[row].key for row in islice(hits.ordered(), most)]
    return [
        card
        for start in range(0, len(keys), 900)
        for card in _cards(keys[start : start + 900], kept, hits.km, language)
    ]


class _Hits:
    """The rows that fit, and those that would without one of the facets."""

    def __init__(self, kept: Kept, wanted: Wanted) -> None:
        index = kept.index
        self.kept, self.wanted = kept, wanted
        words = name_key(wanted.text).split()[:MOST_WORDS]
        self.tiers, self.corrected = index.search(words) if words else ([index.everything], [])
        self.km = _distances(kept, wanted.near)
        base = 0
        for tier in self.tiers:
            base |= tier
        if wanted.radius is not None:
            within = 0
            for town, km in self.km.items():
                if km <= wanted.radius:
                    within |= index.facets.get("municipality", {}).get(town, 0)
            base &= within
        self.base = base
        self._of = {facet: _value_rows(kept, facet, value) for facet, value in wanted.chosen.items()}
        self.all = self.without("")

    def without(self, facet: str) -> int:
        """The rows that fit all that is chosen but this facet."""
        rows = self.base
        for other, of_value in self._of.items():
            if other != facet:
                rows &= of_value
        return rows

    def ordered(self) -> Iterator[int]:
        """The rows in order."""
        order = self.kept.index.order
        if self.wanted.sort == "distance":
            yield from self._by_distance()
        elif self.wanted.sort == "name":
            yield from bits.in_order(self.all, order)
        else:
            for tier in self.tiers:
                yield from bits.in_order(tier & self.all, order)

    def _by_distance(self) -> Iterator[int]:
        by_town = self.kept.index.facets.get("municipality", {})
        left, order = self.all, self.kept.index.order
        for town in sorted(self.km, key=lambda one: (self.km[one], one)):
            there = by_town.get(town, 0) & left
            if there:
                # Few are in one municipality: sorting them is less work than walking through all.
                numbers = (
                    [n for n in range(there.bit_length()) if there >> n & 1] if there.bit_count() > 200 else _few(there)
                )
                rows = self.kept.index.rows
                yield from sorted(numbers, key=lambda n: (rows[n].sort_key, rows[n].key))
                left &= ~there
        yield from bits.in_order(left, order)


def _few(rows: int) -> list[int]:
    found = []
    while rows:
        lowest = rows & -rows
        found.append(lowest.bit_length() - 1)
        rows ^= lowest
    return found


def _value_rows(kept: Kept, facet: str, value: str) -> int:
    if facet == "municipality":
        town = kept.by_code.get(value)
        value = str(town.id) if town else ""
    return kept.index.facets.get(facet, {}).get(value, 0)


def _distances(kept: Kept, near: str) -> dict[str, float]:
    """Kilometres from a municipality to each that has a point."""
    start = kept.by_code.get(near)
    if start is None or start.lon is None or start.lat is None:
        return {}
    return {
        key: distance_km(start.lon, start.lat, town.lon, town.lat)
        for key, town in kept.towns.items()
        if town.lon is not None and town.lat is not None
    }


def distance_km(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Great-circle distance of two points in degrees."""
    a, b = math.radians(lat), math.radians(other_lat)
    half = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))


def _facet(facet: str, hits: _Hits, wanted: Wanted, language: str) -> list[Facet]:
    rows = hits.without(facet)
    chosen = wanted.chosen.get(facet, "")
    counted = [(value, (mask & rows).bit_count()) for value, mask in hits.kept.index.facets.get(facet, {}).items()]
    found = []
    for value, n in counted:
        shown = value
        if facet == "municipality":
            town = hits.kept.towns.get(value)
            if town is None:
                continue
            shown = town.code
        if n or shown == chosen:
            found.append((n, shown, value))
    if chosen and chosen not in {shown for _, shown, _ in found}:
        found.append((0, chosen, chosen))
    found.sort(key=lambda entry: (-entry[0], entry[1]))
    if facet == "municipality":
        found = [entry for place, entry in enumerate(found) if place < MOST_MUNICIPALITIES or entry[1] == chosen]
    return [
        Facet(shown, facet_label(facet, value, language, hits.kept), n, shown == chosen) for n, shown, value in found
    ]


def facet_label(facet: str, value: str, language: str, kept: Kept | None = None) -> str:
    """A value of a facet in words; municipalities by territory id."""
    if facet in {"service", "skill", "audience", "section"}:
        return label(f"{facet}s", value, language)
    if facet == "kind":
        return str(Organisation.Kind(value).label)
    if facet == "schools":
        return str(Profile.Schools(value).label)
    if facet == "municipality" and kept is not None:
        town = kept.towns.get(value) or kept.by_code.get(value)
        return town.name if town else value
    return value


def _towns(kept: Kept, rows: int) -> list[tuple[Town, int]]:
    found = []
    for key, mask in kept.index.facets.get("municipality", {}).items():
        town = kept.towns.get(key)
        if town and town.lon is not None and town.lat is not None and (n := (mask & rows).bit_count()):
            found.append((town, n))
    return sorted(found, key=lambda entry: (-entry[1], entry[0].name))


_COLUMNS: Final = (
    "pk",
    "slug",
    "name",
    "kind",
    "about",
    "municipality_id",
    "url",
    "email",
    "phone",
    "street",
    "postal_code",
    "locality",
    "profile__does",
    "profile__services",
    "profile__service_words",
    "profile__schools",
    "profile__section",
    "profile__size",
    "profile__takes_requests",
)


def _cards(keys: Sequence[int], kept: Kept, km: Mapping[str, float], language: str) -> list[Card]:
    rows = Organisation.objects.filter(pk__in=keys).order_by().values_list(*_COLUMNS)
    cards = {row[0]: _card(dict(zip(_COLUMNS, row, strict=True)), kept, km, language) for row in rows}
    return [cards[key] for key in keys if key in cards]


def _card(row: Mapping[str, Any], kept: Kept, km: Mapping[str, float], language: str) -> Card:
    town = kept.towns.get(str(row["municipality_id"]))
    services = [label("services", key, language) for key in row["profile__services"] or ()]
    return Card(
        id=row["pk"],
        slug=row["slug"],
        name=row["name"],
        kind=row["kind"],
        kind_label=str(Organisation.Kind(row["kind"]).label),
        summary=pick(row["about"] or row["profile__does"], language),
        services=[*services, *(row["profile__service_words"] or ())],
        schools=row["profile__schools"] or "",
        municipality=town.name if town else "",
        municipality_code=town.code if town else "",
        lon=town.lon if town else None,
        lat=town.lat if town else None,
        km=km.get(str(row["municipality_id"])),
        url=row["url"],
        email=row["email"],
        phone=row["phone"],
        street=row["street"],
        postal_code=row["postal_code"],
        locality=row["locality"],
        section=row["profile__section"] or "",
        size=row["profile__size"] or "",
        takes_requests=bool(row["profile__takes_requests"]),
    )


def town_options() -> list[tuple[str, str]]:
    """(code, name) of the municipalities that have organisations, by name."""
    return sorted(((town.code, town.name) for town in index_now().towns.values()), key=lambda entry: name_key(entry[1]))
