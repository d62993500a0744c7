"""Any Parquet file as words, and those that unpack to far more than they are."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from allmende.formats.parquet_tables import reading
from allmende.formats.parquet_tables.reading import read_encoded
from allmende.formats.records import UnusableInput


def written(path: Path, table: pa.Table, **more: Any) -> Path:
    pq.write_table(table, path / "a.parquet", **more)
    return path / "a.parquet"


def words(path: Path) -> dict[str, list[str]]:
    names, codes, those = read_encoded(path)
    return {name: [word[at] for at in code] for name, code, word in zip(names, codes, those, strict=True)}


def test_columns_of_every_kind_become_words(tmp_path: Path) -> None:
    table = pa.table(
        {
            "a": ["x", "y", None, "x"],
            "n": [1.0, 2.5, None, float("nan")],
            "at": [datetime(2026, 6, 1, tzinfo=UTC)] * 4,
            "nested": [{"k": 1}] * 4,
            "nested.k": pa.array(["q", "q", "r", "q"]).dictionary_encode(),
            "long": pa.array(["z"] * 4, pa.large_string()),
        }
    )
    assert words(written(tmp_path, table, row_group_size=3)) == {
        "a": ["x", "y", "", "x"],
        "n": ["1", "2.5", "", ""],
        "at": ["2026-06-01T00:00:00+00:00"] * 4,
        "nested.k": ["q", "q", "r", "q"],
        "long": ["z"] * 4,
    }


def test_two_columns_of_one_name_and_no_rows(tmp_path: Path) -> None:
    twice = pa.Table.from_arrays([pa.array(["x"]), pa.array(["y"])], names=["d", "d"])
    assert read_encoded(written(tmp_path, twice))[2] == [["x"], ["y"]]
    assert words(written(tmp_path, pa.table({"a": pa.array([], pa.string())}))) == {"a": []}


def test_one_long_text_that_many_rows_name_is_not_written_out(tmp_path: Path) -> None:
    rows = pa.array(np.zeros(200_000, np.int32))
    table = pa.table({"v": pa.DictionaryArray.from_arrays(rows, pa.array(["z" * 100_000]))})
    path = written(tmp_path, table)
    assert path.stat().st_size < 20_000  # it would be 20 GB
    with pytest.raises(UnusableInput, match="“v” unpack to more than"):
        read_encoded(path)


def test_many_different_texts_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path, pa.table({"v": [f"{at:0100}" for at in range(1000)]}))
    assert len(read_encoded(path)[2][0]) == 1000
    monkeypatch.setattr(reading, "MOST_WORDS", 100_000)
    with pytest.raises(UnusableInput, match="“v” unpack"):
        read_encoded(path)


@pytest.mark.parametrize("limit", ["MOST_BYTES", "MOST_CELLS"])
def test_what_states_that_it_is_too_large_is_not_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    path = written(tmp_path, pa.table({f"c{at}": np.zeros(1000, np.int64) for at in range(20)}), use_dictionary=False)
    monkeypatch.setattr(reading, limit, 15_000)
    monkeypatch.setattr(pq.ParquetFile, "read_row_group", lambda *a, **k: pytest.fail("it was decoded"))
    with pytest.raises(UnusableInput, match="unpacks to more than"):
        read_encoded(path)


def test_texts_told_by_what_they_share_are_read_while_they_are_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = pa.table({"v": [f"{'p' * 1000}{at}" for at in range(2000)]})
    path = written(tmp_path, table, use_dictionary=False, column_encoding="DELTA_BYTE_ARRAY")
    assert words(path)["v"][7] == f"{'p' * 1000}7"
    monkeypatch.setattr(reading, "MOST_BYTES", 1_000_000)
    with pytest.raises(UnusableInput, match="unpacks to more than"):
        read_encoded(path)


def test_a_damaged_file_is_said_to_be(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and nothing more PAR1")
    with pytest.raises(UnusableInput, match="damaged"):
        read_encoded(tmp_path / "a.parquet")
