"""A season of daily visits at sites with a known intervention: for tests, benchmarks and examples.

What makes real counters hard is in it: sites of very different size, a year's and a week's shape that each site shares only
in part, weather and events that all feel but not alike, deviations of a site's own that last for days, counting noise, and
visitors who go to neighbours when a site is made less attractive.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from allmende.engines.evaluation.values import Array, Panel


@dataclass(frozen=True, slots=True)
class Season:
    """How it is made."""

    sites: int = 20
    before: int = 180
    after: int = 42
    treated: int = 1
    effect: float = -0.15
    """Share by which the treated change while treated."""
    displaced: float = 0.0
    """Share of what the treated lose that goes to the three nearest others."""
    noise: float = 0.12
    """Standard deviation of a site's own deviations, typical; sites differ by a factor of two either way."""
    lasting: float = 0.5
    """How much of an own deviation is left the next day, typical."""
    stagger: int = 0
    """Days between the starts of the treated."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """A panel and the truth about it."""

    panel: Panel
    effect: float
    """Mean change of the logarithm of the treated, over the treated figures: of the expected numbers."""
    gained: float
    """People a day who came to the neighbours instead, while treated."""
    lost: float
    """People a day whom the treated lost, while treated."""


def season(made: Season, seed: int) -> Simulated:
    """One season, drawn with ``seed``."""
    rng = np.random.default_rng(seed)
    days = made.before + made.after
    sizes = np.exp(rng.normal(6.0, 0.8, made.sites))
    points = np.column_stack([rng.uniform(1.0, 1.8, made.sites), rng.uniform(43.0, 43.6, made.sites)])
    time = np.arange(days)
    first = date(2025, 1, 1) + timedelta(days=int(rng.integers(0, 150)))
    year = np.sin(2 * np.pi * ((time + first.timetuple().tm_yday) / 365.25 - 0.28))
    weekday = (first.weekday() + time) % 7
    week = np.array([-0.15, -0.2, -0.15, -0.1, 0.0, 0.3, 0.35])
    own_week = week[None, :] * rng.uniform(0.5, 1.5, (made.sites, 1)) + rng.normal(0, 0.05, (made.sites, 7))
    weather = _lasting(rng, 1, days, 0.7, 0.18)[0]
    events = (rng.random(days) < 0.03) * rng.normal(0.25, 0.15, days)
    levels = (
        np.log(sizes)[:, None]
        + rng.uniform(0.25, 0.6, (made.sites, 1)) * year
        + own_week[:, weekday]
        + rng.uniform(0.5, 1.5, (made.sites, 1)) * weather
        + rng.uniform(0.4, 1.6, (made.sites, 1)) * events
    )
    spreads = made.noise * np.exp(rng.normal(0.0, 0.35, made.sites))
    kept = np.clip(rng.normal(made.lasting, 0.15, made.sites), 0.0, 0.9)
    for site in range(made.sites):
        levels[site] += _lasting(rng, 1, days, float(kept[site]), float(spreads[site]))[0]
    expected = np.exp(levels)
    treated = np.arange(made.treated)
    starts: list[int | None] = [None] * made.sites
    lost = np.zeros(days)
    neighbours: frozenset[int] = frozenset()
    distances = np.hypot(
        (points[:, None, 0] - points[None, treated, 0]) * 80.6, (points[:, None, 1] - points[None, treated, 1]) * 111.2
    ).min(axis=1)
    near = [int(site) for site in np.argsort(distances) if site not in treated][:3]
    for number, site in enumerate(treated.tolist()):
        start = made.before + number * made.stagger
        starts[site] = start
        lost[start:] -= expected[site, start:] * made.effect
        expected[site, start:] *= 1.0 + made.effect
    if made.displaced:
        neighbours = frozenset(near)
        expected[near] += made.displaced * lost / len(near)
    outcomes = rng.poisson(expected).astype(np.float64)
    panel = Panel(
        units=tuple(f"site {number}" for number in range(made.sites)),
        periods=tuple(first + timedelta(days=int(day)) for day in time),
        outcomes=outcomes,
        starts=tuple(starts),
        points=points,
        neighbours=neighbours,
        covariates=weather[None],
    )
    during = lost[made.before :]
    return Simulated(panel, float(np.log1p(made.effect)), float(made.displaced * during.mean()), float(during.mean()))


def _lasting(rng: np.random.Generator, rows: int, days: int, kept: float, spread: float) -> Array:
    """Deviations (rows × days) with standard deviation ``spread`` of which the share ``kept`` is left the next day."""
    steps = rng.normal(0.0, spread * np.sqrt(1.0 - kept**2), (rows, days))
    found = np.empty((rows, days))
    found[:, 0] = rng.normal(0.0, spread, rows)
    for day in range(1, days):
        found[:, day] = kept * found[:, day - 1] + steps[:, day]
    return found
