"""Tiny tables with a name: what would be given away, and that it is not."""

from __future__ import annotations

import pyarrow as pa
import pytest

from allmende.engines.flows.disclosure import (
    Dimension,
    Disclosure,
    DisclosureError,
    Plan,
    TablePlan,
    hierarchy,
    protect,
    with_totals,
)
from tests.engines.flows.disclosure.reader import ALL, Key, as_table, shown

CLASS = Dimension("visitor_class")
AREA = Dimension("cell", "areas", additive=False)
TIME = Dimension("hour", "times", additive=False)


def released(devices: dict[Key, int], *dimensions: Dimension, wanted: Disclosure | None = None) -> set[Key]:
    """What is shown of one table with the given devices; in it h… lie in d1 and c… in z1."""
    names = tuple(d.name for d in dimensions)
    trees = {
        "areas": hierarchy([(f"c{i}", "z1") for i in range(9)]),
        "times": hierarchy([(f"h{i}", "d1") for i in range(9)]),
    }
    plan = Plan((TablePlan("presence", tuple(dimensions)),), trees)
    release = protect({"presence": [as_table(devices, names)]}, plan, wanted).release
    return shown(release.table("presence").rows, names)


def test_figures_from_enough_devices_are_all_shown() -> None:
    """Nothing is small, nothing is left out."""
    devices = {("commuter",): 30, ("resident",): 40, (ALL,): 70}
    assert released(devices, CLASS) == set(devices)


def test_the_single_small_figure_in_a_row_gets_a_partner() -> None:
    """Total 100 minus 60 and 33 would be the 7 residents: the smaller of the others is left out, too."""
    devices = {("resident",): 7, ("commuter",): 33, ("same_day",): 60, (ALL,): 100}
    assert released(devices, CLASS) == {("same_day",), (ALL,)}


def test_what_small_figures_leave_together_is_not_small() -> None:
    """4 and 3 together are 7, which total minus parts would show: a third one joins them."""
    devices = {("resident",): 4, ("transit",): 3, ("commuter",): 33, ("same_day",): 60, (ALL,): 100}
    assert released(devices, CLASS) == {("same_day",), (ALL,)}


def test_small_figures_that_are_enough_together_need_no_partner() -> None:
    """8 and 9 are 17 together, and either may be from 0 to 17."""
    devices = {("resident",): 8, ("transit",): 9, ("commuter",): 33, (ALL,): 50}
    assert released(devices, CLASS) == {("commuter",), (ALL,)}


def test_a_total_with_one_part_hides_with_it() -> None:
    """All 9 in the cell are residents."""
    devices = {("resident",): 9, (ALL,): 9}
    assert released(devices, CLASS) == set()


def test_the_only_cell_with_visitors_is_its_municipality() -> None:
    """57 in the zone, 50 of them in one cell: zone minus cell would show that 7 were elsewhere."""
    assert released({("z1",): 57, ("c1",): 50, ("c2",): 8}, AREA) == {("z1",)}


def test_a_municipality_minus_its_cells_leaves_no_small_rest() -> None:
    """90 in the zone, 40 and 45 in two cells: at least 5 were in none of the cells shown."""
    assert released({("z1",): 90, ("c1",): 40, ("c2",): 45, ("c3",): 6}, AREA) == {("z1",), ("c2",)}


def test_cells_that_overlap_much_are_shown() -> None:
    """Most devices are in both cells: their sum says nothing about the zone."""
    devices = {("z1",): 70, ("c1",): 50, ("c2",): 48}
    assert released(devices, AREA) == set(devices)


def test_a_day_minus_its_busiest_hour_is_not_small() -> None:
    """120 on the day, 115 at nine: 5 came at another time."""
    assert released({("d1",): 120, ("h8",): 115, ("h1",): 20}, TIME) == {("d1",), ("h1",)}


