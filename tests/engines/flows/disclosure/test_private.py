"""Differential privacy: what is spent is written down first, and nothing is drawn beyond the budget."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pytest

from allmende.engines.flows.disclosure import (
    BudgetSpent,
    Dimension,
    Disclosure,
    DisclosureError,
    Ledger,
    Plan,
    Private,
    TablePlan,
    bounded,
    protect,
)
from allmende.engines.flows.disclosure.private import noisy_devices
from allmende.engines.flows.door import Secret

SECRET = Secret(b"a secret for the tests alone")
NOW = datetime(2026, 11, 29, tzinfo=UTC)
DOMAIN = pa.table({"cell": ["c1", "c2", "c3"]})
PLAN = Plan((TablePlan("totals", (Dimension("cell"),), domain=(DOMAIN,)),))
SEEN = pa.table({"device": pa.array([*range(400), *range(300)], pa.int64()), "cell": ["c1"] * 400 + ["c2"] * 300})


def test_each_device_counts_in_no_more_rows_than_stated() -> None:
    assert bounded(SEEN, 2, SECRET)["devices"].to_pylist() == [400, 300]
    once = bounded(SEEN, 1, SECRET)
    assert sum(once["devices"].to_pylist()) == 400
    turned = bounded(SEEN.take(list(range(700))[::-1]), 1, SECRET)
    assert turned.sort_by("cell").equals(once.sort_by("cell"))


def test_totals_are_released_and_the_budget_shrinks(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "ledger.jsonl", 1.0)
    private = Private(ledger, cost=0.5, rows_per_device=2)
    release = protect(
        {"totals": [bounded(SEEN, 2, SECRET)]}, PLAN, Disclosure(method="dp"), private=private, now=NOW
    ).release
    people = {row["cell"]: row["people"] for row in release.table("totals").rows.to_pylist()}
    # noise of scale 4: beyond 100 with a chance of e**-25
    assert abs(people["c1"] - 400) <= 110
    assert abs(people["c2"] - 300) <= 110
    assert ledger.left() == 0.5
    assert release.protection["noise"]["epsilon"] == 0.5
    lines = [json.loads(line) for line in (tmp_path / "ledger.jsonl").read_text().splitlines()]
    assert lines == [
        {"total": 1.0, "unit": "epsilon"},
        {"spent": 0.5, "what": "totals", "at": "2026-11-29T00:00:00+00:00"},
    ]


def test_nothing_is_released_when_the_budget_is_spent(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "ledger.jsonl", 1.0)
    counts = {"totals": [bounded(SEEN, 2, SECRET)]}
    private = Private(ledger, cost=0.6, rows_per_device=2)
    protect(counts, PLAN, Disclosure(method="dp"), private=private, now=NOW)
    before = (tmp_path / "ledger.jsonl").read_bytes()
    with pytest.raises(BudgetSpent, match=r"totals costs 0.6 epsilon, and 0.4 of 1 is left"):
        protect(counts, PLAN, Disclosure(method="dp"), private=private, now=NOW)
    assert (tmp_path / "ledger.jsonl").read_bytes() == before


def test_a_budget_is_not_changed_and_a_damaged_ledger_releases_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    ledger = Ledger.open(path, 1.0)
    assert Ledger.open(path, 1.0) == ledger
    with pytest.raises(DisclosureError, match="is not changed"):
        Ledger.open(path, 2.0)
    with pytest.raises(DisclosureError, match="kept in epsilon"):
        ledger.spend(0.1, "rho", "totals", "")
    path.write_text(path.read_text() + '{"spent": -5}\n')
    with pytest.raises(DisclosureError, match="damaged"):
        ledger.spend(0.1, "epsilon", "totals", "")


@pytest.mark.parametrize(("noise", "deviation"), [("laplace", 2**0.5 * 3 / 0.5), ("gaussian", (3 / (2 * 0.5)) ** 0.5)])
def test_noise_is_right_on_average_and_as_wide_as_stated(
    tmp_path: Path, noise: Literal["laplace", "gaussian"], deviation: float
) -> None:
    private = Private(Ledger(tmp_path / "none"), cost=0.5, rows_per_device=3, noise=noise)
    drawn = noisy_devices(np.full(4000, 100), private)
    assert abs(float(drawn.mean()) - 100) < 6 * deviation / 4000**0.5
    assert float(drawn.std()) == pytest.approx(deviation, rel=0.15)


def test_what_is_missing_for_privacy_is_named(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "ledger.jsonl", 1.0)
    private = Private(ledger, cost=0.5, rows_per_device=1)
    wanted = Disclosure(method="dp")
    bare = Plan((TablePlan("totals", (Dimension("cell"),)),))
    counts = {"totals": [bounded(SEEN, 2, SECRET)]}
    plain = counts["totals"][0].replace_schema_metadata(None)
    with pytest.raises(DisclosureError, match="needs private="):
        protect(counts, PLAN, wanted)
    with pytest.raises(DisclosureError, match="up to 2 rows"):
        protect(counts, PLAN, wanted, private=private, now=NOW)
    with pytest.raises(DisclosureError, match="nothing says in how many rows"):
        protect({"totals": [plain]}, PLAN, wanted, private=private, now=NOW)
    with pytest.raises(DisclosureError, match="no domain"):
        protect(counts, bare, wanted, private=Private(ledger, 0.5, 2), now=NOW)
    assert ledger.left() == 1.0


def test_rows_that_nobody_was_in_are_drawn_as_well(tmp_path: Path) -> None:
    """c3 is in the domain and empty: with much noise it is shown now and then, so that being shown says little."""
    ledger = Ledger.open(tmp_path / "ledger.jsonl", 100.0)
    private = Private(ledger, cost=0.02, rows_per_device=2)
    counts = {"totals": [bounded(SEEN, 2, SECRET)]}
    found = [
        "c3"
        in protect(counts, PLAN, Disclosure(method="dp"), private=private, now=NOW)
        .release.table("totals")
        .rows["cell"]
        .to_pylist()
        for _ in range(60)
    ]
    assert any(found)
    assert not all(found)
