"""Noise that can be repeated, and that is right on average."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from allmende.engines.flows.disclosure import Dimension, Disclosure, DisclosureError, Plan, TablePlan, protect
from allmende.engines.flows.disclosure.noise import (
    base_for,
    cell_noise,
    draws,
    keyed,
    p_table,
    round_nearest,
    round_random,
)
from allmende.engines.flows.door import CELL_KEY_MASK, Secret, record_keys

SECRET = Secret(b"a secret for the tests alone")
KEY = bytes(range(16))


def test_keyed_hashes_are_siphash() -> None:
    """The test vector of 8 bytes (00 to 07) of the reference implementation."""
    word = np.array([int.from_bytes(bytes(range(8)), "little")], np.uint64)
    assert int(keyed([word], KEY)[0]) == int.from_bytes(bytes.fromhex("6224939a79f5f593"), "little")


def test_random_rounding_is_right_on_average_and_never_far() -> None:
    milli = np.full(40_000, 13_000)
    rounded = round_random(milli, 10, draws([np.arange(40_000)], KEY))
    assert set(np.unique(rounded)) == {10, 20}
    # a standard deviation of 4.58 over 40,000 draws: 0.023; four of them
    assert abs(float(rounded.mean()) - 13) < 0.092


def test_nearest_rounding() -> None:
    assert round_nearest(np.array([14_999, 15_000, 0, 24_000]), 10).tolist() == [10, 20, 0, 20]


def test_the_base_is_no_less_than_what_one_device_stands_for() -> None:
    assert base_for(np.array([10, 10]), np.array([30_000, 137_000])) == 15
    assert base_for(np.array([10]), np.array([10_000])) == 10
    assert base_for(np.array([1]), np.array([1_800_000])) == 2000


@pytest.mark.parametrize(("bound", "variance"), [(3, 2.0), (5, 3.0), (1, 0.5), (8, 10.0)])
def test_the_p_table_has_no_bias_and_the_variance_asked_for(bound: int, variance: float) -> None:
    chances = np.array(p_table(bound, variance))
    noise = np.arange(-bound, bound + 1)
    assert len(chances) == 2 * bound + 1
    assert float(chances.sum()) == pytest.approx(1)
    assert float((chances * noise).sum()) == pytest.approx(0, abs=1e-12)
    assert float((chances * noise**2).sum()) == pytest.approx(variance, rel=1e-6)


def test_noise_of_cells_follows_the_p_table() -> None:
    noise = cell_noise(np.arange(50_000), 3, 2.0, KEY)
    assert noise.min() == -3
    assert noise.max() == 3
    assert abs(float(noise.mean())) < 4 * (2 / 50_000) ** 0.5
    assert float(noise.var()) == pytest.approx(2, rel=0.05)


def cells(names: list[str], devices: list[list[int]]) -> pa.Table:
    keys = [int(np.bitwise_and(record_keys(np.array(d), SECRET).sum(), CELL_KEY_MASK)) for d in devices]
    sizes = [len(d) for d in devices]
    return pa.table(
        {
            "cell": names,
            "devices": sizes,
            "people_milli": [1000 * n for n in sizes],
            "cell_key": pa.array(keys, pa.int64()),
        }
    )


def by_cell(rows: pa.Table, method: str, secret: Secret | None = SECRET, base: int = 1) -> dict[str, int]:
    plan = Plan((TablePlan("presence", (Dimension("cell"),)),))
    wanted = Disclosure(method=method, people_base=base)  # type: ignore[arg-type]
    table = protect({"presence": [rows]}, plan, wanted, secret=secret).release.table("presence").rows
    return {row["cell"]: row["people"] for row in table.to_pylist()}


def test_the_same_people_give_the_same_noise_under_any_name() -> None:
    people = list(range(500, 560))
    rows = cells(["c1", "the zone around c1", "c2"], [people, people[::-1], list(range(600, 660))])
    shown = by_cell(rows, "cell_key")
    assert shown["c1"] == shown["the zone around c1"]
    assert all(57 <= value <= 63 for value in shown.values())
    assert by_cell(rows.slice(0, 1), "cell_key")["c1"] == shown["c1"]


def test_noise_differs_with_the_secret_and_is_right_on_average() -> None:
    groups = [list(range(100 * i, 100 * i + 40)) for i in range(400)]
    rows = cells([f"c{i}" for i in range(400)], groups)
    first = by_cell(rows, "cell_key")
    assert abs(sum(first.values()) / 400 - 40) < 4 * (2 / 400) ** 0.5
    assert by_cell(rows, "cell_key", Secret(b"another secret, also for tests")) != first


def test_rounding_asked_twice_gives_the_same() -> None:
    rows = pa.table({"cell": [f"c{i}" for i in range(50)], "devices": [33] * 50, "people_milli": [33_000] * 50})
    first = by_cell(rows, "rounding", base=5)
    assert by_cell(rows.slice(7, 5), "rounding", base=5) == {f"c{i}": first[f"c{i}"] for i in range(7, 12)}
    assert set(first.values()) == {30, 35}


@pytest.mark.parametrize("method", ["rounding", "cell_key"])
def test_too_few_devices_are_left_out_with_noise_as_well(method: str) -> None:
    rows = cells(["c1", "c2"], [list(range(9)), list(range(20, 40))])
    assert set(by_cell(rows, method)) == {"c2"}


def test_noise_needs_a_secret_and_cell_keys() -> None:
    rows = cells(["c1"], [list(range(20))])
    with pytest.raises(DisclosureError, match="needs a secret"):
        by_cell(rows, "rounding", None)
    with pytest.raises(DisclosureError, match="needs a column cell_key"):
        by_cell(rows.drop_columns("cell_key"), "cell_key")
