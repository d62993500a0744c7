"""The frame of a picture of lines: its inner rectangle, its axes and its marks, and the points that are worth drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from allmende.guide.charts.scales import Scale, shortened, wide_of
from allmende.guide.charts.svg import NARROW, num, path, text
from allmende.guide.charts.values import Axis, Mark

MOST_POINTS: Final = 1200
"""A longer series is drawn by the lowest and the highest value of every stretch."""


@dataclass(frozen=True, slots=True)
class Plot:
    """The inner rectangle and its two scales."""

    width: float
    left: float
    right: float
    top: float
    bottom: float
    x: Scale
    y: Scale


def axes(
    plot: Plot, ticks: Sequence[tuple[float, str]], along: Sequence[tuple[float, str]], x: Axis, y: Axis
) -> list[str]:
    grid = "".join(f"M{num(plot.left)} {num(plot.y(value))}H{num(plot.right)}" for value, _ in ticks if value)
    feet = "".join(f"M{num(plot.x(at))} {num(plot.bottom)}v4" for at, _ in along)
    parts = [path("ch-grid", grid), path("ch-foot", feet)]
    base = plot.y(0) if plot.y.low <= 0 <= plot.y.high else plot.bottom
    parts.append(path("ch-base", f"M{num(plot.left)} {num(base)}H{num(plot.right)}"))
    parts += [text(plot.left - 6, plot.y(value) + 4, said, "ch-tick", "end") for value, said in ticks]
    for at, said in along:
        half = wide_of(said) / 2
        place = min(max(plot.x(at), half), plot.width - half)
        parts.append(text(place, plot.bottom + 17, said, "ch-tick", "middle"))
    if y.label:
        parts.append(text(0, 12, shortened(y.label, plot.width), "ch-label"))
    if x.label:
        parts.append(text(plot.right, plot.bottom + 34, shortened(x.label, plot.width), "ch-label", "end"))
    return [part for part in parts if part]


def mark_rows(marks: Sequence[Mark], width: float) -> Sequence[tuple[int, Mark]]:
    """Each mark with the row that its words stand in: rows alternate, so that neighbours do not touch."""
    rows = 1 if len(marks) < 2 else (2 if width > NARROW else min(3, len(marks)))
    return [(number % rows, mark) for number, mark in enumerate(sorted(marks, key=lambda mark: mark.at))]


def draw_marks(marks: Sequence[Mark], plot: Plot) -> list[str]:
    parts = []
    for row, mark in mark_rows(marks, plot.width):
        if not plot.x.low <= mark.at <= plot.x.high:
            continue
        place, y = plot.x(mark.at), 22 + 18 * row + 10
        parts.append(path("ch-mark", f"M{num(place)} {num(y - 9)}V{num(plot.bottom)}"))
        behind = plot.width - place - 5
        if behind >= min(wide_of(mark.label), place - 5):
            parts.append(text(place + 5, y, shortened(mark.label, behind), "ch-mark-text"))
        else:
            parts.append(text(place - 5, y, shortened(mark.label, place - 5), "ch-mark-text", "end"))
    return parts


def slimmed(points: Sequence[tuple[float, float | None]]) -> list[tuple[float, float | None]]:
    """The points, or of a long series the extremes and gaps of each stretch, in their order."""
    if len(points) <= MOST_POINTS:
        return list(points)
    each = -(-len(points) // (MOST_POINTS // 4))
    kept: list[tuple[float, float | None]] = []
    for start in range(0, len(points), each):
        stretch = points[start : start + each]
        known = [place for place, (_, value) in enumerate(stretch) if value is not None]
        chosen = {0, len(stretch) - 1}
        if known:
            chosen |= {
                min(known, key=lambda place: (stretch[place][1], place)),
                max(known, key=lambda place: (stretch[place][1], -place)),
            }
        gap = next((place for place, (_, value) in enumerate(stretch) if value is None), None)
        kept.extend(stretch[place] for place in sorted(chosen | ({gap} if gap is not None else set())))
    return kept
