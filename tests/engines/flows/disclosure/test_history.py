"""A reader keeps every release and sets the new one against the old ones."""

from __future__ import annotations

import stat
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allmende.engines.flows.disclosure import (
    Dimension,
    DisclosureError,
    Plan,
    Protected,
    TablePlan,
    hierarchy,
    protect,
    read_record,
    write_record,
)
from tests.engines.flows.disclosure.reader import ALL, Key, as_table
from tests.engines.flows.disclosure.regions import by_class_and_origin

CLASS = Plan((TablePlan("presence", (Dimension("visitor_class"),)),))


def release_of(devices: dict[str, int], *previous: Protected) -> Protected:
    counts = {"presence": [as_table({(k,): n for k, n in devices.items()}, ("visitor_class",))]}
    return protect(counts, CLASS, previous=previous)


def people(protected: Protected) -> dict[str, int]:
    rows = protected.release.table("presence").rows.to_pylist()
    return {row["visitor_class"]: row["people"] for row in rows}


def test_a_figure_that_changed_by_few_devices_keeps_its_value() -> None:
    """Late data bring 4 commuters: 44 would become 48 and be rounded to 50 instead of 40."""
    first = release_of({"commuter": 44, "resident": 60, ALL: 104})
    second = release_of({"commuter": 48, "resident": 60, ALL: 108}, first)
    assert people(second) == people(first) == {"commuter": 40, "resident": 60, ALL: 100}


def test_a_figure_that_changed_by_enough_devices_gets_its_new_value() -> None:
    first = release_of({"commuter": 44, "resident": 60, ALL: 104})
    second = release_of({"commuter": 64, "resident": 60, ALL: 124}, first)
    assert people(second) == {"commuter": 60, "resident": 60, ALL: 120}


def test_a_small_change_does_not_follow_from_the_large_ones() -> None:
    """The total grew by 25, commuters by 20: the total may not show that the 5 others are residents."""
    first = release_of({"commuter": 44, "resident": 60, "transit": 30, ALL: 134})
    second = people(release_of({"commuter": 64, "resident": 65, "transit": 30, ALL: 159}, first))
    assert second["resident"] == 60
    assert second[ALL] == 130 or second["commuter"] == 40


def test_small_changes_add_up_over_several_releases() -> None:
    """4 and again 4 and again 4: after the third the change from what is shown is 12, and is shown."""
    latest = release_of({"commuter": 44, ALL: 44})
    shown = []
    for devices in (48, 52, 56):
        latest = release_of({"commuter": devices, ALL: devices}, latest)
        shown.append(people(latest).get("commuter"))
    assert shown == [40, 40, 60]


def test_what_was_left_out_stays_out_until_enough_has_changed() -> None:
    first = release_of({"commuter": 8, "resident": 30, "transit": 40, ALL: 78})
    assert set(people(first)) == {"transit", ALL}
    second = release_of({"commuter": 11, "resident": 30, "transit": 40, ALL: 81}, first)
    assert set(people(second)) == {"transit", ALL}
    third = release_of({"commuter": 25, "resident": 45, "transit": 40, ALL: 110}, first)
    assert set(people(third)) == {"commuter", "resident", "transit", ALL}


def test_what_was_shown_is_no_partner_any_more() -> None:
    """Leaving out now what everybody has from then protects nothing."""
    first = release_of({"commuter": 30, "resident": 40, ALL: 70})
    second = release_of({"commuter": 30, "resident": 40, "transit": 20, "inbound": 7, ALL: 97}, first)
    assert {"commuter", "resident"} <= set(people(second))
    assert "transit" not in people(second) or ALL not in people(second)


def test_windows_that_overlap_are_set_against_each_other() -> None:
    """A week was shown with its days; the window of the next days shares six of them."""
    days = [f"d{i}" for i in range(8)]
    trees = {"times": hierarchy([*((d, "w1") for d in days[:7]), *((d, "w2") for d in days[1:])])}
    plan = Plan((TablePlan("presence", (Dimension("hour", "times", additive=False),)),), trees)

    def counted(devices: dict[str, int]) -> dict[str, list[pa.Table]]:
        return {"presence": [as_table({(k,): n for k, n in devices.items()}, ("hour",))]}

    first = protect(counted({"w1": 100, **dict.fromkeys(days[:7], 30)}), plan)
    second = protect(counted({"w2": 34, days[7]: 12}), plan, previous=[first])
    # 34 in the second week, of whom 30 on each day of the first: 4 would have come on the last day alone
    assert second.release.table("presence").rows["hour"].to_pylist() == ["d7"]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), late=st.integers(0, 30))
def test_no_figure_changes_because_of_few_devices(seed: int, late: int) -> None:
    world, plan, counts = by_class_and_origin(seed, 200)
    first = protect(counts, plan)
    more: dict[Key, int] = {}
    chosen = next(iter(key for key in world.devices if ALL not in key and key[1] in ("north", "south")))
    for key, devices in world.devices.items():
        inside = all(k in (c, ALL, "home" if i else ALL) for i, (k, c) in enumerate(zip(key, chosen, strict=True)))
        more[key] = devices + late * inside
    second = protect({"presence": [as_table(more, world.dimensions)]}, plan, previous=[first])
    before, after = (
        {tuple(list(row.values())[:2]): row["people"] for row in p.release.table("presence").rows.to_pylist()}
        for p in (first, second)
    )
    for key in after:
        if 0 < more[key] - world.devices[key] < 10:
            assert after[key] == before.get(key)
        if more[key] == world.devices[key]:
            assert key in before


def test_the_same_again_is_the_same() -> None:
    _, plan, counts = by_class_and_origin(11, 300)
    first = protect(counts, plan)
    second = protect(counts, plan, previous=[first])
    assert second.release.tables == first.release.tables
    assert protect(counts, plan).release == first.release


def test_records_are_kept_for_oneself(tmp_path: Path) -> None:
    first = release_of({"commuter": 44, "resident": 60, ALL: 104})
    write_record(first.records, tmp_path / "record")
    assert stat.S_IMODE((tmp_path / "record" / "presence.parquet").stat().st_mode) == 0o600
    again = Protected(first.release, read_record(tmp_path / "record"))
    assert people(release_of({"commuter": 48, "resident": 60, ALL: 108}, again)) == people(first)
    with pytest.raises(DisclosureError, match="no record of an earlier release"):
        read_record(tmp_path)
