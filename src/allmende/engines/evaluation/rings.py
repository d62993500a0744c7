"""Displacement: what happened to others at a distance of the treated, and how much of the loss came to them.

Methods of comparison suppose that the controls are not touched.  Spreading visitors means to touch others; so those near
by are taken out of the controls, and their own change is the second result (Clarke 2017, spillovers by rings of distance;
Butts 2021).  The people of a ring are added up before they are compared, so that small sites count as little as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from scipy import stats

from allmende.engines.evaluation.panels import Ready
from allmende.engines.evaluation.synthetic import compare, steady
from allmende.engines.evaluation.values import Array, Displacement, Options, Panel, Ring

LEAST_CONTROLS: Final = 5
PLENTY: Final = 8
DRAWS: Final = 4000
MOST_GROUPS: Final = 40
EARTH_KM: Final = 6371.0


@dataclass(frozen=True, slots=True)
class Change:
    """Change of the people of some units together, each period."""

    people: float
    error: float
    freedom: int

    def interval(self, level: float) -> tuple[float, float]:
        """By Student's t."""
        reach = float(stats.t.ppf(0.5 + level / 2.0, self.freedom)) * self.error
        return self.people - reach, self.people + reach


def kilometres(points: Array, units: Sequence[int]) -> Array:
    """Great-circle distance of every point (lon, lat) to the nearest of ``units``; NaN where one is not known."""
    lon, lat = np.radians(points[:, 0]), np.radians(points[:, 1])
    own = list(units)
    half = (
        np.sin((lat[:, None] - lat[None, own]) / 2) ** 2
        + np.cos(lat[:, None]) * np.cos(lat[None, own]) * np.sin((lon[:, None] - lon[None, own]) / 2) ** 2
    )
    distances = 2 * EARTH_KM * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    known = np.isfinite(distances).any(axis=1)
    return np.where(known, np.nanmin(np.where(np.isfinite(distances), distances, np.inf), axis=1), np.nan)


def with_neighbours(panel: Panel, rings_km: tuple[float, ...]) -> Panel:
    """Where nobody said who may be touched: those within the widest ring that leaves plenty of controls."""
    treated = [unit for unit, start in enumerate(panel.starts) if start is not None]
    if panel.neighbours or panel.points is None or not treated:
        return panel
    distances = kilometres(panel.points, treated)
    others = [unit for unit, start in enumerate(panel.starts) if start is None]
    for edge in sorted(rings_km, reverse=True):
        near = frozenset(unit for unit in others if distances[unit] <= edge)
        if near and len(others) - len(near) >= max(PLENTY, len(others) // 2):
            return replace(panel, neighbours=near)
    return panel


def displaced(panel: Panel, made: Ready, options: Options) -> Displacement | None:
    """Change by ring, and the share of the treated's change that the neighbours took up; None where nobody is near."""
    if len(made.controls) < LEAST_CONTROLS:
        return None
    near = sorted(unit for unit in panel.neighbours if panel.starts[unit] is None and _is_known(panel, made, unit))
    rings = []
    rng = np.random.default_rng(options.seed)
    if panel.points is not None:
        distances = kilometres(panel.points, made.treated)
        edges = (0.0, *sorted(options.rings_km))
        for begin, end in pairwise(edges):
            units = [
                unit
                for unit, start in enumerate(panel.starts)
                if start is None
                and (begin < distances[unit] or begin == 0.0)
                and distances[unit] <= end
                and _is_known(panel, made, unit)
            ]
            change = _change(panel, made, units, rng)
            if change is not None:
                rings.append(Ring(begin, end, len(units), change.people, *change.interval(options.level)))
    if not near:
        return Displacement(tuple(rings), None) if rings else None
    loss, gain = _change(panel, made, list(made.treated), rng), _change(panel, made, near, rng)
    if loss is None or gain is None:
        return Displacement(tuple(rings), None)
    return Displacement(tuple(rings), *_share(loss, gain, options, rng))


def _is_known(panel: Panel, made: Ready, unit: int) -> bool:
    """Whether there is a positive figure in every kept period."""
    figures = panel.outcomes[unit, list(made.periods)]
    return bool(np.isfinite(figures).all() and (figures > 0).all())


def _change(panel: Panel, made: Ready, units: list[int], rng: np.random.Generator) -> Change | None:
    """People that ``units`` together gained in each period since the start, with the error of groups of as many controls."""
    controls = [unit for unit in made.controls if unit not in units and _is_known(panel, made, unit)]
    if not units or len(controls) < LEAST_CONTROLS:
        return None
    people = panel.outcomes[:, list(made.periods)]
    single = np.log(people[controls])
    ridge = steady(single, made.start)
    own = np.log(people[units].sum(axis=0))
    fit = compare("synthetic_did", own[None], single, made.start, time_ridge=ridge)
    group = min(len(units), max(1, len(controls) // 3))
    if group == 1:
        groups = [np.array([place]) for place in range(len(controls))]
    else:
        groups = [rng.choice(len(controls), group, replace=False) for _ in range(MOST_GROUPS)]
    effects, misfits = [], []
    for members in groups:
        rest = np.ones(len(controls), dtype=bool)
        rest[members] = False
        together = np.log(people[controls][members].sum(axis=0))
        placebo = compare("synthetic_did", together[None], single[rest], made.start, time_ridge=ridge)
        effects.append(placebo.effect)
        misfits.append(max(placebo.misfit, 1e-12))
    by_misfit = float(np.mean((np.array(effects) / np.array(misfits)) ** 2)) * fit.misfit**2
    error = float(np.sqrt((by_misfit + float(np.mean(np.square(effects)))) / 2.0))
    after = people[units].sum(axis=0)[made.start :]
    without = float(np.mean(after / np.exp(fit.effect)))
    # Delta: people = without × (e^effect − 1), and what is observed is certain.
    return Change(float(after.mean()) - without, without * error, len(controls) - 1)


def _share(
    loss: Change, gain: Change, options: Options, rng: np.random.Generator
) -> tuple[float | None, float | None, float | None]:
    """Gain ÷ loss with the quantiles of draws from both; none where the loss may be nil, for then the quotient may be anything."""
    low, high = loss.interval(options.level)
    if low <= 0.0 <= high:
        return None, None, None
    of_loss = loss.people + loss.error * rng.standard_t(loss.freedom, DRAWS)
    of_gain = gain.people + gain.error * rng.standard_t(gain.freedom, DRAWS)
    # Draws on the other side of nil would turn the sign: they count as the smallest loss on this side.
    least = 0.02 * abs(loss.people)
    of_loss = np.sign(loss.people) * np.maximum(np.sign(loss.people) * of_loss, least)
    tail = 0.5 - options.level / 2.0
    quantiles = np.quantile(-of_gain / of_loss, [tail, 1.0 - tail])
    return -gain.people / loss.people, float(quantiles[0]), float(quantiles[1])