def test_an_hour_is_not_set_against_a_month_past_a_day_that_is_left_out() -> None:
    """The day is left out, but its hour, 115 of the month's 120, would show that 5 came at another time."""
    trees = {"times": hierarchy([("h1", "d1"), ("h2", "d2"), ("d1", "m"), ("d2", "m")])}
    plan = Plan((TablePlan("presence", (TIME,)),), trees)
    devices = {("m",): 120, ("d1",): 117, ("h1",): 115, ("d2",): 4, ("h2",): 4}
    kept = shown(protect({"presence": [as_table(devices, ("hour",))]}, plan).release.table("presence").rows, ("hour",))
    assert kept == {("m",)}


def test_two_tables_are_not_set_against_each_other() -> None:
    """By class nothing is small; by origin 6 are: the total they share must not show them."""
    plan = Plan(
        (
            TablePlan("by_class", (Dimension("cell"), CLASS)),
            TablePlan("by_origin", (Dimension("cell"), Dimension("origin"))),
        )
    )
    counts = {
        "by_class": [
            as_table({("c1", "resident"): 30, ("c1", "commuter"): 26, ("c1", ALL): 56}, ("cell", "visitor_class"))
        ],
        "by_origin": [as_table({("c1", "north"): 50, ("c1", "south"): 6}, ("cell", "origin"))],
    }
    release = protect(counts, plan).release
    by_class = shown(release.table("by_class").rows, ("cell", "visitor_class"))
    by_origin = shown(release.table("by_origin").rows, ("cell", "origin"))
    assert not (("c1", ALL) in by_class and ("c1", "north") in by_origin)
    assert not ({("c1", "resident"), ("c1", "commuter")} <= by_class and ("c1", "north") in by_origin)


def test_parts_that_are_not_given_are_a_part_all_the_same() -> None:
    """30 of the 36 are told by class; the 6 that are not would follow from the total."""
    assert len(released({("commuter",): 30, (ALL,): 36}, CLASS)) < 2


def test_zones_that_overlap_share_their_cells() -> None:
    """c2 lies in both zones; neither zone minus its other cell may show the few of the third."""
    trees = {"areas": hierarchy([("c1", "za"), ("c2", "za"), ("c2", "zb"), ("c3", "zb")])}
    plan = Plan((TablePlan("presence", (Dimension("cell", "areas", additive=False),)),), trees)
    devices = {("za",): 60, ("zb",): 34, ("c1",): 35, ("c2",): 30, ("c3",): 5}
    kept = shown(protect({"presence": [as_table(devices, ("cell",))]}, plan).release.table("presence").rows, ("cell",))
    assert ("c3",) not in kept
    assert not {("zb",), ("c2",)} <= kept  # 34 - 30 = 4 were in c3 alone


def test_one_device_that_stands_for_most_people_is_not_shown() -> None:
    """12 devices, but one of them weighs 50 people and the others one each."""
    rows = pa.table(
        {
            "cell": ["c1", "c2"],
            "devices": [12, 12],
            "people_milli": [61_000, 12_000],
            "people_milli2": [50_000**2 + 11 * 1000**2, 12 * 1000**2],
        }
    )
    release = protect({"presence": [rows]}, Plan((TablePlan("presence", (Dimension("cell"),)),))).release
    assert release.table("presence").rows["cell"].to_pylist() == ["c2"]


def test_one_origin_that_dominates_hides_the_total_if_asked() -> None:
    """95 of 107 from one place: with a limit of 85 percent the total is not shown."""
    devices = {("north",): 95, ("south",): 12, (ALL,): 107}
    origin = Dimension("origin")
    assert (ALL,) in released(devices, origin)
    assert (ALL,) not in released(devices, origin, wanted=Disclosure(dominance={"origin": 0.85}))


def test_an_empty_figure_looks_like_one_that_is_left_out() -> None:
    """Rows of no devices change nothing in the release."""
    devices = {("resident",): 30, ("commuter",): 40, (ALL,): 70}
    assert released({**devices, ("transit",): 0}, CLASS) == released(devices, CLASS)


