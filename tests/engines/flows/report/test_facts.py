"""What is read from released tables, in each way that they may be written."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pyarrow as pa
import pytest

from allmende.engines.flows.release import Release, ReleasedTable
from allmende.engines.flows.report import RunSummary, Uncertainty
from allmende.engines.flows.report.facts import Facts, cell_of, facts, interval
from allmende.engines.flows.report.tabular import DAY, HOUR, LONGER, read_rows

DAY_1 = date(2026, 7, 4)
NAMES = ("area", "level", "hour", "visitor_class", "origin", "people")


def table(rows: list[tuple[object, ...]], names: tuple[str, ...] = NAMES, name: str = "presence") -> ReleasedTable:
    columns = {key: list(values) for key, values in zip(names, zip(*rows, strict=True), strict=True)}
    return ReleasedTable(name, pa.table(columns), names[:-1])


def told(*tables: ReleasedTable, summary: RunSummary | None = None) -> Facts:
    return facts(Release(tables), summary or RunSummary())


# --- periods


@pytest.mark.parametrize(
    ("name", "value", "kind", "local"),
    [
        ("hour", "2026-07-04T13", HOUR, "2026-07-04 13"),
        ("hour", "2026-07-04", DAY, "2026-07-04 00"),
        ("day", DAY_1, DAY, "2026-07-04 00"),
        ("period", (DAY_1 - date(1970, 1, 1)).days, DAY, "2026-07-04 00"),
        ("hour", int(datetime.fromisoformat("2026-07-04T11:00+00:00").timestamp()) // 3600, HOUR, "2026-07-04 13"),
        ("hour", datetime.fromisoformat("2026-07-04T11:00+00:00"), HOUR, "2026-07-04 13"),
        ("hour", datetime(2026, 7, 4, 13), HOUR, "2026-07-04 13"),
    ],
)
def test_a_period_may_be_written_in_many_ways(name: str, value: object, kind: int, local: str) -> None:
    rows = read_rows(table([(value, 5)], (name, "people")), "Europe/Copenhagen")
    assert rows.grain.tolist() == [kind]
    assert datetime(1970, 1, 1) + timedelta(hours=int(rows.when[0])) == datetime.fromisoformat(f"{local}:00")


@pytest.mark.parametrize("value", ["*", "2026-07", "2026-W27"])
def test_a_longer_period_is_known_as_one(value: str) -> None:
    assert read_rows(table([(value, 5)], ("day", "people")), "UTC").grain.tolist() == [LONGER]


def test_an_hour_beside_a_day_is_an_hour_of_that_day() -> None:
    rows = read_rows(table([("2026-07-04", "13", 5), ("2026-07-04", "*", 9)], ("day", "hour", "people")), "UTC")
    assert rows.grain.tolist() == [HOUR, DAY]
    rows = read_rows(table([(DAY_1, 13, 5)], ("day", "hour", "people")), "UTC")
    assert rows.grain.tolist() == [HOUR]
    assert rows.when.tolist() == [(DAY_1 - date(1970, 1, 1)).days * 24 + 13]


# --- totals


def test_totals_are_read_where_there_are_some_and_added_up_where_not() -> None:
    with_total = told(
        table([("*", "region", "2026-07-04", "*", "*", 100), ("*", "region", "2026-07-04", "resident", "*", 55)])
    )
    assert {day: figure.people for day, figure in with_total.days.items()} == {DAY_1: 100}
    assert not with_total.added_up
    parts = told(table([("A", "zone", "2026-07-04", "*", "*", 60), ("B", "zone", "2026-07-04", "*", "*", 55)]))
    assert parts.days[DAY_1].people == 115
    assert parts.added_up


def test_without_totals_per_day_a_day_is_its_busiest_hour() -> None:
    found = told(
        table(
            [
                ("*", "region", f"2026-07-04T{hour:02d}", "*", "*", people)
                for hour, people in ((3, 20), (14, 80), (15, 70))
            ]
        )
    )
    assert found.days_are_peaks
    assert found.days[DAY_1].people == 80


def test_hours_are_means_and_what_is_not_shown_counts_as_nobody() -> None:
    rows = [("*", "region", f"{day}T14", "*", "*", 80) for day in ("2026-07-04", "2026-07-11")]
    rows += [("*", "region", "2026-07-04T03", "*", "*", 30)]  # hidden a week later
    found = told(table(rows))
    assert found.hours[5][14] == 80
    assert found.hours[5][3] == 15
    assert found.hours[5][4] is None
    assert found.hours[0][14] is None


def test_a_day_that_is_there_in_part_does_not_lower_the_others() -> None:
    # the last hour of a Saturday, and the next Saturday up to the afternoon
    found = told(table([("*", "region", f"2026-07-{at}", "*", "*", 80) for at in ("04T23", "11T14")]))
    assert found.hours[5][14] == 80


def test_classes_and_origins_are_means_over_the_days() -> None:
    rows = [
        (area, "region", day, name, origin, people)
        for area, day, name, origin, people in (
            ("*", "2026-07-04", "resident", "*", 60),
            ("*", "2026-07-06", "resident", "*", 50),
            ("*", "2026-07-04", "inbound_overnight", "*", 30),
            ("*", "2026-07-06", "inbound_overnight", "*", 10),
            ("*", "2026-07-04", "*", "1000262", 20),
            ("*", "2026-07-06", "*", "1000262", 10),
        )
    ]
    found = told(table(rows))
    assert found.classes[-1] == {"resident": 55, "inbound_overnight": 20}
    assert found.classes[5] == {"resident": 60, "inbound_overnight": 30}
    assert {name: figure.people for name, figure in found.origins.items()} == {"1000262": 15}
    assert found.inbound == 1
    assert found.overnight is not None
    assert found.overnight.people == 20


# --- places


def test_cells_are_means_over_all_periods_and_sorted_from_zones() -> None:
    cell = "CRS3035RES1000mN3000000E4300000"
    rows = [(cell, "cell_1km", "2026-07-04", "*", "*", 60), ("Z1", "municipality", "2026-07-04", "*", "*", 90)]
    rows += [("CRS3035RES1000mN3001000E4300000", "cell_1km", day, "*", "*", 40) for day in ("2026-07-04", "2026-07-05")]
    found = told(table(rows))
    assert found.grid is not None
    assert dict(zip(found.grid.codes, found.grid.people, strict=True)) == {cell: 30, rows[-1][0]: 40}
    assert found.grid.corners[0] == (4_300_000, 3_000_000)
    assert found.areas == {"Z1": 90}


def test_days_in_a_table_with_hours_of_the_whole_do_not_hide_the_zones() -> None:
    rows = [("*", "region", "2026-07-04T14", "*", "*", 100), ("Z1", "municipality", "2026-07-04", "*", "*", 90)]
    assert told(table(rows)).areas == {"Z1": 90}


@pytest.mark.parametrize(
    ("code", "level", "cell"),
    [
        ("CRS3035RES100mN3600900E4480100", "", (100, 4480100, 3600900)),
        ("448003600", "cell", (1000, 4480000, 3600000)),
        ("448003600", "municipality", None),
        ("0180", "municipality", None),
    ],
)
def test_a_cell_is_known_by_its_code(code: str, level: str, cell: tuple[int, float, float] | None) -> None:
    assert cell_of(code, level) == cell


def test_moves_are_added_up_over_periods_and_those_within_an_area_are_apart() -> None:
    rows = [
        (20_000, "A", "B", "*", 50),
        (20_007, "A", "B", "*", 40),
        (20_000, "A", "A", "*", 70),
        (20_000, "B", "A", "*", 95),
    ]
    found = told(table(rows, ("period", "o", "d", "visitor_class", "people"), "od"))
    assert [(move.origin, move.destination, move.people) for move in found.moves] == [("B", "A", 95), ("A", "B", 90)]
    assert found.moves_within == 70


# --- how sure


def test_an_interval_needs_what_the_expansion_knew() -> None:
    assert interval(500, RunSummary()).low is None
    figure = interval(500, RunSummary(uncertainty=Uncertainty(5.0)))
    assert figure.low is not None
    assert figure.high is not None
    # 100 devices of weight 5: 500 ± 1.96 x sqrt(2,000), a little to the right.
    assert (figure.low, figure.high) == (pytest.approx(420, abs=1), pytest.approx(595.5, abs=1))


def test_an_empty_release_tells_nothing_and_breaks_nothing() -> None:
    found = told()
    assert (found.first, found.days, found.grid, found.moves, found.hours) == (None, {}, None, (), ())
