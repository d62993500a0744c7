"""From a file to figures: shapes, times, nights on which clocks change, held back figures, what cannot be right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from allmende.insight import store
from allmende.insight.bridges.tables import read_columns
from allmende.insight.deliveries.checks import mark_doubtful, say_gaps
from allmende.insight.deliveries.figures import Understood, known_words, understand
from allmende.insight.deliveries.matching import Match, faults_of, propose
from allmende.insight.deliveries.problems import Problems
from allmende.insight.deliveries.values import KnownSite, SeriesFigures, SeriesKey
from allmende.insight.deliveries.words import TimeKind, decimal_of, hours_of, times_of, values_of
from allmende.insight.values import Quality

SITES = [
    KnownSite(1, "strand", "Strand", "Europe/Berlin"),
    KnownSite(2, "hafen", "Alter Hafen", "Europe/Berlin", "01001"),
]
HOUR = "%Y-%m-%d %H:%M"


def read(tmp_path: Path, text: str, **changes: Any) -> Understood:
    """A CSV file read with the proposed match, changed by hand."""
    path = tmp_path / "delivery.csv"
    path.write_text(text, "utf-8")
    columns = read_columns(path)
    names = {word: SITES[at].slug for word, at in known_words(SITES).items()}
    match = propose(columns, names, site=changes.pop("site", ""))
    match = Match(**{**match.as_json(), "suppressed": match.suppressed, **changes})
    assert faults_of(match, columns.headers, [site.slug for site in SITES]) == []
    return understand(columns, match, SITES)


def told(understood: Understood) -> dict[tuple[int, str], dict[str, tuple[float | None, str]]]:
    """Site and measure -> begin of the period -> figure and quality."""
    return {
        (one.key.site_id, one.key.measure): {
            store.begin_of(one.key.resolution, int(number)).strftime(HOUR): (
                None if np.isnan(figure) else float(figure),
                Quality(kind).name,
            )
            for number, figure, kind in zip(one.periods, one.figures, one.quality, strict=True)
        }
        for one in understood.series
    }


def codes(understood: Understood) -> dict[str, int]:
    return dict(understood.problems.counts)


# ---------------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("word", "kind", "begin"),
    [
        ("2026-06-01T14:15:00Z", TimeKind.UTC, "2026-06-01 14:15"),
        ("2026-06-01T14:15+02:00", TimeKind.UTC, "2026-06-01 12:15"),
        ("2026-06-01 14:15", TimeKind.LOCAL, "2026-06-01 14:15"),
        ("2026-06-01T12:00/2026-06-01T13:00", TimeKind.LOCAL, "2026-06-01 12:00"),
        ("2026-06-01T12:00Z/PT1H", TimeKind.UTC, "2026-06-01 12:00"),
        ("2026-06-01T24:00", TimeKind.LOCAL, "2026-06-02 00:00"),
        ("01.06.2026 14:15", TimeKind.LOCAL, "2026-06-01 14:15"),
        ("1/6/2026", TimeKind.DAY, "2026-06-01 00:00"),
        ("20260601", TimeKind.DAY, "2026-06-01 00:00"),
        ("2026-06", TimeKind.MONTH, "2026-06-01 00:00"),
        ("2026M06", TimeKind.MONTH, "2026-06-01 00:00"),
        ("06/2026", TimeKind.MONTH, "2026-06-01 00:00"),
        ("2026-02-30", TimeKind.BAD, ""),
        ("2026-06-01T25:00", TimeKind.BAD, ""),
        ("noon", TimeKind.BAD, ""),
    ],
)
def test_times_are_understood_as_people_and_machines_write_them(word: str, kind: TimeKind, begin: str) -> None:
    times = times_of([word])
    assert TimeKind(times.kinds[0]) == kind
    if begin:
        assert (datetime(1970, 1, 1) + timedelta(minutes=int(times.minutes[0]))).strftime(HOUR) == begin


def test_a_column_shows_that_its_month_is_first() -> None:
    assert (
        times_of(["06/25/2026", "06/05/2026"]).minutes.tolist()
        == times_of(["2026-06-25", "2026-06-05"]).minutes.tolist()
    )


def test_hours_from_one_to_24_are_those_that_begin_one_earlier() -> None:
    minutes, from_one = hours_of(["1", "13", "24"])
    assert (minutes.tolist(), from_one) == ([0, 720, 1380], True)
    minutes, from_one = hours_of(["0", "13-14", "07:15", "25"])
    assert (minutes.tolist(), from_one) == ([0, 780, 435, -1], False)


@pytest.mark.parametrize(
    ("words", "decimal", "figures"),
    [
        (["1.234,5", "7"], ",", [1234.5, 7]),
        (["1,234.5", "7"], ".", [1234.5, 7]),
        (["12,5"], ",", [12.5]),
        (["1,234"], ".", [1234]),
        (["1 234", "1'234", "1 234"], ".", [1234, 1234, 1234]),
    ],
)
def test_figures_are_understood_in_the_manner_of_their_country(
    words: list[str], decimal: str, figures: list[float]
) -> None:
    assert decimal_of(words) == decimal
    assert values_of(words, suppressed=()).figures.tolist() == figures


def test_a_figure_that_would_be_endless_is_none() -> None:
    values = values_of(["1e300", "9" * 60, "<" + "9" * 400, "1e3"], suppressed=())
    assert values.states.tolist() == [3, 3, 3, 0]
    assert values.below is None


def test_what_was_held_back_is_never_a_zero() -> None:
    values = values_of(["<10", "*", "-1", "", "0", "ten"], suppressed=["-1"])
    assert values.states.tolist() == [2, 2, 2, 1, 0, 3]
    assert values.below == 10
    assert values_of(["", "-1"], suppressed=[""]).states.tolist() == [2, 0]


# ---------------------------------------------------------------------- shapes


LONG = """Zählstelle;Zeit;Anzahl
Strand;2026-06-01 12:00;10
Strand;2026-06-01 13:00;<5
01001;2026-06-01 12:00;7
"""
EXPECTED = {
    (1, "presence"): {"2026-06-01 10:00": (10, "MEASURED"), "2026-06-01 11:00": (None, "SUPPRESSED")},
    (2, "presence"): {"2026-06-01 10:00": (7, "MEASURED")},
}


def test_a_long_table_with_local_times(tmp_path: Path) -> None:
    understood = read(tmp_path, LONG)
    assert told(understood) == EXPECTED
    assert (understood.read, understood.failed, understood.below) == (3, 0, 5)


def test_a_wide_table_with_one_column_for_each_site(tmp_path: Path) -> None:
    understood = read(tmp_path, "time,strand,Alter Hafen\n2026-06-01T12:00,10,7\n2026-06-01T13:00,<5,\n")
    assert told(understood) == EXPECTED
    assert understood.failed == 0  # an empty cell is no fault


def test_day_and_hour_in_two_columns(tmp_path: Path) -> None:
    text = "date,hour,site,count\n01.06.2026,12,strand,10\n01.06.2026,13,strand,<5\n01.06.2026,12,hafen,7\n"
    assert told(read(tmp_path, text)) == EXPECTED


def test_the_same_from_a_workbook_and_from_parquet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    rows = [("strand", 12, 10), ("strand", 13, "<5"), ("hafen", 12, 7), ("hafen", 0, 3)]
    book.active.append(["site", "time", "value"])
    for site, hour, value in rows:
        book.active.append([site, datetime(2026, 6, 1, hour), value])
    book.save(tmp_path / "t.xlsx")
    zone = ZoneInfo("Europe/Berlin")
    moments = pa.array(
        [datetime(2026, 6, 1, hour, tzinfo=zone) for _, hour, _ in rows], pa.timestamp("s", "Europe/Berlin")
    )
    table = {
        "site": pa.array([r[0] for r in rows]).dictionary_encode(),
        "time": moments,
        "value": [str(r[2]) for r in rows],
    }
    pq.write_table(pa.table(table), tmp_path / "t.parquet")
    expected = {**EXPECTED, (2, "presence"): {"2026-05-31 22:00": (3, "MEASURED"), "2026-06-01 10:00": (7, "MEASURED")}}
    for name in ("t.xlsx", "t.parquet"):
        columns = read_columns(tmp_path / name)
        match = propose(columns, {"strand": "strand", "hafen": "hafen"})
        assert told(understand(columns, match, SITES)) == expected, name


def test_months_of_accommodation_statistics(tmp_path: Path) -> None:
    text = (
        "Gemeinde;Monat;Indikator;Wert;Herkunft\n01001;2026-06;Übernachtungen;1.200;DE\n01001;2026-06;Ankünfte;300;DE\n"
    )
    understood = read(tmp_path, text, resolution="month")
    assert told(understood) == {
        (2, "nights"): {"2026-06-01 00:00": (1200, "MEASURED")},
        (2, "arrivals"): {"2026-06-01 00:00": (300, "MEASURED")},
    }
    assert {one.key.origin for one in understood.series} == {"DE"}


def test_tickets_by_day(tmp_path: Path) -> None:
    understood = read(tmp_path, "day,tickets\n2026-06-01,120\n2026-06-02,90\n", site="strand", measure="tickets")
    assert told(understood) == {
        (1, "tickets"): {"2026-06-01 00:00": (120, "MEASURED"), "2026-06-02 00:00": (90, "MEASURED")}
    }


def test_a_file_with_measures_and_classes_is_as_many_series(tmp_path: Path) -> None:
    text = "site,time,class,measure,value\nstrand,2026-06-01T12:00Z,resident,in,4\nstrand,2026-06-01T12:00Z,commuter,out,5\n"
    keys = {(one.key.visitor_class, one.key.measure) for one in read(tmp_path, text).series}
    assert keys == {("resident", "entries"), ("commuter", "exits")}


# ---------------------------------------------------------------------- quarter hours


QUARTERS = "time,count\n" + "".join(f"2026-06-01T{12 + n // 4}:{n % 4 * 15:02d}Z,{n}\n" for n in range(8) if n != 6)


def test_quarter_hours_are_added_up_and_an_hour_with_parts_missing_is_partial(tmp_path: Path) -> None:
    understood = read(tmp_path, QUARTERS, site="strand", measure="entries")
    assert told(understood)[1, "entries"] == {
        "2026-06-01 12:00": (0 + 1 + 2 + 3, "MEASURED"),
        "2026-06-01 13:00": (4 + 5 + 7, "PARTIAL"),
    }


def test_people_present_are_averaged_not_added(tmp_path: Path) -> None:
    assert told(read(tmp_path, QUARTERS, site="strand"))[1, "presence"]["2026-06-01 12:00"] == (1.5, "MEASURED")


def test_a_sum_with_a_part_that_was_held_back_is_not_known(tmp_path: Path) -> None:
    text = QUARTERS.replace("12:15Z,1", "12:15Z,<5")
    figures = told(read(tmp_path, text, site="strand", measure="entries"))[1, "entries"]
    assert figures["2026-06-01 12:00"] == (None, "SUPPRESSED")


# ---------------------------------------------------------------------- nights on which clocks change


def test_the_hour_that_clocks_leave_out_is_named(tmp_path: Path) -> None:
    text = "time,count\n2026-03-29 01:00,1\n2026-03-29 02:00,2\n2026-03-29 03:00,3\n"
    understood = read(tmp_path, text, site="strand")
    assert told(understood)[1, "presence"] == {"2026-03-29 00:00": (1, "MEASURED"), "2026-03-29 01:00": (3, "MEASURED")}
    assert (codes(understood), understood.failed) == ({"hour-skipped": 1}, 1)
    assert "Europe/Berlin" in understood.problems.found[0]["message"]
    assert understood.problems.found[0]["where"] == "row 3"


def test_the_hour_that_is_there_twice_keeps_both_in_their_order(tmp_path: Path) -> None:
    text = "time,count\n2026-10-25 01:00,1\n2026-10-25 02:00,2\n2026-10-25 02:00,22\n2026-10-25 03:00,3\n"
    understood = read(tmp_path, text, site="strand")
    assert told(understood)[1, "presence"] == {
        "2026-10-24 23:00": (1, "MEASURED"),
        "2026-10-25 00:00": (2, "MEASURED"),
        "2026-10-25 01:00": (22, "MEASURED"),
        "2026-10-25 02:00": (3, "MEASURED"),
    }
    assert (codes(understood), understood.failed) == ({"hour-twice": 2}, 0)


def test_the_hour_that_is_there_twice_but_told_once_is_said(tmp_path: Path) -> None:
    understood = read(tmp_path, "time,count\n2026-10-25 02:00,2\n2026-10-25 03:00,3\n", site="strand")
    assert list(told(understood)[1, "presence"]) == ["2026-10-25 00:00", "2026-10-25 02:00"]
    assert codes(understood) == {"hour-twice-once-told": 1}


def test_winter_time_all_year_has_no_such_nights(tmp_path: Path) -> None:
    text = "time,count\n2026-03-29 02:00,2\n2026-10-25 02:00,2\n"
    understood = read(tmp_path, text, site="strand", timezone="Etc/GMT-1")
    assert list(told(understood)[1, "presence"]) == ["2026-03-29 01:00", "2026-10-25 01:00"]
    assert codes(understood) == {}


# ---------------------------------------------------------------------- what is wrong


def test_equal_figures_twice_are_one_and_differing_ones_none(tmp_path: Path) -> None:
    text = (
        "site,time,count\nstrand,2026-06-01T12:00,5\nstrand,2026-06-01T12:00,5\n"
        "strand,2026-06-01T13:00,6\nstrand,2026-06-01T13:00,8\nstrand,2026-06-01T14:00,9\n"
    )
    understood = read(tmp_path, text)
    assert list(told(understood)[1, "presence"].values()) == [(5, "MEASURED"), (9, "MEASURED")]
    assert (understood.failed, understood.repeated) == (2, 1)
    [problem] = [one for one in understood.problems.found if one["code"] == "differs"]
    assert (problem["where"], problem["severity"]) == ("rows 4, 5", "error")
    assert "6 and 8" in problem["message"]


def test_bad_rows_are_named_and_good_ones_go_in_beside_them(tmp_path: Path) -> None:
    text = (
        "site,time,count\nstrand,2026-06-01T12:00,5\nMond,2026-06-01T12:00,5\nMond,2026-06-01T13:00,5\n"
        "strand,lunch,5\nstrand,2026-06-01T14:00,five\nstrand,2026-06-01T15:00,6\n"
    )
    understood = read(tmp_path, text)
    assert list(told(understood)[1, "presence"].values()) == [(5, "MEASURED"), (6, "MEASURED")]
    assert codes(understood) == {"unknown-site": 2, "bad-time": 1, "bad-figure": 1}
    assert (understood.failed, understood.unknown) == (4, {"Mond": 2})
    assert {one["where"] for one in understood.problems.found} == {"row 3", "row 5", "row 6"}
    assert all(one["remedy"] for one in understood.problems.found)


def test_an_unknown_place_is_mapped_or_left_out(tmp_path: Path) -> None:
    text = "site,time,count\nMond,2026-06-01T12:00,5\nMars,2026-06-01T12:00,6\n"
    understood = read(tmp_path, text, sites={"Mond": "hafen", "Mars": ""})
    assert told(understood) == {(2, "presence"): {"2026-06-01 10:00": (5, "MEASURED")}}
    assert (understood.unknown, codes(understood)) == ({}, {})


def test_match_faults_name_their_remedy() -> None:
    assert "No column says when" in " ".join(map(str, faults_of(Match(), [], [])))
    faults = faults_of(
        Match({"a": "time", "b": "time", "c": "value"}, site="mond", timezone="Mars/One"), ["a", "b"], []
    )
    assert len(faults) == 4


def series(figures: list[float], resolution: str = "hour") -> SeriesFigures:
    n = len(figures)
    return SeriesFigures(
        SeriesKey(1, "entries", "all", "", resolution),
        np.arange(n, dtype=np.int64),
        np.array(figures, "<f4"),
        np.full(n, Quality.MEASURED, np.uint8),
        np.arange(2, n + 2, dtype=np.int64),
    )


def test_what_cannot_be_right_is_marked_and_stays(tmp_path: Path) -> None:
    problems = Problems()
    figures = [float(n % 24 + 1) for n in range(240)]
    figures[5], figures[10] = -3.0, 999.0
    figures[100:115] = [17.0] * 15
    one = series(figures)
    assert mark_doubtful(one, "Strand", 900.0, problems) == 17
    assert one.figures.tolist() == figures
    assert np.flatnonzero(one.quality == Quality.DOUBTFUL).tolist() == [5, 10, *range(100, 115)]
    assert dict(problems.counts) == {"negative": 1, "above-plausible": 1, "frozen": 15}


def test_a_jump_is_doubtful_and_a_quiet_night_is_not() -> None:
    problems = Problems()
    one = series([0.0] * 100 + [float(n % 20 + 1) for n in range(300)] + [500.0])
    assert mark_doubtful(one, "Strand", None, problems) == 1
    assert dict(problems.counts) == {"jump": 1}


def test_gaps_are_said_with_their_begin() -> None:
    problems = Problems()
    one = series([1.0, 2.0, 3.0])
    one.periods[:] = [0, 1, 30]
    assert say_gaps(one, "Strand", problems) == 28
    assert "28 hours without a figure from 1970-01-01 02:00 UTC" in problems.found[0]["message"]


def test_a_million_rows_are_understood_by_arrays(tmp_path: Path) -> None:
    """Not a measurement: that the way through is not one by row, or this would take minutes."""
    hours = [(datetime(2025, 1, 1, tzinfo=UTC) + timedelta(hours=n)).strftime("%Y-%m-%dT%H:%MZ") for n in range(20_000)]
    path = tmp_path / "large.csv"
    path.write_text("site,time,count\n" + "".join(f"{s},{h},{len(h)}\n" for s in ("strand", "hafen") for h in hours))
    columns = read_columns(path)
    understood = understand(columns, propose(columns, {"strand": "strand", "hafen": "hafen"}), SITES)
    assert [len(one.periods) for one in understood.series] == [20_000, 20_000]
    assert understood.failed == 0
