"""Every method on one panel that is ready, in one form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from scipy import stats

from allmende.engines.evaluation.did import did
from allmende.engines.evaluation.panels import Ready
from allmende.engines.evaluation.placebos import Chance, by_space
from allmende.engines.evaluation.staggered import imputation
from allmende.engines.evaluation.structural import structural
from allmende.engines.evaluation.synthetic import Fit, Kind, compare_cohorts, steady
from allmende.engines.evaluation.values import Array, Estimate, Method, Options, Panel

MANY: Final = 10
"""From so many treated units and controls on, errors are taken from the units themselves, not from placebos."""


@dataclass(frozen=True, slots=True)
class Found:
    """What one method says, on the scale of the outcomes."""

    method: Method
    effect: float
    error: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    fit: Fit | None = None
    chance: Chance | None = None
    expected: Array | None = None
    """Kept periods."""
    weights: tuple[tuple[str, float], ...] = ()
    events: tuple[tuple[int, float, float, float], ...] = ()
    note: str = ""


def compared(made: Ready, kind: Kind, options: Options) -> Found:
    """A comparison with the controls; its interval from placebos, or for difference-in-differences from many units."""
    ridge = steady(made.of_controls, made.start) if kind == "synthetic_did" else 0.0
    fit = compare_cohorts(kind, made.of_treated, made.starts, made.of_controls, time_ridge=ridge)
    if kind == "did" and not made.is_staggered and min(len(made.treated), len(made.controls)) >= MANY:
        rows = [*made.treated, *made.controls]
        found = did(made.outcomes[rows], [made.unit_starts[unit] for unit in rows], level=options.level)
        return Found("did", fit.effect, found.error, found.low, found.high, found.p, fit=fit, expected=fit.expected)
    rng = np.random.default_rng(options.seed)
    chance = by_space(kind, fit, made.of_controls, made.starts, rng, time_ridge=ridge)
    if chance is None or chance.error <= 0:
        return Found(kind, fit.effect, fit=fit, expected=fit.expected, note="few_controls")
    low, high = chance.interval(fit.effect, options.level)
    note = "few_controls" if len(made.controls) < MANY else ""
    if kind == "synthetic_control" and chance.misfit > 3.0:
        note = "poor_fit"
    return Found(
        kind,
        fit.effect,
        chance.error,
        low,
        high,
        chance.p(fit.effect),
        fit=fit,
        chance=chance,
        expected=fit.expected,
        note=note,
    )


def event_study(made: Ready, panel: Panel, options: Options) -> Found | None:
    """Imputation on all figures, gaps and all; an interval only for many units, as its errors are too small for few."""
    rows = [*made.treated, *made.controls]
    outcomes = _on_scale(made, panel)[rows]
    starts = [panel.starts[unit] for unit in rows]
    try:
        found = imputation(outcomes, starts)
    except ValueError:
        return None
    is_many = min(len(made.treated), len(made.controls)) >= MANY
    freedom = max(1, len(made.treated) - 1)
    low, high = found.overall.interval(options.level, freedom) if is_many else (None, None)
    events = tuple((since, one.effect, *one.interval(options.level, freedom)) for since, one in found.events)
    error = found.overall.error
    return Found(
        "event_study",
        found.overall.effect,
        error if is_many else None,
        low,
        high,
        float(2.0 * stats.t.sf(abs(found.overall.effect) / error, freedom)) if is_many and error > 0 else None,
        expected=np.nanmean(found.expected[: len(made.treated)][:, list(made.periods)], axis=0),
        events=events if is_many else (),
        note="" if is_many else "few_treated",
    )


def structural_series(
    made: Ready, panel: Panel, options: Options, *, until: int | None = None, start: int | None = None
) -> Found:
    """The structural series of the treated, cohort by cohort, with what controls there are as regressors.

    ``start`` (a period of the panel): pretended for all, with nothing known from ``until`` on.  Cohorts are taken to err
    together.  Raises ``ValueError`` where there are too few figures.
    """
    scaled = _on_scale(made, panel)[:, :until]
    controls = scaled[list(made.controls)] if made.controls else None
    covariates = None if panel.covariates is None else panel.covariates[:, :until]
    begins = [int(panel.starts[unit] or 0) if start is None else start for unit in made.treated]
    parts = []
    for begin in sorted(set(begins)):
        members = [unit for unit, own in zip(made.treated, begins, strict=True) if own == begin]
        series = scaled[members].mean(axis=0)
        found = structural(
            series,
            controls,
            begin,
            covariates=covariates,
            season=options.season,
            year=year_of(panel, options.season, begin),
            level=options.level,
            models=options.models,
        )
        parts.append((len(members), int(np.isfinite(series[begin:]).sum()), found))
    total = sum(size * after for size, after, _ in parts)
    shares = [size * after / total for size, after, _ in parts]

    def mean(values: Sequence[float]) -> float:
        return float(np.dot(shares, values))

    answers = [one for *_, one in parts]
    sizes = np.array([size for size, *_ in parts]) / len(made.treated)
    expected = sizes @ np.array([one.expected for one in answers])
    periods = [period for period in made.periods if until is None or period < until]
    return Found(
        "structural",
        mean([one.effect for one in answers]),
        mean([one.error for one in answers]),
        mean([one.low for one in answers]),
        mean([one.high for one in answers]),
        max(one.p for one in answers),
        expected=expected[periods],
        weights=tuple((part.name or "level", part.weight) for part in answers[0].parts if part.weight > 0.01),
        note="" if made.controls else "no_controls",
    )


def year_of(panel: Panel, season: int, known: int) -> float:
    """Periods in a year, where the season does not speak for it: it is shorter, or there are not two of it yet; else 0."""
    days = (panel.periods[-1] - panel.periods[0]).days
    year = 365.25 * (len(panel.periods) - 1) / days if days else 0.0
    return year if year >= 6.0 and (year > 1.5 * season or known < 2 * season) else 0.0


def _on_scale(made: Ready, panel: Panel) -> Array:
    """All periods of the panel on the scale of the comparison, NaN where there is no figure."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if made.scale == "log":
            return np.where(panel.outcomes > 0, np.log(panel.outcomes), np.nan)
        if made.scale == "ratio":
            return panel.outcomes / made.means[:, None]
    return panel.outcomes


def as_estimate(found: Found, made: Ready, panel: Panel) -> Estimate:
    """On the scale that people read: shares, or people."""
    path: tuple[tuple[date, float, float], ...] = ()
    observed = made.people(made.of_treated.mean(axis=0))
    if found.expected is not None:
        expected = made.people(found.expected)
        path = tuple(
            (panel.periods[period], float(observed[place]), float(expected[place]))
            for place, period in enumerate(made.periods)
            if np.isfinite(expected[place])
        )
    weights = found.weights
    if found.fit is not None:
        weights = tuple(
            (panel.units[made.controls[place]], float(found.fit.units[place]))
            for place in np.argsort(-found.fit.units, kind="stable")
            if found.fit.units[place] > 0.001
        )
    return Estimate(
        method=found.method,
        effect=made.share(found.effect),
        error=found.error,
        low=None if found.low is None else made.share(found.low),
        high=None if found.high is None else made.share(found.high),
        p=found.p,
        is_relative=made.scale != "people",
        note=found.note,
        path=path,
        weights=weights,
        events=tuple(
            (since, made.share(effect), made.share(low), made.share(high)) for since, effect, low, high in found.events
        ),
    )
