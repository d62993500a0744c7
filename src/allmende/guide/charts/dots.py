"""A strip of dots with one of them marked: the true effect among the placebos."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from allmende.guide.charts import words
from allmende.guide.charts.scales import (
    Scale,
    along_ticks,
    figure,
    rounded_off,
    shortened,
    spanning,
    value_ticks,
    wide_of,
)
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
from allmende.guide.charts.values import Axis, Chart, Table, real

MOST_HEIGHT: Final = 190
DIAMOND: Final = "M13 0.5l5.5 5.5 -5.5 5.5 -5.5 -5.5z"
ROUND: Final = "M13 2.5a3.5 3.5 0 1 1 -0.01 0z"


def dots(values: Sequence[tuple[str, float | None]], *, chosen: str, x: Axis, title: str, language: str) -> Chart:
    """``values``: (name, value), one for each unit; the one that is called ``chosen`` stands out by colour and shape."""
    ordered = sorted(
        ((name, value) for name, given in values if (value := real(given)) is not None), key=lambda pair: -pair[1]
    )
    without = [name for name, value in values if real(value) is None]
    head, missing = words.heads(language), words.no_figure(language)
    mine = next((value for name, value in ordered if name == chosen), None)
    if mine is None:
        summary = words.extremes([(title, list(ordered))], language, x.unit, last=False)
    else:
        above = sum(value > mine for _, value in ordered)
        summary = words.rank(chosen, above, len(ordered), figure(mine, language, x.unit), language)
    rising = ordered[::-1]
    return finished(
        "dots",
        [_drawing(rising, chosen, x, language, width) for width in (WIDE, NARROW)],
        title=title,
        summary=summary,
        table=Table(
            title,
            [head["name"], x.label or head["value"]],
            [[name, figure(value, language, x.unit)] for name, value in ordered]
            + [[name, missing] for name in without],
            [[name, rounded_off(value)] for name, value in ordered] + [[name, None] for name in without],
        ),
        key=legend(
            [
                (swatch("ch-dot chosen", DIAMOND), chosen, ""),
                (swatch("ch-dot other", ROUND), head["others"], ""),
            ]
        )
        if len(ordered) > 1
        else legend([]),
        texts=[[words.point(name, value, language, x.unit) for name, value in rising]],
    )


def _drawing(values: Sequence[tuple[str, float]], chosen: str, x: Axis, language: str, width: float) -> Drawing:
    if not values:
        return Drawing(width, 90, empty(width, 90, language), [])
    known = [value for _, value in values]
    axis = Axis(x.label, x.ticks, x.unit, form=x.form, zero=x.zero)
    ticks = value_ticks(known, axis, language, 7 if width > NARROW else 4)
    left, right = 14.0, width - 14.0
    scale = spanning(known, ticks, left, right)
    size = 9.0
    while size > 2 and _tallest(known, scale, size) * size > MOST_HEIGHT:
        size -= 1
    others = [(name, value) for name, value in values if name != chosen]
    tall = max(4, _tallest([value for _, value in others], scale, size)) * size
    top = 42.0
    bottom = top + tall + 4
    shown = along_ticks(scale.low, scale.high, Axis("", ticks), language, right - left)
    inner = [path("ch-base", f"M{num(left)} {num(bottom)}H{num(right)}")]
    if scale.low <= 0 <= scale.high:
        inner.append(path("ch-zero", f"M{num(scale(0))} {num(top - 10)}V{num(bottom)}"))
    inner.append(path("ch-foot", "".join(f"M{num(scale(value))} {num(bottom)}v4" for value, _ in shown)))
    stacks: Counter[int] = Counter()
    at: list[Place] = []
    last = ""
    for name, value in values:
        place = scale(value)
        if name == chosen:
            y = bottom - 8
            at.append((place, y))
            last = path("ch-hair", f"M{num(place)} 20V{num(bottom)}")
            last += path("ch-dot chosen", f"M{num(place)} {num(y - 7)}l7 7 -7 7 -7 -7z")
            said = shortened(f"{name}: {figure(value, language, x.unit)}", width)
            half = wide_of(said) / 2
            last += text(min(max(place, half), width - half), 14, said, "ch-name chosen", "middle")
            continue
        column = round(place / size)
        y = bottom - size / 2 - stacks[column] * size - 1
        stacks[column] += 1
        inner.append(circle("ch-dot other", column * size, y, max(1.2, size / 2 - 0.6)))
        at.append((column * size, y))
    inner.append(last)
    inner += [text(scale(value), bottom + 17, said, "ch-tick", "middle") for value, said in shown]
    if x.label:
        inner.append(text(width / 2, bottom + 34, shortened(x.label, width), "ch-label", "middle"))
    return Drawing(width, bottom + (40 if x.label else 24), [part for part in inner if part], [at])


def _tallest(values: Sequence[float], scale: Scale, size: float) -> int:
    return max(Counter(round(scale(value) / size) for value in values).values(), default=0)
