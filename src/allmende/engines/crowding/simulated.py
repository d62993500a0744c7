"""Made-up figures of places, for demonstrations and benches: seasons, weekdays, holidays, weather, and counters that fail.

The same seed gives the same figure for the same hour, however much is made at once, so that a demonstration counts on from
day to day.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from allmende.engines.crowding.local import local_hours
from allmende.engines.crowding.values import Floats

MEASURED, PARTIAL, SUPPRESSED, DOUBTFUL, MISSING = 1, 3, 4, 5, 0
"""As ``insight.values.Quality`` numbers them."""
EPOCH: Final = date(1970, 1, 1)
WEATHER_DAYS: Final = 6
FULLEST: Final = 1.6
"""So many times an ordinary peak a place holds at most: the more come, the fewer find room."""
WEATHER_KEEPS: Final = 0.6
"""How much of a day's weather stays for the next."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """When people come to a kind of place; factors, of which 1 is the fullest."""

    months: tuple[float, ...]
    weekdays: tuple[float, ...]
    hours: tuple[float, ...]
    weekend_hours: tuple[float, ...] | None = None
    weather: float = 0.3
    """Effect of weather in standard deviations of the logarithm; negative: people come when it rains."""
    holiday: float = 1.0
    """Factor on public holidays."""
    noise: float = 0.12


def _shape(start: int, rising: tuple[float, ...]) -> tuple[float, ...]:
    found = [0.0] * 24
    found[start : start + len(rising)] = rising
    return tuple(found)


_BEACH = _shape(6, (0.02, 0.04, 0.08, 0.2, 0.45, 0.75, 0.95, 1, 1, 0.98, 0.9, 0.72, 0.5, 0.3, 0.16, 0.08, 0.03))
_MUSEUM = _shape(10, (0.45, 0.85, 0.7, 0.55, 0.85, 1, 0.9, 0.5))
_NIGHT = (0.05, 0.03, 0.02, 0.02, 0.02, 0.04, 0.1, 0.22)
_STREET = (*_NIGHT, 0.35, 0.45, 0.6, 0.78, 0.9, 0.85, 0.78, 0.8, 0.9, 1, 0.95, 0.75, 0.55, 0.38, 0.22, 0.1)
_COMMUTE = (0.01, 0, 0, 0, 0.01, 0.05, 0.2, 0.55)
_PATH = (*_COMMUTE, 0.7, 0.45, 0.5, 0.55, 0.5, 0.45, 0.55, 0.65, 0.85, 1, 0.8, 0.5, 0.3, 0.15, 0.06, 0.02)
_OUTING = _shape(7, (0.05, 0.12, 0.3, 0.55, 0.75, 0.7, 0.75, 0.95, 1, 0.85, 0.55, 0.3, 0.15, 0.06))
_MARKET = _shape(10, (0.15, 0.3, 0.45, 0.5, 0.55, 0.65, 0.8, 0.95, 1, 0.95, 0.75, 0.4))
_WEEK_OUT = (0.45, 0.45, 0.55, 0.5, 0.6, 0.9, 1.0)

