"""Footprints: probabilities are probabilities, the formula is the paper's, and devices are found where they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from allmende.engines.flows.cellplan import CellPlan, cell_plan
from allmende.engines.flows.footprints import SignalModel, expected, footprints, weights_on
from allmende.engines.flows.grid import cell_1km, corner, unproject

X0, Y0 = 4_000_500.0, 2_800_500.0


def plan_at(x: Any, y: Any, range_m: float | None = 3000.0, azimuth: list[float | None] | None = None) -> CellPlan:
    lon, lat = unproject(np.asarray(x, float), np.asarray(y, float))
    return cell_plan(
        pa.table(
            {
                "cell_id": pa.array(np.arange(len(lon), dtype=np.int32)),
                "lon": lon,
                "lat": lat,
                "range_m": pa.array([range_m] * len(lon), pa.float64()),
                "azimuth": pa.array(azimuth or [None] * len(lon), pa.float64()),
            }
        )
    )


def dominance(model: SignalModel, distance: float, range_m: float, off_axis: float = 0.0, beam: float = 360.0) -> float:
    return float(model.dominance(*(np.array([value]) for value in (distance, range_m, off_axis, beam)))[0])


def test_dominance_is_the_edge_value_at_the_range_and_one_half_at_the_midpoint() -> None:
    model = SignalModel()
    assert dominance(model, 5000, 5000) == pytest.approx(model.edge)
    # ln(99) / 0.2 = 22.98 dB up from the edge, at 37.5 dB a decade
    assert dominance(model, 5000 * 10 ** (-np.log(99) / 0.2 / 37.5), 5000) == pytest.approx(0.5)
    assert dominance(model, 1, 5000) == dominance(model, model.nearest, 5000)


def test_at_half_the_beam_the_signal_is_3_db_weaker_and_behind_it_30() -> None:
    model = SignalModel()

    def strength(value: float) -> float:
        return float(np.log(value / (1 - value)) / model.steepness)

    front = strength(dominance(model, 1000, 5000, 0, 120))
    assert front - strength(dominance(model, 1000, 5000, 60, 120)) == pytest.approx(3)
    assert front - strength(dominance(model, 1000, 5000, 180, 33)) == pytest.approx(30, abs=0.01)
    assert dominance(model, 1000, 5000, 180, 360) == dominance(model, 1000, 5000, 0, 360)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    cells=st.integers(1, 30),
    size=st.sampled_from([500, 1000]),
    most=st.sampled_from([1, 3, 100]),
)
def test_probabilities_add_up_to_one(seed: int, cells: int, size: int, most: int) -> None:
    rng = np.random.default_rng(seed)
    azimuth = [None if rng.random() < 0.5 else float(rng.uniform(0, 360)) for _ in range(cells)]
    plan = plan_at(X0 + rng.normal(0, 4000, cells), Y0 + rng.normal(0, 4000, cells), None, azimuth)
    feet = footprints(plan, 0, size=size, model=SignalModel(most=most), prior=None)
    np.testing.assert_allclose(feet.connection.sum(axis=0), 1)
    np.testing.assert_allclose(feet.location.sum(axis=1), 1)
    assert (np.diff(feet.grid) > 0).all()
    assert ((feet.dominance.data > 0) & (feet.dominance.data <= 1)).all()
    skewed = feet.with_prior(rng.integers(0, 2, len(feet.grid)).astype(float))
    np.testing.assert_allclose(skewed.location.sum(axis=1), 1)


def test_two_cells_share_the_land_between_them() -> None:
    feet = footprints(plan_at([X0, X0 + 4000], [Y0, Y0], 3900.0), 0)
    x, _ = corner(feet.grid)
    own, other = feet.connection.toarray()
    middle = (x + 500 == X0 + 2000).nonzero()[0]
    np.testing.assert_allclose(own[middle], 0.5)
    assert own[(x + 500 == X0).nonzero()[0]].max() > 0.95
    np.testing.assert_allclose(np.sort(own), np.sort(other))


def test_a_sector_serves_before_it_rather_than_behind() -> None:
    feet = footprints(plan_at([X0], [Y0], 5000.0, [90.0]), 0)
    x, _ = corner(feet.grid)
    where = feet.location.toarray()[0]
    assert where[x + 500 > X0].sum() > 4 * where[x + 500 < X0].sum()
    rows, mean_x, mean_y, radius = expected(feet)
    assert rows.tolist() == [0]
    assert mean_x[0] > X0 + 500
    assert mean_y[0] == pytest.approx(Y0, abs=1)
    assert 500 < radius[0] < 4000


def test_the_prior_moves_devices_to_where_people_are() -> None:
    plan = plan_at([X0], [Y0], 3000.0)
    uniform = footprints(plan, 0)
    town = uniform.grid[-1:]
    told = footprints(plan, 0, prior=(town, np.array([5.0])))
    np.testing.assert_allclose(told.location.toarray()[0], (uniform.grid == town[0]).astype(float))
    nobody = footprints(plan, 0, prior=(np.array([17]), np.array([5.0])))  # far away: the prior knows nothing here
    np.testing.assert_allclose(nobody.location.toarray(), uniform.location.toarray())
    with pytest.raises(ValueError, match="0 or more"):
        uniform.with_prior(-np.ones(len(uniform.grid)))


def test_weights_are_laid_on_the_grid_by_cell() -> None:
    assert weights_on(np.array([3, 5, 9]), np.array([9, 4, 3, 9]), np.array([1.0, 2, 3, 4])).tolist() == [3, 0, 5]


def test_a_coverage_area_is_a_footprint_of_shares() -> None:
    west, south = 4_000_000.0, 2_800_000.0
    lon, lat = unproject(
        np.array([west, west + 1500, west + 1500, west]), np.array([south, south, south + 1000, south + 1000])
    )
    wkt = "POLYGON((" + ",".join(f"{a:.9f} {b:.9f}" for a, b in [*zip(lon, lat, strict=True), (lon[0], lat[0])]) + "))"
    table = pa.table({"cell_id": [1], "lon": [lon[0]], "lat": [lat[0]], "coverage": [wkt]})
    feet = footprints(cell_plan(table), 0)
    shares = dict(zip(feet.grid.tolist(), feet.location.toarray()[0].tolist(), strict=True))
    assert shares[4000 * 100_000 + 2800] == pytest.approx(2 / 3, abs=1e-3)
    assert shares[4001 * 100_000 + 2800] == pytest.approx(1 / 3, abs=1e-3)
    dominant = feet.dominance.toarray()[0]
    assert dominant[feet.grid.tolist().index(4001 * 100_000 + 2800)] == pytest.approx(0.5, abs=1e-3)


def test_cells_that_are_not_valid_have_no_footprint() -> None:
    table = pa.table(
        {"cell_id": [1, 2], "lon": [10.0, 10.1], "lat": [52.0, 52.0], "valid_until": pa.array([10, None], pa.date32())}
    )
    feet = footprints(cell_plan(table), 11)
    assert np.diff(feet.location.indptr).tolist()[0] == 0
    assert feet.location.sum(axis=1).tolist() == [0, pytest.approx(1)]


def test_only_the_strongest_cells_count_and_none_is_lost() -> None:
    plan = plan_at([X0] * 5, [Y0] * 5, 2000.0)
    feet = footprints(plan, 0, model=SignalModel(most=2))
    served = np.bincount(feet.connection.indices, minlength=len(feet.grid))
    assert (np.diff(feet.location.indptr) >= 1).all()
    assert np.median(served) == 2


def test_points_within_a_grid_cell_tell_small_cells_apart() -> None:
    """A hundred sites in a town, people next to them: one point for each square kilometre places them worse."""
    rng = np.random.default_rng(3)
    site_x, site_y = X0 + rng.normal(0, 1200, 100), Y0 + rng.normal(0, 1200, 100)
    people_x, people_y = X0 + rng.normal(0, 1200, 20_000), Y0 + rng.normal(0, 1200, 20_000)
    _, nearest = cKDTree(np.column_stack([site_x, site_y])).query(np.column_stack([people_x, people_y]))
    seen = np.bincount(nearest, minlength=100)
    cells, truth = np.unique(cell_1km(people_x, people_y), return_counts=True)
    plan = plan_at(site_x, site_y, None)

    def misplaced(sample: int) -> float:
        feet = footprints(plan, 0, sample=sample)
        return float(np.abs(feet.location.T @ seen - weights_on(feet.grid, cells, truth)).sum()) / 20_000

    assert misplaced(250) < 0.75 * misplaced(1000)


def test_a_coarser_grid_is_the_sum_of_its_points() -> None:
    plan = plan_at([X0, X0 + 700], [Y0, Y0 + 300], 2500.0, [None, 45.0])
    fine, coarse = footprints(plan, 0, size=250), footprints(plan, 0, size=1000)
    col, line = np.divmod(fine.grid, 400_000)
    owner = np.searchsorted(coarse.grid, col // 4 * 100_000 + line // 4)
    for cell in (0, 1):
        summed = np.bincount(owner, fine.location.toarray()[cell], len(coarse.grid))
        np.testing.assert_allclose(coarse.location.toarray()[cell], summed)
    np.testing.assert_allclose(coarse.connection.sum(axis=0), 1)
    assert coarse.served.max() == 1
    assert 0 < coarse.served.min() < 1


def test_sizes_that_do_not_fit_are_refused() -> None:
    for size, sample in ((1000, 300), (700, 700)):
        with pytest.raises(ValueError, match="multiple of sample"):
            footprints(plan_at([X0], [Y0]), 0, size=size, sample=sample)


@pytest.mark.parametrize("wrong", [{"edge": 1.0}, {"exponent": 0}, {"most": 0}, {"back_loss": 3}])
def test_parameters_that_cannot_be_are_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        SignalModel(**wrong)
