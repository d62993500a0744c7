"""``plan``: could an effect be seen at all?  Pretended interventions on past data, before money is spent.

The start is pretended at many places of the past, at the units that are to be treated and at groups of others, and the
evaluation's own comparison is made.  A constant effect on the scale only shifts an estimate and leaves its standard error as it is, so
each pretended intervention answers for all sizes of effect at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

import numpy as np
from scipy import stats

from allmende.engines.evaluation.checks import LEAST_CONTROLS, least_before
from allmende.engines.evaluation.judge import MISSPECIFIED
from allmende.engines.evaluation.methods import structural_series
from allmende.engines.evaluation.panels import Ready, ready
from allmende.engines.evaluation.placebos import by_space
from allmende.engines.evaluation.synthetic import compare, steady
from allmende.engines.evaluation.values import Array, Options, Panel, Power

EFFECTS: Final = tuple(round(0.01 * step, 2) for step in range(1, 51))
MOST_WINDOWS: Final = 12
MOST_SERIES: Final = 8
"""Pretended starts where there are too few controls."""


def plan(
    panel: Panel,
    treated: Sequence[int],
    length: int,
    options: Options | None = None,
    *,
    wanted: float = 0.8,
    lengths: Sequence[int] = (),
) -> Power:
    """The power to see effects at the units ``treated`` (numbers) over ``length`` periods, from all of ``panel`` (its past).

    ``lengths``: other durations for which the smallest effect is told as well.
    """
    options = options or Options()
    curve, alarms = _curve(panel, treated, length, options)
    others = tuple((other, _smallest(_curve(panel, treated, other, options)[0], wanted)) for other in lengths)
    return Power(_smallest(curve, wanted), curve, length, wanted, alarms, others)


def _smallest(curve: tuple[tuple[float, float], ...], wanted: float) -> float | None:
    return next((effect for effect, power in curve if power >= wanted), None)


def _curve(
    panel: Panel, treated: Sequence[int], length: int, options: Options
) -> tuple[tuple[tuple[float, float], ...], float | None]:
    """Effects with their power, and the share of false alarms."""
    chosen = set(treated)
    long = len(panel.periods)
    last = long - length
    if length < 1 or last < max(8, length):
        return (), None
    pretence = replace(panel, starts=tuple(last if unit in chosen else None for unit in range(len(panel.units))))
    made = ready(pretence, is_log=options.is_log)
    if isinstance(made, str):
        return (), None
    if len(made.controls) < LEAST_CONTROLS:
        estimates, errors, freedom = _pretended_series(made, pretence, options)
    else:
        estimates, errors, freedom = _pretended(made, options)
    if not estimates.size:
        return (), None
    limit = float(stats.t.ppf(0.5 + options.level / 2.0, freedom))
    alarms = float((np.abs(estimates) > limit * errors).mean())
    own = float(np.sqrt(np.mean(errors**2)))
    quotients = estimates / errors
    curve = []
    for effect in EFFECTS:
        shift = np.log1p(-effect) if made.scale == "log" else -effect
        hit = [np.abs(sign * quotients + shift / own) > limit for sign in (-1.0, 1.0)]
        curve.append((effect, float(np.mean(hit))))
    return tuple(curve), alarms


def _pretended_series(made: Ready, panel: Panel, options: Options) -> tuple[Array, Array, int]:
    """As ``_pretended`` where there are too few controls: by the structural series, which needs its own past."""
    length, least = made.after, least_before("structural", options.season)
    total = len(made.periods)
    found = []
    for end in range(total, least + length - 1, -max(1, (total - length - least) // MOST_SERIES)):
        begin = end - length
        until = made.periods[end] if end < total else None
        with suppress(ValueError):
            found.append(structural_series(made, panel, options, start=made.periods[begin], until=until))
    usable = [one for one in found if one.error]
    return (
        np.array([one.effect for one in usable]),
        np.array([MISSPECIFIED * (one.error or 0.0) for one in usable]),
        total,
    )


def _pretended(made: Ready, options: Options) -> tuple[Array, Array, int]:
    """Estimates and standard errors of pretended starts in the past, and the degrees of freedom of Student's t."""
    rng = np.random.default_rng(options.seed)
    length = made.after
    total = len(made.periods)
    size = len(made.treated)
    step = max(1, (total - length - max(8, length, total // 3)) // MOST_WINDOWS)
    estimates, errors = [], []
    for end in range(total, max(8, length, total // 3) + length - 1, -step):
        begin = end - length
        controls = made.of_controls[:, :end]
        ridge = steady(controls, begin)
        fit = compare("synthetic_did", made.of_treated[:, :end], controls, begin, time_ridge=ridge)
        chance = by_space("synthetic_did", fit, controls, [begin] * size, rng, time_ridge=ridge)
        if chance is not None and chance.error > 0:
            estimates.append(fit.effect)
            errors.append(chance.error)
    return np.array(estimates), np.array(errors), len(made.controls) - 1
