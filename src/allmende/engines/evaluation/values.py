"""What goes into an evaluation and what comes out.  No web framework, no database: arrays and words."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

Method = Literal["did", "event_study", "synthetic_control", "synthetic_did", "structural"]
"""Difference-in-differences, the same with staggered starts, synthetic control, synthetic difference-in-differences,
structural time series (averaged over several models)."""
Verdict = Literal["worked", "no_effect", "opposite", "unclear", "refused"]
NEGLIGIBLE: Final = 0.05
"""An interval within this share either way says that nothing happened that matters."""
METHODS: Final[tuple[Method, ...]] = ("did", "event_study", "synthetic_control", "synthetic_did", "structural")


@dataclass(frozen=True, slots=True)
class Panel:
    """Outcomes of several units (sites) in consecutive periods (days, weeks, months)."""

    units: tuple[str, ...]
    periods: tuple[date, ...]
    """Ascending."""
    outcomes: NDArray[np.float64]
    """Units × periods, in people; NaN where there is no figure.  Never filled."""
    starts: tuple[int | None, ...]
    """For each unit the number of the first treated period; None: never treated."""
    points: NDArray[np.float64] | None = None
    """Units × (lon, lat), for the rings of displacement."""
    neighbours: frozenset[int] = frozenset()
    """Numbers of the units to which visitors may be displaced: no controls."""
    covariates: NDArray[np.float64] | None = None
    """Covariates × periods (weather, holidays), common to all units; for the structural model."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to evaluate."""

    is_log: bool = True
    """Effects are shares (differences of logarithms); otherwise people."""
    level: float = 0.95
    direction: int = -1
    """What was hoped for: −1 fewer, 1 more."""
    rings_km: tuple[float, ...] = (2.0, 5.0, 10.0, 20.0)
    seed: int = 1
    models: int = 8
    """Structural models that are averaged."""
    season: int = 7
    """Periods in a cycle: 7 for days, 52 for weeks, 12 for months."""
    is_thorough: bool = True
    """Whether displacement, variations and the methods beside the main one are computed too."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What one method says: the mean effect on the treated in the treated periods."""

    method: Method
    effect: float
    """People for each treated unit and period, or a share (−0.14: 14 per cent fewer) where ``is_relative``."""
    error: float | None
    """Standard error."""
    low: float | None
    high: float | None
    p: float | None
    """Two-sided; for placebo methods the share of placebos at least as large."""
    is_relative: bool
    note: str = ""
    """What limits it: ``few_controls``, ``few_treated``, ``short_before``, ``no_controls``, ``poor_fit``; empty: nothing."""
    path: tuple[tuple[date, float, float], ...] = ()
    """Period, what was observed (mean of the treated), what is estimated without the treatment."""
    weights: tuple[tuple[str, float], ...] = ()
    """Units and their weights in the comparison, largest first; for the structural model its structures."""
    events: tuple[tuple[int, float, float, float], ...] = ()
    """Event study: periods since the start (0 the first treated), effect, low, high."""


@dataclass(frozen=True, slots=True)
class Placebos:
    """The same method where nothing was done."""

    in_space: tuple[tuple[str, float], ...] = ()
    """Untreated unit and its apparent effect."""
    in_time: tuple[tuple[date, float], ...] = ()
    """Pretended start before the true one, and its apparent effect."""
    rank: int = 0
    """Place of the true effect among all by size, 1 is the largest."""
    of: int = 0
    p: float | None = None


@dataclass(frozen=True, slots=True)
class Ring:
    """What happened to units at a distance of the treated ones."""

    from_km: float
    to_km: float
    units: int
    effect: float
    """People for each period, summed over its units."""
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Displacement:
    """How much of what the treated units lost came to others nearby."""

    rings: tuple[Ring, ...]
    share: float | None
    """Gain of the neighbours ÷ loss of the treated; None: it cannot be said."""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold for the answer to be believed."""

    name: str
    """``enough_before``, ``enough_after``, ``gaps``, ``controls``, ``overlap``, ``placebo_in_time``, ``pre_trend``, ``outliers``,
    ``agreement``."""
    is_passed: bool
    is_fatal: bool
    """If it is not passed there is no answer."""
    figure: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """All that can be said of one intervention."""

    verdict: Verdict
    estimates: tuple[Estimate, ...]
    main: Method | None
    """The method whose figures are in the sentence."""
    placebos: Placebos
    displacement: Displacement | None
    checks: tuple[Check, ...]
    sensitivity: tuple[tuple[str, float, float, float], ...] = ()
    """Variation (``without_first_week``, ``half_before``, ``without:UNIT`` …), effect, low, high."""
    facts: dict[str, float] = field(default_factory=dict)
    """Numbers for the sentence."""


@dataclass(frozen=True, slots=True)
class Power:
    """Whether an effect could be seen at all: from past data, by pretended interventions with a known effect."""

    detectable: float | None
    """Smallest effect (share, positive) that is found with the power wanted; None: none up to half."""
    curve: tuple[tuple[float, float], ...]
    """Effect (share), probability that it is found."""
    periods: int
    wanted: float = 0.8
    false_alarms: float | None = None
    """Share of pretended interventions without effect that were found all the same."""
    by_length: tuple[tuple[int, float | None], ...] = ()
    """Periods of treatment, smallest effect that is found then."""
