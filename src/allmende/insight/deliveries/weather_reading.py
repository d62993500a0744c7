"""A table of weather as hours of stations: every value in our units, what is wrong named with its row and its remedy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import numpy as np
from django.utils.translation import gettext_noop
from numpy.typing import NDArray

from allmende.insight.bridges.weather import VARIABLES, UnusableInput, WeatherTable
from allmende.insight.deliveries.foreign import add_foreign
from allmende.insight.deliveries.problems import AFTER_ROW, ERROR, ROW, Problems
from allmende.insight.deliveries.weather_options import WeatherOptions, moment_of
from allmende.insight.deliveries.words import MISSING, State, TimeKind, hours_of, times_of, values_of
from allmende.insight.deliveries.zones import to_utc
from allmende.insight.weather.store import Hours, Values, at, empty, hour_of

LIMITS: Final = {
    "temperature": (-60.0, 60.0, "°C"),
    "precipitation": (0.0, 200.0, "mm"),
    "sunshine": (0.0, 60.0, "minutes"),
    "cloud": (0.0, 100.0, "%"),
    "wind": (0.0, 90.0, "m/s"),
}
"""Outside of these an hourly value cannot be right."""
NO_VALUE: Final = -900.0
"""Services write -999 where they have none."""
MOST_STATIONS: Final = 1000
HORIZON: Final = 400 * 24
"""Hours between the issue of a forecast and an hour that it is for; more is a mistake."""
EARLIEST, LATEST = hour_of(datetime(1940, 1, 1, tzinfo=UTC)), hour_of(datetime(2100, 1, 1, tzinfo=UTC))
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(slots=True)
class StationWeather:
    """What a file says of one station."""

    key: str
    name: str
    lon: float | None
    lat: float | None
    stretches: list[tuple[datetime | None, Hours, Values]] = field(default_factory=list)
    """When it was issued (None: observed), the hours ascending, and their values."""


@dataclass(slots=True)
class WeatherUnderstood:
    """A file of weather."""

    service: str
    stations: list[StationWeather] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)
    read: int = 0
    failed: int = 0


def understand(table: WeatherTable, options: WeatherOptions, *, now: datetime) -> WeatherUnderstood:
    """Read the table.  ``now``: when it was delivered.  Raises ``UnusableInput`` where nobody says which station it is."""
    out = WeatherUnderstood(table.layout.service, read=len(table.columns))
    for one in table.columns.problems:
        add_foreign(out.problems, one)
        out.failed += 1
    stations, number = _stations(table, options, out)
    hours, good = _hours(table, options, out)
    issues, is_issued = _issues(table, options, hours, good, now, out)
    good &= is_issued & (number >= 0)
    values = _values(table, good, out)
    # By station and issue, the rows of each in their order.
    rows = np.flatnonzero(good)
    rows = rows[np.lexsort((rows, issues[rows], number[rows]))]
    ends = np.flatnonzero((np.diff(number[rows]) != 0) | (np.diff(issues[rows]) != 0)) + 1
    for part in np.split(rows, ends) if len(rows) else ():
        stretch = _stretch(table, hours[part], values[part], part, out)
        if stretch is not None:
            issue = int(issues[part[0]])
            stations[int(number[part[0]])].stretches.append((at(issue) if issue else None, *stretch))
    for station in stations:
        if station.stretches:
            out.stations.append(station)
            if station.lon is None:
                out.problems.add(
                    "%(station)s",
                    gettext_noop("Nobody says where the station %(station)s is, so that no place finds it."),
                    "no-position",
                    gettext_noop("Write its longitude and latitude."),
                    station=station.name,
                )
    return out


def _column(table: WeatherTable, name: str) -> int:
    return table.columns.headers.index(name)


def _hours(table: WeatherTable, options: WeatherOptions, out: WeatherUnderstood) -> tuple[Ints, Mask]:
    """The hour of each row, and whether it has one."""
    minutes, kinds, said = _minutes(table)
    _to_utc(table, options, minutes, kinds == TimeKind.LOCAL)
    hours = minutes // 60
    timed = (kinds == TimeKind.LOCAL) | (kinds == TimeKind.UTC)
    whole = timed & (minutes % 60 == 0)
    good = whole & (hours >= EARLIEST) & (hours < LATEST)
    for wrong, message, code, remedy in (
        (
            ~timed,
            gettext_noop("%(word)s is no day with an hour."),
            "bad-time",
            gettext_noop("Write it as 2026-06-01T14:00Z."),
        ),
        (
            timed & ~whole,
            gettext_noop("%(word)s is not on the hour."),
            "not-hourly",
            gettext_noop("Deliver hourly values."),
        ),
        (
            whole & ~good,
            gettext_noop("%(word)s cannot be right."),
            "far-time",
            gettext_noop("Correct the year at the source."),
        ),
    ):
        _refuse(table, np.flatnonzero(wrong), said, message, code, remedy, out)
    return hours, good


def _to_utc(table: WeatherTable, options: WeatherOptions, minutes: Ints, is_local: Mask) -> None:
    """Put UTC in the place of times of a local clock."""
    offset = table.about.offset_minutes
    if offset is None:
        local = np.flatnonzero(is_local)
        minutes[local] = to_utc(minutes[local], table.layout.zone or options.timezone or "UTC").utc
    else:
        minutes[is_local] -= offset


def _refuse(
    table: WeatherTable,
    rows: Ints,
    said: Callable[[int], str],
    message: str,
    code: str,
    remedy: str,
    out: WeatherUnderstood,
) -> None:
    """These rows stay out."""
    out.failed += len(rows)
    for row in rows[:100].tolist():
        number = str(int(table.columns.rows[row]))
        out.problems.add(ROW, message, code, remedy, severity=ERROR, word=said(row)[:40] or "…", row=number)
    out.problems.counts[code] += max(0, len(rows) - 100)


def _minutes(table: WeatherTable) -> tuple[Ints, NDArray[np.uint8], Callable[[int], str]]:
    """Minutes since 1970 of each row, what kind of time that is, and the words of a row."""
    columns = [_column(table, name) for name in table.layout.time]
    codes, words = table.columns.codes, table.columns.words

    def said(row: int) -> str:
        return " ".join(words[column][codes[column][row]] for column in columns)

    if len(columns) == 4:
        # Year, month, day and hour apart: the different ones are few.
        several = np.stack([codes[column] for column in columns], axis=1)
        different, place = np.unique(several, axis=0, return_inverse=True)
        texts = ["-".join(words[c][k].zfill(2) for c, k in zip(columns[:3], one, strict=False)) for one in different]
        texts = [f"{text}T{words[columns[3]][one[3]].zfill(2)}:00" for text, one in zip(texts, different, strict=True)]
        times = times_of(texts)
        return times.minutes[place.ravel()], times.kinds[place.ravel()], said
    times = times_of(words[columns[0]])
    minutes, kinds = times.minutes[codes[columns[0]]], times.kinds[codes[columns[0]]]
    if len(columns) == 2:
        of_day = hours_of(words[columns[1]])[0][codes[columns[1]]]
        kinds = np.where((kinds == TimeKind.DAY) & (of_day >= 0), TimeKind.LOCAL, TimeKind.BAD).astype(np.uint8)
        minutes = minutes + np.maximum(of_day, 0)
    return minutes, kinds, said


def _values(table: WeatherTable, good: Mask, out: WeatherUnderstood) -> Values:
    """(rows, 5) in our units; NaN where there is none, and where it cannot be right."""
    told = empty(len(table.columns))
    for one in table.layout.fields:
        column = _column(table, one.column)
        codes, words = table.columns.codes[column], table.columns.words[column]
        found = values_of(words, suppressed=())
        figures = np.where(found.figures <= NO_VALUE, np.nan, found.figures)
        if table.layout.service == "dwd" and one.variable == "cloud":
            figures[figures < 0] = np.nan  # nobody could see the sky
        bad = np.flatnonzero(good & (found.states == State.BAD)[codes])
        message = gettext_noop("%(word)s is no number.")
        remedy = gettext_noop("Write a plain number. The other values of the row go in.")
        out.problems.by_word(codes[bad].astype(np.int64), words, table.columns.rows[bad], message, "bad-value", remedy)
        figures = np.round(figures * one.times + one.plus, 2)
        low, high, unit = LIMITS[one.variable]
        wrong = np.flatnonzero(good & ((figures < low) | (figures > high))[codes])
        remedy = gettext_noop(
            "Between %(low)s and %(high)s %(unit)s it can be right. Correct it at the source, or the unit in the column’s name."
        )
        message = gettext_noop("%(column)s: %(word)s cannot be right for an hour.")
        out.problems.by_word(
            codes[wrong].astype(np.int64), words, table.columns.rows[wrong], message, "impossible", remedy,
            column=one.column, low=low, high=high, unit=unit,
        )  # fmt: skip
        figures[(figures < low) | (figures > high)] = np.nan
        out.failed += len(bad) + len(wrong)
        told[:, VARIABLES.index(one.variable)] = figures[codes]
    return told


def _issues(
    table: WeatherTable, options: WeatherOptions, hours: Ints, good: Mask, now: datetime, out: WeatherUnderstood
) -> tuple[Ints, Mask]:
    """For each row the hour in which its forecast was issued (0: it was observed), and whether that can be right.

    What is said to be a forecast never counts as observed because its issue cannot be read.
    """
    issues, is_read, said = _issues_told(table, options, hours, now)
    is_near = (issues == 0) | ((np.abs(hours - issues) <= HORIZON) & (issues >= EARLIEST) & (issues < LATEST))
    for wrong, message, code, remedy in (
        (
            good & ~is_read,
            gettext_noop("%(word)s is no day with an hour."),
            "bad-time",
            gettext_noop("Write it as 2026-06-01T14:00Z."),
        ),
        (
            good & is_read & ~is_near,
            gettext_noop("%(word)s cannot be right."),
            "far-time",
            gettext_noop("Correct the year at the source."),
        ),
    ):
        _refuse(table, np.flatnonzero(wrong), said, message, code, remedy, out)
    return issues, is_read & is_near


def _issues_told(
    table: WeatherTable, options: WeatherOptions, hours: Ints, now: datetime
) -> tuple[Ints, Mask, Callable[[int], str]]:
    """The hours of issue, whether each can be read, and the words of a row."""
    every = np.ones(len(hours), np.bool_)

    def said_hour(row: int) -> str:
        return at(int(hours[row])).strftime("%Y-%m-%dT%H:%MZ")

    given = moment_of(options.issued_at) if options.issued_at else None
    issued = hour_of(given or now)
    if table.layout.issued:
        column = _column(table, table.layout.issued)
        words, codes = table.columns.words[column], table.columns.codes[column]
        times = times_of(words)
        # A day alone: that of its midnight.
        _to_utc(table, options, times.minutes, np.isin(times.kinds, (TimeKind.LOCAL, TimeKind.DAY)))
        known = np.isin(times.kinds, (TimeKind.LOCAL, TimeKind.DAY, TimeKind.UTC))
        observed = np.array([word.lower() in MISSING for word in words], np.bool_)
        told = np.where(known & ~observed, times.minutes // 60, 0)
        return told[codes], (known | observed)[codes], lambda row: words[codes[row]]
    if options.kind == "observed":
        return np.zeros(len(hours), np.int64), every, said_hour
    if options.kind == "forecast":
        return np.full(len(hours), issued, np.int64), every, said_hour
    return np.where(hours >= issued, issued, 0), every, said_hour


def _stations(
    table: WeatherTable, options: WeatherOptions, out: WeatherUnderstood
) -> tuple[list[StationWeather], Ints]:
    """The stations of the table, each once, and which of them each row is of (-1: nothing says it)."""
    about, layout, columns = table.about, table.layout, table.columns
    prefix = "" if layout.service == "table" else f"{layout.service}:"
    if not layout.station:
        name = options.station.strip() or about.name or about.key
        if not name:
            raise UnusableInput("Nothing says which station it is. Write its name, or add a column station.")
        key = about.key or name
        lon = about.lon if about.lon is not None else options.lon
        lat = about.lat if about.lat is not None else options.lat
        return [StationWeather(f"{prefix}{key}"[:80], name[:120], lon, lat)], np.zeros(len(columns), np.int64)
    column = _column(table, layout.station)
    words, codes = columns.words[column], columns.codes[column]
    if len(set(words)) > MOST_STATIONS:
        raise UnusableInput(f"The file holds more than {MOST_STATIONS:,} stations. Split it by station.")
    alone = len(set(words)) == 1
    there, first_rows = np.unique(codes, return_index=True)
    first_row = dict(zip(there.tolist(), first_rows.tolist(), strict=True))
    spots = {name: _numbers(table, name) for name in (layout.lon, layout.lat) if name}
    found: dict[str, int] = {}
    stations: list[StationWeather] = []
    place_of = np.full(len(words), -1, np.int64)
    for number, word in enumerate(words):
        if number not in first_row or not word:
            continue
        row = first_row[number]
        name = _word(table, layout.name, row) or (options.station if alone else "") or word
        lon, lat = (float(spots[one][row]) if one else np.nan for one in (layout.lon, layout.lat))
        if np.isnan(lon) or np.isnan(lat) or abs(lon) > 180 or abs(lat) > 90:
            # The number of a station says nothing of where it is: somebody does, or nobody.
            place = (options.lon, options.lat) if alone else (None, None)
        else:
            place = (lon, lat)
        key = (f"{prefix}{word.lstrip('0')}" if prefix else word)[:80]
        if key not in found:  # written in two ways, with zeros or blanks before it, it is still one
            found[key] = len(stations)
            stations.append(StationWeather(key, name[:120], *place))
        place_of[number] = found[key]
    number_of = place_of[codes]
    message = gettext_noop("Nothing says which station it is. Write its name, or add a column station.")
    _refuse(table, np.flatnonzero(number_of < 0), lambda row: words[codes[row]], message, "no-station", "", out)
    return stations, number_of


def _word(table: WeatherTable, name: str, row: int) -> str:
    if not name:
        return ""
    column = _column(table, name)
    return table.columns.words[column][int(table.columns.codes[column][row])]


def _numbers(table: WeatherTable, name: str) -> NDArray[np.float64]:
    column = _column(table, name)
    return values_of(table.columns.words[column], suppressed=()).figures[table.columns.codes[column]]


def _stretch(
    table: WeatherTable, hours: Ints, values: Values, rows: Ints, out: WeatherUnderstood
) -> tuple[Hours, Values] | None:
    """Rows of one station as hours in order; of an hour that stands there twice the last row counts."""
    if not len(hours):
        return None
    _, n = np.unique(hours, return_counts=True)
    if (n > 1).any():
        twice = int((n - 1).sum())
        message = gettext_noop("%(twice)s rows are of an hour that another row is of, too; the last one counts.")
        remedy = gettext_noop("Deliver each hour once.")
        row = str(int(table.columns.rows[rows[0]]))
        out.problems.add(AFTER_ROW, message, "repeated", remedy, n=twice, twice=twice, row=row)
    first = int(hours.min()) - 1
    whole = empty(int(hours.max()) - first + 1)
    for one in table.layout.fields:
        variable = VARIABLES.index(one.variable)
        known = ~np.isnan(values[:, variable])
        whole[hours[known] + one.hours - first, variable] = values[known, variable]
    there = np.flatnonzero(~np.isnan(whole).all(axis=1))
    return (there + first, whole[there]) if len(there) else None
