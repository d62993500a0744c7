"""Reads of the partners, for other modules."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet

from allmende.core.content import recent_content_stamp
from allmende.core.prepared import prepared
from allmende.core.slugs import fold
from allmende.core.text import Picked, pick
from allmende.partners.bridges import geo
from allmende.partners.models import Membership, Organisation, Territory


@dataclass(frozen=True, slots=True)
class Area:
    """A territory by name, for links."""

    id: int
    code: str
    slug: str
    name: str
    level: str


@dataclass(frozen=True, slots=True)
class TerritoryPage:
    """A territory as its page shows it."""

    id: int
    country: str
    level: str
    code: str
    slug: str
    name: str
    population: int | None
    lon: float | None
    lat: float | None
    bbox: tuple[float, float, float, float] | None
    """(west, south, east, north)."""
    outline: Mapping[str, Any] | None
    credit: str
    parent: Area | None
    neighbours: list[Area] = field(default_factory=list)
    successor: Area | None = None
    """The area that it is part of today."""


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    """An organisation as its page shows it."""

    id: int
    slug: str
    name: str
    kind: str
    kind_label: str
    about: Picked
    url: str
    email: str
    phone: str
    street: str
    postal_code: str
    locality: str
    municipality: Area | None
    successor_id: int | None = None
    """The organisation that it is part of today."""
    updated_at: datetime | None = None


def _area(territory: Territory) -> Area:
    return Area(territory.pk, territory.code, territory.slug, territory.name, territory.level)


def _page(territory: Territory, *, with_neighbours: bool) -> TerritoryPage:
    bbox = None
    if territory.west is not None:
        bbox = (territory.west, territory.south or 0.0, territory.east or 0.0, territory.north or 0.0)
    return TerritoryPage(
        id=territory.pk,
        country=territory.country,
        level=territory.level,
        code=territory.code,
        slug=territory.slug,
        name=territory.name,
        population=territory.population,
        lon=territory.lon,
        lat=territory.lat,
        bbox=bbox,
        outline=territory.outline,
        credit=territory.credit,
        parent=_area(territory.parent) if territory.parent else None,
        neighbours=_neighbours(territory) if with_neighbours else [],
        successor=_area(territory.successor) if territory.successor else None,
    )


def _neighbours(territory: Territory, limit: int = 12) -> list[Area]:
    """Areas of the same level whose boxes touch, nearest first."""
    if territory.west is None or territory.lon is None or territory.lat is None:
        return []
    touching = Territory.objects.filter(
        level=territory.level,
        west__lte=territory.east,
        east__gte=territory.west,
        south__lte=territory.north,
        north__gte=territory.south,
        successor__isnull=True,
    ).exclude(pk=territory.pk)
    areas = list(touching.defer("outline")[:100])
    areas.sort(key=lambda a: math.hypot((a.lon or 0) - (territory.lon or 0), (a.lat or 0) - (territory.lat or 0)))
    return [_area(area) for area in areas[:limit]]


def municipality(code: str) -> TerritoryPage | None:
    """The municipality with an official code."""
    known = Territory.objects.filter(level="municipality", code=code)
    found = known.select_related("parent", "successor").first()
    return _page(found, with_neighbours=True) if found else None


def territory_by_id(identifier: int) -> TerritoryPage | None:
    """A territory without its neighbours."""
    found = Territory.objects.filter(pk=identifier).select_related("parent").first()
    return _page(found, with_neighbours=False) if found else None


def department(code: str) -> TerritoryPage | None:
    """The department with an official code."""
    found = Territory.objects.filter(level="department", code=code).select_related("parent").first()
    return _page(found, with_neighbours=False) if found else None


def departments() -> list[TerritoryPage]:
    """All departments with outlines, by code."""
    found = Territory.objects.filter(level="department").select_related("parent").order_by("code")
    return [_page(area, with_neighbours=False) for area in found]


def region() -> TerritoryPage | None:
    """The region of this installation."""
    found = Territory.objects.filter(level="region").order_by("id").first()
    return _page(found, with_neighbours=False) if found else None


def search_municipalities(prefix: str, limit: int = 10) -> list[Area]:
    """Municipalities whose name starts with ``prefix``, then those that contain it; marks and case do not matter."""
    wanted = fold(prefix).replace(" ", "-").replace("'", "-").strip("-")
    if not wanted:
        return []
    areas = Territory.objects.filter(level="municipality", slug__contains=wanted, successor__isnull=True).defer(
        "outline"
    )
    ordered = sorted(areas[:300], key=lambda a: (not a.slug.startswith(wanted), a.slug))
    return [_area(area) for area in ordered[:limit]]


def organisation_detail(identifier: int, *, language: str) -> OrganisationPage | None:
    """An organisation's public page."""
    found = Organisation.objects.filter(pk=identifier).select_related("municipality").first()
    if not found:
        return None
    return OrganisationPage(
        id=found.pk,
        slug=found.slug,
        name=found.name,
        kind=found.kind,
        kind_label=str(found.get_kind_display()),
        about=pick(found.about, language),
        url=found.url,
        email=found.email,
        phone=found.phone,
        street=found.street,
        postal_code=found.postal_code,
        locality=found.locality,
        municipality=_area(found.municipality) if found.municipality else None,
        successor_id=found.successor_id,
        updated_at=found.updated_at,
    )


def memberships_of(user_id: int) -> list[Membership]:
    """The organisations of a person, with roles."""
    return _memberships(user_id)


@prepared
def _memberships(user_id: int) -> QuerySet[Membership]:
    return Membership.objects.filter(user_id=user_id).select_related("organisation").order_by("organisation__name")


MUNICIPALITIES_FROM_ZOOM = 9
"""Below, a tile shows departments (or the region); from here on municipalities."""


def manager_addresses(organisation_id: int) -> list[str]:
    """E-mail addresses of the people who coordinate an organisation."""
    members = Membership.objects.filter(
        organisation_id=organisation_id, role=Membership.Role.MANAGER, user__is_active=True
    )
    return list(members.order_by("user_id").values_list("user__email", flat=True))


def _tile_box(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    n = 2**z

    def latitude(row: float) -> float:
        return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * row / n))))

    return x / n * 360 - 180, latitude(y + 1), (x + 1) / n * 360 - 180, latitude(y)


def outlines_tile(z: int, x: int, y: int) -> dict[str, Any]:
    """GeoJSON of the outlines that a map tile (Web Mercator z/x/y) touches, as fine as that zoom can show."""
    return _outlines_tile(z, x, y, recent_content_stamp())


@lru_cache(maxsize=256)
def _outlines_tile(z: int, x: int, y: int, stamp: int) -> dict[str, Any]:
    west, south, east, north = _tile_box(z, x, y)
    touching = Q(west__lte=east, east__gte=west, south__lte=north, north__gte=south)
    level = "municipality" if z >= MUNICIPALITIES_FROM_ZOOM else "department"
    areas = Territory.objects.filter(touching, level=level, successor__isnull=True)
    if level == "department" and not areas.exists():
        areas = Territory.objects.filter(touching, level__in=("region", "municipality"))
    tolerance = 360 / 256 / 2**z
    features = []
    for area in areas.order_by("code")[:1500]:
        if not area.outline:
            continue
        outline = geo.to_overview(area.outline, tolerance) if tolerance > 0.0006 else area.outline
        features.append(
            {
                "type": "Feature",
                "id": area.code,
                "properties": {
                    "name": area.name,
                    "slug": area.slug,
                    "level": area.level,
                    "lon": area.lon,
                    "lat": area.lat,
                },
                "geometry": outline,
            }
        )
    return {"type": "FeatureCollection", "features": features}
