"""An estimate and its interval in every row."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from allmende.guide.charts import words
from allmende.guide.charts.scales import (
    along_ticks,
    figure,
    rounded_off,
    shortened,
    spanning,
    value_ticks,
    wide_of,
)
from allmende.guide.charts.svg import NARROW, WIDE, Drawing, Place, circle, empty, finished, num, path, text
from allmende.guide.charts.values import Axis, Chart, Mark, Table, real

Row = tuple[str, float | None, float | None, float | None]


def whiskers(
    rows: Sequence[tuple[str, float | None, float | None, float | None]],
    *,
    zero: float = 0,
    x: Axis,
    title: str,
    language: str,
    marks: Sequence[Mark] = (),
) -> Chart:
    """``rows``: (name, estimate, lower end, upper end); an estimate without an interval is a hollow dot.

    ``zero``: the value that means no effect, drawn as a line.
    """
    checked: list[Row] = [(name, real(value), real(low), real(high)) for name, value, low, high in rows]
    missing = words.no_figure(language)
    head = words.heads(language)
    said = [_said(row, x, language) for row in checked]
    return finished(
        "whiskers",
        [_drawing(checked, said, zero, x, marks, language, width) for width in (WIDE, NARROW)],
        title=title,
        summary="; ".join(f"{name}: {text}" for (name, *_), text in zip(checked, said, strict=True)) + "."
        if checked
        else words.no_figures(language),
        table=Table(
            title,
            [head["name"], x.label or head["value"], head["low"], head["high"]],
            [
                [name, *(missing if value is None else figure(value, language, x.unit) for value in values)]
                for name, *values in checked
            ],
            [[name, *(None if value is None else rounded_off(value) for value in values)] for name, *values in checked],
        ),
        key=Markup(""),
        texts=[[f"{name}: {text}"] for (name, *_), text in zip(checked, said, strict=True)],
    )


def _said(row: Row, x: Axis, language: str) -> str:
    """120 people (from 40 to 200)."""
    _, value, low, high = row
    if value is None:
        return words.no_figure(language)
    text = figure(value, language, x.unit)
    return text if low is None or high is None else f"{text} ({words.interval(low, high, language)})"


def _drawing(
    rows: Sequence[Row], said: Sequence[str], zero: float, x: Axis, marks: Sequence[Mark], language: str, width: float
) -> Drawing:
    known = [value for _, *values in rows for value in values if value is not None]
    if not known:
        return Drawing(width, 90, empty(width, 90, language), [])
    is_wide = width > NARROW
    known += [zero, *(mark.at for mark in marks)]
    spread = (max(known) - min(known)) * 0.03
    axis = Axis(x.label, x.ticks, x.unit, form=x.form, zero=False)
    ticks = value_ticks([min(known) - spread, max(known) + spread], axis, language, 6 if is_wide else 4)
    left = min(210, max(wide_of(name) for name, *_ in rows)) + 12 if is_wide else 12
    right = width - (min(260, 1.1 * max(map(wide_of, said))) + 16 if is_wide else 14)
    scale = spanning(known, ticks, left + 6, right - 6)
    each = 30 if is_wide else 62
    top = 8 + 18 * len(marks)
    bottom = top + each * len(rows)
    shown = along_ticks(scale.low, scale.high, Axis("", ticks), language, right - left)
    inner = [
        path("ch-grid", "".join(f"M{num(scale(value))} {num(top)}V{num(bottom)}" for value, _ in shown)),
        path("ch-zero", f"M{num(scale(zero))} {num(top)}V{num(bottom)}"),
    ]
    for number, mark in enumerate(sorted(marks, key=lambda mark: mark.at)):
        place, y = scale(mark.at), 12.0 + 18 * number
        inner.append(path("ch-mark", f"M{num(place)} {num(y - 8)}V{num(bottom)}"))
        is_left = place > width / 2
        inner.append(
            text(
                place - 5 if is_left else place + 5,
                y,
                shortened(mark.label, place if is_left else width - place),
                "ch-mark-text",
                "end" if is_left else "",
            )
        )
    at: list[list[Place]] = []
    for number, (row, words_of) in enumerate(zip(rows, said, strict=True)):
        name, value, start, end = row
        y = top + each * number + (each / 2 if is_wide else 48)
        if is_wide:
            inner.append(text(left - 6, y + 4, shortened(name, left - 8), "ch-row", "end"))
            inner.append(text(right + 8, y + 4, shortened(words_of, width - right - 8), "ch-value"))
        else:
            inner.append(text(0, y - 33, shortened(name, width), "ch-value halo"))
            inner.append(text(0, y - 16, shortened(words_of, width), "ch-row halo"))
        if start is not None and end is not None:
            inner.append(path("ch-whisker c1", f"M{num(scale(start))} {num(y - 5)}v10m0 -5H{num(scale(end))}m0 -5v10"))
        if value is not None:
            kind = "ch-dot c1" if start is not None and end is not None else "ch-dot c1 hollow"
            inner.append(circle(kind, scale(value), y, 5))
        at.append([(scale(value) if value is not None else scale(zero), y)])
    inner += [text(scale(value), bottom + 17, words_of, "ch-tick", "middle") for value, words_of in shown]
    if x.label:
        inner.append(text((left + right) / 2, bottom + 34, shortened(x.label, width), "ch-label", "middle"))
    return Drawing(width, bottom + (40 if x.label else 24), [part for part in inner if part], at)
