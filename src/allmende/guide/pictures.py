"""Pictures of where things are, drawn once and kept for a while."""

from __future__ import annotations

import time
from functools import lru_cache

from markupsafe import Markup

from allmende.catalogue import queries
from allmende.guide.bridges.outline_svg import (
    Area,
    Box,
    Dot,
    Frame,
    Ground,
    box_of,
    frame_for,
    ground_of,
    path_of,
    region_svg,
    where_picture,
)
from allmende.partners import queries as partners
from allmende.partners.queries import TerritoryPage

SHAPES_SHOWN = 180
"""Municipalities with most to see; more would make the picture heavy and no clearer."""


def _hour() -> int:
    """Outlines change once in years, content many times a day: pictures are drawn anew by the hour, not by the edit."""
    return int(time.monotonic() // 3600)


@lru_cache(maxsize=64)
def _frame(department: int, hour: int) -> tuple[Frame, str] | None:
    area = partners.territory_by_id(department)
    box = box_of([area.outline]) if area and area.outline else None
    if area is None or area.outline is None or box is None:
        return None
    frame = frame_for(box, 220)
    return frame, path_of(area.outline, frame)


@lru_cache(maxsize=2048)
def _within(municipality: int, hour: int) -> tuple[Frame, str, str] | None:
    """Frame, path of what is around, path of the municipality."""
    area = partners.territory_by_id(municipality)
    if area is None:
        return None
    around = _frame(area.parent.id, hour) if area.parent else None
    if around is None:
        own = _frame(municipality, hour)
        return (*own, own[1]) if own else None
    frame, whole = around
    return frame, whole, path_of(area.outline, frame, digits=1) if area.outline else ""


def where(municipality: int | None, lon: float | None, lat: float | None, label: str) -> Markup:
    """Where something is: its municipality in the department, with a dot; empty where outlines are not known."""
    found = _within(municipality, _hour()) if municipality else None
    return where_picture(*found, lon, lat, label) if found else Markup()


@lru_cache(maxsize=4)
def _grounds(hour: int) -> tuple[TerritoryPage, ...]:
    areas = partners.departments() or [area for area in [partners.region()] if area]
    return tuple(area for area in areas if area.outline)


def grounds() -> tuple[TerritoryPage, ...]:
    """The areas that a map of the region is drawn from: its departments, else the region itself."""
    return _grounds(_hour())


@lru_cache(maxsize=2)
def _bounds(hour: int) -> Box | None:
    region = partners.region()
    return region.bbox if region and region.bbox else box_of([area.outline for area in grounds() if area.outline])


def bounds() -> Box | None:
    """West, south, east and north of the region."""
    return _bounds(_hour())


@lru_cache(maxsize=8)
def _ground(width: int, hour: int) -> Ground | None:
    return ground_of([area.outline for area in _grounds(hour) if area.outline], width=width)


@lru_cache(maxsize=2048)
def _path(municipality: int, width: int, hour: int) -> str:
    """The municipality on the region's ground; "" where its outline is not known."""
    ground, area = _ground(width, hour), partners.territory_by_id(municipality)
    return path_of(area.outline, ground.frame, digits=1) if ground and area and area.outline else ""


def region_picture(label: str, *, base: str = "", width: int = 640) -> Markup:
    """The region with the municipalities that have something; with ``base`` (``/fr``) each is a link to its page."""
    hour = _hour()
    ground = _ground(width, hour)
    if ground is None:
        return Markup()
    busiest = sorted(queries.municipalities(only_with_content=True), key=lambda named: -named.total)[:SHAPES_SHOWN]
    areas = [
        Area(_path(named.id, width, hour), f"{base}/municipalities/{named.slug}/" if base else "", named.name)
        for named in busiest
    ]
    return region_svg(ground, areas, label=label)


def points_picture(dots: list[Dot], label: str, *, width: int = 640) -> Markup:
    """The region with dots for what is in a list: the map of those who have no script."""
    ground = _ground(width, _hour())
    return region_svg(ground, dots=dots, label=label) if ground else Markup()
