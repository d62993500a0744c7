"""Cell keys of a run: one number for the same people, in whatever table they are counted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from allmende.engines.flows.disclosure import Disclosure
from allmende.engines.flows.door import CELL_KEY_MASK, Key, Secret, record_keys
from allmende.engines.flows.publish import publish
from allmende.engines.flows.run import run
from tests.engines.flows.world import deliver, events

SECRET = Secret(b"a test hides nothing, so this may be known.")


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty devices: all in one cell from 8 to 10, the even ones three kilometres off from 12 to 14."""
    folder = tmp_path_factory.mktemp("keys")
    sightings = [
        events((8, 10, 0, 0), *([(12, 14, 3000, 0)] if device % 2 == 0 else []), device=device)
        for device in range(1, 31)
    ]
    out = folder / "run"
    run(deliver(folder / "events", *sightings), out, key=Key(1, 2), record_key=SECRET.key("record"))
    return out


def test_a_key_is_the_sum_of_the_record_keys_of_the_devices(counted: Path) -> None:
    devices = pq.read_table(next((counted / "work" / "months").glob("*/device_days.parquet")))["device"].to_numpy()
    whole = int(record_keys(np.unique(devices), SECRET).astype(object).sum()) & CELL_KEY_MASK
    region = pq.read_table(counted / "counts" / "presence_region_month.parquet")
    assert region["devices"].to_pylist() == [30]
    assert region["cell_key"].to_pylist() == [whole]


def test_the_same_people_have_one_key_and_others_another(counted: Path) -> None:
    hours = pq.read_table(counted / "counts" / "presence_cell_hour.parquet").sort_by("hour")
    keys = dict(zip(hours["hour"].to_pylist(), hours["cell_key"].to_pylist(), strict=True))
    assert len(set(keys.values())) == 2
    by_devices = {n: {k for k, d in zip(hours["cell_key"].to_pylist(), hours["devices"].to_pylist(), strict=True) if d == n}
                  for n in (30, 15)}  # fmt: skip
    assert [len(found) for found in by_devices.values()] == [1, 1]


def test_the_weights_are_as_they_were(counted: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    run(counted.parent / "events", plain, key=Key(1, 2))
    for path in sorted((plain / "counts").glob("*.parquet")):
        keyed = pq.read_table(counted / "counts" / path.name)
        assert keyed.drop_columns(["cell_key"]).equals(pq.read_table(path)), path.name


def test_noise_by_cell_keys_is_the_same_each_time(counted: Path) -> None:
    wanted = Disclosure(method="cell_key")
    first = publish(counted, wanted=wanted, secret=SECRET).release
    again = publish(counted, wanted=wanted, secret=SECRET).release
    assert first.protection["method"] == "cell_key"
    assert [t.rows.equals(o.rows) for t, o in zip(first.tables, again.tables, strict=True)] == [True] * len(
        first.tables
    )
    other = publish(counted, wanted=wanted, secret=Secret(b"another secret, and so another noise for all")).release
    assert not all(t.rows.equals(o.rows) for t, o in zip(first.tables, other.tables, strict=True))


def test_an_evaluation_gets_no_cell_keys(counted: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="protected counts"):
        run(counted.parent / "events", tmp_path / "out", record_key=b"k" * 32, unprotected=True)
