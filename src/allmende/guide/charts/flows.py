"""A map of arrows between places."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from allmende.guide.charts import words
from allmende.guide.charts.ground import Ground, distance_bar, ground_of
from allmende.guide.charts.scales import figure, rounded_off, shortened, tick_text, wide_of
from allmende.guide.charts.svg import (
    NARROW,
    WIDE,
    Drawing,
    Place,
    circle,
    empty,
    finished,
    legend,
    num,
    path,
    swatch,
    text,
)
from allmende.guide.charts.values import Chart, Table, real

Places = Mapping[str, tuple[str, float, float]]
Flow = tuple[str, str, float | None]
THINNEST: Final = 1.5
THICKEST: Final = 11.0
SPOKEN: Final = 5
"""Arrows whose value is written beside them: the largest."""


def flows(places: Places, flows: Sequence[Flow], *, title: str, language: str, unit: str = "") -> Chart:
    """``places``: key -> (name, longitude, latitude); ``flows``: (key from, key to, value).

    The width of an arrow is in proportion to its value.  A flow without a figure (too few people, say) is a thin dotted
    arrow; one that stays in its place is a ring.
    """
    ordered = sorted(
        ((start, end, real(value)) for start, end, value in flows),
        key=lambda flow: (flow[2] is None, -(flow[2] or 0), flow[0], flow[1]),
    )
    named = [(words.flow(places[start][0], places[end][0], language), value) for start, end, value in ordered]
    missing, head = words.no_figure(language), words.heads(language)
    items = [(swatch("ch-flow", "M1 6h15m0 -3.5L25 6l-9 3.5z"), unit or title, "")]
    if any(value is None for _, value in named):
        items.append((swatch("ch-flow none", "M1 6h24"), missing, ""))
    return finished(
        "flows",
        [_drawing(places, ordered, language, width) for width in (WIDE, NARROW)],
        title=title,
        summary=words.extremes([(title, named)], language, unit, last=False).removeprefix(f"{title}: ").strip(),
        table=Table(
            title,
            [head["from"], head["to"], head["value"]],
            [
                [places[start][0], places[end][0], missing if value is None else figure(value, language, unit)]
                for start, end, value in ordered
            ],
            [
                [places[start][0], places[end][0], None if value is None else rounded_off(value)]
                for start, end, value in ordered
            ],
        ),
        key=legend(items) if ordered else legend([]),
        texts=[[words.point(name, value, language, unit) for name, value in named]],
    )


def _drawing(places: Places, ordered: Sequence[Flow], language: str, width: float) -> Drawing:
    if not places:
        return Drawing(width, 90, empty(width, 90, language), [])
    is_wide = width > NARROW
    ground = ground_of(
        ((lon, lat) for _, lon, lat in places.values()), width, edge=70 if is_wide else 46, most=480 if is_wide else 400
    )
    known = [abs(value) for _, _, value in ordered if value is not None]
    highest = max(known, default=0) or 1.0
    thickest = THICKEST if is_wide else THICKEST * 0.75
    inner: list[str] = distance_bar(ground, language)
    at: list[Place] = []
    values: list[str] = []
    for number, (start, end, value) in reversed(list(enumerate(ordered))):
        here, there = ground(*places[start][1:]), ground(*places[end][1:])
        wide = THINNEST if value is None else max(THINNEST, abs(value) / highest * thickest)
        drawn, middle = _ring(here, wide, value) if here == there else _arrow(here, there, wide, value)
        inner.append(drawn)
        at.append(middle)
        if value is not None and number < SPOKEN:
            values.append(text(middle[0], middle[1] + 4, tick_text(value, language), "ch-value halo", "middle"))
    inner += _names(places, ground)
    return Drawing(width, ground.height, [*inner, *values], [at[::-1]])


def _arrow(
    here: tuple[float, float], there: tuple[float, float], wide: float, value: float | None
) -> tuple[str, tuple[float, float]]:
    """A curve that keeps to its right, so that two opposite flows lie beside each other; and its middle."""
    dx, dy = there[0] - here[0], there[1] - here[1]
    length = math.hypot(dx, dy)
    ux, uy = dx / length, dy / length
    bend = min(0.16 * length, 46)
    control = (here[0] + dx / 2 - uy * bend, here[1] + dy / 2 + ux * bend)
    head = min(6 + wide * 1.1, length / 3)
    tx, ty = there[0] - control[0], there[1] - control[1]
    toward = math.hypot(tx, ty)
    tx, ty = tx / toward, ty / toward
    tip = (there[0] - tx * 7, there[1] - ty * 7)
    neck = (tip[0] - tx * head, tip[1] - ty * head)
    curve = f"M{num(here[0])} {num(here[1])}Q{num(control[0])} {num(control[1])} {num(neck[0])} {num(neck[1])}"
    middle = (
        here[0] / 4 + control[0] / 2 + there[0] / 4,
        here[1] / 4 + control[1] / 2 + there[1] / 4,
    )
    half = wide / 2 + 3
    triangle = (
        f"M{num(tip[0])} {num(tip[1])}L{num(neck[0] - ty * half)} {num(neck[1] + tx * half)}"
        f"L{num(neck[0] + ty * half)} {num(neck[1] - tx * half)}z"
    )
    kind = "ch-flow none" if value is None else "ch-flow"
    return (
        f'<path class="{kind} stem" stroke-width="{num(wide)}" d="{curve}"/>' + path(f"{kind} head", triangle),
        middle,
    )


def _ring(here: tuple[float, float], wide: float, value: float | None) -> tuple[str, tuple[float, float]]:
    """Who stays: a ring around the place."""
    radius = 11 + wide / 2
    kind = "ch-flow none" if value is None else "ch-flow"
    d = f"M{num(here[0])} {num(here[1] - radius)}a{num(radius)} {num(radius)} 0 1 1 -0.1 0z"
    return f'<path class="{kind} stem" stroke-width="{num(wide)}" d="{d}"/>', (here[0], here[1] - radius)


def _names(places: Places, ground: Ground) -> list[str]:
    """Dots and names; a name that would lie on another one is moved below its dot, and else left out."""
    parts: list[str] = []
    taken: list[tuple[float, float, float]] = []
    for name, lon, lat in places.values():
        x, y = ground(lon, lat)
        parts.append(circle("ch-place", x, y, 5))
        said = shortened(name, 140)
        half = wide_of(said) / 2
        middle = min(max(x, half + 2), ground.width - half - 2)
        for line in (y - 11, y + 20):
            if all(abs(line - other) > 14 or abs(middle - at) > half + room + 4 for at, other, room in taken):
                taken.append((middle, line, half))
                parts.append(text(middle, line, said, "ch-row halo", "middle"))
                break
    return parts
