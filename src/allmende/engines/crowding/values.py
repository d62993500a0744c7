"""What goes in: consecutive hours of one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Word = Literal["quiet", "lively", "full"]


@dataclass(frozen=True, slots=True)
class Hours:
    """Figures of consecutive hours of one place."""

    first: int
    """Number of the first hour since 1970-01-01T00:00Z."""
    figures: Floats
    """People (or what is counted) in each hour; NaN where nothing is known."""
    zone: str
    """Name of the place's time zone."""
    capacity: float | None = None
    """How many there may be in an hour; None: nobody has said."""

    def __len__(self) -> int:
        return len(self.figures)

    @property
    def pressure(self) -> Floats:
        """Figure ÷ capacity for each hour; NaN where either is not known."""
        if not self.capacity:
            return np.full(len(self.figures), np.nan)
        return self.figures / self.capacity

    @property
    def known_share(self) -> float:
        """Share of the hours with a figure, 0 to 1; 0 of no hours."""
        return float(np.isfinite(self.figures).mean()) if len(self.figures) else 0.0


def level_of(pressure: float | None, *, lively_from: float, full_from: float) -> Word | None:
    """The word for a pressure; None where it is not known."""
    if pressure is None or not np.isfinite(pressure):
        return None
    if pressure >= full_from:
        return "full"
    return "lively" if pressure >= lively_from else "quiet"


def ranks_of(pressure: Floats, *, lively_from: Floats, full_from: Floats) -> NDArray[np.int8]:
    """The same of many at once: 0 quiet, 1 lively, 2 full, -1 not known (NaN)."""
    ranks = (pressure >= lively_from).astype(np.int8)
    ranks[pressure >= full_from] = 2
    ranks[~np.isfinite(pressure)] = -1
    return ranks
