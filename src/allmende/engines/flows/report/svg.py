"""Charts as SVG: pure functions from values to text, without a library, an address or a script.

Every chart says in ``title`` what it shows and in ``desc`` what is to be seen; the table beside it has the values.  ``width`` is
in pixels at which text has its size: the page holds a wide and a narrow drawing instead of one that is scaled until it cannot
be read.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import escape

from allmende.engines.flows.report.theme import STEPS, Theme

Number = Callable[[float], str]
SIZE = 12.5
"""of letters, in pixels"""


@dataclass(frozen=True, slots=True)
class Said:
    """What a chart says to those who do not see it, and how it writes figures."""

    title: str
    desc: str
    number: Number


def frame(width: float, height: float, said: Said, theme: Theme, body: Sequence[str]) -> str:
    """The drawing with its name and description."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f'height="{height:g}" font-family="{theme.font}" font-size="{SIZE}" aria-label="{escape(said.title)}">'
        f"<title>{escape(said.title)}</title><desc>{escape(said.desc)}</desc>{''.join(body)}</svg>"
    )


def text(
    x: float, y: float, words: object, fill: str, *, anchor: str = "start", weight: int = 400, extra: str = ""
) -> str:
    """One line of text."""
    bold = f' font-weight="{weight}"' if weight != 400 else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{fill}" text-anchor="{anchor}"{bold}{extra}>{escape(words)}</text>'


def line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1, extra: str = "") -> str:
    """A straight line."""
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}" stroke-width="{width:g}" fill="none"{extra}/>'


def rect(x: float, y: float, width: float, height: float, colour: str, *, radius: float = 0, extra: str = "") -> str:
    """A filled rectangle."""
    rounded = f' rx="{radius:g}"' if radius else ""
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{height:.1f}" fill="{colour}"{rounded}{extra}/>'


def width_of(words: str, size: float = SIZE) -> float:
    """About how wide a text will be."""
    return sum(0.32 if sign in " .,:;il’'|" else 0.86 if sign in "mwMW%–" else 0.62 for sign in words) * size


def fit(words: str, room: float) -> str:
    """The text, shortened with an ellipsis where it would not fit."""
    if width_of(words) <= room:
        return words
    while words and width_of(words + "…") > room:
        words = words[:-1]
    return words.rstrip() + "…"


def nice_steps(top: float, about: int = 4) -> list[float]:
    """Round figures from 0 to at least ``top``: 1, 2, 2.5 or 5 times a power of ten apart."""
    if not top > 0:
        return [0.0, 1.0]
    raw = top / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * by for by in (1, 2, 2.5, 5, 10) if power * by >= raw * 0.999)
    if top >= about:
        step = max(1.0, float(round(step)))
    return [step * at for at in range(math.ceil(top / step - 1e-9) + 1)]


def breaks(values: Sequence[float], steps: int = STEPS) -> list[float]:
    """Round limits of at most ``steps`` classes, the first at or below the least, the last above the most.

    Equal steps where the most is less than ten times the least, else 1, 2 and 5 times powers of ten.
    """
    found = sorted(value for value in values if value > 0)
    if not found:
        return [0.0, 1.0]
    if found[-1] < 10 * found[0]:
        return _equal_breaks(found[0], found[-1], steps)
    low = math.floor(math.log10(found[0]))
    high = math.ceil(math.log10(found[-1])) + 1
    rungs = [by * 10.0**power for power in range(low, high + 1) for by in (1, 2, 5)]
    first = max(at for at, rung in enumerate(rungs) if rung <= found[0])
    last = min(at for at, rung in enumerate(rungs) if rung > found[-1])
    rungs = rungs[first : last + 1]
    while len(rungs) > steps + 1:  # join the two classes that hold the fewest
        counts = [sum(low <= value < high for value in found) for low, high in pairwise(rungs)]
        thin = min(range(len(counts) - 1), key=lambda at: counts[at] + counts[at + 1])
        del rungs[thin + 1]
    return rungs


def _equal_breaks(low: float, high: float, steps: int) -> list[float]:
    raw = max((high - low) / steps, high / 1000)
    power = 10.0 ** math.floor(math.log10(raw))
    first, last, step = 0, 1, power
    for step in (power * by for by in (1, 2, 2.5, 5, 10, 20, 25)):
        first, last = math.floor(low / step), math.floor(high / step) + 1
        if last - first <= steps:
            break
    return [step * at for at in range(first, last + 1)]


