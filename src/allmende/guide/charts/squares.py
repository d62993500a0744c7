"""A map of grid cells, as mobile-phone statistics and censuses have them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from allmende.guide.charts import words as said
from allmende.guide.charts.ground import cropped, distance_bar, ground_of
from allmende.guide.charts.heat import check_steps
from allmende.guide.charts.scales import class_of, figure, rounded_off
from allmende.guide.charts.svg import (
    NARROW,
    WIDE,
    Drawing,
    Place,
    box,
    empty,
    finished,
    hatch,
    ladder,
    num,
    path,
    step_name,
)
from allmende.guide.charts.values import Chart, Table, real

Cell = tuple[float, float, float, float, float | None]
Outline = Sequence[tuple[float, float]]


def squares(
    cells: Sequence[Cell],
    *,
    steps: Sequence[float],
    words: Sequence[str],
    title: str,
    language: str,
    unit: str = "",
    outlines: Sequence[Outline] = (),
    names: Sequence[str] = (),
    at_least: Sequence[bool] = (),
    is_cropped: bool = False,
) -> Chart:
    """``cells``: (west, south, east, north, value) in degrees; ``outlines``: lines of (longitude, latitude) drawn above
    them, such as a coast or the edge of a municipality.  ``names``: one for each cell in place of its number.
    ``at_least``: cells of which a part is withheld, so that the value is a lower bound; they are hatched at their foot.
    ``is_cropped``: the cells decide what the map shows, not the outlines."""
    check_steps(steps, words)
    checked = [(west, south, east, north, real(value)) for west, south, east, north, value in cells]
    # Row by row from the north-west, as one reads.
    order = sorted(range(len(checked)), key=lambda at: (-round(checked[at][3], 6), checked[at][0]))
    checked = [checked[at] for at in order]
    bounds = [bool(at_least) and at_least[at] and checked[place][4] is not None for place, at in enumerate(order)]
    titles = [names[at] if names else said.square(number, language) for number, at in enumerate(order, 1)]
    named = [(name, cell[4]) for name, cell in zip(titles, checked, strict=True)]
    missing, head = said.no_figure(language), said.heads(language)

    def told(number: int) -> str:
        value = named[number][1]
        if value is None:
            return missing
        return (
            said.at_least(figure(value, language, unit), language) if bounds[number] else figure(value, language, unit)
        )

    key = ladder(
        words,
        missing=missing if any(value is None for _, value in named) else "",
        partly=said.in_part(language) if any(bounds) else "",
    )
    return finished(
        "squares",
        [_drawing(checked, bounds, steps, outlines, language, width, is_cropped) for width in (WIDE, NARROW)],
        title=title,
        summary=said.extremes([(title, named)], language, unit, last=False).removeprefix(f"{title}: ").strip(),
        table=Table(
            title,
            [head["name"], head["value"], head["west"], head["south"], head["east"], head["north"]],
            [
                [name, told(number)] + [figure(round(side, 5), language) for side in cell[:4]]
                for number, ((name, _), cell) in enumerate(zip(named, checked, strict=True))
            ],
            [
                [name, None if value is None else rounded_off(value), *cell[:4]]
                for (name, value), cell in zip(named, checked, strict=True)
            ],
        ),
        key=key,
        texts=[[f"{named[number][0]}: {told(number)}" for number in row] for row in _rows(checked)],
    )


def _rows(cells: Sequence[Cell]) -> list[list[int]]:
    """Numbers of the cells by row of the grid."""
    rows: dict[float, list[int]] = defaultdict(list)
    for number, cell in enumerate(cells):
        rows[-round(cell[3], 6)].append(number)
    return [rows[north] for north in sorted(rows)]


def _drawing(
    cells: Sequence[Cell],
    bounds: Sequence[bool],
    steps: Sequence[float],
    outlines: Sequence[Outline],
    language: str,
    width: float,
    is_cropped: bool,
) -> Drawing:
    points = [(cell[0], cell[1]) for cell in cells] + [(cell[2], cell[3]) for cell in cells]
    if not cells:
        return Drawing(width, 90, empty(width, 90, language), [])
    if is_cropped:
        outlines = cropped(outlines, points)
    points += [point for line in outlines for point in line]
    ground = ground_of(points, width, edge=26, most=470 if width > NARROW else 420)
    pieces: dict[str, list[str]] = defaultdict(list)
    strokes: list[str] = []
    places: list[tuple[float, float]] = []
    for (west, south, east, north, value), is_bound in zip(cells, bounds, strict=True):
        x, y = ground(west, north)
        right, bottom = ground(east, south)
        wide, high = max(right - x - 0.6, 0.6), max(bottom - y - 0.6, 0.6)
        places.append((x + wide / 2, y + high / 2))
        if value is None:
            pieces["ch-none"].append(box(x, y, wide, high))
            strokes.append(hatch(x, y, wide, high, min(5.0, max(2.5, wide / 3))))
        else:
            pieces[f"ch-cell {step_name(class_of(value, steps), len(steps) + 1)}"].append(box(x, y, wide, high))
        if is_bound:
            foot = min(high, max(3.0, high * 0.3))
            pieces["ch-part"].append(box(x, y + high - foot, wide, foot))
            strokes.append(hatch(x, y + high - foot, wide, foot, 3.0))
    lines = "".join(
        "M" + "L".join(f"{num(x)} {num(y)}" for x, y in (ground(lon, lat) for lon, lat in line))
        for line in outlines
        if len(line) > 1
    )
    inner = [path(kind, "".join(d)) for kind, d in sorted(pieces.items())]  # ch-cell before ch-part
    inner += [path("ch-hatch", "".join(strokes)), path("ch-outline", lines), *distance_bar(ground, language)]
    at: list[list[Place]] = [[places[number] for number in row] for row in _rows(cells)]
    return Drawing(width, ground.height, [part for part in inner if part], at)
