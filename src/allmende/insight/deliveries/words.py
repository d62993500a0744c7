"""What the words in a file of figures mean: times, hours, figures, visitor classes, measures.  One word at a time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from allmende.core.slugs import fold
from allmende.insight.values import Measure, VisitorClass

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ISO = re.compile(
    r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[T ]+(\d{1,2})(?::?(\d{2}))?(?::?\d{2}(?:[.,]\d+)?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?"
)
_DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?:[ T,]+(\d{1,2})[:.](\d{2})(?::\d{2})?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?(\d{2})(\d{2})?(?:\d{2})?(Z)?)?")
_MONTH = re.compile(r"(\d{4})(?:-?M|/)(\d{1,2})|(\d{1,2})[./](\d{4})|(\d{4})(\d{2})")
_HOUR = re.compile(
    r"(\d{1,2})(?:\s*[:h.]\s*(\d{2}))?(?::\d{2})?\s*(?:h|uhr)?(?:\s*[-–]\s*\d{1,2}(?:[:h.]\d{2})?)?", re.IGNORECASE
)
_BELOW = re.compile(r"(?:<|≤|<=|less than|unter|moins de)\s*(\d+(?:[.,]\d+)?)", re.IGNORECASE)
LARGEST: Final = 1e12
"""A larger figure is none: it would be kept as endless."""
_FIGURE = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_GROUPED = re.compile(r"-?[1-9]\d{0,2}(?:\.\d{3})+")
MISSING: Final = frozenset({"", "na", "n/a", "nan", "null", "none", "-", "–", "…", "...", "?"})
ALWAYS_SUPPRESSED: Final = frozenset({"*", "**", "***", "x", "c"})
"""Marks of statistical offices that can be no figure."""


class TimeKind(IntEnum):
    """How much a word says of a time."""

    BAD = 0
    LOCAL = 1
    """Day and time of day, of a clock on the spot."""
    UTC = 2
    """Day and time with its zone."""
    DAY = 3
    MONTH = 4


class Times(NamedTuple):
    """Words as times: minutes since 1970 (of the local clock, or UTC), and how much they say."""

    minutes: NDArray[np.int64]
    kinds: NDArray[np.uint8]


class State(IntEnum):
    """What stands where a figure should."""

    FIGURE = 0
    MISSING = 1
    SUPPRESSED = 2
    BAD = 3


class Values(NamedTuple):
    """Words as figures (NaN where there is none), and what they are."""

    figures: NDArray[np.float64]
    states: NDArray[np.uint8]
    below: float | None
    """The highest threshold that a mark such as ``<10`` names."""


def times_of(words: Sequence[str]) -> Times:
    """Each word as a time.  ``03/04/2026`` is the third of April, unless the column shows that the month is first."""
    first = [match for word in words if (match := _DAY_FIRST.fullmatch(word))]
    month_first = any(int(one[2]) > 12 for one in first) and not any(int(one[1]) > 12 for one in first)
    minutes, kinds = np.zeros(len(words), np.int64), np.zeros(len(words), np.uint8)
    for at, word in enumerate(words):
        kinds[at], minutes[at] = _time(word.partition("/")[0] if _is_interval(word) else word, month_first)
    return Times(minutes, kinds)


def _is_interval(word: str) -> bool:
    """``2026-06-01T12:00/2026-06-01T13:00`` or ``…/PT1H``: its begin counts."""
    return len(word) > 12 and "/" in word and word[4:5] == "-"


def _time(word: str, month_first: bool) -> tuple[TimeKind, int]:
    try:
        return _understood(word, month_first)
    except (ValueError, OverflowError):
        return TimeKind.BAD, 0


def _understood(word: str, month_first: bool) -> tuple[TimeKind, int]:
    if found := _ISO.fullmatch(word):
        year, month, day, hour, minute, zone = found.groups()
        if day is None:
            return _at(TimeKind.MONTH, int(year), int(month), 1)
        return _timed(int(year), int(month), int(day), hour, minute, zone)
    if found := _DAY_FIRST.fullmatch(word):
        day, month = (found[2], found[1]) if month_first else (found[1], found[2])
        return _timed(int(found[3]), int(month), int(day), found[4], found[5], None)
    if (found := _COMPACT.fullmatch(word)) and 1900 <= int(found[1]) <= 2200:
        return _timed(int(found[1]), int(found[2]), int(found[3]), found[4], found[5], found[6])
    if found := _MONTH.fullmatch(word):
        year, month = next((y, m) for y, m in ((found[1], found[2]), (found[4], found[3]), (found[5], found[6])) if y)
        return _at(TimeKind.MONTH, int(year), int(month), 1) if 1900 <= int(year) <= 2200 else (TimeKind.BAD, 0)
    return TimeKind.BAD, 0


def _timed(
    year: int, month: int, day: int, hour: str | None, minute: str | None, zone: str | None
) -> tuple[TimeKind, int]:
    if hour is None:
        return _at(TimeKind.DAY, year, month, day)
    h, m = int(hour), int(minute or 0)
    if h > 24 or m > 59 or (h == 24 and m):
        return TimeKind.BAD, 0
    kind, begin = _at(TimeKind.UTC if zone else TimeKind.LOCAL, year, month, day)
    return kind, begin + h * 60 + m - (_offset(zone) if zone else 0)


def _offset(zone: str) -> int:
    if zone == "Z":
        return 0
    digits = zone[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:] or 0)
    return -minutes if zone[0] == "-" else minutes


def _at(kind: TimeKind, year: int, month: int, day: int) -> tuple[TimeKind, int]:
    return kind, (date(year, month, day) - EPOCH.date()).days * 1440


def hours_of(words: Sequence[str]) -> tuple[NDArray[np.int64], bool]:
    """Minutes of the day for words such as ``7``, ``07:15``, ``13-14`` (-1: none), and whether they count from 1 to 24."""
    found = np.full(len(words), -1, np.int64)
    for at, word in enumerate(words):
        match = _HOUR.fullmatch(word)
        if match and int(match[1]) <= 24 and int(match[2] or 0) <= 59:
            found[at] = int(match[1]) * 60 + int(match[2] or 0)
    whole = set(found[found >= 0].tolist())
    from_one = 1440 in whole and 0 not in whole
    if from_one:
        found = np.where(found >= 0, found - 60, found)
    found[found >= 1440] = -1
    return found, from_one


def values_of(words: Sequence[str], *, suppressed: Iterable[str], decimal: str = "") -> Values:
    """Each word as a figure.  What is held back (``<10``, ``*``, and the marks of this file) is never a zero."""
    marks = {mark.strip().casefold() for mark in suppressed}
    decimal = decimal or decimal_of(words)
    figures, states = np.full(len(words), np.nan), np.zeros(len(words), np.uint8)
    below: float | None = None
    for at, word in enumerate(words):
        text = word.casefold()
        if (mark := _BELOW.fullmatch(word)) and float(mark[1].replace(",", ".")) <= LARGEST:
            below = max(below or 0.0, float(mark[1].replace(",", ".")))
            states[at] = State.SUPPRESSED
        elif text in marks or text in ALWAYS_SUPPRESSED:
            states[at] = State.SUPPRESSED
        elif text in MISSING:
            states[at] = State.MISSING
        elif _FIGURE.fullmatch(plain := _without_groups(word, decimal)) and abs(float(plain)) <= LARGEST:
            figures[at] = float(plain)
        else:
            states[at] = State.BAD
    return Values(figures, states, below)


def decimal_of(words: Sequence[str]) -> str:
    """Whether a comma or a point is before the decimals, as the words of a column show."""
    for word in words:
        if "," in word and "." in word:
            return "," if word.rfind(",") > word.rfind(".") else "."
        _, sign, after = word.rpartition(",")
        if sign and after.isdigit() and len(after) != 3:
            return ","
    return "," if groups_by_point(words) else "."


def groups_by_point(words: Iterable[str]) -> bool:
    """Whether ``1.200`` is more likely twelve hundred: every point has three digits behind it, beside whole numbers below
    a thousand.  Nobody can be sure, so it is said where it is so."""
    those = list(words)
    pointed = [word for word in those if "." in word]
    return bool(pointed) and all(map(_GROUPED.fullmatch, pointed)) and any(word.isdigit() for word in those)


def _without_groups(word: str, decimal: str) -> str:
    text = re.sub(r"[\s   '’](?=\d{3})", "", word)
    other = "." if decimal == "," else ","
    text = re.sub(rf"{re.escape(other)}(?=\d{{3}}(?:\D|$))", "", text)
    return text.replace(decimal, ".") if decimal == "," else text


_CLASSES: Final = {
    VisitorClass.ALL: "all * everyone alle total gesamt tous ensemble",
    VisitorClass.RESIDENT: "resident residents einwohner residents_fr habitant habitants bewoners invanare indbyggere",
    VisitorClass.COMMUTER: "commuter commuters pendler pendlare forens forenzen navetteur navetteurs",
    VisitorClass.DOMESTIC_SAME_DAY: "domestic_same_day excursionist excursionniste tagesgast tagesgaste same_day day_visitor",
    VisitorClass.DOMESTIC_OVERNIGHT: "domestic_overnight domestic tourist_domestic",
    VisitorClass.INBOUND_SAME_DAY: "inbound_same_day",
    VisitorClass.INBOUND_OVERNIGHT: "inbound_overnight inbound tourist_inbound",
    VisitorClass.TRANSIT: "transit durchreise passing",
}
_MEASURES: Final = {
    Measure.PRESENCE: "presence people people_present anwesende anwesenheit personen persons present",
    Measure.ENTRIES: "entries entry in eintritte eingang visitors besucher visits visites entrees",
    Measure.EXITS: "exits exit out ausgang austritte sorties",
    Measure.PASSAGES: "passages passing passanten fussganger pedestrians pietons fodgaengere",
    Measure.BICYCLES: "bicycles bikes fahrrader fahrrad rader velos cyclists cykler cyklar fietsers",
    Measure.VEHICLES: "vehicles cars kfz fahrzeuge autos vehicules biler fordon",
    Measure.PARKED: "parked occupancy belegung occupied geparkt stationnes",
    Measure.TICKETS: "tickets ticket karten billets biljetter billetter kaartjes",
    Measure.ARRIVALS: "arrivals ankunfte arrivees ankomster aankomsten guests",
    Measure.NIGHTS: "nights overnight_stays ubernachtungen nuitees nuites overnatninger gastnatter overnachtingen",
    Measure.SURVEY: "survey answers umfrage",
}


def _named(table: dict[VisitorClass, str] | dict[Measure, str]) -> dict[str, str]:
    return {word: str(key) for key, words in table.items() for word in words.split()}


CLASSES: Final = _named(_CLASSES)
MEASURES: Final = _named(_MEASURES)


def key_of(word: str) -> str:
    """A word without case, marks and spaces: ``Übernachtungen`` -> ``ubernachtungen``."""
    return re.sub(r"[\s-]+", "_", fold(word)).strip("_")


def hour_name(number: int) -> str:
    """An hour since 1970 as a person writes it, in UTC."""
    return (EPOCH + timedelta(hours=number)).strftime("%Y-%m-%d %H:%M UTC")
