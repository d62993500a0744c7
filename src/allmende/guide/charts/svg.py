"""Pieces of SVG.  Every text is escaped here; everything else that comes in is a number or a name of ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import orjson
from markupsafe import Markup, escape

from allmende.guide.charts import words
from allmende.guide.charts.values import Chart, Table

WIDE: Final = 760
NARROW: Final = 360
LADDER: Final = 7
"""Steps of the ladder of colours, ``q0`` to ``q6``."""
Place = tuple[float, float] | None
"""Where a point of the picture lies; None where the picture has no such point."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """One of the two pictures."""

    width: float
    height: float
    inner: Sequence[str]
    at: Sequence[Sequence[Place]]
    """Rows of points, for the way through them."""


@lru_cache(maxsize=16_384)
def num(value: float) -> str:
    """A number of at most one decimal."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def text(x: float, y: float, said: str, kind: str = "", anchor: str = "") -> str:
    """A text; ``anchor`` is middle or end."""
    at = f' text-anchor="{anchor}"' if anchor else ""
    of = f' class="{kind}"' if kind else ""
    return f'<text x="{num(x)}" y="{num(y)}"{of}{at}>{escape(said)}</text>'


def path(kind: str, d: str) -> str:
    return f'<path class="{kind}" d="{d}"/>' if d else ""


def circle(kind: str, x: float, y: float, r: float) -> str:
    return f'<circle class="{kind}" cx="{num(x)}" cy="{num(y)}" r="{num(r)}"/>'


def box(x: float, y: float, width: float, height: float) -> str:
    """A rectangle as a piece of a path."""
    return f"M{num(x)} {num(y)}{_round(width, height)}"


@lru_cache(maxsize=1024)
def _round(width: float, height: float) -> str:
    """The way round a rectangle from its corner; a picture of a year has 365 alike."""
    return f"h{num(width)}v{num(height)}h{num(-width)}z"


def hatch(x: float, y: float, width: float, height: float, gap: float = 5, *, falling: bool = False) -> str:
    """Slanted strokes inside a rectangle as a piece of a path: it needs no pattern, and so no id."""
    strokes = []
    offset = gap / 2
    while offset < width + height:
        start = (x + max(0.0, offset - height), y + min(offset, height))
        end = (x + min(offset, width), y + max(0.0, offset - width))
        if falling:
            start, end = (2 * x + width - start[0], start[1]), (2 * x + width - end[0], end[1])
        strokes.append(f"M{num(start[0])} {num(start[1])}L{num(end[0])} {num(end[1])}")
        offset += gap
    return "".join(strokes)


@lru_cache(maxsize=256)
def step_name(number: int, count: int) -> str:
    """Class of colour of class ``number`` of ``count``, spread over the ladder."""
    return f"q{round(number * (LADDER - 1) / max(1, count - 1))}"


def swatch(kind: str, d: str) -> Markup:
    """A little picture for the legend, 26 by 12."""
    return Markup(  # noqa: S704  ours
        f'<svg class="ch ch-swatch" viewBox="0 0 26 12" width="26" height="12" aria-hidden="true">{path(kind, d)}</svg>'
    )


def missing_swatch() -> Markup:
    d = box(4, 0.5, 18, 11)
    return Markup(  # noqa: S704  ours
        '<svg class="ch ch-swatch" viewBox="0 0 26 12" width="26" height="12" aria-hidden="true">'
        f"{path('ch-none', d)}{path('ch-hatch', hatch(4, 0.5, 18, 11, 4))}</svg>"
    )


def legend(items: Iterable[tuple[Markup, str, str]]) -> Markup:
    """(swatch, words, class of the item) as a list; empty for none."""
    parts = [
        Markup("<li{kind}>{picture}<span>{words}</span></li>").format(
            kind=Markup(' class="{}"').format(kind) if kind else "", picture=picture, words=said
        )
        for picture, said, kind in items
    ]
    return Markup('<ul class="chart-key">{}</ul>').format(Markup("").join(parts)) if parts else Markup("")


def part_swatch() -> Markup:
    """A cell whose foot is hatched."""
    return Markup(  # noqa: S704  ours
        '<svg class="ch ch-swatch" viewBox="0 0 26 12" width="26" height="12" aria-hidden="true">'
        f"{path('ch-cell q3', box(4, 0.5, 18, 11))}{path('ch-part', box(4, 6.5, 18, 5))}"
        f"{path('ch-hatch', hatch(4, 6.5, 18, 5, 3))}</svg>"
    )


def ladder(said: Sequence[str], *, missing: str, partly: str = "") -> Markup:
    """The legend of a ladder of colours; ``missing``: words for cells without a figure, or empty; ``partly``: for cells of
    which a part is withheld."""
    items = [
        (swatch(f"ch-cell {step_name(number, len(said))}", box(4, 0.5, 18, 11)), word, "")
        for number, word in enumerate(said)
    ]
    if partly:
        items.append((part_swatch(), partly, ""))
    if missing:
        items.append((missing_swatch(), missing, ""))
    return legend(items)


def drawn(kind: str, pictures: Sequence[Drawing], label: str) -> Markup:
    """The pictures: the wide one and the narrow one."""
    return Markup("").join(
        _svg(f"ch ch-{kind} {size}", picture, label)
        for size, picture in zip(("ch-wide", "ch-narrow"), pictures, strict=True)
    )


def _svg(kind: str, picture: Drawing, label: str) -> Markup:
    width, height = num(picture.width), num(picture.height)
    # Numbers, brackets and null: nothing in it needs to be escaped.
    at = orjson.dumps(
        [[place and (round(place[0], 1), round(place[1], 1)) for place in row] for row in picture.at]
    ).decode()
    return Markup(  # noqa: S704  every text is escaped, the rest are numbers
        f'<svg class="{kind}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
        f' aria-label="{escape(label)}" data-at="{at}">{"".join(picture.inner)}</svg>'
    )


def finished(
    kind: str,
    pictures: Sequence[Drawing],
    *,
    title: str,
    summary: str,
    table: Table,
    key: Markup,
    texts: Sequence[Sequence[str]],
    near: str = "xy",
) -> Chart:
    """The chart; ``pictures``: wide, narrow."""
    spoken = orjson.dumps(texts).decode()
    return Chart(
        svg=drawn(kind, pictures, f"{title}. {summary}"),
        table=table,
        title=title,
        key=key,
        summary=summary,
        texts=spoken,
        spoken=escape(spoken),
        body=table_body(table),
        near=near,
        scrolls=pictures[1].width > NARROW,
    )


SEAM: Final = "\x1f"
"""Between cells while a table is written: nothing that people read holds it, and escaping leaves it alone."""


def table_body(table: Table) -> Markup:
    """The rows of a table; the first cell of each names it.  Escaped in one go, for a year has 365 rows."""
    cells = [cell.replace(SEAM, " ") if SEAM in cell else cell for row in table.rows for cell in row]
    safe = iter(str(escape(SEAM.join(cells))).split(SEAM))
    lines = []
    for row in table.rows:
        first, *others = (next(safe) for _ in row)
        rest = f"<td>{'</td><td>'.join(others)}</td>" if others else ""
        lines.append(f'\n<tr><th scope="row">{first}</th>{rest}</tr>')
    return Markup("".join(lines))  # noqa: S704  every cell is escaped


def empty(width: float, height: float, language: str) -> list[str]:
    """What a picture without figures shows."""
    return [text(width / 2, height / 2, words.no_figures(language), "ch-empty", "middle")]
