"""Maps as SVG: grid cells, outlines and flows in EPSG:3035, drawn without tiles or addresses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from allmende.engines.flows.report.svg import SIZE, Said, frame, rect, step_of, text, width_of
from allmende.engines.flows.report.theme import STEPS, Theme

_FOOT = 24.0
"""pixels below the map for its scale bar"""

Ring = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Area:
    """A zone: its name, its middle and its outline (rings in metres, EPSG:3035), if known."""

    name: str
    x: float
    y: float
    rings: tuple[Ring, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """People who move from one middle to another."""

    x1: float
    y1: float
    x2: float
    y2: float
    people: float


@dataclass(frozen=True, slots=True)
class _View:
    """From metres to pixels."""

    x0: float
    y1: float
    scale: float
    width: float
    height: float

    def at(self, x: float, y: float) -> tuple[float, float]:
        return (x - self.x0) * self.scale, (self.y1 - y) * self.scale


def _view(xs: Sequence[float], ys: Sequence[float], width: float, tallest: float) -> _View:
    """The box around all, with a margin; never taller than ``tallest`` times as wide."""
    x0, x1, y0, y1 = min(xs), max(xs), min(ys), max(ys)
    margin = max(x1 - x0, y1 - y0, 1000.0) * 0.04
    x0, x1, y0, y1 = x0 - margin, x1 + margin, y0 - margin, y1 + margin
    wide = max(x1 - x0, (y1 - y0) / tallest)
    tall = max(y1 - y0, wide * 0.45)
    middle_x, middle_y = (x0 + x1) / 2, (y0 + y1) / 2
    scale = width / wide
    return _View(middle_x - wide / 2, middle_y + tall / 2, scale, width, tall * scale + _FOOT)


def _outlines(areas: Sequence[Area], view: _View, theme: Theme, fill: str = "none") -> str:
    """All outlines as one path, thinned to half a pixel."""
    parts: list[str] = []
    for area in areas:
        for ring in area.rings:
            points = [view.at(x, y) for x, y in ring]
            kept = [points[0]]
            for point in points[1:]:
                if abs(point[0] - kept[-1][0]) + abs(point[1] - kept[-1][1]) > 0.7:
                    kept.append(point)
            if len(kept) > 2:
                parts.append("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in kept) + "Z")
    if not parts:
        return ""
    return f'<path d="{"".join(parts)}" fill="{fill}" stroke="{theme["line2"]}" stroke-width=".8" stroke-linejoin="round"/>'


def _names(areas: Sequence[Area], view: _View, theme: Theme, most: int) -> list[str]:
    """Names where they do not cover each other, in the order given."""
    taken: list[tuple[float, float, float, float]] = []
    body: list[str] = []
    halo = f' paint-order="stroke" stroke="{theme["halo"]}" stroke-width="3.5" stroke-linejoin="round"'
    for area in areas:
        x, y = view.at(area.x, area.y)
        half = width_of(area.name) / 2
        box = (x - half - 2, y - SIZE, x + half + 2, y + 5)
        inside = box[0] > 0 and box[2] < view.width and box[1] > 0 and box[3] < view.height - _FOOT
        if inside and not any(a < box[2] and c > box[0] and b < box[3] and d > box[1] for a, b, c, d in taken):
            taken.append(box)
            body.append(text(x, y, area.name, theme["ink"], anchor="middle", weight=600, extra=halo))
        if len(body) == most:
            break
    return body


def _scale_bar(view: _View, theme: Theme, number: str) -> list[str]:
    """A bar of a round length, at the lower left; ``number`` formats kilometres."""
    most = view.width / 4 / view.scale
    power = 10.0 ** math.floor(math.log10(most))
    length = max(power * by for by in (1, 2, 5) if power * by <= most)
    wide, y = length * view.scale, view.height - 7
    return [
        f'<path d="M1 {y - 6:.1f}V{y:.1f}H{1 + wide:.1f}V{y - 6:.1f}" fill="none" stroke="{theme["ink"]}" stroke-width="1.5"/>',
        text(9 + wide, y + 1, number.format(f"{length / 1000:g}"), theme["ink2"]),
    ]


def cell_map(
    corners: Sequence[tuple[float, float]],
    values: Sequence[float],
    *,
    size: float,
    limits: Sequence[float],
    areas: Sequence[Area] = (),
    width: float,
    said: Said,
    theme: Theme,
    kilometres: str = "{} km",
) -> str:
    """Cells (south-west corners in metres, ``size`` metres wide) coloured by the class of their value, over the zones' outlines."""
    edges = [point for area in areas for ring in area.rings for point in ring]
    xs = [x for x, _ in corners] + [x + size for x, _ in corners] + [x for x, _ in edges]
    ys = [y for _, y in corners] + [y + size for _, y in corners] + [y for _, y in edges]
    view = _view(xs, ys, width, 1.15)
    body = [_outlines(areas, view, theme, theme["void"])]
    runs: list[list[str]] = [[] for _ in range(STEPS)]
    for step, x, y, count in _strips(corners, [step_of(value, limits) for value in values], size):
        left, top = view.at(x, y + size)
        wide, tall = count * size * view.scale, size * view.scale
        runs[step].append(f"M{left:.1f} {top:.1f}h{wide:.1f}v{tall:.1f}h-{wide:.1f}z")
    # A hairline of the same colour closes the seams between neighbours.
    body += [
        f'<path d="{"".join(run)}" fill="{theme[f"s{step}"]}" stroke="{theme[f"s{step}"]}" stroke-width=".9"/>'
        for step, run in enumerate(runs)
        if run
    ]
    body.append(_outlines(areas, view, theme))
    body += _names(areas, view, theme, 14 if width > 500 else 7)
    body += _scale_bar(view, theme, kilometres)
    return frame(view.width, view.height, said, theme, body)


