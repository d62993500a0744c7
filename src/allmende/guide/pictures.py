"""Pictures of where things are, drawn once and kept while nothing public changes."""

from __future__ import annotations

from functools import lru_cache

from markupsafe import Markup

from allmende.catalogue import queries
from allmende.core.content import recent_content_stamp
from allmende.guide.bridges.outline_svg import (
    Dot,
    Frame,
    Shape,
    box_of,
    frame_for,
    path_of,
    region_svg,
    where_picture,
)
from allmende.partners import queries as partners
from allmende.partners.queries import TerritoryPage

SHAPES_SHOWN = 260
"""Municipalities with most to see; more would make the picture heavy and no clearer."""


@lru_cache(maxsize=64)
def _frame(department: int, stamp: int) -> tuple[Frame, str] | None:
    area = partners.territory_by_id(department)
    box = box_of([area.outline]) if area and area.outline else None
    if area is None or area.outline is None or box is None:
        return None
    frame = frame_for(box, 220)
    return frame, path_of(area.outline, frame)


@lru_cache(maxsize=2048)
def _within(municipality: int, stamp: int) -> tuple[Frame, str, str] | None:
    """Frame, path of what is around, path of the municipality."""
    area = partners.territory_by_id(municipality)
    if area is None:
        return None
    around = _frame(area.parent.id, stamp) if area.parent else None
    if around is None:
        own = _frame(municipality, stamp)
        return (*own, own[1]) if own else None
    frame, whole = around
    return frame, whole, path_of(area.outline, frame, digits=1) if area.outline else ""


def where(municipality: int | None, lon: float | None, lat: float | None, label: str) -> Markup:
    """Where something is: its municipality in the department, with a dot; empty where outlines are not known."""
    found = _within(municipality, recent_content_stamp()) if municipality else None
    return where_picture(*found, lon, lat, label) if found else Markup()


@lru_cache(maxsize=4)
def _grounds(stamp: int) -> tuple[TerritoryPage, ...]:
    areas = partners.departments() or [area for area in [partners.region()] if area]
    return tuple(area for area in areas if area.outline)


def grounds() -> tuple[TerritoryPage, ...]:
    """The areas that a map of the region is drawn from: its departments, else the region itself."""
    return _grounds(recent_content_stamp())


def bounds() -> tuple[float, float, float, float] | None:
    """West, south, east and north of the region."""
    region = partners.region()
    return region.bbox if region and region.bbox else box_of([area.outline for area in grounds() if area.outline])


@lru_cache(maxsize=12)
def _region(label: str, base: str, width: int, stamp: int) -> Markup:
    shapes = [Shape(area.outline, kind="frame") for area in grounds() if area.outline]
    busiest = sorted(queries.municipalities(only_with_content=True), key=lambda named: -named.total)[:SHAPES_SHOWN]
    for named in busiest:
        area = partners.territory_by_id(named.id)
        if area and area.outline:
            shapes.append(Shape(area.outline, f"{base}/municipalities/{named.slug}/" if base else "", named.name))
    return region_svg(shapes, width=width, label=label)


def region_picture(label: str, *, base: str = "", width: int = 640) -> Markup:
    """The region with the municipalities that have something; with ``base`` (``/fr``) each is a link to its page."""
    return _region(label, base, width, recent_content_stamp())


def points_picture(dots: list[Dot], label: str) -> Markup:
    """The region with dots for what is in a list: the map of those who have no script."""
    shapes = [Shape(area.outline, kind="frame") for area in grounds() if area.outline]
    return region_svg(shapes, dots, label=label)


