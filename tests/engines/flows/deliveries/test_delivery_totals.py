"""Parts and totals: sums are intervals, and what a total gives away is said."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allmende.engines.flows.deliveries import Delivery, Schema, check_parts, check_totals, declared, read_delivery

SAMPLE = Path(__file__).parent / "data" / "mitms_od_sample.csv.gz"
PRESENCE = replace(declared()["presence"], absent="zero", rounding=0.0)


def deliver(folder: Path, figures: dict[str, str], schema: Schema = PRESENCE, name: str = "d.csv") -> Delivery:
    rows = "".join(f"2026-07-01,A,{word},{figure}\n" for word, figure in figures.items())
    (folder / name).write_text("day,area,visitor_class,people\n" + rows)
    return read_delivery(folder / name, schema)


def test_parts_that_add_up_are_fine(tmp_path: Path) -> None:
    found = check_totals(deliver(tmp_path, {"resident": "70", "transit": "30", "*": "100"}), "visitor_class", "*")
    assert (found.checked, found.violations, found.narrowed.num_rows, found.revealed) == (1, (), 0, 0)


@pytest.mark.parametrize("total", ["99", "101", "<5"])
def test_parts_that_exclude_their_total_are_named(tmp_path: Path, total: str) -> None:
    found = check_totals(deliver(tmp_path, {"resident": "70", "transit": "30", "*": total}), "visitor_class", "*")
    assert [(v.table, v.column, v.rows) for v in found.violations] == [("presence", "visitor_class", (2,))]


def test_rounding_and_rows_that_may_be_missing_are_allowed_for(tmp_path: Path) -> None:
    figures = {"resident": "70", "transit": "30", "*": "101"}
    assert not check_totals(
        deliver(tmp_path, figures, replace(PRESENCE, rounding=0.5)), "visitor_class", "*"
    ).violations
    assert not check_totals(
        deliver(tmp_path, figures, replace(PRESENCE, absent="suppressed")), "visitor_class", "*"
    ).violations
    figures["*"] = "90"  # more parts than total cannot be
    assert check_totals(
        deliver(tmp_path, figures, replace(PRESENCE, absent="unknown")), "visitor_class", "*"
    ).violations


def test_one_part_held_back_beside_its_total_is_given_away(tmp_path: Path) -> None:
    found = check_totals(deliver(tmp_path, {"resident": "70", "transit": "<5", "*": "73"}), "visitor_class", "*")
    assert found.violations == ()
    assert found.narrowed.to_pydict() == {"row": [1], "low": [pytest.approx(3)], "high": [pytest.approx(3)]}
    assert found.revealed == 1


def test_two_parts_held_back_are_narrowed(tmp_path: Path) -> None:
    figures = {"resident": "70", "transit": "<5", "commuter": "*", "*": "73"}
    found = check_totals(deliver(tmp_path, figures), "visitor_class", "*")
    assert found.revealed == 0
    assert found.narrowed["row"].to_pylist() == [1, 2]
    assert found.narrowed["high"].to_pylist() == [pytest.approx(3), pytest.approx(3)]


def test_hours_against_their_day(tmp_path: Path) -> None:
    day = deliver(tmp_path, {"resident": "70", "*": "100"}, name="day.csv")
    (tmp_path / "hours.csv").write_text(
        "day,hour,area,visitor_class,people\n" + "".join(f"2026-07-01,{h},A,resident,{35}\n" for h in (9, 10))
    )
    hours = read_delivery(tmp_path / "hours.csv", PRESENCE)
    assert check_parts(hours, day, ["day", "area", "visitor_class"]).checked == 1
    assert not check_parts(hours, day, ["day", "area", "visitor_class"]).violations
    wrong = check_parts(hours, deliver(tmp_path, {"resident": "60"}), ["day", "area", "visitor_class"])
    assert wrong.violations[0].rows == (0,)


def test_a_column_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyError, match="no column sex; there are day, area, visitor_class"):
        check_totals(deliver(tmp_path, {"resident": "70"}), "sex", "*")


def test_the_real_sample_adds_up_to_itself() -> None:
    sample = read_delivery(SAMPLE, declared()["mitms_od"])
    found = check_parts(sample, sample, ["origin", "destination"])
    assert found.checked == len({(r["origin"], r["destination"]) for r in sample.table.to_pylist()})
    assert found.violations == ()
    halved = replace(sample, table=sample.table.slice(0, 50), rows=sample.rows[:50])
    assert check_parts(sample, halved, ["day"]).violations


@settings(max_examples=60, deadline=None)
@given(truth=st.lists(st.integers(0, 12), min_size=1, max_size=6), hidden_total=st.booleans())
def test_the_truth_always_lies_within_the_narrowed_intervals(
    tmp_path_factory: pytest.TempPathFactory, truth: list[int], hidden_total: bool
) -> None:
    words = ["resident", "commuter", "domestic_same_day", "domestic_overnight", "inbound_same_day", "transit"]
    figures = {word: "<5" if value <= 5 else str(value) for word, value in zip(words, truth, strict=False)}
    figures["*"] = "*" if hidden_total else str(sum(truth))
    found = check_totals(deliver(tmp_path_factory.mktemp("t"), figures), "visitor_class", "*")
    assert found.violations == ()
    for row in found.narrowed.to_pylist():
        assert row["low"] - 1e-5 <= truth[row["row"]] <= row["high"] + 1e-5
        assert not math.isinf(row["high"])
    alone = sum(value <= 5 for value in truth) == 1 and not hidden_total
    assert found.revealed >= alone
