"""Intervals hold what they promise: 300 operators draw their customers from a population whose truth is known."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from allmende.engines.flows.expansion import ExpansionParameters, expand, uncertainty

DRAWS = 300
POPULATION = np.array([4_000, 9_000, 2_000])
SHARES = np.array([0.35, 0.12, 0.22])
"""The operator is strong in the first zone and weak in the second."""


def zones() -> pa.Table:
    return pa.table({"zone": ["a", "b", "c"], "population": POPULATION})


def coverage(attending: np.ndarray, *, seed: int, calibrated: bool) -> tuple[float, float]:
    """Share of the draws whose interval holds the true total, and the mean relative error of the estimate.

    ``attending`` are persons at some place and hour (a mask over all people); who is a customer is drawn anew each time.
    """
    rng = np.random.default_rng(seed)
    home = np.repeat(np.arange(3), POPULATION)
    truth = int(attending.sum())
    held, bias = 0, 0.0
    for _ in range(DRAWS):
        customers = rng.random(home.size) < SHARES[home]
        weights = expand(home[customers], zones()).people_milli
        there = weights[attending[customers]]
        squares = (there.astype(object) ** 2).sum() if there.size else 0
        found = uncertainty(
            int(there.sum()), int(squares), there.size, within=float(POPULATION.sum()) if calibrated else np.inf
        )
        held += bool(found.low <= truth <= found.high)
        bias += float(found.people) / truth - 1
    return held / DRAWS, bias / DRAWS


def test_an_interval_of_a_large_share_of_the_population_holds_the_truth() -> None:
    attending = np.random.default_rng(1).random(POPULATION.sum()) < 0.4
    held, bias = coverage(attending, seed=11, calibrated=True)
    assert 0.92 <= held <= 0.98
    assert abs(bias) < 0.005


def test_without_the_known_population_the_same_interval_is_on_the_safe_side() -> None:
    attending = np.random.default_rng(1).random(POPULATION.sum()) < 0.4
    assert coverage(attending, seed=11, calibrated=False)[0] > 0.98


def test_an_interval_of_few_devices_holds_the_truth() -> None:
    # About 90 people, behind them about 16 devices.
    attending = np.random.default_rng(2).random(POPULATION.sum()) < 0.006
    held, bias = coverage(attending, seed=12, calibrated=True)
    assert 0.92 <= held <= 0.98
    assert abs(bias) < 0.03


def test_an_interval_with_an_unsure_market_share_holds_the_truth() -> None:
    # The operator believes in shares that are off by 8 % (standard error), another each time; small zones have nothing better.
    rng = np.random.default_rng(3)
    home = np.repeat(np.arange(3), POPULATION)
    attending = np.random.default_rng(1).random(home.size) < 0.4
    held = 0
    for _ in range(DRAWS):
        customers = rng.random(home.size) < SHARES[home]
        belief = SHARES * np.exp(rng.normal(0, 0.08, 3))
        table = (
            zones()
            .set_column(1, "population", pa.array([0.0, 0.0, 0.0]))
            .append_column("market_share", pa.array(belief))
        )
        weighted = expand(home[customers], table, parameters=ExpansionParameters(share_cv=0.08))
        there = weighted.people_milli[attending[customers]]
        people = np.bincount(home[customers][attending[customers]], there)
        found = uncertainty(
            int(there.sum()),
            int((there.astype(object) ** 2).sum()),
            there.size,
            weight_cv2=weighted.weight_cv2([0, 1, 2], people),
        )
        held += bool(found.low <= attending.sum() <= found.high)
    assert 0.92 <= held / DRAWS <= 0.98


def test_where_everybody_is_a_customer_nothing_is_unsure() -> None:
    found = uncertainty(250_000, 250 * 1000**2, 250)
    assert (float(found.standard_error), float(found.low), float(found.high)) == (0.0, 250.0, 250.0)


def test_figures_that_are_given_by_hand() -> None:
    # 100 devices of weight 5: variance 100 x 5 x 4 = 2,000; half of a known 1,000 people: 1,000.
    alone = uncertainty([500_000], [100 * 5000**2], [100])
    part = uncertainty([500_000], [100 * 5000**2], [100], within=1000)
    assert alone.standard_error == pytest.approx([2000**0.5])
    assert part.standard_error == pytest.approx([1000**0.5])
    assert alone.effective_devices == pytest.approx([100])
    # The share of all weights that is wrong together comes on top: 10 % of 500 squared.
    assert uncertainty([500_000], [100 * 5000**2], [100], weight_cv2=0.01).standard_error == pytest.approx([4500**0.5])


def test_no_device_is_no_one_and_the_interval_never_goes_below_zero() -> None:
    found = uncertainty([0, 5_000], [0, 5000**2], [0, 1])
    assert found.people.tolist() == [0, 5]
    assert found.high[0] == 0
    assert 0 < found.low[1] < 5 < found.high[1]


def test_sums_that_no_weights_can_give_are_refused() -> None:
    with pytest.raises(ValueError, match="not the square of their sum"):
        uncertainty(10_000, 10_000, 2)
