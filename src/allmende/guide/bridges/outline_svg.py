"""Outlines as small SVG pictures: where a place lies, a region with its dots.

The pictures stand on their own: colours are presentation attributes on ``currentColor``, so that no style sheet, inline
style or script is needed; classes let one refine them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from allmende.engines.geo import BadOutline, simplify

Outline = Mapping[str, Any]
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Frame:
    """A piece of the earth (degrees) laid onto a picture ``width`` × ``height``."""

    west: float
    north: float
    x_scale: float
    y_scale: float
    left: float
    top: float
    width: int
    height: int

    def place(self, lon: float, lat: float) -> tuple[float, float]:
        """Picture coordinates of a point."""
        return self.left + (lon - self.west) * self.x_scale, self.top + (self.north - lat) * self.y_scale

    @property
    def tolerance(self) -> float:
        """Degrees that are too small to be seen."""
        return 0.9 / self.y_scale


@dataclass(frozen=True, slots=True)
class Dot:
    """A point on the picture: ``n`` things, an address to follow and a name for it."""

    lon: float
    lat: float
    n: int = 1
    href: str = ""
    label: str = ""
    hue: str = ""


def frame_for(box: Box, width: int, *, margin: float = 6, tallest: float = 1.25) -> Frame:
    """The frame in which ``box`` (west, south, east, north) fits; no taller than ``tallest`` × ``width``."""
    west, south, east, north = box
    shrink = math.cos(math.radians((south + north) / 2))
    wide, high = max((east - west) * shrink, 1e-6), max(north - south, 1e-6)
    scale = min((width - 2 * margin) / wide, (width * tallest - 2 * margin) / high)
    height = math.ceil(high * scale + 2 * margin)
    left = (width - wide * scale) / 2
    return Frame(west, north, scale * shrink, scale, left, margin, width, height)


def box_of(outlines: Iterable[Outline]) -> Box | None:
    """The bounding box around outlines, or None where there is none."""
    points = [point for outline in outlines for ring in rings_of(outline) for point in ring]
    if not points:
        return None
    lons, lats = [point[0] for point in points], [point[1] for point in points]
    return min(lons), min(lats), max(lons), max(lats)


def rings_of(outline: Outline) -> Iterator[Sequence[Sequence[float]]]:
    """The rings of a Polygon or MultiPolygon."""
    parts = outline["coordinates"] if outline["type"] == "MultiPolygon" else [outline["coordinates"]]
    for part in parts:
        yield from part


def path_of(outline: Outline, frame: Frame, *, digits: int = 0) -> str:
    """The ``d`` of an SVG path: what cannot be seen at this size is left out."""
    try:
        outline = simplify(outline, frame.tolerance, digits=5)
    except BadOutline:
        return ""
    factor = 10**digits
    drawn = []
    for ring in rings_of(outline):
        steps: list[str] = []
        first = last = None
        for lon, lat, *_ in ring:
            x, y = frame.place(lon, lat)
            here = (round(x * factor), round(y * factor))
            if last is None:
                first = here
            elif here != last:
                steps.append(_pair(here[0] - last[0], here[1] - last[1], factor))
            last = here
        # A closed ring comes back to its first point, which "z" draws; two steps make a line, no area.
        if first is not None and len(steps) > 2:
            steps.pop()
            drawn.append(f"M{_pair(*first, factor)}l{_joined(steps)}z")
    return "".join(drawn)


def _pair(x: int, y: int, factor: int) -> str:
    a, b = _short(x / factor), _short(y / factor)
    return f"{a}{b}" if b.startswith("-") else f"{a} {b}"


def _joined(steps: list[str]) -> str:
    return "".join(step if not place or step.startswith("-") else f" {step}" for place, step in enumerate(steps))


def _short(value: float) -> str:
    text = f"{value:.1f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))
    return "0" if text in {"-0", ""} else text


def where_svg(
    outline: Outline | None, frame_outline: Outline | None, lon: float | None, lat: float | None, *, label: str = ""
) -> Markup:
    """Where something is: the municipality in the department (or region), with a dot.  Empty without any outline."""
    whole = frame_outline or outline
    box = box_of([whole]) if whole else None
    if whole is None or box is None:
        return Markup()
    frame = frame_for(box, 220)
    return where_picture(
        frame, path_of(whole, frame), path_of(outline, frame, digits=1) if outline else "", lon, lat, label
    )


def where_picture(frame: Frame, whole: str, part: str, lon: float | None, lat: float | None, label: str) -> Markup:
    """The picture of :func:`where_svg` from paths that are already drawn."""
    inner = [f'<path class="where-frame" d="{whole}" fill="currentColor" fill-opacity=".1" stroke="currentColor"'
             ' stroke-opacity=".45" stroke-linejoin="round"/>']  # fmt: skip
    if part and part != whole:
        inner.append(f'<path class="where-area" d="{part}" fill="currentColor" fill-opacity=".55"/>')
    if lon is not None and lat is not None:
        x, y = frame.place(lon, lat)
        inner.append(
            f'<circle class="where-halo" cx="{x:.1f}" cy="{y:.1f}" r="11" fill="currentColor" fill-opacity=".2"/>'
            f'<circle class="where-dot" cx="{x:.1f}" cy="{y:.1f}" r="5" fill="currentColor"/>'
        )
    return _svg("where-map", frame, "".join(inner), label)


@dataclass(frozen=True, slots=True)
class Ground:
    """The areas that a map is drawn on: drawn once, used for many pictures."""

    frame: Frame
    svg: str


@dataclass(frozen=True, slots=True)
class Area:
    """A drawn area on a ground, with an address and a name if it leads somewhere."""

    path: str
    href: str = ""
    label: str = ""


LINE = 'fill="currentColor" stroke="currentColor" stroke-linejoin="round"'


def ground_of(outlines: Sequence[Outline], *, width: int = 640) -> Ground | None:
    """The outlines, fitted into a picture of ``width``; None without any."""
    box = box_of(outlines)
    if box is None:
        return None
    frame = frame_for(box, width, margin=14)
    paths = "".join(f'<path d="{path}"/>' for path in (path_of(outline, frame) for outline in outlines) if path)
    return Ground(frame, f'<g class="map-grounds" {LINE} fill-opacity=".07" stroke-opacity=".4">{paths}</g>')


def region_svg(ground: Ground, areas: Sequence[Area] = (), dots: Sequence[Dot] = (), *, label: str = "") -> Markup:
    """A region: the ground, areas in the given order, then dots whose size tells how many things are there.

    Areas and dots with an address are links, so that the picture is a map without any script.
    """
    inner = ground.svg
    if areas:
        drawn = "".join(_linked(f'<path d="{area.path}"/>', area.href, area.label) for area in areas if area.path)
        inner += f'<g class="map-areas" {LINE} fill-opacity=".3" stroke-opacity=".5" stroke-width=".7">{drawn}</g>'
    if dots:
        circles = "".join(_dot(dot, ground.frame) for dot in sorted(dots, key=lambda dot: -dot.n))
        inner += f'<g class="map-dots" fill="currentColor" text-anchor="middle" font-size="13">{circles}</g>'
    has_links = any(area.href for area in areas) or any(dot.href for dot in dots)
    return _svg("region-map", ground.frame, inner, label, is_group=has_links)


def _dot(dot: Dot, frame: Frame) -> str:
    x, y = frame.place(dot.lon, dot.lat)
    hue = f' class="hue-{escape(dot.hue)}"' if dot.hue else ""
    # Area, not radius, grows with the number; 12 is the least radius that a finger can hit at this size.
    radius = min(26.0, 10 + 1.9 * math.sqrt(dot.n)) if dot.href or dot.n > 1 else 3.5
    drawn = f'<circle{hue} cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"/>'
    if dot.n > 1 and dot.href:
        drawn += f'<text x="{x:.1f}" y="{y:.1f}" dy=".35em">{dot.n}</text>'
    return _linked(drawn, dot.href, dot.label)


def _linked(drawn: str, href: str, label: str) -> str:
    title = f"<title>{escape(label)}</title>" if label else ""
    if href:
        return f'<a href="{escape(href)}">{title}{drawn}</a>'
    return f"<g>{title}{drawn}</g>" if title else drawn


def _svg(name: str, frame: Frame, inner: str, label: str, *, is_group: bool = False) -> Markup:
    # A picture that holds links must not be an image to assistive technology, or its links vanish.
    if is_group:
        role = f' role="group" aria-label="{escape(label)}"' if label else ""
    else:
        role = f' role="img" aria-label="{escape(label)}"' if label else ' aria-hidden="true"'
    return Markup(  # noqa: S704  every text above is escaped, paths hold digits only
        f'<svg class="{name}" viewBox="0 0 {frame.width} {frame.height}" width="{frame.width}"'
        f' height="{frame.height}"{role}>'
        f"{inner}</svg>"
    )