def zone_map(
    areas: Sequence[Area],
    values: Sequence[float | None],
    *,
    limits: Sequence[float],
    width: float,
    said: Said,
    theme: Theme,
    kilometres: str = "{} km",
) -> str:
    """Outlined zones coloured by the class of their value; without a value they stay empty."""
    edges = [point for area in areas for ring in area.rings for point in ring]
    view = _view([x for x, _ in edges], [y for _, y in edges], width, 1.15)
    body = [
        _outlines([area], view, theme, theme["void"] if value is None else theme[f"s{step_of(value, limits)}"])
        for area, value in zip(areas, values, strict=True)
    ]
    known = sorted(zip(areas, values, strict=True), key=lambda pair: -(pair[1] or 0.0))
    body += _names([area for area, _ in known], view, theme, 14 if width > 500 else 7)
    body += _scale_bar(view, theme, kilometres)
    return frame(view.width, view.height, said, theme, body)


def _strips(
    corners: Sequence[tuple[float, float]], steps: Sequence[int], size: float
) -> list[tuple[int, float, float, int]]:
    """Neighbours of one class in a row as one strip: (class, x, y, cells)."""
    found: list[tuple[int, float, float, int]] = []
    for (x, y), step in sorted(zip(corners, steps, strict=True), key=lambda pair: (pair[0][1], pair[0][0])):
        if found:
            last, left, row, count = found[-1]
            if last == step and row == y and left + count * size == x:
                found[-1] = (last, left, row, count + 1)
                continue
        found.append((step, x, y, 1))
    return found


def flow_map(
    flows: Sequence[Flow],
    areas: Sequence[Area],
    *,
    width: float,
    said: Said,
    theme: Theme,
    kilometres: str = "{} km",
) -> str:
    """Bent arrows, as wide as people are many; there and back lie side by side."""
    used = {(flow.x1, flow.y1) for flow in flows} | {(flow.x2, flow.y2) for flow in flows}
    edges = [point for area in areas for ring in area.rings for point in ring]
    # Where outlines reach far beyond the flows, the map keeps to the flows and a little more.
    view = _view(
        [x for x, _ in used] or [x for x, _ in edges], [y for _, y in used] or [y for _, y in edges], width, 1.0
    )
    view = _wider(view, 1.25)
    ground = rect(0, 0, view.width, view.height - _FOOT, theme["void"], radius=6)
    body = [ground, _inside(_outlines(areas, view, theme), view)]
    most = max((flow.people for flow in flows), default=1.0)
    for flow in sorted(flows, key=lambda flow: flow.people):
        body.append(_arrow(view.at(flow.x1, flow.y1), view.at(flow.x2, flow.y2), flow.people / most, theme))
    for x, y in sorted(used):
        a, b = view.at(x, y)
        body.append(
            f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3.2" fill="{theme["ink"]}" stroke="{theme["halo"]}" stroke-width="1.2"/>'
        )
    lift = 9 / view.scale
    named = [Area(area.name, area.x, area.y + lift) for area in areas if (area.x, area.y) in used]
    body += _names(named, view, theme, 40)
    body += _scale_bar(view, theme, kilometres)
    return frame(view.width, view.height, said, theme, body)


def _inside(drawn: str, view: _View) -> str:
    """Cut at the edge of the map, so that nothing runs into the scale bar."""
    return f'<svg x="0" y="0" width="{view.width:g}" height="{view.height - _FOOT:g}">{drawn}</svg>' if drawn else ""


def _wider(view: _View, by: float) -> _View:
    wide, tall = view.width / view.scale, (view.height - _FOOT) / view.scale
    return _View(view.x0 - wide * (by - 1) / 2, view.y1 + tall * (by - 1) / 2, view.scale / by, view.width, view.height)


def _arrow(start: tuple[float, float], end: tuple[float, float], share: float, theme: Theme) -> str:
    """A filled arrow along a curve that bends to the right, so that the way back does not lie on it."""
    a, b = np.array(start), np.array(end)
    way = b - a
    length = float(np.hypot(*way))
    if length < 8:
        return ""
    side = np.array([-way[1], way[0]]) / length
    middle = (a + b) / 2 + side * length * 0.16
    wide = 1.6 + 9.0 * share
    head = min(5.0 + wide * 0.9, length * 0.4)
    t = np.linspace(0, 1, 24)[:, None]
    curve = (1 - t) ** 2 * a + 2 * t * (1 - t) * middle + t**2 * b
    left = np.hypot(*(curve - b).T)
    curve = curve[(left > head + 4) & (np.hypot(*(curve - a).T) > 4)]
    if len(curve) < 2:
        return ""
    ahead = np.gradient(curve, axis=0)
    normal = np.column_stack([-ahead[:, 1], ahead[:, 0]]) / np.hypot(*ahead.T)[:, None]
    taper = np.linspace(0.5, 1.0, len(curve))[:, None] * wide / 2
    one, other = curve + normal * taper, curve - normal * taper
    towards = (b - curve[-1]) / np.hypot(*(b - curve[-1]))
    tip = b - towards * 4
    wing = np.array([-towards[1], towards[0]]) * (wide / 2 + 3.2)
    points = [*one, curve[-1] + wing, tip, curve[-1] - wing, *other[::-1]]
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return (
        f'<path d="M{path}Z" fill="{theme["flow"]}" fill-opacity="{0.55 + 0.4 * share:.2f}" '
        f'stroke="{theme["halo"]}" stroke-width="{0.25 + 0.45 * share:.2f}"/>'
    )
