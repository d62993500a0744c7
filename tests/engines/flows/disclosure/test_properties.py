"""What holds for any counts, as an independent reader with linear programs sees it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from allmende.engines.flows.disclosure import Counts, Disclosure, Plan, protect
from tests.engines.flows.disclosure.reader import World, findings, shown
from tests.engines.flows.disclosure.regions import by_cell_and_hour, by_class_and_origin

seeds = st.integers(0, 10**6)
sizes = st.sampled_from([15, 40, 80, 150, 300])


def judged(region: tuple[World, Plan, Counts], wanted: Disclosure | None = None) -> list[str]:
    world, plan, counts = region
    wanted = wanted or Disclosure()
    rows = protect(counts, plan, wanted).release.table("presence").rows
    return findings(world, shown(rows, world.dimensions), wanted.threshold, wanted.width)


@settings(max_examples=12, deadline=None)
@given(seed=seeds, devices=sizes)
def test_nothing_can_be_worked_out_of_classes_by_origins(seed: int, devices: int) -> None:
    assert judged(by_class_and_origin(seed, devices)) == []


@settings(max_examples=12, deadline=None)
@given(seed=seeds, devices=sizes)
def test_nothing_can_be_worked_out_of_cells_by_hours(seed: int, devices: int) -> None:
    assert judged(by_cell_and_hour(seed, devices, with_class=False)) == []


@settings(max_examples=2, deadline=None)
@given(seed=seeds, devices=sizes)
def test_nothing_can_be_worked_out_of_cells_by_hours_by_classes(seed: int, devices: int) -> None:
    assert judged(by_cell_and_hour(seed, devices)) == []


@settings(max_examples=6, deadline=None)
@given(seed=seeds, devices=sizes, interval=st.sampled_from([10, 15, 25]))
def test_wider_intervals_are_kept(seed: int, devices: int, interval: int) -> None:
    assert judged(by_class_and_origin(seed, devices), Disclosure(interval=interval)) == []


@settings(max_examples=6, deadline=None)
@given(seed=seeds)
def test_the_order_of_the_rows_does_not_matter(seed: int) -> None:
    _, plan, counts = by_class_and_origin(seed, 100)
    other = {
        name: [level.take(list(range(level.num_rows))[::-1]) for level in levels] for name, levels in counts.items()
    }
    assert protect(counts, plan).release == protect(other, plan).release


def test_the_reader_finds_what_is_planted() -> None:
    """The reader of these tests is no use if it finds nothing in a release that only drops small figures."""
    world, _, _ = by_class_and_origin(3, 80)
    naive = {key for key, devices in world.devices.items() if devices >= 10}
    assert findings(world, naive, 10) != []


def test_something_is_left_to_show() -> None:
    """With a thousand devices most figures that may be shown are shown."""
    world, plan, counts = by_cell_and_hour(1, 1000)
    rows = protect(counts, plan).release.table("presence").rows
    allowed = sum(devices >= 10 for devices in world.devices.values())
    assert rows.num_rows >= 0.7 * allowed