def step_of(value: float, limits: Sequence[float]) -> int:
    """The class of a value, spread over the whole scale of colours."""
    at = sum(value >= limit for limit in limits[1:-1])
    return colour_step(at, len(limits) - 1)


def colour_step(at: int, classes: int) -> int:
    """The colour of class ``at`` of so many."""
    return STEPS - 1 if classes <= 1 else round(at * (STEPS - 1) / (classes - 1))


@dataclass(frozen=True, slots=True)
class Point:
    """One day of a line: None where there is no figure."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    rest: bool = False
    """a day off work: shaded"""


def line_chart(points: Sequence[Point], *, width: float, said: Said, theme: Theme) -> str:
    """A line over the days with its interval as a band; weekends are shaded, gaps stay gaps."""
    height = 260.0 if width > 500 else 220.0
    values = [value for point in points for value in (point.value, point.high) if value is not None]
    ticks = nice_steps(max(values, default=1.0))
    left = max(width_of(said.number(tick)) for tick in ticks) + 10
    top, bottom, right = 14.0, 30.0, 8.0
    room = (width - left - right) / max(len(points), 1)

    def x(at: float) -> float:
        return left + (at + 0.5) * room

    def y(value: float) -> float:
        return top + (height - top - bottom) * (1 - value / ticks[-1])

    body = [
        rect(left + at * room, top, room, height - top - bottom, theme["void"])
        for at, point in enumerate(points)
        if point.rest
    ]
    for tick in ticks:
        body.append(line(left, y(tick), width - right, y(tick), theme["line"]))
        body.append(text(left - 8, y(tick) + 4, said.number(tick), theme["ink2"], anchor="end"))
    every = math.ceil(max((width_of(point.label) for point in points), default=1) * 1.25 / room)
    for at in range(0, len(points), every):
        body.append(text(x(at), height - 9, points[at].label, theme["ink2"], anchor="middle"))
    for run in _runs(points):
        upper = [(at, points[at].high) for at in run]
        lower = [(at, points[at].low) for at in run]
        if all(value is not None for _, value in upper + lower) and len(run) > 1:
            outline = [(x(at), y(value or 0)) for at, value in upper + lower[::-1]]
            body.append(f'<path d="M{"L".join(f"{a:.1f} {b:.1f}" for a, b in outline)}Z" fill="{theme["band"]}"/>')
        way = "L".join(f"{x(at):.1f} {y(points[at].value or 0):.1f}" for at in run)
        body.append(
            f'<path d="M{way}" fill="none" stroke="{theme["brand"]}" stroke-width="2.5" stroke-linejoin="round"/>'
        )
        if len(run) == 1 or len(points) <= 40:
            for at in run:
                body.append(
                    f'<circle cx="{x(at):.1f}" cy="{y(points[at].value or 0):.1f}" r="3" fill="{theme["brand"]}"/>'
                )
    return frame(width, height, said, theme, body)


def _runs(points: Sequence[Point]) -> list[list[int]]:
    runs: list[list[int]] = []
    for at, point in enumerate(points):
        if point.value is None:
            continue
        if runs and runs[-1][-1] == at - 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    return runs


def heat_map(
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Sequence[float | None]],
    *,
    limits: Sequence[float],
    width: float,
    said: Said,
    theme: Theme,
) -> str:
    """Cells coloured by the class of their value; empty where there is none."""
    left, top = max(map(width_of, rows)) + 12, 24.0
    room = (width - left) / len(columns)
    tall = min(max(room, 20.0), 30.0)
    body: list[str] = []
    every = math.ceil(max(map(width_of, columns)) * 1.2 / room)
    for at in range(0, len(columns), every):
        body.append(text(left + (at + 0.5) * room, 14, columns[at], theme["ink2"], anchor="middle"))
    for row, name in enumerate(rows):
        y = top + row * tall
        body.append(text(left - 10, y + tall / 2 + 4, name, theme["ink2"], anchor="end"))
        for at, value in enumerate(values[row]):
            colour = theme["void"] if value is None else theme[f"s{step_of(value, limits)}"]
            body.append(rect(left + at * room + 0.75, y + 0.75, room - 1.5, tall - 1.5, colour, radius=2.5))
    return frame(width, top + len(rows) * tall + 2, said, theme, body)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar with its interval, if there is one."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None


def bars(entries: Sequence[Bar], *, width: float, said: Said, theme: Theme, role: str = "bar") -> str:
    """Horizontal bars with name, value and whisker; names stand above the bar where the drawing is narrow."""
    narrow = width < 500
    most = max((entry.high or entry.value for entry in entries), default=1.0) or 1.0
    left = 0.0 if narrow else min(max((width_of(entry.label) for entry in entries), default=0) + 12, width * 0.42)
    right = max((width_of(said.number(entry.value)) for entry in entries), default=0) + 12
    tall, body = (40.0 if narrow else 30.0), list[str]()
    scale = (width - left - right) / most
    for at, entry in enumerate(entries):
        y = at * tall + (18 if narrow else 6)
        if narrow:
            body.append(text(0, y - 5, fit(entry.label, width), theme["ink"]))
        else:
            body.append(text(left - 10, y + 13, fit(entry.label, left - 12), theme["ink"], anchor="end"))
        body.append(rect(left, y, entry.value * scale, 18, theme[role], radius=3))
        end = left + (entry.high or entry.value) * scale
        if entry.low is not None and entry.high is not None and (entry.high - entry.low) * scale > 1.5:
            low = left + entry.low * scale
            body.append(line(low, y + 9, end, y + 9, theme["ink"], 1.5))
            body.extend(line(x, y + 5, x, y + 13, theme["ink"], 1.5) for x in (low, end))
        body.append(text(end + 6, y + 13.5, said.number(entry.value), theme["ink2"]))
    return frame(width, max(len(entries), 1) * tall + 4, said, theme, body)


def stacked_bars(
    rows: Sequence[str],
    parts: Sequence[str],
    values: Sequence[Sequence[float]],
    *,
    percent: Number,
    width: float,
    said: Said,
    theme: Theme,
) -> str:
    """One bar per row, its parts as shares of the whole; ``parts`` are the roles of their colours."""
    left, tall = min(max(map(width_of, rows)) + 12, width * 0.34), 32.0
    room, body = width - left - 1, list[str]()
    for at, name in enumerate(rows):
        y, x = at * tall + 3, left
        total = sum(values[at])
        body.append(
            text(left - 10, y + 17, fit(name, left - 12), theme["ink"], anchor="end", weight=600 if at == 0 else 400)
        )
        for role, value in zip(parts, values[at], strict=True):
            if not value or not total:
                continue
            wide = room * value / total
            body.append(rect(x, y, max(wide - 1.5, 0.5), 24, theme[role], radius=2))
            label = percent(value / total)
            if width_of(label) + 8 < wide:
                ink = "#ffffff" if role in ("domestic_overnight", "inbound_overnight") else "#19211d"
                # Words stand on a colour of their own, not of the page: transit and commuters turn dark in the dark.
                ink = theme["ink"] if role in ("transit", "commuter") else ink
                body.append(text(x + wide / 2 - 1, y + 16.5, label, ink, anchor="middle"))
            x += wide
    return frame(width, len(rows) * tall + 4, said, theme, body)


def columns(entries: Sequence[Bar], *, width: float, said: Said, theme: Theme) -> str:
    """Upright bars in the order given: a histogram."""
    height, bottom, top = 220.0, 28.0, 22.0
    most = max((entry.value for entry in entries), default=1.0) or 1.0
    room = width / max(len(entries), 1)
    body = [line(0, height - bottom, width, height - bottom, theme["line2"])]
    show = max((width_of(said.number(entry.value)) for entry in entries), default=0) < room
    for at, entry in enumerate(entries):
        tall = (height - bottom - top) * entry.value / most
        body.append(rect(at * room + room * 0.12, height - bottom - tall, room * 0.76, tall, theme["bar"], radius=2))
        middle = (at + 0.5) * room
        if show:
            body.append(
                text(middle, height - bottom - tall - 6, said.number(entry.value), theme["ink2"], anchor="middle")
            )
        body.append(text(middle, height - 9, fit(entry.label, room + 4), theme["ink2"], anchor="middle"))
    return frame(width, height, said, theme, body)
