"""Values that the steps of a delivery hand on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from allmende.insight.store import Figures, Periods, Qualities

Ints = NDArray[np.int64]
Progress = Callable[[str, int, int], None]
"""Told what is being done (reading, understanding, comparing, writing), how much of it is done, and of how much (0: not
known).  It may raise, to stop the work."""


def untold(step: str, done: int, total: int) -> None:
    """Where nobody wants to know."""


class KnownSite(NamedTuple):
    """A site that figures may be for."""

    id: int
    slug: str
    name: str
    timezone: str
    code: str = ""
    """Official code of the area that it is."""


class SeriesKey(NamedTuple):
    """Which series."""

    site_id: int
    measure: str
    visitor_class: str
    origin: str
    resolution: str


@dataclass(slots=True)
class SeriesFigures:
    """What a delivery says of one series: each period once, in order."""

    key: SeriesKey
    periods: Periods
    figures: Figures
    quality: Qualities
    rows: Ints
    """Row of the file that each came from (the first, where several were added up)."""
