"""The pictures of one place, from what the queries say."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from datetime import date, datetime, timedelta
from threading import Lock
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext, pgettext

from allmende.core import formats
from allmende.guide import charts
from allmende.guide.charts import Axis, Band, Chart, Line, Mark, Table
from allmende.guide.views.insight import crowding_words as words
from allmende.insight.crowding.queries.page import SitePage
from allmende.insight.models import Site
from allmende.insight.summary import Summary

Key = tuple[Hashable, ...]

EVERY_HOURS: Final = 3
MOST_KEPT: Final = 200
"""Pictures in memory, of about 60 kB each: a year has 365 cells, drawn twice."""
_kept: OrderedDict[Key, Chart] = OrderedDict()
_lock = Lock()


def kept(key: Key, make: Callable[[], Chart]) -> Chart:
    """The picture of these figures, drawn once: ``key`` says whose they are, of when, and in which language."""
    with _lock:
        found = _kept.get(key)
        if found is not None:
            _kept.move_to_end(key)
            return found
    found = make()
    with _lock:
        _kept[key] = found
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return found


def forget_pictures() -> None:
    """Draw every picture anew next time."""
    with _lock:
        _kept.clear()


def pressure_steps(lively_from: float, full_from: float) -> tuple[list[float], list[str]]:
    """Bounds in per cent of the capacity, and what lies between them in words."""
    bounds = [50 * lively_from, 100 * lively_from, 100 * full_from]
    return bounds, [
        pgettext("crowding", "very quiet"),
        pgettext("crowding", "quiet"),
        pgettext("crowding", "lively"),
        pgettext("crowding", "full"),
    ]


def _scale(
    values: Sequence[float | None], summary: Summary, language: str
) -> tuple[list[float | None], list[float], list[str], str]:
    """Values as pressure in per cent where there is a capacity, else as they are; bounds, their words, the unit."""
    if summary.capacity:
        steps, names = pressure_steps(summary.lively_from, summary.full_from)
        told: list[float | None] = [
            None if value is None else round(100 * value / summary.capacity, 1) for value in values
        ]
        return told, steps, names, "%"
    unit = words.unit_of(summary.measure)
    steps, names = charts.ranges(values, language, unit=unit)
    return list(values), steps, names, unit


def today(shown: SitePage, site: Site, now: datetime, language: str) -> Chart:
    """Figures of today beside what is usual and, where there is a forecast, what is expected."""
    zone, unit = ZoneInfo(site.timezone), words.unit_of(shown.series.measure if shown.series else "")
    rows = [(row.at.timestamp(), row) for row in shown.today]
    lines = [
        Line(pgettext("crowding", "counted"), [(at, row.figure) for at, row in rows if row.at <= now], "c1"),
        Line(pgettext("crowding", "usual"), [(at, row.usual) for at, row in rows], "muted"),
    ]
    bands = [
        Band(
            gettext("half of the days lie here"),
            [(at, row.low, row.high) for at, row in rows if row.low is not None and row.high is not None],
            "muted",
        )
    ]
    head = [
        gettext("Hour"),
        pgettext("crowding", "counted"),
        gettext("quality"),
        pgettext("crowding", "usual"),
        gettext("lower quartile"),
        gettext("upper quartile"),
    ]
    has_forecast = any(row.expected is not None for _, row in rows)
    if has_forecast:
        lines.append(Line(pgettext("crowding", "expected"), [(at, row.expected) for at, row in rows], "expected"))
        bands.append(
            Band(
                gettext("expected in four of five cases"),
                [
                    (at, row.expected_low, row.expected_high)
                    for at, row in rows
                    if row.expected_low is not None and row.expected_high is not None
                ],
                "expected",
            )
        )
        head += [pgettext("crowding", "expected"), gettext("expected, lower end"), gettext("expected, upper end")]
    cells = []
    for row in shown.today:
        numbers = [row.usual, row.low, row.high]
        if has_forecast:
            numbers += [row.expected, row.expected_low, row.expected_high]
        clock = formats.clock(row.at.astimezone(zone).time().replace(tzinfo=None), language)
        kind = words.quality(row.quality) if row.at <= now else gettext("not yet")
        cells.append((clock, row.figure, kind, numbers))
    title = gettext("Today, %(day)s") % {"day": formats.day_long(shown.day, language)}
    ticks = [(row.at.timestamp(), words.hour(row.hour, language)) for row in shown.today if row.hour % EVERY_HOURS == 0]
    return charts.lines(
        lines,
        bands=[band for band in bands if band.points],
        marks=[Mark(now.timestamp(), gettext("now"))] if now.astimezone(zone).date() == shown.day else [],
        x=Axis("", ticks, kind="moment", zone=zone),
        y=Axis("", unit=unit),
        title=title,
        language=language,
        table=Table(
            title,
            head,
            [
                [
                    clock,
                    "–" if count is None else words.amount(count, language),
                    kind,
                    *(words.amount(value, language) for value in numbers),
                ]
                for clock, count, kind, numbers in cells
            ],
            [[clock, count, kind, *numbers] for clock, count, kind, numbers in cells],
        ),
    )


def _hours(language: str) -> list[str]:
    return [words.hour(at, language) for at in range(24)]


def week(shown: SitePage, summary: Summary, language: str) -> Chart:
    """The seven days before today, hour by hour."""
    flat, steps, names, unit = _scale([value for _, row in shown.week for value in row], summary, language)
    rows = [(formats.day_short(day, language), flat[24 * at : 24 * at + 24]) for at, (day, _) in enumerate(shown.week)]
    title = gettext("The last seven days")
    return charts.heat(rows, _hours(language), steps=steps, words=names, title=title, language=language, unit=unit)


def usual_week(shown: SitePage, summary: Summary, language: str) -> Chart:
    """What is usual in this season."""
    flat, steps, names, unit = _scale([value for row in shown.usual_week for value in row], summary, language)
    rows = [(words.weekday(at, language, short=True), flat[24 * at : 24 * at + 24]) for at in range(7)]
    title = gettext("A usual week, %(months)s") % {"months": words.season(shown.day.month, language)}
    return charts.heat(rows, _hours(language), steps=steps, words=names, title=title, language=language, unit=unit)


def year(summary: Summary, number: int, language: str) -> Chart:
    """Each day's fullest hour; for figures of days their totals."""
    if summary.resolution == "hour":
        days = summary.days_of_year(number)
        title = gettext("The fullest hour of each day of %(year)s") % {"year": number}
        keys = list(days)
        values, steps, names, unit = _scale(list(days.values()), summary, language)
    else:
        keys, totals = [], []
        for at, total in enumerate(summary.days_total.tolist()):
            day = summary.days_first + timedelta(days=at)
            if day.year == number:
                keys.append(day)
                totals.append(None if math.isnan(total) else total)
        title = gettext("Each day of %(year)s") % {"year": number}
        unit = words.unit_of(summary.measure)
        values, (steps, names) = totals, charts.ranges(totals, language, unit=unit)
    return charts.year(
        dict(zip(keys, values, strict=True)),
        number,
        steps=steps,
        words=names,
        title=title,
        language=language,
        unit=unit,
    )


def months(summary: Summary, language: str) -> Chart:
    """The months, each per day."""
    unit = words.unit_of(summary.measure)
    label = (
        gettext("Mean of a day: %(unit)s × hours") % {"unit": unit}
        if summary.is_stock
        else gettext("Mean of a day: %(unit)s") % {"unit": unit}
    )
    return charts.columns(
        [
            (formats.month_short(date(2024, at + 1, 1), language), [None if value is None else round(value)])
            for at, value in enumerate(summary.month_per_day)
        ],
        [gettext("Mean of a day")],
        y=Axis(label),
        title=gettext("The months, each per day"),
        language=language,
    )
