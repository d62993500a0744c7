"""Lines over time, with bands, gaps and marks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

from allmende.guide.charts import words
from allmende.guide.charts.axes import Plot, axes, draw_marks, mark_rows, slimmed
from allmende.guide.charts.scales import (
    Scale,
    along_ticks,
    figure,
    place_text,
    plain_place,
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
    box,
    circle,
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
from allmende.guide.charts.values import Axis, Band, Chart, Line, Mark, Table, real

LINE_HEIGHT: Final = 16
LONGEST_NAME: Final = 150
COLOURS: Final = 6
DENSE: Final = 150
"""From here on a line is drawn thinner."""


def lines(
    series: Sequence[Line],
    *,
    bands: Sequence[Band] = (),
    marks: Sequence[Mark] = (),
    x: Axis,
    y: Axis,
    title: str,
    language: str,
    table: Table | None = None,
) -> Chart:
    """Series over one axis; ``table`` in place of the one made from the values (as that of a long series by the hour)."""
    series = [
        Line(line.name, [(float(at), real(value)) for at, value in line.points], line.key or f"c{number % COLOURS + 1}")
        for number, line in enumerate(series)
    ]
    bands = [
        Band(
            band.name,
            [point for point in band.points if real(point[1]) is not None and real(point[2]) is not None],
            band.key or (series[0].key if series else "c1"),
        )
        for band in bands
    ]
    slim = [Line(line.name, slimmed(line.points), line.key) for line in series]
    direct = _direct(series)
    return finished(
        "lines",
        [
            _drawing(slim, bands, marks, x, y, language, WIDE, 300, direct=direct),
            _drawing(slim, bands, marks, x, y, language, NARROW, 240, direct=frozenset()),
        ],
        title=title,
        summary=words.extremes(
            [(line.name, line.points) for line in series if line.key != "muted"],
            language,
            y.unit,
            write=lambda at: place_text(at, x, language),
        ),
        table=table or _table(series, bands, x, y, title, language),
        key=_key(series, bands, direct, language),
        texts=[
            [
                words.point(
                    place_text(at, x, language), value, language, y.unit, series=line.name if len(slim) > 1 else ""
                )
                for at, value in line.points
            ]
            for line in slim
        ],
        near="x",
    )


def _direct(series: Sequence[Line]) -> frozenset[str]:
    """Names of the lines that are named at their end, in the wide picture: few lines that reach the right edge."""
    if not 2 <= len(series) <= 5:
        return frozenset()
    ends = [at for line in series for at, _ in line.points]
    span = (max(ends) - min(ends)) if ends else 0
    found = set()
    for line in series:
        known = [at for at, value in line.points if value is not None]
        if known and max(ends) - known[-1] <= span * 0.12:
            found.add(line.name)
    return frozenset(found)


def _drawing(
    series: Sequence[Line],
    bands: Sequence[Band],
    marks: Sequence[Mark],
    x: Axis,
    y: Axis,
    language: str,
    width: float,
    height: float,
    *,
    direct: frozenset[str],
) -> Drawing:
    along = [at for line in series for at, _ in line.points] + [at for band in bands for at, _, _ in band.points]
    known = [value for line in series for _, value in line.points if value is not None]
    known += [end for band in bands for _, low, high in band.points for end in (low, high)]
    if not along or not known:
        return Drawing(width, 90, empty(width, 90, language), [])
    ticks = value_ticks(known, y, language, 5 if width > NARROW else 4)
    left = max(wide_of(said) for _, said in ticks) + 12
    right = width - 12
    if direct:
        right -= min(LONGEST_NAME, max(wide_of(name) for name in direct))
    head = 22 if y.label or marks else 8
    head += 18 * len({row for row, *_ in mark_rows(marks, width)}) if marks else 0
    low, high = min(along), max(along)
    if low == high:
        low, high = low - 1, high + 1
    bottom = height - (40 if x.label else 24)
    plot = Plot(
        width,
        left,
        right,
        head,
        bottom,
        Scale(low, high, left, right),
        spanning(known, ticks, bottom, head),
    )
    inner = [
        *axes(plot, ticks, along_ticks(low, high, x, language, right - left), x, y),
        *(_gaps(line, plot) for line in series[:1]),
        *(_band(band, plot) for band in bands),
        *(_line(line, plot) for line in reversed(series)),
        *draw_marks(marks, plot),
        *_names(series, direct, plot),
    ]
    at = [
        [(plot.x(place), plot.y(value) if value is not None else plot.bottom) for place, value in line.points]
        for line in series
    ]
    return Drawing(width, height, inner, at)


def _line(line: Line, plot: Plot) -> str:
    """The line, broken at its gaps; a value between two gaps is a dot."""
    pieces, dots = [], []
    run: list[str] = []
    for at, value in [*line.points, (0.0, None)]:
        if value is not None:
            run.append(f"{num(plot.x(at))} {num(plot.y(value))}")
            continue
        if len(run) == 1:
            dots.append(run[0])
        elif run:
            pieces.append("M" + "L".join(run))
        run = []
    circles = "".join(circle(f"ch-dot {line.key}", float(dot.split()[0]), float(dot.split()[1]), 3.5) for dot in dots)
    dense = " dense" if len(line.points) > DENSE else ""
    return path(f"ch-line {line.key}{dense}", "".join(pieces)) + circles


def _gaps(line: Line, plot: Plot) -> str:
    """Where the first line has no figure: a soft, hatched strip from the last known value to the next."""
    spans: list[tuple[float, float]] = []
    before: float | None = None
    opened: float | None = None
    for at, value in line.points:
        if value is None:
            opened = opened if opened is not None else (before if before is not None else at)
        elif opened is not None:
            spans.append((opened, at))
            opened = None
        if value is not None:
            before = at
    if opened is not None:
        spans.append((opened, line.points[-1][0]))
    rooms = [(plot.x(start), plot.x(end) - plot.x(start)) for start, end in spans if plot.x(end) > plot.x(start)]
    height = plot.bottom - plot.top
    return path("ch-gap", "".join(box(start, plot.top, room, height) for start, room in rooms)) + path(
        "ch-hatch", "".join(hatch(start, plot.bottom - 8, room, 8) for start, room in rooms)
    )


def _band(band: Band, plot: Plot) -> str:
    if not band.points:
        return ""
    above = [f"{num(plot.x(at))} {num(plot.y(high))}" for at, _, high in band.points]
    below = [f"{num(plot.x(at))} {num(plot.y(low))}" for at, low, _ in reversed(band.points)]
    if len(band.points) == 1:
        return path(f"ch-range {band.key}", f"M{above[0]}L{below[0]}")
    return path(f"ch-band {band.key}", "M" + "L".join(above + below) + "z")


def _names(series: Sequence[Line], direct: frozenset[str], plot: Plot) -> list[str]:
    """The names at the ends of the lines, moved apart where they would touch."""
    ends = []
    for line in series:
        known = [(at, value) for at, value in line.points if value is not None]
        if line.name in direct and known:
            ends.append((plot.y(known[-1][1]), line))
    ends.sort(key=lambda end: end[0])
    places: list[float] = []
    for y, _ in ends:
        places.append(max(y, places[-1] + LINE_HEIGHT) if places else y)
    over = max(0.0, places[-1] - plot.bottom) if places else 0.0
    for number in range(len(places) - 1, -1, -1):
        most = places[number + 1] - LINE_HEIGHT if number + 1 < len(places) else places[number] - over
        places[number] = min(places[number], most)
    return [
        text(plot.right + 8, place + 4, shortened(line.name, plot.width - plot.right - 4), f"ch-name {line.key}")
        for place, (_, line) in zip(places, ends, strict=True)
    ]


def _key(series: Sequence[Line], bands: Sequence[Band], direct: frozenset[str], language: str) -> Markup:
    gaps = any(value is None for line in series[:1] for _, value in line.points)
    if len(series) == 1 and not bands and not gaps:
        return Markup("")
    items = [
        (swatch(f"ch-line {line.key}", "M1 6H25"), line.name, "direct" if line.name in direct else "")
        for line in series
    ]
    items += [(swatch(f"ch-band {band.key}", box(1, 1, 24, 10)), band.name, "") for band in bands]
    if gaps:
        items.append((missing_swatch(), words.no_figure(language), ""))
    return legend(items)


def _table(series: Sequence[Line], bands: Sequence[Band], x: Axis, y: Axis, title: str, language: str) -> Table:
    """One row for each place along the axis, one column for each series; a band has two."""
    head = words.heads(language)
    missing = words.no_figure(language)
    values = [dict(line.points) for line in series]
    ends = [{at: (low, high) for at, low, high in band.points} for band in bands]
    places = sorted({at for column in values for at in column} | {at for column in ends for at in column})
    titles = [x.label or (head["date"] if x.kind != "number" else head["name"]), *(line.name for line in series)]
    for band in bands:
        titles += [f"{band.name}: {head['low']}", f"{band.name}: {head['high']}"]
    rows, cells = [], []
    for at in places:
        found: list[float | None] = [column.get(at) for column in values]
        for column in ends:
            found += list(column.get(at, (None, None)))
        rows.append(
            [place_text(at, x, language)]
            + [missing if value is None else figure(value, language, y.unit) for value in found]
        )
        cells.append(
            [plain_place(at, x, language), *(None if value is None else rounded_off(value) for value in found)]
        )
    return Table(title, titles, rows, cells)
