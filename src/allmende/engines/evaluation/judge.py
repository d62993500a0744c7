"""``evaluate``: every method side by side, the checks, and one answer or none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from allmende.engines.evaluation.checks import checks_of
from allmende.engines.evaluation.panels import Ready, ready
from allmende.engines.evaluation.placebos import Chance, by_space, by_time
from allmende.engines.evaluation.synthetic import KINDS, Fit, Kind, compare
from allmende.engines.evaluation.values import Answer, Check, Estimate, Method, Options, Panel, Placebos, Verdict

LEAST_CONTROLS: Final = 5


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison with its placebos."""

    kind: Kind
    fit: Fit
    chance: Chance | None


def evaluate(panel: Panel, options: Options | None = None) -> Answer:
    """What the treatment in ``panel`` did, by all methods that its data allow; a refusal where they allow none."""
    options = options or Options()
    made = ready(panel, is_log=options.is_log)
    if made is None:
        return _refused(Check("controls", False, True, 0.0, float(LEAST_CONTROLS)))
    rng = np.random.default_rng(options.seed)
    compared = [_compared(kind, made, rng) for kind in KINDS]
    main = next(one for one in compared if one.kind == "synthetic_did")
    pretended = by_time(main.kind, made.of_treated, made.of_controls, made.start, made.after)
    checks = checks_of(made, main.fit, main.chance, pretended, LEAST_CONTROLS)
    estimates = tuple(_estimate(panel, made, one, options) for one in compared)
    chosen = next(one for one in estimates if one.method == main.kind)
    is_refused = any(check.is_fatal and not check.is_passed for check in checks) or chosen.low is None
    placebos = _placebos(panel, made, main, pretended)
    return Answer(
        verdict="refused" if is_refused else _verdict(chosen, options),
        estimates=estimates,
        main=None if is_refused else chosen.method,
        placebos=placebos,
        displacement=None,
        checks=checks,
        facts={} if is_refused else _facts(chosen, placebos),
    )


def _refused(check: Check) -> Answer:
    return Answer("refused", (), None, Placebos(), None, (check,))


def _compared(kind: Kind, made: Ready, rng: np.random.Generator) -> Compared:
    fit = compare(kind, made.of_treated, made.of_controls, made.start)
    return Compared(kind, fit, by_space(kind, fit, made.of_controls, made.start, len(made.treated), rng))


def _estimate(panel: Panel, made: Ready, one: Compared, options: Options) -> Estimate:
    is_relative = made.scale != "people"
    low = high = error = p = None
    if one.chance is not None:
        low, high = (made.share(edge) for edge in one.chance.interval(one.fit.effect, options.level))
        error, p = one.chance.error, one.chance.p(one.fit.effect)
    observed, expected = made.people(one.fit.observed), made.people(one.fit.expected)
    method: Method = one.kind
    return Estimate(
        method=method,
        effect=made.share(one.fit.effect),
        error=error,
        low=low,
        high=high,
        p=p,
        is_relative=is_relative,
        path=tuple(
            (panel.periods[period], float(observed[place]), float(expected[place]))
            for place, period in enumerate(made.periods)
        ),
        weights=tuple(
            (panel.units[made.controls[place]], float(one.fit.units[place]))
            for place in np.argsort(-one.fit.units)
            if one.fit.units[place] > 0.001
        ),
    )


def _placebos(panel: Panel, made: Ready, one: Compared, pretended: list[tuple[int, float]]) -> Placebos:
    in_time = tuple((panel.periods[made.periods[start]], made.share(effect)) for start, effect in pretended)
    if one.chance is None:
        return Placebos(in_time=in_time)
    in_space: tuple[tuple[str, float], ...] = ()
    if one.chance.effects.size == len(made.controls):
        in_space = tuple(
            (panel.units[unit], made.share(float(effect)))
            for unit, effect in zip(made.controls, one.chance.effects, strict=True)
        )
    return Placebos(in_space, in_time, one.chance.rank, one.chance.quotients.size + 1, one.chance.rank_p)


def _verdict(chosen: Estimate, options: Options) -> Verdict:
    assert chosen.low is not None
    assert chosen.high is not None
    if chosen.low > 0 or chosen.high < 0:
        return "worked" if np.sign(chosen.effect) == options.direction else "opposite"
    limit = 0.05
    if chosen.is_relative and -limit < chosen.low and chosen.high < limit:
        return "no_effect"
    return "unclear"


def _facts(chosen: Estimate, placebos: Placebos) -> dict[str, float]:
    assert chosen.low is not None
    assert chosen.high is not None
    scale = 100.0 if chosen.is_relative else 1.0
    unit = "percent" if chosen.is_relative else "people"
    facts = {
        f"effect_{unit}": chosen.effect * scale,
        f"low_{unit}": chosen.low * scale,
        f"high_{unit}": chosen.high * scale,
    }
    if placebos.p is not None:
        facts["placebo_hits_of_100"] = 100.0 * placebos.p
    return facts
