"""What goes into forecasts and what comes out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

LEVELS: Final = (0.025, 0.1, 0.5, 0.9, 0.975)
"""Probabilities of the quantiles that are given: the limits of the 95 and 80 % intervals, and the median."""
MOST_DAYS_AHEAD: Final = 14
LEAST_DAYS: Final = 28
"""Days of figures under which nothing is said."""
VERSION: Final = "3"
"""Of the methods; goes on record with every forecast."""


class TooShort(ValueError):
    """There are too few figures to forecast from; the message says how many are needed."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """A forecast: quantiles for each period ahead."""

    quantiles: Array
    """(horizon, levels), not negative, ascending in each row."""
    levels: tuple[float, ...]
    method: str
    notes: dict[str, object] = field(default_factory=dict)
    """What it rests on, in words and numbers that can be kept as JSON."""

    @property
    def median(self) -> Array:
        """The middle of what is expected, (horizon,)."""
        return self.quantiles[:, self.levels.index(0.5)]


@dataclass(frozen=True, slots=True)
class Score:
    """How far one method was off in the backtest."""

    method: str
    wape: float
    """Sum of the absolute errors in parts of the sum of the figures."""
    mase: float
    """Mean absolute error in parts of that of last season's figure in the past (Hyndman and Koehler 2006)."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How good forecasts of the past were, each made from what was known then."""

    origins: int
    scores: tuple[Score, ...]
    """The forecast first, then the simple methods."""
    within_80: float
    """Share of the figures inside their 80 % interval."""
    within_95: float
    figures: int
    """How many figures were forecast and then came."""
    by_step: tuple[tuple[int, float], ...] = ()
    """WAPE of the forecast by how far ahead: (last step of the group, WAPE)."""