PATTERNS: Final[Mapping[str, Pattern]] = {
    "beach": Pattern(
        (0.03, 0.04, 0.07, 0.15, 0.3, 0.62, 1, 1, 0.45, 0.15, 0.05, 0.03),
        (0.7, 0.7, 0.75, 0.72, 0.78, 1, 0.98), _BEACH, weather=0.32, holiday=1.25,
    ),
    "museum": Pattern(
        (0.35, 0.42, 0.5, 0.65, 0.72, 0.7, 0.95, 1, 0.72, 0.66, 0.5, 0.45),
        (0.0, 0.62, 0.72, 0.65, 0.7, 0.95, 1), _MUSEUM, weather=-0.18, holiday=1.1,
    ),
    "street": Pattern(
        (0.6, 0.62, 0.68, 0.76, 0.82, 0.88, 1, 0.98, 0.85, 0.78, 0.75, 0.95),
        (0.72, 0.74, 0.78, 0.78, 0.88, 1, 0.6), _STREET, weather=0.1, holiday=0.6,
    ),
    "path": Pattern(
        (0.25, 0.3, 0.45, 0.65, 0.8, 0.92, 1, 1, 0.8, 0.6, 0.38, 0.25),
        (0.62, 0.65, 0.7, 0.66, 0.68, 0.92, 1), _PATH, _OUTING, weather=0.35, holiday=1.3,
    ),
    "outing": Pattern(
        (0.3, 0.35, 0.5, 0.75, 0.9, 0.85, 0.95, 1, 0.8, 0.7, 0.4, 0.32), _WEEK_OUT, _OUTING, weather=0.3, holiday=1.7,
    ),
    "lake": Pattern(
        (0.05, 0.06, 0.1, 0.22, 0.45, 0.8, 1, 0.95, 0.45, 0.15, 0.07, 0.05), _WEEK_OUT, _BEACH, weather=0.5, holiday=1.4,
    ),
    "advent": Pattern(
        (0.05, 0.05, 0.06, 0.08, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.45, 1),
        (0.45, 0.48, 0.55, 0.6, 0.85, 1, 0.95), _MARKET, weather=0.12, holiday=0.8,
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """Made-up figures of consecutive hours."""

    figures: NDArray[np.float32]
    """NaN where the counter failed or the figure is withheld."""
    quality: NDArray[np.uint8]


def make(
    pattern: Pattern,
    *,
    zone: str,
    first: int,
    length: int,
    peak: float,
    seed: int,
    holidays: Collection[date] = (),
    suppressed_below: float = 0.0,
    fails: bool = True,
) -> Made:
    """``length`` hours from the one with number ``first``; ``peak``: about the fullest hour of an ordinary summer week.

    Weather is that of the whole region: the same whatever the seed.
    """
    local = local_hours(zone, first, length)
    days = np.arange(int(local.day.min()), int(local.day.max()) + 1)
    at = local.day - days[0]
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    off = np.isin(days, [(day - EPOCH).days for day in holidays])
    factor = np.asarray(pattern.months)[months] * np.where(
        off, max(pattern.weekdays) * pattern.holiday, np.asarray(pattern.weekdays)[(days + 3) % 7]
    )
    factor *= np.exp(pattern.weather * weather(days))
    hours = np.asarray(pattern.hours)[local.hour]
    if pattern.weekend_hours:
        hours = np.where(local.weekday >= 5, np.asarray(pattern.weekend_hours)[local.hour], hours)
    chance = [np.random.default_rng((seed, int(day))) for day in days]
    noise = np.array([rng.standard_normal(24) for rng in chance])
    room = peak * FULLEST
    mean = room * np.tanh(factor[at] * hours * peak / room)
    figures = np.rint(mean * np.exp(pattern.noise * noise[at, local.hour]))
    quality = np.full(length, MEASURED, np.uint8)
    if suppressed_below:
        hidden = (figures > 0) & (figures < suppressed_below)
        figures[hidden], quality[hidden] = np.nan, SUPPRESSED
    if fails:
        _fail(figures, quality, at, local.hour, chance)
    return Made(figures.astype(np.float32), quality)


def weather(days: NDArray[np.int64]) -> Floats:
    """How fine each day is, with a mean of 0 and a deviation of 1; fine days come together."""
    earlier = np.arange(int(days[0]) - WEATHER_DAYS, int(days[-1]) + 1)
    news = np.array([np.random.default_rng((4711, int(day))).standard_normal() for day in earlier])
    weights = WEATHER_KEEPS ** np.arange(WEATHER_DAYS + 1)
    found: Floats = np.convolve(news, weights, "valid") / np.sqrt((weights**2).sum())
    return found


def _fail(
    figures: Floats,
    quality: NDArray[np.uint8],
    at: NDArray[np.int64],
    hour: NDArray[np.int64],
    chance: list[np.random.Generator],
) -> None:
    """Let the counter fail now and then: a day without figures, an hour of a part, an hour that cannot be right."""
    for day, rng in enumerate(chance):
        luck, when = rng.random(), int(rng.integers(0, 24))
        if luck < 0.008:
            there = (at == day) & (hour >= when // 2)
            figures[there], quality[there] = np.nan, MISSING
        elif luck < 0.014:
            there = (at == day) & (hour == when)
            figures[there], quality[there] = figures[there] * 40 + 9000, DOUBTFUL
        elif luck < 0.03:
            there = (at == day) & (hour == when)
            figures[there], quality[there] = np.rint(figures[there] * 0.6), PARTIAL
