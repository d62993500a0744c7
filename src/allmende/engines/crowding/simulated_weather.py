"""Made-up weather for demonstrations: the one that the made-up figures of places rest on, hour by hour.

The same hour has the same weather, however much is made at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from allmende.engines.crowding import simulated
from allmende.engines.crowding.values import Floats

Values = NDArray[np.float32]
WARMEST_DAY = 201
"""Of the year, 20 July."""


def hours(first: int, length: int, *, lon: float, lat: float, error_from: int | None = None) -> Values:
    """(hours, 5): temperature °C, rain mm, sunshine minutes, clouds %, wind m/s, of the UTC hours from ``first`` on.

    ``error_from``: a forecast that was made at this hour, off the more the further ahead.
    """
    at = np.arange(first, first + length)
    solar = at + lon / 15
    days = np.arange(int(solar[0] // 24) - 1, int(solar[-1] // 24) + 2)
    day = (solar // 24).astype(np.int64) - days[0]
    good = simulated.weather(days)
    if error_from is not None:
        ahead = np.maximum(0.0, (days - error_from // 24) / 7.0)
        off = np.array([np.random.default_rng([error_from, int(one)]).standard_normal() for one in days])
        good = good + np.minimum(ahead, 2.0) * 0.7 * off
    of_year = (days % 365.2425)[day]
    season = np.cos(2 * np.pi * (of_year - WARMEST_DAY) / 365.2425)
    clock = solar % 24
    sun = _sun_height(of_year, clock, lat)
    mood = good[day]
    mean = 28.5 - 0.32 * lat + 8.5 * season
    temperature = mean + 2.6 * mood * (0.5 + 0.5 * season.clip(0)) + 4.2 * np.cos(2 * np.pi * (clock - 15) / 24)
    clear = np.clip(0.62 + 0.3 * mood + 0.08 * _noise(at, 3), 0, 1)
    wet = np.clip(-0.85 - mood, 0, None) * (0.8 + 0.6 * np.sin(2 * np.pi * (clock + 5 * (days % 7)[day]) / 24))
    rain = np.where(wet > 0.3, 0.7 * wet, 0.0)
    wind = np.clip(3.2 - 0.6 * mood + 1.6 * (sun > 0.2) + 0.7 * _noise(at, 5), 0.2, None)
    sunshine = np.where(sun > 0.05, 60 * clear * (rain < 0.6), 0.0)
    cloud = 100 * (1 - clear)
    return np.round(np.stack((temperature, rain, sunshine, cloud, wind), axis=1), 1).astype(np.float32)


def _sun_height(of_year: NDArray[np.floating], clock: NDArray[np.floating], lat: float) -> Floats:
    """Sine of the height of the sun."""
    tilt = np.radians(23.44) * np.sin(2 * np.pi * (of_year - 81) / 365.2425)
    here = np.radians(lat)
    out: Floats = np.sin(here) * np.sin(tilt) + np.cos(here) * np.cos(tilt) * np.cos(np.pi * (clock - 12) / 12)
    return out


def _noise(at: NDArray[np.int64], factor: int) -> Floats:
    """Between -1 and 1, of each hour by itself."""
    mixed = (at.astype(np.uint64) * np.uint64(2654435761 * factor)) % np.uint64(1000003)
    out: Floats = mixed.astype(np.float64) / 500001.5 - 1
    return out
