"""One answer, or none: what is said of panels whose truth is known, and what is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allmende.engines.evaluation import evaluate
from allmende.engines.evaluation.simulate import Season, season
from allmende.engines.evaluation.values import Answer, Options, Panel
from tests.engines.evaluation.cases import card_krueger, daily, proposition_99
from tests.engines.evaluation.test_published import STORES

QUICK = Options(is_thorough=False)


def failed(answer: Answer) -> list[str]:
    return [check.name for check in answer.checks if check.is_fatal and not check.is_passed]


def quiet(**changes: object) -> Panel:
    """A season in which little but the treatment happens."""
    panel = season(replace(Season(noise=0.04, effect=-0.35), **changes), 6).panel  # type: ignore[arg-type]
    return replace(panel, points=None)


def test_fewer_visitors_where_fewer_were_hoped_for_is_what_worked() -> None:
    answer = evaluate(quiet())
    assert answer.verdict == "worked"
    assert answer.main == "synthetic_did"
    assert answer.facts["low_percent"] < -35.0 < answer.facts["high_percent"] < 0.0
    assert {estimate.method for estimate in answer.estimates} == {
        "did",
        "synthetic_control",
        "synthetic_did",
        "structural",
    }
    assert all(estimate.is_relative and len(estimate.path) == 222 for estimate in answer.estimates)
    assert {"without_first_week", "half_before"} <= {name for name, *_ in answer.sensitivity}
    assert sum(name.startswith("without:") for name, *_ in answer.sensitivity) == 3


def test_variations_are_shares_also_where_days_with_nobody_forbid_logarithms() -> None:
    panel = quiet()
    outcomes = panel.outcomes.copy()
    outcomes[:, ::7] = 0.0
    answer = evaluate(replace(panel, outcomes=outcomes))
    chosen = next(estimate for estimate in answer.estimates if estimate.method == answer.main)
    assert chosen.is_relative
    assert len(answer.sensitivity) == 5
    assert all(abs(effect - chosen.effect) < 0.15 for _, effect, _, _ in answer.sensitivity)


def test_the_same_seed_gives_the_same_answer() -> None:
    assert evaluate(quiet(treated=3), QUICK) == evaluate(quiet(treated=3), QUICK)


def test_fewer_where_more_were_hoped_for_is_the_opposite() -> None:
    assert evaluate(quiet(), replace(QUICK, direction=1)).verdict == "opposite"


def test_nothing_that_matters_is_no_effect() -> None:
    panel = season(Season(noise=0.02, lasting=0.1, effect=0.0, sites=30, before=365), 5).panel
    # Sites that swing alike: only what is their own is left.
    answer = evaluate(replace(panel, outcomes=np.round(1000 + (panel.outcomes % 7))), QUICK)
    assert answer.verdict == "no_effect"


def test_a_change_of_the_unit_of_count_changes_nothing() -> None:
    panel = quiet()
    scaled = panel.outcomes * np.linspace(2, 9, len(panel.units))[:, None]
    one, other = evaluate(panel, QUICK), evaluate(replace(panel, outcomes=scaled), QUICK)
    assert other.facts["effect_percent"] == pytest.approx(one.facts["effect_percent"], abs=1e-6)


def test_days_without_visitors_are_no_error() -> None:
    panel = quiet()
    outcomes = panel.outcomes.copy()
    outcomes[3, 10] = outcomes[0, 20] = 0.0
    answer = evaluate(replace(panel, outcomes=outcomes), QUICK)
    assert answer.verdict == "worked"
    assert answer.facts["effect_percent"] == pytest.approx(evaluate(panel, QUICK).facts["effect_percent"], abs=5.0)


def test_gaps_are_left_out_and_never_filled() -> None:
    panel = quiet()
    outcomes = panel.outcomes.copy()
    outcomes[0, 30:40] = np.nan
    outcomes[5] = np.nan
    outcomes[6, 100:103] = np.nan
    answer = evaluate(replace(panel, outcomes=outcomes), QUICK)
    assert answer.verdict == "worked"
    main = answer.estimates[0]
    assert len(main.path) == 222 - 10 - 3
    assert "site 5" not in dict(main.weights)
    assert answer.facts["controls"] == 18


def test_neighbours_are_no_controls() -> None:
    panel = replace(quiet(), neighbours=frozenset({2, 3}))
    answer = evaluate(panel, QUICK)
    assert not {"site 2", "site 3"} & set(dict(answer.estimates[0].weights))
    assert answer.facts["controls"] == 17


@pytest.mark.parametrize(
    ("reason", "panel"),
    [
        ("enough_before", daily(np.random.default_rng(1).uniform(90, 110, (12, 30)), (5, *[None] * 11))),
        ("enough_after", daily(np.random.default_rng(1).uniform(90, 110, (12, 60)), (57, *[None] * 11))),
        ("enough_before", daily(np.random.default_rng(1).uniform(90, 110, (3, 40)), (15, None, None))),
        ("enough_before", daily(np.random.default_rng(1).uniform(90, 110, (12, 30)), (0, *[None] * 11))),
        ("treated", daily(np.random.default_rng(1).uniform(90, 110, (12, 30)), (None,) * 12)),
    ],
)
def test_where_the_data_do_not_allow_it_nothing_is_concluded(reason: str, panel: Panel) -> None:
    answer = evaluate(panel)
    assert answer.verdict == "refused"
    assert failed(answer) == [reason]
    assert answer.main is None
    assert answer.facts == {}


def test_too_many_gaps_at_the_treated_are_a_refusal() -> None:
    panel = quiet()
    outcomes = panel.outcomes.copy()
    outcomes[0, ::3] = np.nan
    assert failed(evaluate(replace(panel, outcomes=outcomes))) == ["gaps"]


def test_a_site_that_swings_in_its_own_way_has_no_controls_that_fit() -> None:
    panel = quiet()
    outcomes = panel.outcomes.copy()
    outcomes[0] *= np.exp(1.5 * np.sin(np.arange(222) / 3.0))
    answer = evaluate(replace(panel, outcomes=outcomes), QUICK)
    assert "overlap" in failed(answer)
    assert answer.verdict == "refused"


def test_an_effect_before_the_start_forbids_an_answer() -> None:
    panel = quiet(effect=0.0)
    outcomes = panel.outcomes.copy()
    outcomes[0, 138:] *= 0.4
    answer = evaluate(replace(panel, outcomes=outcomes), QUICK)
    assert "placebo_in_time" in failed(answer)
    assert answer.verdict == "refused"
    assert answer.estimates, "the figures are shown all the same"


def test_without_controls_the_structural_series_answers() -> None:
    panel = season(Season(sites=4, noise=0.05, effect=-0.4), 5).panel
    alone = replace(
        panel, units=panel.units[:1], outcomes=panel.outcomes[:1], starts=panel.starts[:1], points=panel.points
    )
    answer = evaluate(replace(alone, points=None), QUICK)
    assert answer.main == "structural"
    assert answer.verdict == "worked"
    assert [check.name for check in answer.checks if not check.is_passed] == ["controls"]
    assert answer.placebos.p is None
    assert len(answer.placebos.in_time) >= 2


def test_staggered_starts_are_compared_by_cohort() -> None:
    made = season(Season(sites=18, treated=3, stagger=12, noise=0.04, effect=-0.25, before=150, after=50), 7)
    answer = evaluate(made.panel)
    study = next(one for one in answer.estimates if one.method == "event_study")
    assert answer.verdict == "worked"
    assert study.effect == pytest.approx(-0.25, abs=0.08)
    assert study.low is None
    assert study.note == "few_treated"


def test_many_treated_units_tell_their_own_errors() -> None:
    rng = np.random.default_rng(3)
    outcomes = rng.normal(100, 5, (60, 2)) + rng.normal(0, 20, (60, 1))
    outcomes[:30, 1] -= 10
    answer = evaluate(daily(outcomes, (*[1] * 30, *[None] * 30)), Options(is_log=False, season=1))
    assert answer.main == "did"
    assert answer.verdict == "worked"
    assert answer.facts["low_people"] < -10 < answer.facts["high_people"]


@pytest.mark.skipif(not STORES.is_file(), reason="set ALLMENDE_SHARED_DATA to the folder of real files")
def test_card_and_krueger_as_an_evaluation() -> None:
    jobs, starts = card_krueger(STORES)
    known = np.isfinite(jobs).all(axis=1)
    panel = daily(jobs[known], tuple(start for start, is_known in zip(starts, known, strict=True) if is_known))
    answer = evaluate(panel, Options(is_log=False, season=1, direction=1))
    assert answer.main == "did"
    assert answer.facts["effect_people"] == pytest.approx(2.75, abs=0.005)


def test_proposition_99_in_shares() -> None:
    answer = evaluate(proposition_99(), Options(season=1))
    assert answer.estimates[0].is_relative
    # 15.6 of the 76 packs that were to be expected are a fifth; the mean of logarithms lies near it.
    assert answer.facts["effect_percent"] == pytest.approx(-20.5, abs=6)
    assert answer.facts["placebo_hits_of_100"] < 10
