"""Arrows between two places of a map, and rings for who stays."""

from __future__ import annotations

import math
from dataclasses import dataclass

from allmende.guide.charts.svg import num, path

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Arrow:
    drawn: str
    middle: Point
    beside: tuple[Point, ...]
    """Where its value may be written."""
    trail: tuple[Point, ...]
    """Some points along it."""


def bow(here: Point, there: Point, wide: float, value: float | None, off: float, short: float) -> Arrow:
    """A curve that keeps to its right, so that two opposite flows lie beside each other.

    It begins ``off`` units from its start and ends ``short`` units before its end.
    """
    dx, dy = there[0] - here[0], there[1] - here[1]
    length = math.hypot(dx, dy)
    ux, uy = dx / length, dy / length
    bend = min(max(0.16 * length, 10), 46)
    control = (here[0] + dx / 2 - uy * bend, here[1] + dy / 2 + ux * bend)
    start = _toward(here, control, min(off, length / 5))
    tip = _toward(there, control, min(short, length / 4))
    neck = _toward(tip, control, min(6 + wide * 1.1, length / 3))
    tx, ty = (tip[0] - neck[0]), (tip[1] - neck[1])
    toward = math.hypot(tx, ty) or 1
    half = wide / 2 + 3
    tx, ty = tx / toward * half, ty / toward * half
    triangle = (
        f"M{num(tip[0])} {num(tip[1])}L{num(neck[0] - ty)} {num(neck[1] + tx)}L{num(neck[0] + ty)} {num(neck[1] - tx)}z"
    )
    curve = f"M{num(start[0])} {num(start[1])}Q{num(control[0])} {num(control[1])} {num(neck[0])} {num(neck[1])}"
    trail = tuple(_on(start, control, neck, step / 12) for step in range(13))
    out = wide / 2 + 11
    kind = _kind(value)
    return Arrow(
        f'<path class="{kind} stem" stroke-width="{num(wide)}" d="{curve}"/>' + path(f"{kind} head", triangle),
        trail[6],
        ((trail[6][0] - uy * out * 1.4, trail[6][1] + ux * out),),
        trail,
    )


def ring(here: Point, wide: float, value: float | None) -> Arrow:
    """Who stays: a ring around the place."""
    radius = 10 + wide / 2
    away = radius + wide / 2 + 9
    d = f"M{num(here[0])} {num(here[1] - radius)}a{num(radius)} {num(radius)} 0 1 1 -0.1 0z"
    return Arrow(
        f'<path class="{_kind(value)} stem" stroke-width="{num(wide)}" d="{d}"/>',
        (here[0], here[1] - radius),
        (
            (here[0], here[1] - away),
            (here[0], here[1] + away),
            (here[0] - 2 * away, here[1]),
            (here[0] + 2 * away, here[1]),
        ),
        (),
    )


def _kind(value: float | None) -> str:
    return "ch-flow none" if value is None else "ch-flow"


def _toward(start: Point, end: Point, far: float) -> Point:
    dx, dy = end[0] - start[0], end[1] - start[1]
    length = math.hypot(dx, dy) or 1
    return start[0] + dx / length * far, start[1] + dy / length * far


def _on(start: Point, control: Point, end: Point, share: float) -> Point:
    """A point of a quadratic curve."""
    rest = 1 - share
    return (
        rest * rest * start[0] + 2 * rest * share * control[0] + share * share * end[0],
        rest * rest * start[1] + 2 * rest * share * control[1] + share * share * end[1],
    )