def test_people_are_rounded_so_that_one_device_does_not_show() -> None:
    """One device stands for 13.7 people: figures are multiples of 15."""
    rows = pa.table({"cell": ["c1", "c2"], "devices": [20, 31], "people_milli": [20 * 13_700, 31 * 13_700]})
    plan = Plan((TablePlan("presence", (Dimension("cell"),)),))
    release = protect({"presence": [rows]}, plan).release
    assert release.protection["base"] == 15
    assert release.table("presence").rows["people"].to_pylist() == [270, 420]
    with pytest.raises(DisclosureError, match="one device stands for up to"):
        protect({"presence": [rows]}, plan, Disclosure(people_base=10))


def test_numbers_are_written_as_words() -> None:
    rows = pa.table(
        {
            "hour": pa.array([494_000], pa.int64()),
            "visitor_class": pa.array([4], pa.int8()),
            "devices": [20],
            "people_milli": [20_000],
        }
    )
    plan = Plan((TablePlan("presence", (Dimension("hour", words="hour"), Dimension("visitor_class", words="class"))),))
    out = protect({"presence": with_totals(rows, "visitor_class")}, plan).release.table("presence").rows
    assert sorted(out.to_pylist(), key=str) == [
        {"hour": "2026-05-10T08Z", "visitor_class": "*", "people": 20},
        {"hour": "2026-05-10T08Z", "visitor_class": "inbound_same_day", "people": 20},
    ]


def test_totals_are_sums_over_each_set_of_dimensions() -> None:
    rows = pa.table({"a": ["x", "x", "y"], "b": ["p", "q", "p"], "devices": [1, 2, 3], "people_milli": [1, 2, 3]})
    levels = with_totals(rows, "a", "b")
    assert [sorted(level["devices"].to_pylist()) for level in levels] == [[1, 2, 3], [2, 4], [3, 3], [6]]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"threshold": 4}, "fewer than 5 devices are never released"),
        ({"interval": 9}, "tighter than the threshold"),
        ({"method": "hope"}, "must be one of"),
        ({"people_base": 0}, "1 or more"),
        ({"device_dominance": 0}, "share above 0"),
        ({"dominance": {"origin": 1.5}}, r"dominance\[origin\]"),
        ({"noise_bound": 10}, "below the threshold"),
        ({"noise_variance": 9.0}, "at most 4"),
    ],
)
def test_parameters_that_cannot_be_name_the_remedy(change: dict[str, object], message: str) -> None:
    with pytest.raises(DisclosureError, match=message):
        Disclosure(**change)  # type: ignore[arg-type]


def test_counts_that_cannot_be_name_the_remedy() -> None:
    plan = Plan((TablePlan("presence", (CLASS,)),))
    with pytest.raises(DisclosureError, match="no counts are given"):
        protect({}, plan)
    with pytest.raises(DisclosureError, match="not in the plan"):
        protect({"od": []}, plan)
    with pytest.raises(DisclosureError, match="additive=False"):
        protect({"presence": [as_table({("resident",): 30, ("commuter",): 30, (ALL,): 40}, ("visitor_class",))]}, plan)
    with pytest.raises(DisclosureError, match="given twice with different numbers"):
        protect({"presence": [as_table({("resident",): n}, ("visitor_class",)) for n in (20, 30)]}, plan)
    twice = pa.concat_tables([as_table({("resident",): 20}, ("visitor_class",))] * 2)
    with pytest.raises(DisclosureError, match="several rows for one figure"):
        protect({"presence": [twice]}, plan)
    with pytest.raises(DisclosureError, match="no column people_milli"):
        protect({"presence": [pa.table({"visitor_class": ["resident"], "devices": [20]})]}, plan)
    with pytest.raises(DisclosureError, match="no hierarchy 'areas'"):
        protect({"presence": [as_table({("c1",): 20}, ("cell",))]}, Plan((TablePlan("presence", (AREA,)),)))
    with pytest.raises(DisclosureError, match="lies in itself"):
        released_in_a_circle()


def released_in_a_circle() -> None:
    trees = {"areas": hierarchy([("a", "b"), ("b", "a")])}
    protect({"presence": [as_table({("a",): 20}, ("cell",))]}, Plan((TablePlan("presence", (AREA,)),), trees))
