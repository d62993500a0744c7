"""Two pictures of working together, drawn here so that they need no script: a table with its seats, and a web.

Colours come from the style sheet by class; beside each picture stands the same in words.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import cache
from itertools import accumulate, pairwise
from typing import Final

from markupsafe import Markup, escape

from allmende.partners.networks.queries.table import Line
from allmende.partners.networks.queries.web import Node, Web

WIDTH, HEIGHT = 760, 470
MOST_SEATS: Final = 4
_SEAT = 11.0
SEATS_WIDE, SEATS_HIGH = 222.0, 130.0
_RING = 330.0
_ROOM: Final = 190.0
_SHORT: Final = 26


def _short(text: str, length: int = _SHORT) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _oval(turn: float, wide: float, high: float) -> tuple[float, float]:
    return WIDTH / 2 + wide * math.cos(turn), HEIGHT / 2 + high * math.sin(turn)


@cache
def _turns() -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Angles from the top clockwise, and which part of the way around the seats lies before each."""
    turns = tuple(2 * math.pi * step / 720 - math.pi / 2 for step in range(721))
    spots = [_oval(turn, SEATS_WIDE, SEATS_HIGH) for turn in turns]
    way = (0.0, *accumulate(math.dist(a, b) for a, b in pairwise(spots)))
    return turns, tuple(part / way[-1] for part in way)


def _turn_at(part: float) -> float:
    """The angle after ``part`` (0 to 1) of the way: so that seats stand equally far apart."""
    turns, parts = _turns()
    return turns[min(720, bisect_left(parts, part))]


def table_svg(lines: Sequence[Line], names: Callable[[str], str], title: str, *, label: str) -> Markup:
    """A table seen from above: for each kind its seats, full ones for members, empty ones for who is missing.

    ``names`` says what a kind is called; at most four seats are drawn for one kind, the numbers stand beside them.
    """
    shown = [line for line in lines if line.standing != "nobody"]
    seats = [max(1, min(MOST_SEATS, line.expected)) for line in shown]
    whole = sum(seats) + len(seats)
    drawn, place = [], 0.5
    for line, n in zip(shown, seats, strict=True):
        full = min(n, line.members) if line.members <= MOST_SEATS else n
        for seat in range(n):
            turn = _turn_at((place + seat + 0.5) / whole)
            x, y = _oval(turn, SEATS_WIDE, SEATS_HIGH)
            name = "seat full" if seat < full else f"seat empty {line.standing}"
            drawn.append(f'<circle class="{name}" cx="{x:.1f}" cy="{y:.1f}" r="{_SEAT}"/>')
        turn = _turn_at((place + n / 2) / whole)
        x, y = _oval(turn, SEATS_WIDE + 26, SEATS_HIGH + 32)
        side = "middle" if abs(math.cos(turn)) < 0.28 else "start" if math.cos(turn) > 0 else "end"
        y += 8 * math.sin(turn)
        drawn.append(
            f'<text class="{line.standing}" x="{x:.1f}" y="{y:.1f}" text-anchor="{side}">{escape(_short(names(line.key), 24))}'
            f'<tspan class="n" x="{x:.1f}" dy="15">{line.members} / {line.region}</tspan></text>'
        )
        place += n + 1
    table = (
        f'<ellipse class="table" cx="{WIDTH / 2}" cy="{HEIGHT / 2}" rx="186" ry="92"/>'
        f'<text class="name" x="{WIDTH / 2}" y="{HEIGHT / 2 + 6}" text-anchor="middle">{escape(_short(title, 30))}</text>'
    )
    return Markup(  # noqa: S704  every text above is escaped, the rest are numbers and our own words
        f'<svg class="round-table" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img"'
        f' aria-label="{escape(label)}">{table}{"".join(drawn)}</svg>'
    )


def web_svg(web: Web, name_of: Callable[[Node], str], link_of: Callable[[Node], str], *, labelled_by: str) -> Markup:
    """Organisations on a circle, those who work together close by, with lines between them.

    Each place is a link (``link_of``; empty: none) that a keyboard reaches; the list beside says the same.
    """
    n = len(web.nodes)
    radius = _RING if n > 40 else 190.0
    size = 2 * (radius + _ROOM)
    spots = [(radius * x, radius * y, angle) for x, y, angle in web.places]
    heaviest = max((bond.weight for bond in web.bonds), default=1.0)
    lines = []
    for bond, kind in sorted(zip(web.bonds, web.kinds, strict=True), key=lambda pair: pair[0].weight):
        (ax, ay, _), (bx, by, _) = spots[bond.a], spots[bond.b]
        step = 1 + min(3, int(4 * bond.weight / heaviest * 0.999))
        lines.append(f'<path class="tie {kind} w{step}" d="M{ax:.0f} {ay:.0f}Q{ax * 0.18 + bx * 0.18:.0f} '
                     f'{ay * 0.18 + by * 0.18:.0f} {bx:.0f} {by:.0f}"/>')  # fmt: skip
    most = max((node.ties for node in web.nodes if node.id), default=1) or 1
    drawn = []
    for node, (x, y, angle) in zip(web.nodes, spots, strict=True):
        turned = 90 < (angle + 360) % 360 < 270
        text = f'<text x="{-11 if turned else 11}" y="4" text-anchor="{"end" if turned else "start"}">{escape(_short(name_of(node)))}</text>'
        mark = (
            f'<circle r="{4 + 4 * math.sqrt(node.ties / most):.1f}"/>'
            if node.id
            else '<rect x="-6" y="-6" width="12" height="12" rx="2"/>'
        )
        turn = angle + 180 if turned else angle
        body = f'<g class="node k-{escape(node.kind)}" transform="translate({x:.1f} {y:.1f}) rotate({turn:.1f})">{mark}{text}</g>'
        link = link_of(node)
        drawn.append(f'<a href="{escape(link)}">{body}</a>' if link else body)
    half = size / 2
    return Markup(  # noqa: S704  every text above is escaped, the rest are numbers and our own words
        f'<svg class="coop-web{" many" if n > 40 else ""}" viewBox="{-half:.0f} {-half:.0f} {size:.0f} {size:.0f}"'
        f' width="{size:.0f}" height="{size:.0f}" role="group" aria-labelledby="{labelled_by}">{"".join(lines)}{"".join(drawn)}</svg>'
    )
