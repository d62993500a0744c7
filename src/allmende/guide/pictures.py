"""Pictures of where things are, drawn once and kept for a while."""

from __future__ import annotations

import time
from functools import lru_cache

from markupsafe import Markup

from allmende.catalogue import queries
from allmende.guide.bridges.outline_svg import (
    Dot,
    Frame,
    Outline,
    Shape,
    box_of,
    coarser,
    frame_for,
    path_of,
    region_svg,
    where_picture,
)
from allmende.partners import queries as partners
from allmende.partners.queries import TerritoryPage

SHAPES_SHOWN = 240
OVERVIEW_TOLERANCE = 0.006
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


def bounds() -> tuple[float, float, float, float] | None:
    """West, south, east and north of the region."""
    region = partners.region()
    return region.bbox if region and region.bbox else box_of([area.outline for area in grounds() if area.outline])


@lru_cache(maxsize=1024)
def _outline(municipality: int, hour: int) -> Outline | None:
    area = partners.territory_by_id(municipality)
    return coarser(area.outline, OVERVIEW_TOLERANCE) if area and area.outline else None


@lru_cache(maxsize=24)
def _region(label: str, base: str, width: int, shown: tuple[tuple[int, str, str], ...], hour: int) -> Markup:
    shapes = [Shape(area.outline, kind="frame") for area in grounds() if area.outline]
    for municipality, slug, name in shown:
        outline = _outline(municipality, hour)
        if outline:
            shapes.append(Shape(outline, f"{base}/municipalities/{slug}/" if base else "", name))
    return region_svg(shapes, width=width, label=label)


def region_picture(label: str, *, base: str = "", width: int = 640) -> Markup:
    """The region with the municipalities that have something; with ``base`` (``/fr``) each is a link to its page."""
    busiest = sorted(queries.municipalities(only_with_content=True), key=lambda named: -named.total)[:SHAPES_SHOWN]
    return _region(label, base, width, tuple((named.id, named.slug, named.name) for named in busiest), _hour())


def points_picture(dots: list[Dot], label: str, *, width: int = 640) -> Markup:
    """The region with dots for what is in a list: the map of those who have no script."""
    shapes = [Shape(area.outline, kind="frame") for area in grounds() if area.outline]
    return region_svg(shapes, dots, width=width, label=label)
