"""Weights as a run asks for them: apart or together the same, agreeing with accommodation statistics, and told of."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from allmende.engines.flows.areas import read_zones
from allmende.engines.flows.door import Key
from allmende.engines.flows.expanding import ApartByHome, by_population, device_nights, origins_of
from allmende.engines.flows.expansion import NIGHTS, ExpansionParameters
from allmende.engines.flows.months import Ground, Shard
from allmende.engines.flows.run import Expansion, run
from allmende.engines.flows.simulate import Delivery, benchmark, simulate


class Kept:
    """A weigher that also keeps what it was asked."""

    def __init__(self) -> None:
        self.shards: list[Shard] = []

    def __call__(self, shards: list[Shard]) -> list[Any]:
        self.shards = shards
        return [np.full(len(s.device), 1000, np.int64) for s in shards]


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Shard], Any]:
    """The shards of a fortnight of a simulated region, and its zones."""
    folder = tmp_path_factory.mktemp("expanding")
    simulate(benchmark(devices=400, days=14, delivery=Delivery(files="days")), folder / "sim", seed=11)
    zones = read_zones(folder / "sim" / "zones.geojson")
    kept = Kept()
    run(
        folder / "sim" / "events",
        folder / "run",
        key=Key(1, 2),
        ground=Ground(zones=zones),
        expansion=Expansion(kept, "kept"),
    )
    return kept.shards, zones


def population(zones: Any) -> Any:
    """A thousand people in each zone, but for the last, of which nothing is known."""
    return np.where(np.arange(len(zones.codes)) < len(zones.codes) - 1, 1000.0, np.nan)


def test_apart_and_together_give_the_same_weights(month: tuple[list[Shard], Any]) -> None:
    shards, zones = month
    weigh = by_population(population(zones), market_share=np.full(len(zones.codes), 0.4), roaming={262: 0.2})
    assert isinstance(weigh, ApartByHome)
    together = weigh(shards)
    told = weigh.told
    apart = weigh.settle([weigh.look(shard) for shard in shards])
    sent = pickle.loads(pickle.dumps(apart))
    assert all((one == sent(shard)).all() for one, shard in zip(together, shards, strict=True))
    assert weigh.told == told
    assert told["devices"] == sum(len(shard.device) for shard in shards)
    assert told["people"] == pytest.approx(sum(int(one.sum()) for one in together) / 1000)
    assert told["weight_cv2"] > 0


def test_nights_agree_with_the_statistics_of_as_many_days(month: tuple[list[Shard], Any]) -> None:
    shards, zones = month
    spent, at, share = device_nights(shards, "UTC")
    assert at == (2026 - 1970) * 12 + 5
    assert share == pytest.approx(14 / 30, abs=0.04)
    index, zone, nights = (spent[name].to_numpy() for name in ("index", "zone", "nights"))
    assert nights.max() <= 14
    weights = np.concatenate(by_population(population(zones))(shards)) / 1000  # type: ignore[misc]
    most = int(np.bincount(zone).argmax())
    mine = zone == most
    inbound = origins_of(shards)[index] >= 1_000_000
    kind = "inbound" if (mine & inbound).sum() > (mine & ~inbound).sum() else "domestic"
    mine &= inbound if kind == "inbound" else ~inbound
    before = float((weights[index[mine]] * nights[mine]).sum())
    goal = 1.5 * before
    table = pa.table(
        [[zones.codes[most]], pa.array([at], pa.int32()), [kind], [goal / share], [1.0]], schema=NIGHTS.schema
    )
    weigh = by_population(population(zones), nights=table, codes=tuple(zones.codes))
    assert weigh is not None
    weigh.parameters = ExpansionParameters(min_devices=10)  # in so small a world
    after = np.concatenate(weigh(shards)) / 1000
    assert mine.sum() >= weigh.parameters.min_devices
    assert float((after[index[mine]] * nights[mine]).sum()) == pytest.approx(goal, rel=0.02)


def test_the_summary_tells_how_sure_the_weights_are(month: tuple[list[Shard], Any], tmp_path: Path) -> None:
    folder = tmp_path / "sim"
    simulate(benchmark(devices=60, days=7, delivery=Delivery(files="days")), folder, seed=3)
    zones = read_zones(folder / "zones.geojson")
    weigh = by_population(np.full(len(zones.codes), 500.0))
    assert weigh is not None
    run(folder / "events", tmp_path / "run", key=Key(1, 2), ground=Ground(zones=zones), expansion=Expansion(weigh, "p"))
    told = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert told["uncertainty"]["people_per_device"] == pytest.approx(weigh.told["people"] / weigh.told["devices"])
    assert told["uncertainty"]["weight_cv2"] >= 0


def test_without_population_or_shares_nothing_is_expanded() -> None:
    assert by_population(np.full(3, np.nan)) is None
    assert by_population(np.full(3, np.nan), market_share=np.array([0.3, np.nan, np.nan])) is not None
