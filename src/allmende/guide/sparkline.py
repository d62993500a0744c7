"""A line of a few figures, as numbers for an SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 160
HEIGHT: Final = 36
EDGE: Final = 3
"""Room for the stroke and the dot at the end."""


@dataclass(frozen=True, slots=True)
class Sparkline:
    """Coordinates within ``WIDTH`` × ``HEIGHT``."""

    line: str
    """``x,y x,y …`` for a polyline."""
    area: str
    """The same, closed along the bottom, for a polygon."""
    end: tuple[float, float]


def sparkline(values: Sequence[int]) -> Sparkline | None:
    """The line of ``values``, from zero up, oldest first; None for fewer than two."""
    if len(values) < 2:
        return None
    top = max(*values, 1)
    step = (WIDTH - 2 * EDGE) / (len(values) - 1)
    room = HEIGHT - 2 * EDGE
    points = [
        (round(EDGE + number * step, 1), round(HEIGHT - EDGE - room * value / top, 1))
        for number, value in enumerate(values)
    ]
    line = " ".join(f"{x},{y}" for x, y in points)
    bottom = HEIGHT - EDGE
    return Sparkline(line, f"{EDGE},{bottom} {line} {points[-1][0]},{bottom}", points[-1])
