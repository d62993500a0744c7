"""Deliveries: good rows beside bad ones, figures held back as intervals, local hours in UTC."""

from __future__ import annotations

import gzip
import math
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allmende.engines.flows.deliveries import Delivery, DeliveryError, Schema, declared, read_delivery, write_delivery

SAMPLE = Path(__file__).parent / "data" / "mitms_od_sample.csv.gz"
KNOWN = declared()
PRESENCE = KNOWN["presence"]


def deliver(tmp_path: Path, text: str, schema: Schema = PRESENCE, **more: Any) -> Delivery:
    path = tmp_path / "delivery.csv"
    path.write_text(text, "utf-8")
    return read_delivery(path, schema, **more)


def test_the_real_sample_of_the_spanish_ministry_is_read_whole() -> None:
    found = read_delivery(SAMPLE, KNOWN["mitms_od"])
    assert found.violations == ()
    assert found.delivered == found.table.num_rows == 100
    first = found.table.slice(0, 1).to_pylist()[0]
    assert (first["day"], first["hour"], first["origin"], first["trips"]) == (date(2022, 2, 1), 18, "01001", 6.329)
    assert first["hour_utc"] == (date(2022, 2, 1) - date(1970, 1, 1)).days * 24 + 17  # Madrid is an hour ahead
    assert first["activity_origin"] == "frequent_activity"
    assert first["age"] is None
    assert not found.suppressed("trips").any()


def test_the_ministry_s_own_column_names_and_words_mean_the_same(tmp_path: Path) -> None:
    head = (
        "fecha|periodo|origen|destino|distancia|actividad_origen|actividad_destino|estudio_origen_posible|"
        "estudio_destino_posible|residencia|renta|edad|sexo|viajes|viajes_km\n"
    )
    row = "20220201|18|01001|01001|2-10|frecuente|casa|no|no|01|10-15|NA|NA|6.329|14.935\n"
    found = deliver(tmp_path, head + row, KNOWN["mitms_od"])
    assert found.violations == ()
    assert found.table.equals(read_delivery(SAMPLE, KNOWN["mitms_od"]).table.slice(0, 1))


def test_a_figure_held_back_is_an_interval_and_never_zero(tmp_path: Path) -> None:
    found = deliver(tmp_path, "day,area,people\n2026-07-01,A,12\n2026-07-01,B,<5\n2026-07-01,C,\n2026-07-01,D,-1\n")
    assert found.violations == ()
    assert found.table["people"].to_pylist() == [12, None, None, None]
    low, high = found.bounds("people")
    assert low.tolist() == [12, 0, 0, 0]
    assert high.tolist() == [12, 5, math.inf, math.inf]
    assert found.suppressed("people").tolist() == [False, True, True, True]


def test_good_rows_stay_beside_bad_ones(tmp_path: Path) -> None:
    text = (
        "day,hour,area,visitor_class,people\n"
        "2026-07-01,10,A,resident,100\n"
        "01.07.2026,10,A,transit,100\n"
        "2026-07-01,24,A,transit,100\n"
        "2026-07-01,11,X,transit,100\n"
        "2026-07-01,11,A\n"
        "2026-07-01,11,A,visitor,100\n"
        "2026-07-01,11,A,transit,about 100\n"
        "2026-07-01,11,A,transit,-7\n"
        "2026-07-01,10,A,resident,101\n"
        "2026-07-01,12,B,*,nan\n"
        "2026-07-01,12,B,*,1e3\n"
    )
    found = deliver(tmp_path, text, areas=["A", "B"])
    assert found.delivered == 11
    assert found.rows.tolist() == [0, 10]
    assert found.table["people"].to_pylist() == [100, 1000]
    said = [(violation.column, violation.rows) for violation in found.violations]
    assert said == [("*", (4,)), ("day", (1,)), ("hour", (2,)), ("area", (3,)), ("visitor_class", (5,)), ("people", (6, 7, 9)), ("*", (8,))]  # fmt: skip
    texts = "\n".join(map(str, found.violations))
    assert "'01.07.2026'" in texts
    assert "leading zeros" in texts
    assert "'about 100'" in texts


def test_hours_of_the_nights_when_clocks_change(tmp_path: Path) -> None:
    schema = replace(PRESENCE, timezone="Europe/Madrid")
    text = "day,hour,area,people\n2026-03-29,1,A,9\n2026-03-29,2,A,9\n2026-03-29,3,A,9\n2026-10-25,2,A,9\n2026-10-25,3,A,9\n"
    found = deliver(tmp_path, text, schema)
    spring, autumn = ((date(2026, month, day) - date(1970, 1, 1)).days * 24 for month, day in ((3, 29), (10, 25)))
    assert found.table["hour_utc"].to_pylist() == [spring, spring + 1, autumn, autumn + 2]
    said = [(violation.problem, violation.rows) for violation in found.violations]
    assert said == [
        ("the hour does not exist in Europe/Madrid", (1,)),
        ("the hour is there twice in Europe/Madrid (clocks go back)", (3,)),
    ]


