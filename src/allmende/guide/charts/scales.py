"""Where a value lies, which values are named on an axis, and how numbers and dates are written."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from babel.dates import format_skeleton
from babel.numbers import format_compact_decimal
from django.utils.translation import gettext, override

from allmende.core import formats
from allmende.guide.charts.values import Axis, real

NARROW_SPACE: Final = "\u202f"
CLOSE_PERCENT: Final = frozenset({"en", "nl"})
"""Languages that write 12%, where the others write 12 %."""
COMPACT_FROM: Final = 1_000_000
LARGEST: Final = 1e15
"""From here on numbers are written with an exponent."""
LETTER: Final = 7.1
"""Width of a usual letter of the charts' text, in units of the picture."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from values to places in the picture."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (value / self._span) - (self.low / self._span)
        return round(self.start + (self.end - self.start) * share, 1)

    @property
    def _span(self) -> float:
        return self.high - self.low


SKEWED: Final = 0.6
"""Share of the values in the lowest of equally wide classes from which on classes are made equally full."""


def spanning(known: Iterable[float], ticks: Sequence[tuple[float, str]], start: float, end: float) -> Scale:
    """The scale that holds the values and their ticks."""
    every = [*known, *(value for value, _ in ticks)]
    return Scale(min(every), max(every), start, end)


def wide_of(text: str) -> float:
    """About how wide a text is drawn."""
    return len(text) * LETTER


def shortened(text: str, room: float) -> str:
    """The text, cut with an ellipsis where it is wider than the room."""
    most = max(1, int(room / LETTER))
    return text if len(text) <= most else text[: max(1, most - 1)].rstrip() + "…"


@lru_cache(maxsize=16_384)
def figure(value: float, language: str, unit: str = "") -> str:
    """A value as people write it: as exact as its size needs, with its unit."""
    text = formats.number(rounded(value), language) if abs(value) < LARGEST else f"{value:.3g}".replace("e+", "e")
    return with_unit(text.replace("-", "−"), language, unit)


def rounded(value: float) -> float | int:
    """As many digits as are worth reading: whole from 1,000, one place from 10, else three digits that count."""
    size = abs(value)
    if value == int(value):
        return int(value)
    if size >= 1000:
        return round(value)
    if size >= 10:
        return round(value, 1)
    if size >= 0.1 or size == 0:
        return round(value, 2)
    return float(f"{value:.2g}") if size >= 0.0005 else round(value, 4)


def with_unit(text: str, language: str, unit: str) -> str:
    if not unit:
        return text
    if unit == "%" and language in CLOSE_PERCENT:
        return f"{text}%"
    return f"{text}\u00a0{unit}"


@lru_cache(maxsize=4096)
def tick_text(value: float, language: str) -> str:
    """A value beside an axis: short from a million up."""
    if COMPACT_FROM <= abs(value) < LARGEST:
        text = str(format_compact_decimal(value, locale=formats.LOCALES[language], fraction_digits=1))
        return text.replace("-", "−")
    return figure(value, language)


def nice_step(span: float, most: int) -> float:
    """The smallest of 1, 2, 2.5, 5 times a power of ten that cuts ``span`` into at most ``most`` parts."""
    raw = span / max(1, most)
    power = 10.0 ** math.floor(math.log10(raw))
    for factor in (1, 2, 2.5, 5, 10):
        if factor * power >= raw * 0.999999:
            return float(factor * power)
    return 10 * power


