"""The columns of ``columns``, lying: for categories whose names are longer than a column is wide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from allmende.guide.charts import words
from allmende.guide.charts.scales import Scale, figure, shortened, spanning, wide_of
from allmende.guide.charts.svg import Drawing, Place, box, hatch, num, path, text
from allmende.guide.charts.values import Axis

COLOURS: Final = 6
NAMED: Final = 18
"""Height of the line of a category's name."""


def lying(
    groups: Sequence[tuple[str, Sequence[float | None]]], series: int, y: Axis, language: str, width: float
) -> Drawing:
    """One block for each category: its name, below it a bar for each series with its value."""
    known = [value for _, values in groups for value in values if value is not None]
    said = [
        [words.no_figure(language) if value is None else figure(value, language) for value in values]
        for _, values in groups
    ]
    room = max(wide_of(text) for row in said for text in row) * 1.1 + 10
    scale = spanning([*known, 0.0], [], room if min(known) < 0 else 1, width - room)
    if scale.low == scale.high:
        scale = Scale(0, 1, 1, width - room)
    thick = 16 if series == 1 else 13
    each = NAMED + series * thick + 14
    top = 22 if y.label else 4
    zero = scale(0)
    pieces: list[list[str]] = [[] for _ in range(series)]
    at: list[list[Place]] = [[] for _ in range(series)]
    inner, strokes = [], []
    for number, (name, values) in enumerate(groups):
        start = top + number * each
        inner.append(text(0, start + 12, shortened(name, width), "ch-row"))
        for place, value in enumerate(values):
            upper = start + NAMED + place * thick
            middle = upper + thick / 2 - 1
            end = zero if value is None else scale(value)
            at[place].append((end, middle))
            if value is None:
                strokes.append(hatch(zero, upper, 22, thick - 2, 4))
                inner.append(text(zero + 28, middle + 4, said[number][place], "ch-tick"))
                continue
            pieces[place].append(box(min(zero, end), upper, max(abs(end - zero), 0.8), thick - 2))
            back = value < 0
            inner.append(
                text(end - 6 if back else end + 6, middle + 4, said[number][place], "ch-value", "end" if back else "")
            )
    drawn = [path(f"ch-bar c{place % COLOURS + 1}", "".join(found)) for place, found in enumerate(pieces)]
    drawn += [path("ch-hatch", "".join(strokes))]
    height = top + len(groups) * each
    drawn.append(path("ch-base", f"M{num(zero)} {num(top + NAMED - 4)}V{num(height - 8)}"))
    if y.label:
        inner.append(text(0, 12, shortened(y.label, width), "ch-label"))
    return Drawing(width, height, [part for part in [*drawn, *inner] if part], at)
