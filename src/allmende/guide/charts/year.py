"""A year of days: weeks as columns, Monday above."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from allmende.core import formats
from allmende.guide.charts import words as said
from allmende.guide.charts.heat import check_steps
from allmende.guide.charts.scales import class_of, figure, rounded_off, wide_of
from allmende.guide.charts.svg import (
    NARROW,
    WIDE,
    Drawing,
    Place,
    box,
    finished,
    hatch,
    ladder,
    num,
    path,
    step_name,
    text,
)
from allmende.guide.charts.values import Chart, Table, real

GAP: Final = 1.5
HEAD: Final = 20
Days = Mapping[date, float | None]


def year(
    days: Days,
    year: int,
    *,
    steps: Sequence[float],
    words: Sequence[str],
    title: str,
    language: str,
    unit: str = "",
) -> Chart:
    """The days of one year.  A day of ``days`` that is None has no figure; one that is not in ``days`` was not asked for
    (it lies ahead, or before the counting began): its cell is empty and it is in no table."""
    check_steps(steps, words)
    days = {day: real(value) for day, value in sorted(days.items()) if day.year == year}
    missing = said.no_figure(language)
    every = [(formats.day_medium(day, language), value) for day, value in days.items()]
    rows = _weeks(year)
    return finished(
        "year",
        [_drawing(days, year, rows, steps, language, parts, width) for parts, width in ((1, WIDE), (2, NARROW))],
        title=title,
        summary=said.extremes([(title, every)], language, unit).removeprefix(f"{title}: ").strip(),
        table=Table(
            title,
            [said.heads(language)["date"], said.heads(language)["value"]],
            [[day, missing if value is None else figure(value, language, unit)] for day, value in every],
            [[day.isoformat(), None if value is None else rounded_off(value)] for day, value in days.items()],
        ),
        key=ladder(words, missing=missing if None in days.values() else ""),
        texts=[
            [
                said.point(
                    f"{formats.weekday_short(day, language)} {formats.day_medium(day, language)}",
                    days[day],
                    language,
                    unit,
                )
                if day in days
                else ""
                for day in row
            ]
            for row in rows
        ],
    )


def _weeks(year: int) -> list[list[date]]:
    """Seven rows, Monday first, of one day a week; the first and last week reach into the neighbouring years."""
    first, last = date(year, 1, 1), date(year, 12, 31)
    monday = first - timedelta(days=first.weekday())
    weeks = ((last - monday).days // 7) + 1
    return [[monday + timedelta(days=7 * week + day) for week in range(weeks)] for day in range(7)]


def _first_of_half(year: int) -> date:
    return date(year, 7, 1)


def _weeks_between(year: int, first: int, last: int) -> int:
    """Columns that the months from ``first`` to ``last`` need."""
    start, end = date(year, first, 1), date(year + last // 12, last % 12 + 1, 1) - timedelta(days=1)
    return (end - start + timedelta(days=start.weekday())).days // 7 + 1


def _drawing(
    days: Days,
    year: int,
    rows: Sequence[Sequence[date]],
    steps: Sequence[float],
    language: str,
    parts: int,
    width: float,
) -> Drawing:
    """``parts``: 1, or 2 for half years below each other."""
    left = max(wide_of(formats.weekday_short(rows[day][0], language)) for day in (0, 2, 4, 6)) + 6
    each = len(rows[0]) if parts == 1 else max(_weeks_between(year, 1, 6), _weeks_between(year, 7, 12))
    cell = min(18.0, (width - left) / each)
    block = HEAD + 7 * cell + 14

    turn = _first_of_half(year) if parts == 2 else date.max
    mondays = [start - timedelta(days=start.weekday()) for start in (date(year, 1, 1), _first_of_half(year))]
    begins = [monday.toordinal() for monday in mondays]

    def place(day: date) -> tuple[float, float]:
        part = day >= turn
        week, weekday = divmod(day.toordinal() - begins[part], 7)
        return left + week * cell, HEAD + part * block + weekday * cell

    cells: dict[str, list[str]] = defaultdict(list)
    strokes, inner, at = [], [], []
    size = cell - GAP
    classes = [f"ch-cell {step_name(number, len(steps) + 1)}" for number in range(len(steps) + 1)]
    first_day, last_day = date(year, 1, 1), date(year, 12, 31)
    for row in rows:
        places: list[Place] = []
        for day in row:
            if not first_day <= day <= last_day:
                places.append(None)
                continue
            x, y = place(day)
            places.append((x + size / 2, y + size / 2) if day in days else None)
            value = days.get(day)
            if value is not None:
                cells[classes[class_of(value, steps)]].append(box(x, y, size, size))
            elif day in days:
                cells["ch-none"].append(box(x, y, size, size))
                strokes.append(hatch(x, y, size, size, 4))
            else:
                cells["ch-outside"].append(box(x, y, size, size))
        at.append(places)
    for month in range(1, 13):
        first = date(year, month, 1)
        x, y = place(first)
        top = HEAD + (parts - 1 if month > 6 else 0) * block
        inner.append(
            text(x if first.weekday() == 0 else x + cell, top - 7, formats.month_short(first, language), "ch-tick")
        )
        if month not in (1, 7) or (month == 7 and parts == 1):
            edge = GAP / 2
            down = f"M{num(x + cell - edge)} {num(top - 2)}V{num(y - edge)}H{num(x - edge)}V{num(top + 7 * cell)}"
            inner.append(
                path("ch-month", down if first.weekday() else f"M{num(x - edge)} {num(top - 2)}V{num(top + 7 * cell)}")
            )
    for part in range(parts):
        for number in (0, 2, 4, 6):
            name = formats.weekday_short(rows[number][0], language)
            inner.append(text(left - 5, HEAD + part * block + (number + 0.5) * cell + 4, name, "ch-tick", "end"))
    inner += [path(kind, "".join(pieces)) for kind, pieces in sorted(cells.items())]
    inner.append(path("ch-hatch", "".join(strokes)))
    return Drawing(width, parts * block - 12, [part for part in inner if part], at)
