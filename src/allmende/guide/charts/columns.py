"""Columns by category; several series stand side by side.  Long names turn the columns into bars below each other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from allmende.guide.charts import words
from allmende.guide.charts.bars import lying
from allmende.guide.charts.scales import (
    figure,
    rounded_off,
    shortened,
    spanning,
    tick_text,
    value_ticks,
    wide_of,
)
from allmende.guide.charts.svg import (
    NARROW,
    WIDE,
    Drawing,
    Place,
    box,
    empty,
    finished,
    hatch,
    legend,
    missing_swatch,
    num,
    path,
    swatch,
    text,
)
from allmende.guide.charts.values import NO_VALUE, Axis, Chart, Table, real

Groups = Sequence[tuple[str, Sequence[float | None]]]
LABEL_ROWS: Final = 3
LINE: Final = 14
SHORT: Final = 6
"""Longest category, in letters, that may be left out beside its neighbours: hours, days, months."""
LEAST: Final = 4.5
"""Width of the thinnest column."""
COLOURS: Final = 6


def columns(
    groups: Groups, names: Sequence[str], *, y: Axis, title: str, language: str, table: Table | None = None
) -> Chart:
    """``groups``: (category, one value for each of ``names``)."""
    groups = [(name, [real(value) for value in values]) for name, values in groups]
    for name, values in groups:
        if len(values) != len(names):
            raise ValueError(f"{name}: {len(values)} values for {len(names)} series")
    return finished(
        "columns",
        [_drawing(groups, len(names), y, language, width) for width in (WIDE, NARROW)],
        title=title,
        summary=words.extremes(
            [(name, [(group, values[number]) for group, values in groups]) for number, name in enumerate(names)],
            language,
            y.unit,
            last=False,
        ),
        table=table or _table(groups, names, y, title, language),
        key=_key(groups, names, language),
        texts=[
            [
                words.point(group, values[number], language, y.unit, series=name if len(names) > 1 else "")
                for group, values in groups
            ]
            for number, name in enumerate(names)
        ],
        near="x",
    )


def wrapped(label: str, room: float) -> list[str]:
    """The label in up to three lines that fit the room; what is left over is cut."""
    lines: list[str] = []
    for word in label.split():
        if lines and wide_of(f"{lines[-1]} {word}") <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    if len(lines) > LABEL_ROWS:
        lines = [*lines[: LABEL_ROWS - 1], " ".join(lines[LABEL_ROWS - 1 :])]
    return [shortened(line, room) for line in lines]


def _drawing(groups: Groups, series: int, y: Axis, language: str, least: float) -> Drawing:
    width = least
    known = [value for _, values in groups for value in values if value is not None]
    if not known:
        return Drawing(width, 90, empty(width, 90, language), [])
    ticks = value_ticks(known, Axis(y.label, y.ticks, y.unit, form=y.form), language, 5 if width > NARROW else 4)
    left = max(wide_of(said) for _, said in ticks) + 12
    longest = max((wide_of(word) for name, _ in groups for word in name.split()), default=0)
    width = max(width, left + LEAST * (series + 1) * len(groups) + 4)
    slot = (width - left - 4) / len(groups)
    short = max(len(name) for name, _ in groups) <= SHORT
    if longest + 6 > slot and not short:
        return lying(groups, series, y, language, least)
    every = max(1, math.ceil((max(wide_of(name) for name, _ in groups) + 4) / slot)) if short else 1
    labels = [
        [] if number % every else [name] if short else wrapped(name, slot - 6)
        for number, (name, _) in enumerate(groups)
    ]
    rows = max(len(lines) for lines in labels)
    top = 34 if y.label else 18
    bottom = top + (210 if width > NARROW else 170)
    scale = spanning(known, ticks, bottom, top)
    zero = scale(0)
    bar = min(46.0, (slot * 0.76) / series)
    spoken = series == 1 and all(wide_of(tick_text(value, language)) <= slot for value in known)
    bars: list[list[str]] = [[] for _ in range(series)]
    at: list[list[Place]] = [[] for _ in range(series)]
    inner: list[str] = []
    grid = "".join(f"M{num(left)} {num(scale(value))}H{num(width)}" for value, _ in ticks if value)
    inner.append(path("ch-grid", grid))
    hatched, missing = [], []
    for number, (_, values) in enumerate(groups):
        middle = left + slot * (number + 0.5)
        for place, value in enumerate(values):
            x = middle + (place - series / 2) * bar
            wide = bar - (2 if series > 1 else 0)
            if value is None:
                missing.append(text(x + wide / 2, zero - 14, NO_VALUE, "ch-tick", "middle"))
                hatched.append(hatch(x, zero - 10, wide, 10, 4))
                at[place].append((x + wide / 2, zero))
                continue
            end = scale(value)
            bars[place].append(box(x, min(end, zero), wide, max(abs(zero - end), 0.8)))
            at[place].append((x + wide / 2, end))
            if spoken:
                said = text(
                    middle, end - 6 if value >= 0 else end + 15, tick_text(value, language), "ch-value", "middle"
                )
                missing.append(said)
    inner += [path(f"ch-bar c{place % COLOURS + 1}", "".join(pieces)) for place, pieces in enumerate(bars)]
    inner += [path("ch-hatch", "".join(hatched)), path("ch-base", f"M{num(left)} {num(zero)}H{num(width)}"), *missing]
    inner += [text(left - 6, scale(value) + 4, said, "ch-tick", "end") for value, said in ticks]
    for number, lines in enumerate(labels):
        middle = left + slot * (number + 0.5)
        inner += [text(middle, bottom + 17 + LINE * row, line, "ch-tick", "middle") for row, line in enumerate(lines)]
    if y.label:
        inner.append(text(0, 12, shortened(y.label, width), "ch-label"))
    return Drawing(width, bottom + 10 + LINE * rows, [part for part in inner if part], at)


def _key(groups: Groups, names: Sequence[str], language: str) -> Markup:
    items = [
        (swatch(f"ch-bar c{number % COLOURS + 1}", box(4, 0.5, 18, 11)), name, "") for number, name in enumerate(names)
    ]
    if len(names) == 1:
        items = []
    if any(value is None for _, values in groups for value in values):
        items.append((missing_swatch(), words.no_figure(language), ""))
    return legend(items)


def _table(groups: Groups, names: Sequence[str], y: Axis, title: str, language: str) -> Table:
    missing = words.no_figure(language)
    return Table(
        title,
        [words.heads(language)["name"], *names],
        [
            [group, *(missing if value is None else figure(value, language, y.unit) for value in values)]
            for group, values in groups
        ],
        [[group, *(None if value is None else rounded_off(value) for value in values)] for group, values in groups],
    )
