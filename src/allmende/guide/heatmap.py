"""Pictures of the season: columns for the whole, a heat map for the rows.  Drawn here, so that they need no script.

Colours come from the style sheet by class (``s0`` to ``s5``); a table beside the picture says the same in numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from markupsafe import Markup, escape

from allmende.core import formats

CELL, GAP = 13, 2
LABEL_WIDTH = 168
HEAD = 18
BAR_HEIGHT = 84
LONGEST_LABEL = 24


def _x(number: int) -> int:
    return LABEL_WIDTH + number * (CELL + GAP)


def _months(mondays: Sequence[date], language: str, y: int) -> str:
    """The names of the months above their first weeks."""
    drawn, before = [], 0
    for number, monday in enumerate(mondays):
        if monday.month != before and (number == 0 or monday.day <= 7) and number < len(mondays) - 2:
            name = formats.month_short(monday, language)
            drawn.append(f'<text x="{_x(number)}" y="{y}">{escape(name)}</text>')
        before = monday.month
    return "".join(drawn)


def _svg(name: str, width: int, height: int, inner: str, label: str) -> Markup:
    return Markup(  # noqa: S704  every text above is escaped, the rest are numbers
        f'<svg class="{name}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img"'
        f' aria-label="{escape(label)}">{inner}</svg>'
    )


def bars_svg(season: Any, language: str, *, label: str) -> Markup:
    """One column for each week; thin weeks stand out."""
    highest = max((week.n for week in season.weeks), default=0) or 1
    columns = []
    for number, week in enumerate(season.weeks):
        height = round(week.n / highest * BAR_HEIGHT)
        kind = "thin" if week.is_thin else "full"
        columns.append(
            f'<rect class="{kind}" x="{_x(number)}" y="{HEAD + BAR_HEIGHT - height}" width="{CELL}" height="{max(1, height)}"/>'
        )
    line = ""
    if season.median:
        y = HEAD + BAR_HEIGHT - round(season.median / highest * BAR_HEIGHT)
        line = f'<path class="median" d="M{LABEL_WIDTH} {y}H{_x(len(season.weeks))}"/>'
    months = _months([week.monday for week in season.weeks], language, 11)
    width = _x(len(season.weeks))
    return _svg("season-bars", width, HEAD + BAR_HEIGHT + 2, months + "".join(columns) + line, label)


def heat_svg(seasons: Sequence[Any], names: Sequence[str], language: str, *, label: str) -> Markup:
    """One row for each season, one square for each week."""
    if not seasons:
        return Markup()
    squares: dict[int, list[str]] = defaultdict(list)
    texts = []
    for place, (season, name) in enumerate(zip(seasons, names, strict=True)):
        y = HEAD + place * (CELL + GAP)
        short = name if len(name) <= LONGEST_LABEL else name[: LONGEST_LABEL - 1] + "…"
        texts.append(f'<text class="row" x="{LABEL_WIDTH - 8}" y="{y + 10}">{escape(short)}</text>')
        for number, week in enumerate(season.weeks):
            squares[week.step].append(f"M{_x(number)} {y}h{CELL}v{CELL}h-{CELL}z")
    paths = "".join(f'<path class="s{step}" d="{"".join(squares[step])}"/>' for step in sorted(squares))
    months = _months([week.monday for week in seasons[0].weeks], language, 11)
    height = HEAD + len(seasons) * (CELL + GAP)
    return _svg("season-heat", _x(len(seasons[0].weeks)), height, months + "".join(texts) + paths, label)
