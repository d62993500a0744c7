"""Weights by zone, pool, share and country, and the errors that name them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from allmende.engines.flows.expansion import (
    ABROAD,
    Expansion,
    ExpansionError,
    ExpansionParameters,
    WeightSource,
    expand,
    pools,
)
from allmende.engines.flows.tables import TableError

GERMANY, DENMARK = ABROAD + 262, ABROAD + 238


def zones(**columns: list[object]) -> pa.Table:
    return pa.table({"zone": ["Aby", "Berg", "Dal"], "population": [1000, 500, 60], **columns})


def origins(*counts: tuple[int, int]) -> np.ndarray:
    return np.concatenate([np.full(count, origin) for origin, count in counts])


def people(expansion: Expansion, codes: np.ndarray) -> dict[int, float]:
    return {int(code): float(expansion.people_milli[codes == code].sum()) / 1000 for code in np.unique(codes)}


def test_residents_add_up_to_the_population_of_their_zone() -> None:
    codes = origins((0, 200), (1, 40), (2, 30))
    found = expand(codes, zones())
    assert people(found, codes) == {0: 1000, 1: 500, 2: 60}
    assert set(found.source.tolist()) == {WeightSource.ZONE}
    assert found.people_milli.dtype == np.int64
    assert found.notes == ()


def test_the_sum_is_the_same_in_any_order() -> None:
    codes = origins((0, 211), (1, 37), (2, 31))
    shuffled = np.random.default_rng(5).permutation(codes)
    assert expand(codes, zones()).people_milli.sum() == expand(shuffled, zones()).people_milli.sum()


def test_a_thin_zone_is_pooled_with_its_nearest_neighbour() -> None:
    codes = origins((0, 200), (1, 40), (2, 4))
    found = expand(codes, zones(x=[0.0, 10_000.0, 11_000.0], y=[0.0, 0.0, 0.0]))
    assert found.pool.tolist() == [0, 1, 1]
    assert people(found, codes)[0] == 1000
    assert people(found, codes)[1] + people(found, codes)[2] == pytest.approx(560, abs=0.05)
    assert found.source[codes == 2].tolist() == [WeightSource.POOL] * 4


def test_a_thin_zone_stays_in_its_region_though_another_is_nearer() -> None:
    table = zones(x=[0.0, 10_000.0, 11_000.0], y=[0.0, 0.0, 0.0], region=["west", "east", "west"])
    assert expand(origins((0, 200), (1, 40), (2, 4)), table).pool.tolist() == [0, 1, 0]


def test_a_pool_grows_until_it_is_thick_enough() -> None:
    count = np.array([10.0, 9.0, 8.0, 100.0])
    xy = np.array([[0.0, 0], [1, 0], [2, 0], [3, 0]])
    found = pools(np.full(4, 100.0), count, np.ones(4, bool), 30, xy=xy)
    assert found.tolist() == [0, 0, 0, 0]  # 27 devices together are still too few
    assert pools(np.full(4, 100.0), count, np.ones(4, bool), 25, xy=xy).tolist() == [0, 0, 0, 3]


def test_smoothing_lets_a_zone_keep_some_of_its_own_and_the_pool_all_of_its_people() -> None:
    rng = np.random.default_rng(8)
    size = 40
    population = rng.integers(300, 3000, size).astype(float)
    rate = rng.gamma(20, 0.01, size)  # operators differ from zone to zone: 0.2 on average, a fifth up or down
    codes = np.repeat(np.arange(size), rng.binomial(population.astype(int), np.minimum(rate, 1)))
    table = pa.table({"zone": [str(at) for at in range(size)], "population": population})
    plain = expand(codes, table, parameters=ExpansionParameters(min_devices=400))
    smooth = expand(codes, table, parameters=ExpansionParameters(min_devices=400, smoothing=True))

    def error(found: Expansion) -> float:
        by_zone = np.bincount(codes, found.people_milli, minlength=size) / 1000
        return float(np.abs(by_zone - population).sum() / population.sum())

    assert smooth.people_milli.sum() == pytest.approx(plain.people_milli.sum(), rel=1e-4)
    assert error(smooth) < error(plain) / 2
    assert float(smooth.zone_cv2.max()) < float(plain.zone_cv2.max())


def test_people_of_a_zone_without_a_device_are_carried_by_the_pool_with_a_note() -> None:
    codes = origins((0, 200), (1, 40))
    found = expand(codes, zones())
    assert found.people_milli.sum() / 1000 == pytest.approx(1560, abs=0.05)
    assert "Dal" in str(found.notes[0])


def test_customers_given_by_the_operator_count_not_those_who_came() -> None:
    codes = origins((0, 10))  # of 250 customers at home in Aby ten came into the area
    found = expand(codes, zones(devices=[250, 100, 60]))
    assert people(found, codes) == {0: 40.0}


def test_a_thin_zone_with_a_market_share_takes_it() -> None:
    codes = origins((0, 200), (1, 40), (2, 4))
    table = zones(market_share=[None, None, 0.25])
    found = expand(codes, table, parameters=ExpansionParameters(sims_per_person=1.25))
    assert people(found, codes)[2] == pytest.approx(4 / (0.25 * 1.25), abs=0.01)
    assert found.source[codes == 2].tolist() == [WeightSource.MARKET_SHARE] * 4
    assert found.zone_cv2.tolist() == [0, 0, pytest.approx(0.05**2)]


def test_a_market_share_that_does_not_fit_the_devices_is_noted() -> None:
    found = expand(origins((0, 200), (1, 100), (2, 30)), zones(market_share=[0.2, 0.9, 0.5]))
    assert [note.problem.split()[1] for note in found.notes] == ["Berg"]


def test_inbound_devices_stand_for_the_guests_that_roam_elsewhere() -> None:
    codes = origins((0, 200), (1, 40), (2, 30), (GERMANY, 50), (DENMARK, 20))
    found = expand(codes, zones(), roaming={262: 0.4, 238: 0.25})
    assert people(found, codes)[GERMANY] == 125
    assert people(found, codes)[DENMARK] == 80
    assert found.cv2_of([0, GERMANY, -1]).tolist() == pytest.approx([0, 0.25**2, 0.5**2])


def test_a_country_without_a_share_gets_the_mean_of_the_others_with_a_note() -> None:
    codes = origins((0, 200), (1, 40), (2, 30), (GERMANY, 50), (DENMARK, 20))
    found = expand(codes, zones(), roaming={262: 0.4})
    assert people(found, codes)[DENMARK] == 50
    assert "238" in str(found.notes[0])
    assert found.source[codes == DENMARK].tolist() == [WeightSource.MEAN] * 20


def test_devices_of_unknown_origin_get_the_mean_weight_with_a_note() -> None:
    codes = origins((0, 200), (1, 50), (2, 30), (-1, 10))
    found = expand(codes, zones())
    assert people(found, codes)[-1] == pytest.approx(10 * 1560 / 280, abs=0.01)
    assert "10 devices have no origin" in str(found.notes[0])


def test_errors_of_independent_countries_weaken_each_other() -> None:
    codes = origins((0, 200), (1, 50), (2, 30), (GERMANY, 50), (DENMARK, 20))
    found = expand(codes, zones(), roaming={262: 0.4, 238: 0.25})
    assert found.weight_cv2([GERMANY, DENMARK], [100, 100]) == pytest.approx(0.25**2 / 2)
    assert found.weight_cv2([GERMANY, GERMANY], [100, 100]) == pytest.approx(0.25**2)


# --- accommodation statistics


def spent(rows: list[tuple[int, int, int, int]]) -> pa.Table:
    index, zone, month, nights = zip(*rows, strict=True)
    return pa.table(
        {"index": index, "zone": zone, "month": pa.array(month, pa.int32()), "nights": pa.array(nights, pa.float64())}
    )


def counted(rows: list[tuple[str, int, str, float]]) -> pa.Table:
    zone, month, guests, nights = zip(*rows, strict=True)
    return pa.table({"zone": zone, "month": pa.array(month, pa.int32()), "guests": guests, "nights": nights})


def test_inbound_nights_agree_with_the_accommodation_statistics() -> None:
    codes = origins((0, 200), (1, 50), (2, 30), (GERMANY, 60), (DENMARK, 40))
    nights = [(280 + at, 2, 678, 3) for at in range(60)] + [(340 + at, 2, 678 + at % 2, 2) for at in range(40)]
    found = expand(
        codes,
        zones(),
        roaming={262: 0.4, 238: 0.4},
        nights=counted([("Dal", 678, "inbound", 900), ("Dal", 679, "inbound", 50)]),
        device_nights=spent(nights),
        parameters=ExpansionParameters(min_devices=10),
    )
    weight = found.people_milli / 1000
    july = sum(weight[index] * amount for index, _, month, amount in nights if month == 678)
    august = sum(weight[index] * amount for index, _, month, amount in nights if month == 679)
    assert (july, august) == (pytest.approx(900, rel=1e-3), pytest.approx(50, rel=1e-3))
    assert weight[:280].sum() == pytest.approx(1560, abs=0.05)  # residents stay what they are
    assert found.notes == ()


def test_domestic_nights_agree_and_home_populations_stay() -> None:
    codes = origins((0, 200), (1, 50), (2, 30))
    nights = [(at, 2, 678, 2) for at in range(0, 200, 4)]
    found = expand(
        codes, zones(), nights=counted([("Dal", 678, "domestic", 700)]), device_nights=spent(nights)
    )  # fmt: skip
    weight = found.people_milli / 1000
    assert sum(weight[at] * 2 for at in range(0, 200, 4)) == pytest.approx(700, rel=1e-3)
    assert weight[codes == 0].sum() == pytest.approx(1000, rel=1e-4)
    assert weight[1] < 5 < weight[0]


def test_statistics_that_cover_half_of_the_nights_are_doubled() -> None:
    codes = origins((0, 200), (1, 50), (2, 30), (GERMANY, 40))
    table = counted([("Dal", 678, "inbound", 100)]).append_column("coverage", pa.array([0.5]))
    nights = spent([(280 + at, 2, 678, 1) for at in range(40)])
    found = expand(codes, zones(), roaming={262: 0.4}, nights=table, device_nights=nights)
    assert found.people_milli[280:].sum() / 1000 == pytest.approx(200, rel=1e-3)


def test_a_gap_that_the_limit_leaves_is_noted_with_its_cell() -> None:
    codes = origins((0, 200), (1, 50), (2, 30), (GERMANY, 40))
    nights = spent([(280 + at, 2, 678, 1) for at in range(40)])
    found = expand(
        codes, zones(), roaming={262: 0.4}, nights=counted([("Dal", 678, "inbound", 1000)]), device_nights=nights
    )  # fmt: skip
    assert "Dal, 2026-07, inbound (-60%)" in str(found.notes[0])


def test_cells_with_too_few_devices_are_pooled_over_zones_or_left_out_with_a_note() -> None:
    codes = origins((0, 200), (1, 50), (2, 30), (GERMANY, 40))
    nights = spent([(280 + at, at % 2, 678, 1) for at in range(36)] + [(316 + at, 2, 679, 1) for at in range(4)])
    table = counted([("Aby", 678, "inbound", 30), ("Berg", 678, "inbound", 78), ("Dal", 679, "inbound", 8)])
    found = expand(codes, zones(), roaming={262: 0.4}, nights=table, device_nights=nights)
    assert found.people_milli[280:316].sum() / 1000 == pytest.approx(108, rel=1e-3)
    assert found.people_milli[316] == 2500
    assert "the smaller zones together, 2026-08, inbound" in str(found.notes[0])


# --- what cannot be


def test_a_zone_with_devices_but_without_people_is_named_with_the_remedy() -> None:
    table = pa.table({"zone": ["Aby", "Berg"], "population": pa.array([1000.0, None])})
    with pytest.raises(ExpansionError, match=r"zone Berg has 40 devices but no population\. Give its population or"):
        expand(origins((0, 200), (1, 40)), table)


def test_zones_without_any_device_are_named() -> None:
    with pytest.raises(ExpansionError, match=r"none of the 3 zones from Aby on has a device"):
        expand(np.array([GERMANY]), zones(), roaming={262: 0.5})


def test_an_unknown_zone_in_the_nights_is_named() -> None:
    codes = origins((0, 200), (1, 50), (2, 30))
    with pytest.raises(ExpansionError, match=r"zone Nowhere is not among the zones in 1 rows \(row 1\)"):
        expand(
            codes,
            zones(),
            nights=counted([("Dal", 678, "domestic", 1), ("Nowhere", 678, "domestic", 1)]),
            device_nights=spent([(0, 2, 678, 1)]),
        )


@pytest.mark.parametrize(
    ("codes", "roaming", "message"),
    [
        ([GERMANY], {}, "no roaming share for countries 262"),
        ([GERMANY], {262: 1.5}, "the share of country 262 is 1.5"),
        ([3], {}, "3 is neither a position in the 3 zones nor a country"),
        ([-2], {}, "-2 is neither"),
    ],
)
def test_origins_that_cannot_be_expanded_are_named(codes: list[int], roaming: dict[int, float], message: str) -> None:
    with pytest.raises(ExpansionError, match=message):
        expand(np.concatenate([origins((0, 200), (1, 50), (2, 30)), codes]), zones(), roaming=roaming)


def test_a_table_of_zones_keeps_to_its_schema() -> None:
    with pytest.raises(TableError, match=r"zones\.population: the column is missing"):
        expand(np.array([0]), pa.table({"zone": ["Aby"]}))