def nice_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round values that hold ``low`` and ``high`` between the first and the last; equal values get room around them."""
    if low == high:
        around = abs(low) / 2 or 1.0
        low, high = low - around, high + around
    step = nice_step(high - low, most)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [_clean(number * step, step) for number in range(first, last + 1)]


def _clean(value: float, step: float) -> float:
    """Without the dust of binary fractions."""
    places = max(0, 2 - math.floor(math.log10(step)))
    return round(value, places) if places < 15 else value


def value_ticks(values: Iterable[float], axis: Axis, language: str, most: int = 5) -> list[tuple[float, str]]:
    """The ticks of an axis of numbers; they span the picture."""
    if axis.ticks is not None:
        return list(axis.ticks)
    known = list(values)
    low, high = min(known, default=0.0), max(known, default=1.0)
    if axis.zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high == 0:
        high = 1.0
    write = axis.form or (lambda value: tick_text(value, language))
    return [(value, write(value)) for value in nice_ticks(low, high, most)]


def place_text(value: float, axis: Axis, language: str) -> str:
    """The value of a point along an axis, in full."""
    if axis.form is not None:
        return axis.form(value)
    if axis.kind == "day":
        return formats.day_medium(date.fromordinal(round(value)), language)
    if axis.kind == "moment":
        return formats.at_local(datetime.fromtimestamp(value, _zone(axis)), language)
    for place, words in axis.ticks or ():
        if place == value:
            return words
    return figure(value, language, axis.unit)


def plain_place(value: float, axis: Axis, language: str) -> str | float:
    """The same for machines: ISO 8601 for days and moments."""
    if axis.form is None and axis.kind == "day":
        return date.fromordinal(round(value)).isoformat()
    if axis.form is None and axis.kind == "moment":
        return datetime.fromtimestamp(value, _zone(axis)).isoformat()
    text = place_text(value, axis, language)
    return rounded_off(value) if text == figure(value, language, axis.unit) else text


def rounded_off(value: float) -> float | int:
    """A number for machines: whole numbers without a point."""
    return int(value) if value == int(value) and abs(value) < 1e15 else value


def _zone(axis: Axis) -> tzinfo:
    if axis.zone is None:
        raise ValueError("An axis of moments needs a time zone")
    return axis.zone


def along_ticks(low: float, high: float, axis: Axis, language: str, room: float) -> list[tuple[float, str]]:
    """Ticks along the bottom, between ``low`` and ``high``, no more than ``room`` (units of the picture) holds."""
    if axis.ticks is not None:
        return thinned([tick for tick in axis.ticks if low <= tick[0] <= high], room)
    if axis.kind == "day":
        return day_ticks(date.fromordinal(math.ceil(low)), date.fromordinal(math.floor(high)), language, room)
    if axis.kind == "moment":
        return moment_ticks(low, high, _zone(axis), language, room)
    most = max(2, int(room / 70))
    write = axis.form or (lambda value: tick_text(value, language))
    return [(value, write(value)) for value in nice_ticks(low, high, most) if low <= value <= high]


def thinned(ticks: Sequence[tuple[float, str]], room: float) -> list[tuple[float, str]]:
    """Every tick, or every second, third ... so that their words do not touch."""
    if not ticks:
        return []
    width = max(wide_of(words) for _, words in ticks) + 14
    every = max(1, math.ceil(len(ticks) * width / max(room, 1)))
    return list(ticks[::every])


def day_ticks(first: date, last: date, language: str, room: float) -> list[tuple[float, str]]:
    """Days, Mondays, months or years, whichever the room allows."""
    days = (last - first).days
    fits = max(2, int(room / 64))
    if days <= 45:
        for step in (1, 2, 7, 14):
            if days / step <= fits:
                break
        start = first if step < 7 else first + timedelta(days=-first.weekday() % 7)
        found = [start + timedelta(days=number * step) for number in range(max(0, (last - start).days // step + 1))]
        return [(float(day.toordinal()), formats.day_month(day, language)) for day in found]
    months = list(_months(first, last))
    fits = max(2, int(room / 46))
    for step in (1, 2, 3, 6, 12, 24, 60, 120):
        chosen = [day for day in months if (day.year * 12 + day.month - 1) % step == 0]
        if len(chosen) <= fits:
            break
    return [(float(day.toordinal()), _month_text(day, step, first, language)) for day in chosen]


def _months(first: date, last: date) -> Iterator[date]:
    number = first.year * 12 + first.month - (1 if first.day == 1 else 0)
    while (day := date(number // 12, number % 12 + 1, 1)) <= last:
        yield day
        number += 1


def _month_text(day: date, step: int, first: date, language: str) -> str:
    """Years stand where they begin, in place of January, once the picture is longer than one."""
    if step >= 12 or (day.month == 1 and first.year < day.year):
        return str(format_skeleton("y", day, locale=formats.LOCALES[language]))
    return formats.month_short(day, language)


def moment_ticks(low: float, high: float, zone: tzinfo, language: str, room: float) -> list[tuple[float, str]]:
    """Hours of the clock, days, or what ``day_ticks`` finds, in the local time of the zone."""
    start, end = datetime.fromtimestamp(low, zone), datetime.fromtimestamp(high, zone)
    days = (high - low) / 86400
    if days > 12:
        return [
            (datetime.fromordinal(int(day)).replace(tzinfo=zone).timestamp(), words)
            for day, words in day_ticks(start.date() + timedelta(days=1), end.date(), language, room)
        ]
    fits = max(2, int(room / 56))
    for hours in (1, 2, 3, 6, 12, 24, 48):
        if days * 24 / hours <= fits:
            break
    found = []
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    while midnight.replace(tzinfo=zone) <= end:
        for hour in range(0, 24, min(hours, 24)):
            moment = midnight.replace(hour=hour, tzinfo=zone)
            words = formats.clock(moment.time(), language) if hour else formats.day_month(moment.date(), language)
            if low <= moment.timestamp() <= high:
                found.append((moment.timestamp(), words))
        midnight += timedelta(days=max(1, hours // 24))
    return found


def ranges(
    values: Iterable[float | None], language: str, *, unit: str = "", count: int = 5
) -> tuple[list[float], list[str]]:
    """Round bounds between about ``count`` classes, and the words of the classes, for ``heat``, ``year``, ``squares``.

    The classes are equally wide; where most values would fall into the lowest one, they are about equally full instead.
    """
    known = sorted(value for value in map(real, values) if value is not None)
    low, high = (known[0], known[-1]) if known else (0.0, 1.0)
    ticks = nice_ticks(min(low, 0.0) if low < high / 3 else low, high, count + 1)
    bounds = [tick for tick in ticks[1:-1] if low < tick < high] or [ticks[len(ticks) // 2]]
    if len(bounds) > 1 and sum(value < bounds[0] for value in known) > SKEWED * len(known):
        places = (known[number * len(known) // count] for number in range(1, count))
        full = sorted({float(f"{value:.1g}") for value in places if low < float(f"{value:.1g}") <= high})
        bounds = full if len(full) > 1 else bounds
    written = [tick_text(bound, language) for bound in bounds]
    with override(language):
        words = [gettext("below %(value)s") % {"value": with_unit(written[0], language, unit)}]
        words += [f"{here} – {there}" for here, there in itertools.pairwise(written)]
        words.append(gettext("%(value)s and more") % {"value": with_unit(written[-1], language, unit)})
    return bounds, words


def class_of(value: float, steps: Sequence[float]) -> int:
    """The number of the class: bounds belong to the class above them."""
    return bisect_right(steps, value)
