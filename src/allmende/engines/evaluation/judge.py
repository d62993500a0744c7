"""``evaluate``: every method side by side, the checks, and one answer or none.

Which method answers is fixed by the shape of the data, never by its result:

1. five controls or more and eight periods before the start: **synthetic difference-in-differences**;
2. ten treated units and ten controls or more, but a shorter past: **difference-in-differences** with errors clustered by
   unit, or the **event study** by imputation where starts differ;
3. fewer than five controls: the **structural series**, with those there are as regressors.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Final

import numpy as np
from scipy import stats

from allmende.engines.evaluation.checks import LEAST_BEFORE, LEAST_CONTROLS, data_checks, result_checks
from allmende.engines.evaluation.methods import MANY, Found, as_estimate, compared, event_study, structural_series
from allmende.engines.evaluation.panels import Ready, ready
from allmende.engines.evaluation.placebos import Pretended, by_time, windows
from allmende.engines.evaluation.rings import displaced, with_neighbours
from allmende.engines.evaluation.synthetic import KINDS, Kind, steady
from allmende.engines.evaluation.values import (
    NEGLIGIBLE,
    Answer,
    Check,
    Displacement,
    Estimate,
    Method,
    Options,
    Panel,
    Placebos,
    Verdict,
)

MISSPECIFIED: Final = 1.3
"""Errors of structural series in simulated seasons, in standard errors of their own."""
TRUSTED: Final = 3.0
"""It counts as much as so many pretended starts."""


def evaluate(panel: Panel, options: Options | None = None) -> Answer:
    """What the treatment in ``panel`` did, by all methods that its data allow; a refusal where they allow none."""
    options = options or Options()
    panel = with_neighbours(panel, options.rings_km)
    made = ready(panel, is_log=options.is_log)
    if isinstance(made, str):
        return _refused((Check(made, False, True, 0.0, 1.0),))
    method = main_method(made)
    checks = data_checks(made, method, options.season)
    if any(check.is_fatal and not check.is_passed for check in checks):
        return _refused(tuple(checks))
    found = _by_all(made, panel, method, options)
    main = next((one for one in found if one.method == method), None)
    if main is None or main.low is None or not np.isfinite(main.low):
        return _refused((*checks, Check("enough_before", False, True, float(made.start), None)))
    pretended = _pretended(made, panel, main, options)
    if main.method == "structural":
        widened = wider(main, pretended)
        found[found.index(main)] = main = widened
    others = [one for one in found if one is not main]
    checks += result_checks(made, main, others, pretended)
    estimates = tuple(as_estimate(one, made, panel) for one in found)
    chosen = next(one for one in estimates if one.method == method)
    placebos = _placebos(panel, made, main, pretended)
    if any(check.is_fatal and not check.is_passed for check in checks):
        return Answer("refused", estimates, None, placebos, None, tuple(checks))
    displacement: Displacement | None = None
    sensitivity: tuple[tuple[str, float, float, float], ...] = ()
    if options.is_thorough:
        displacement = displaced(panel, made, options)
        sensitivity = variations(panel, made, main, options)
    return Answer(
        verdict=_verdict(chosen, options),
        estimates=estimates,
        main=chosen.method,
        placebos=placebos,
        displacement=displacement,
        checks=tuple(checks),
        sensitivity=sensitivity,
        facts=_facts(chosen, made, displacement) | _hits(main, pretended),
    )


def main_method(made: Ready) -> Method:
    """The method that answers for data of this shape."""
    controls, treated = len(made.controls), len(made.treated)
    if controls >= LEAST_CONTROLS and made.start >= LEAST_BEFORE:
        return "synthetic_did"
    if min(controls, treated) >= MANY:
        return "event_study" if made.is_staggered else "did"
    return "structural" if controls < LEAST_CONTROLS else "synthetic_did"


def _refused(checks: tuple[Check, ...]) -> Answer:
    return Answer("refused", (), None, Placebos(), None, checks)


def _by_all(made: Ready, panel: Panel, method: Method, options: Options) -> list[Found]:
    """What each method says; those that the data do not allow are missing."""
    found: list[Found] = []
    if made.controls:
        found += [compared(made, kind, options) for kind in KINDS if options.is_thorough or kind == method]
        if method == "event_study" or (options.is_thorough and len(made.treated) > 1):
            study = event_study(made, panel, options)
            found += [study] if study is not None else []
    if method == "structural" or options.is_thorough:
        # With too few figures it is not among those that answer.
        with suppress(ValueError):
            found.append(structural_series(made, panel, options))
    return found


def _pretended(made: Ready, panel: Panel, main: Found, options: Options) -> list[Pretended]:
    """Pretended starts (kept periods), apparent effects and their standard errors, by the main method."""
    if main.method == "structural":
        found = []
        for start, until in windows(made.start, made.after, most=3):
            try:
                one = structural_series(made, panel, options, start=made.periods[start], until=made.periods[until])
            except ValueError:
                continue
            if one.error:
                found.append(Pretended(start, one.effect, one.error, np.empty(0)))
        return found
    if len(made.controls) < LEAST_CONTROLS:
        return []
    kind: Kind = "synthetic_did" if main.method == "synthetic_did" else "did"
    ridge = steady(made.of_controls, made.start) if kind == "synthetic_did" else 0.0
    rng = np.random.default_rng(options.seed)
    return by_time(kind, made.of_treated, made.of_controls, made.start, made.after, rng, time_ridge=ridge)


def wider(main: Found, pretended: list[Pretended]) -> Found:
    """A structural answer with an interval as wide as pretended starts ask for: no model among those averaged is true.

    The factor of the error is the mean square of the pretended effects in their errors, pulled towards ``MISSPECIFIED``.
    """
    assert main.low is not None
    assert main.high is not None
    squares = [(one.effect / one.error) ** 2 for one in pretended]
    factor = max(1.0, float(np.sqrt((TRUSTED * MISSPECIFIED**2 + sum(squares)) / (TRUSTED + len(squares)))))
    error = (main.error or 0.0) * factor
    return replace(
        main,
        error=error,
        low=main.effect - factor * (main.effect - main.low),
        high=main.effect + factor * (main.high - main.effect),
        p=float(2.0 * stats.norm.sf(abs(main.effect) / error)) if error > 0 else None,
    )


def _placebos(panel: Panel, made: Ready, main: Found, pretended: list[Pretended]) -> Placebos:
    in_time = tuple((panel.periods[made.periods[one.start]], made.share(one.effect)) for one in pretended)
    if main.chance is None:
        return Placebos(in_time=in_time)
    in_space: tuple[tuple[str, float], ...] = ()
    if main.chance.effects.size == len(made.controls):
        in_space = tuple(
            (panel.units[unit], made.share(float(effect)))
            for unit, effect in zip(made.controls, main.chance.effects, strict=True)
        )
    return Placebos(in_space, in_time, main.chance.rank, main.chance.quotients.size + 1, main.chance.rank_p)


def variations(panel: Panel, made: Ready, main: Found, options: Options) -> tuple[tuple[str, float, float, float], ...]:
    """The main answer again with other choices: how much hangs on them."""
    found = []
    first = made.periods[made.start]
    plain = replace(options, is_thorough=False)
    choices: list[tuple[str, Panel]] = []
    if made.after >= 2 * options.season > 2:
        outcomes = panel.outcomes.copy()
        for unit in made.treated:
            begin = panel.starts[unit] or 0
            outcomes[unit, begin : begin + options.season] = np.nan
        choices.append(("without_first_week", replace(panel, outcomes=outcomes)))
    half = made.start // 2
    if half >= LEAST_BEFORE:
        choices.append(("half_before", _later(panel, first - half)))
    if main.fit is not None and len(made.controls) > LEAST_CONTROLS:
        for place in np.argsort(-main.fit.units, kind="stable")[:3]:
            unit = made.controls[place]
            outcomes = panel.outcomes.copy()
            outcomes[unit] = np.nan
            choices.append((f"without:{panel.units[unit]}", replace(panel, outcomes=outcomes)))
    for name, other in choices:
        again = ready(other, is_log=options.is_log)
        if isinstance(again, str):
            continue
        try:
            one = next((one for one in _by_all(again, other, main.method, plain) if one.method == main.method), None)
        except ValueError:
            continue
        if one is not None and one.low is not None and one.high is not None:
            found.append((name, again.share(one.effect), again.share(one.low), again.share(one.high)))
    return tuple(found)


def _later(panel: Panel, begin: int) -> Panel:
    """The panel from period ``begin`` on."""
    return replace(
        panel,
        periods=panel.periods[begin:],
        outcomes=panel.outcomes[:, begin:],
        starts=tuple(None if start is None else start - begin for start in panel.starts),
        covariates=None if panel.covariates is None else panel.covariates[:, begin:],
    )


def _verdict(chosen: Estimate, options: Options) -> Verdict:
    assert chosen.low is not None
    assert chosen.high is not None
    if chosen.low > 0 or chosen.high < 0:
        return "worked" if np.sign(chosen.effect) == options.direction else "opposite"
    limit = NEGLIGIBLE
    if not chosen.is_relative:
        limit *= float(np.mean([abs(expected) for *_, expected in chosen.path])) if chosen.path else 0.0
    return "no_effect" if -limit < chosen.low and chosen.high < limit else "unclear"


def _hits(main: Found, pretended: list[Pretended]) -> dict[str, float]:
    """Of 100 placebos in space and time, the treated counted among them, so many are at least as large."""
    if main.chance is None:
        return {}
    runs = np.concatenate([main.chance.quotients, *(one.quotients for one in pretended)])
    hits = 1 + int((np.abs(runs) >= abs(main.chance.own)).sum())
    return {"placebo_hits_of_100": 100.0 * hits / (runs.size + 1), "placebo_runs": float(runs.size + 1)}


def _facts(chosen: Estimate, made: Ready, displacement: Displacement | None) -> dict[str, float]:
    """Numbers for the sentence."""
    assert chosen.low is not None
    assert chosen.high is not None
    scale, unit = (100.0, "percent") if chosen.is_relative else (1.0, "people")
    facts = {
        f"effect_{unit}": chosen.effect * scale,
        f"low_{unit}": chosen.low * scale,
        f"high_{unit}": chosen.high * scale,
        "treated": float(len(made.treated)),
        "controls": float(len(made.controls)),
        "periods_before": float(made.start),
        "periods_after": float(made.after),
    }
    if chosen.is_relative:
        expected = np.array([row[2] for row in chosen.path][made.start :])
        if expected.size:
            for name, share in (("effect", chosen.effect), ("low", chosen.low), ("high", chosen.high)):
                facts[f"{name}_people"] = share * float(expected.mean())
    if displacement is not None and displacement.share is not None:
        facts["displaced_percent"] = 100.0 * displacement.share
        if displacement.low is not None and displacement.high is not None:
            facts["displaced_low_percent"] = 100.0 * displacement.low
            facts["displaced_high_percent"] = 100.0 * displacement.high
    return facts
