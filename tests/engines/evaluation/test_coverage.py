"""The interval in the sentence covers the truth as often as it says.  Few runs and wide bounds; ``bench/evaluation.py`` counts 500."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from allmende.engines.evaluation import evaluate
from allmende.engines.evaluation.simulate import Season, season
from allmende.engines.evaluation.values import Options

RUNS = 60
SEASONS = {
    "one site of twelve": Season(sites=12, before=120, after=28),
    "three sites, starts apart": Season(sites=15, before=100, after=35, treated=3, stagger=10),
}


@pytest.mark.parametrize("name", SEASONS)
def test_the_answer_covers_the_truth_and_seldom_alarms(name: str) -> None:
    covered = alarms = answered = 0
    for run in range(RUNS):
        effect = 0.0 if run % 2 else -0.2
        made = season(replace(SEASONS[name], effect=effect), 500 + run)
        answer = evaluate(made.panel, Options(is_thorough=False))
        if answer.verdict == "refused":
            continue
        answered += 1
        low, high = np.log1p(answer.facts["low_percent"] / 100), np.log1p(answer.facts["high_percent"] / 100)
        covered += low <= made.effect <= high
        alarms += effect == 0.0 and not low <= 0.0 <= high
    assert answered >= 0.85 * RUNS
    # With 95 of 100, fewer than 86 of 100 come by chance in less than one of a thousand such tests.
    assert covered >= 0.86 * answered
    assert alarms <= 5