def test_a_decimal_comma_is_declared(tmp_path: Path) -> None:
    found = deliver(tmp_path, "day;area;people\n2026-07-01;A;12,5\n", replace(PRESENCE, decimal=","))
    assert found.table["people"].to_pylist() == [12.5]
    assert deliver(tmp_path, "day;area;people\n2026-07-01;A;12,5\n").violations[0].column == "people"


def test_parquet_with_numbers_is_read_like_csv(tmp_path: Path) -> None:
    table = pa.table(
        {
            "day": pa.array([date(2026, 7, 1)] * 4, pa.date32()),
            "hour": pa.array([1, 2, 3, 4], pa.int16()),
            "area": ["A"] * 4,
            "people": [10.0, -1.0, None, -3.0],
        }
    )
    pq.write_table(table, tmp_path / "delivery.parquet")
    found = read_delivery(tmp_path / "delivery.parquet", PRESENCE)
    assert found.table["people"].to_pylist() == [10, None, None]
    assert [(violation.column, violation.rows) for violation in found.violations] == [("people", (3,))]


def test_a_missing_column_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    found = deliver(tmp_path, "area,people\nA,5\n")
    assert [str(violation) for violation in found.violations] == [
        "presence.day: the column is missing. Deliver it (day)."
    ]
    assert found.table["people"].to_pylist() == [5]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"\x00\x01\x02",
        b"a,b\n1,2\n",
        b"day,area\n2026-07-01,A\n",
        b"people,people\n1,2\n",
        b"day,area,people\n2026-07-01,\xff\xfe,3\n",
        gzip.compress(b"day,area,people\n", mtime=0)[:10],
    ],
)
@pytest.mark.parametrize("name", ["x.csv", "x.csv.gz", "x.parquet"])
def test_garbage_is_refused_with_the_name_of_the_file(tmp_path: Path, content: bytes, name: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DeliveryError, match=name.replace(".", r"\.")):
        read_delivery(tmp_path / name, PRESENCE)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DeliveryError, match="cannot be read"):
        read_delivery(tmp_path / "none.csv", PRESENCE)


def test_no_rows_are_an_empty_delivery(tmp_path: Path) -> None:
    found = deliver(tmp_path, "day,hour,area,people\n")
    assert (found.table.num_rows, found.delivered, found.violations) == (0, 0, ())


entries = st.tuples(
    st.dates(date(2000, 1, 1), date(2035, 12, 31)),
    st.sampled_from(["A", "B", "01001", 'Saint "X", Y', "*"]),
    st.sampled_from(["resident", "transit", "*", None]),
    st.floats(0, 1e9) | st.integers(0, 10**6) | st.sampled_from(["<5", "<10", "*"]),
)


@settings(max_examples=50, deadline=None)
@given(rows=st.lists(entries, min_size=1, max_size=30, unique_by=lambda entry: entry[:3]))
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, rows: list[Any]) -> None:
    folder = tmp_path_factory.mktemp("again")
    columns = {
        name: list(values)
        for name, values in zip(("day", "area", "visitor_class", "people"), zip(*rows, strict=True), strict=True)
    }
    columns["people"] = [str(value) for value in columns["people"]]
    pq.write_table(pa.table(columns), folder / "first.parquet")
    first = read_delivery(folder / "first.parquet", PRESENCE)
    assert first.violations == ()
    assert first.table.num_rows == len(rows)
    write_delivery(first, folder / "second.csv")
    second = read_delivery(folder / "second.csv", PRESENCE)
    assert second.violations == ()
    assert second.table.equals(first.table)
    assert np.isin(second.bounds("people")[1][second.suppressed("people")], [5, 10, math.inf]).all()


def test_an_interval_without_a_marker_is_not_written(tmp_path: Path) -> None:
    found = deliver(tmp_path, "day,area,people\n2026-07-01,A,<5\n")
    with pytest.raises(ValueError, match="no marker stands for 0 to 5"):
        write_delivery(replace(found, schema=replace(PRESENCE, suppressed=())), tmp_path / "x.csv")


@settings(max_examples=80, deadline=None)
@given(text=st.text(st.sampled_from('ab1",;|\n\t<*-é\0 '), max_size=60))
def test_no_text_breaks_the_reader(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder = tmp_path_factory.mktemp("text")
    try:
        found = deliver(folder, "day,area,people\n2026-07-01,A,5\n" + text)
    except DeliveryError as error:
        assert "delivery.csv" in str(error)  # noqa: PT017  # both ways out are right
    else:
        assert found.table.num_rows <= found.delivered
