"""A map of arrows between places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from allmende.guide.charts import words
from allmende.guide.charts.arrows import Arrow, bow, ring
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
    swatch,
    text,
)
from allmende.guide.charts.values import Chart, Table, real

Places = Mapping[str, tuple[str, float, float]]
Flow = tuple[str, str, float | None]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""
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
    highest = max((value for _, value in named if value is not None), default=0)
    items = [
        (
            swatch("ch-flow", "M1 4.5h14V1.5L25 6l-10 4.5V7.5H1z"),
            words.up_to(figure(highest, language, unit), language),
            "",
        )
    ]
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
    thickest = THICKEST if is_wide else THICKEST * 0.7

    def wide_as(value: float | None) -> float:
        return THINNEST if value is None else max(THINNEST, abs(value) / highest * thickest)

    at_place = {key: ground(lon, lat) for key, (_, lon, lat) in places.items()}
    edges = dict.fromkeys(places, 7.0)
    for start, end, value in ordered:
        if at_place[start] == at_place[end]:
            edges[start] = max(edges[start], 13.0 + wide_as(value))
    inner: list[str] = distance_bar(ground, language)
    at: list[Place] = []
    taken: list[Box] = [(x - 7, y - 7, x + 7, y + 7) for x, y in at_place.values()]
    trail: list[tuple[float, float]] = []
    values: list[str] = []
    spoken: list[tuple[Arrow, str]] = []
    for number, (start, end, value) in reversed(list(enumerate(ordered))):
        here, there, wide = at_place[start], at_place[end], wide_as(value)
        arrow = ring(here, wide, value) if here == there else bow(here, there, wide, value, edges[start], edges[end])
        inner.append(arrow.drawn)
        at.append(arrow.middle)
        trail += arrow.trail
        if value is not None and number < SPOKEN:
            spoken.append((arrow, tick_text(value, language)))
    for arrow, said in spoken:
        half = wide_of(said) / 2 + 2
        rooms = [(x - half, y - 9, x + half, y + 7) for x, y in arrow.beside]
        room = min(rooms, key=lambda room: _hidden(room, trail, taken))
        taken.append(room)
        values.append(text(room[0] + half, room[1] + 13, said, "ch-value halo", "middle"))
    inner += [circle("ch-place", x, y, 5) for x, y in at_place.values()]
    for key, (name, _, _) in places.items():
        inner += _name(name, at_place[key], edges[key], taken, trail, ground)
    return Drawing(width, ground.height, [*inner, *values], [at[::-1]])


def _name(
    name: str,
    here: tuple[float, float],
    edge: float,
    taken: list[Box],
    trail: Sequence[tuple[float, float]],
    ground: Ground,
) -> list[str]:
    """The name above, below, right or left of its dot, where it hides the least; left out where names would overlap."""
    said = shortened(name, 150)
    wide, (x, y) = wide_of(said), here
    middle = min(max(x - wide / 2, 2), ground.width - wide - 2)
    best: tuple[float, Box] | None = None
    for left, top in (
        (middle, y - edge - 17),
        (middle, y + edge + 2),
        (x + edge + 4, y - 7),
        (x - edge - 4 - wide, y - 7),
    ):
        room = (left, top, left + wide, top + 14)
        if left < 0 or room[2] > ground.width or any(_overlap(room, other) for other in taken):
            continue
        hidden = _hidden(room, trail, ())
        if best is None or hidden < best[0]:
            best = (hidden, room)
    if best is None:
        return []
    taken.append(best[1])
    return [text(best[1][0] + wide / 2, best[1][1] + 11, said, "ch-row halo", "middle")]


def _hidden(room: Box, trail: Sequence[tuple[float, float]], taken: Sequence[Box]) -> int:
    """How much lies below a text."""
    below = sum(room[0] - 4 <= x <= room[2] + 4 and room[1] - 4 <= y <= room[3] + 4 for x, y in trail)
    return below + 5 * sum(_overlap(room, other) for other in taken)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
