"""A plan says what could be seen, and does not promise more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from allmende.engines.evaluation import evaluate, plan
from allmende.engines.evaluation.simulate import Season, season
from allmende.engines.evaluation.values import Options, Panel

QUICK = Options(is_thorough=False)


def past(noise: float, seed: int = 1) -> Panel:
    panel = season(Season(sites=16, before=200, after=1, noise=noise, effect=0.0), seed).panel
    return replace(panel, starts=(None,) * 16)


def test_more_noise_needs_larger_effects() -> None:
    still, restless = plan(past(0.04), [0], 28), plan(past(0.35), [0], 28)
    assert still.detectable is not None
    assert restless.detectable is None or restless.detectable > still.detectable


def test_the_curve_rises_and_ends_near_certainty() -> None:
    found = plan(past(0.08), [0], 28, lengths=(14, 56))
    powers = [power for _, power in found.curve]
    assert powers == sorted(powers)
    assert powers[-1] > 0.95
    assert found.false_alarms is not None
    assert found.false_alarms <= 0.2
    assert [length for length, _ in found.by_length] == [14, 56]


def test_what_the_plan_promises_the_evaluation_finds() -> None:
    hits = promised = 0
    for seed in range(10):
        made = Season(sites=16, before=200, after=28, noise=0.08, effect=0.0)
        panel = season(made, seed).panel
        before = replace(
            panel, periods=panel.periods[:200], outcomes=panel.outcomes[:, :200], starts=(None,) * 16, covariates=None
        )
        detectable = plan(before, [0], 28, QUICK).detectable
        if detectable is None:
            continue
        promised += 1
        outcomes = panel.outcomes.copy()
        outcomes[0, 200:] *= 1.0 - detectable
        hits += evaluate(replace(panel, outcomes=outcomes), QUICK).verdict == "worked"
    assert promised >= 7
    assert hits >= 0.5 * promised


def test_a_past_that_is_too_short_promises_nothing() -> None:
    panel = past(0.1)
    short = replace(panel, periods=panel.periods[:20], outcomes=panel.outcomes[:, :20])
    found = plan(short, [0], 28)
    assert found.detectable is None
    assert found.curve == ()
    assert found.false_alarms is None


def test_more_treated_sites_see_smaller_effects() -> None:
    one, four = plan(past(0.12, 3), [0], 28), plan(past(0.12, 3), [0, 1, 2, 3], 28)
    assert one.detectable is not None
    assert four.detectable is not None
    assert four.detectable <= one.detectable + 0.02
    assert np.isfinite(four.detectable)


def test_without_controls_the_structural_series_plans() -> None:
    panel = past(0.05)
    alone = replace(panel, units=panel.units[:1], outcomes=panel.outcomes[:1], starts=(None,), points=None)
    found = plan(alone, [0], 14)
    assert found.detectable is not None
    assert found.curve[-1][1] == 1.0
