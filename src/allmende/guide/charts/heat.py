"""A grid of coloured cells: hour by weekday, site by month."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from allmende.guide.charts import words as said
from allmende.guide.charts.scales import class_of, figure, rounded_off, shortened, wide_of
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
    path,
    step_name,
    text,
)
from allmende.guide.charts.values import Chart, Table, real

Rows = Sequence[tuple[str, Sequence[float | None]]]
HEIGHT: Final = 25
GAP: Final = 1.5
LEAST: Final = 11
"""Width below which a cell could not be told from its neighbour."""


def heat(
    rows: Rows,
    columns: Sequence[str],
    *,
    steps: Sequence[float],
    words: Sequence[str],
    title: str,
    language: str,
    unit: str = "",
) -> Chart:
    """``steps``: bounds between the classes, rising; ``words``: one name more than bounds.  ``ranges`` makes both."""
    check_steps(steps, words)
    rows = [(name, [real(value) for value in values]) for name, values in rows]
    for name, values in rows:
        if len(values) != len(columns):
            raise ValueError(f"{name}: {len(values)} values for {len(columns)} columns")
    every = [
        (f"{name}, {column}", value) for name, values in rows for column, value in zip(columns, values, strict=True)
    ]
    missing = said.no_figure(language)
    return finished(
        "heat",
        [_drawing(rows, columns, steps, language, width) for width in (WIDE, NARROW)],
        title=title,
        summary=said.extremes([(title, every)], language, unit, last=False).removeprefix(f"{title}: ").strip(),
        table=Table(
            title,
            [said.heads(language)["name"], *columns],
            [
                [name, *(missing if value is None else figure(value, language, unit) for value in values)]
                for name, values in rows
            ],
            [[name, *(None if value is None else rounded_off(value) for value in values)] for name, values in rows],
        ),
        key=ladder(words, missing=missing if any(value is None for _, value in every) else ""),
        texts=[
            [
                said.point(f"{name}, {column}", value, language, unit)
                for column, value in zip(columns, values, strict=True)
            ]
            for name, values in rows
        ],
    )


def check_steps(steps: Sequence[float], words: Sequence[str]) -> None:
    """ValueError unless the bounds rise and there is one word more than there are bounds."""
    if len(words) != len(steps) + 1:
        raise ValueError(f"{len(steps)} bounds make {len(steps) + 1} classes, but {len(words)} have words")
    if list(steps) != sorted(set(steps)):
        raise ValueError("The bounds of the classes must rise")


def _drawing(rows: Rows, columns: Sequence[str], steps: Sequence[float], language: str, width: float) -> Drawing:
    if not rows or not columns:
        return Drawing(width, 90, empty(width, 90, language), [])
    most = 190 if width > NARROW else 92
    left = min(most, max(wide_of(name) for name, _ in rows)) + 10
    width = max(width, left + LEAST * len(columns))
    cell = min((width - left) / len(columns), 64)
    width = max(min(width, left + cell * len(columns)), NARROW)
    cells: dict[str, list[str]] = defaultdict(list)
    strokes, inner, at = [], [], []
    top = 20
    wide, high = cell - GAP, HEIGHT - GAP
    classes = [f"ch-cell {step_name(number, len(steps) + 1)}" for number in range(len(steps) + 1)]
    lefts = [left + column * cell for column in range(len(columns))]
    for number, (name, values) in enumerate(rows):
        y = top + number * HEIGHT
        inner.append(text(left - 8, y + 16, shortened(name, left - 8), "ch-row", "end"))
        places: list[Place] = []
        for column, value in enumerate(values):
            x = lefts[column]
            places.append((x + wide / 2, y + high / 2))
            if value is None:
                cells["ch-none"].append(box(x, y, wide, high))
                strokes.append(hatch(x, y, wide, high))
            else:
                cells[classes[class_of(value, steps)]].append(box(x, y, wide, high))
        at.append(places)
    widest = max(wide_of(column) for column in columns) + 8
    every = max(1, math.ceil(widest / cell))
    for column, name in enumerate(columns):
        if column % every == 0:
            inner.append(
                text(left + (column + 0.5) * cell, 13, shortened(name, max(every * cell, 24)), "ch-tick", "middle")
            )
    inner += [path(kind, "".join(pieces)) for kind, pieces in sorted(cells.items())]
    inner.append(path("ch-hatch", "".join(strokes)))
    return Drawing(width, top + len(rows) * HEIGHT, [part for part in inner if part], at)
