"""Two small pictures that stand in a line of a table: the years, and the place in the group.  Numbers stand beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

WIDTH: Final = 96
HEIGHT: Final = 28
EDGE: Final = 4


def trend(values: Sequence[float | None]) -> Markup:
    """A line through the years; a year without a figure is a gap."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return Markup("")
    low, high = min(known), max(known)
    step = (WIDTH - 2 * EDGE) / max(1, len(values) - 1)
    tall = HEIGHT - 2 * EDGE

    def place(number: int, value: float) -> str:
        part = 0.5 if high == low else (value - low) / (high - low)
        return f"{EDGE + number * step:.1f} {HEIGHT - EDGE - part * tall:.1f}"

    moves, dots, is_gap = [], [], True
    for number, value in enumerate(values):
        if value is None:
            is_gap = True
            continue
        at = place(number, value)
        moves.append(f"{'M' if is_gap else 'L'}{at}")
        is_gap = False
        dots.append(at)
    x, y = dots[-1].split()
    return _svg("trend", f'<path d="{"".join(moves)}"/><circle cx="{x}" cy="{y}" r="3"/>')


def in_group(low: float, middle: float, high: float, own: float | None) -> Markup:
    """The span of the middle half of the group with its median, and one's own place beside it."""
    reach = [low, high] if own is None else [low, high, own]
    bottom, top = min(reach), max(reach)
    room = (top - bottom) * 0.12 or abs(top) * 0.1 or 1.0
    bottom, top = bottom - room, top + room

    def x(value: float) -> float:
        return EDGE + (value - bottom) / (top - bottom) * (WIDTH - 2 * EDGE)

    parts = [
        f'<path class="base" d="M{EDGE} 14H{WIDTH - EDGE}"/>',
        f'<rect x="{x(low):.1f}" y="9" width="{max(1.0, x(high) - x(low)):.1f}" height="10" rx="3"/>',
        f'<path class="middle" d="M{x(middle):.1f} 7V21"/>',
    ]
    if own is not None:
        at = x(own)
        parts.append(f'<path class="own" d="M{at:.1f} 7.5l6.5 6.5 -6.5 6.5 -6.5 -6.5z"/>')
    return _svg("in-group", "".join(parts))


def _svg(name: str, inner: str) -> Markup:
    # Numbers only: nothing that a person typed.
    return Markup(f'<svg class="{name}" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true">{inner}</svg>')  # noqa: S704
