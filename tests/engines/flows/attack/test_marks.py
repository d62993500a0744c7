"""What a folder gives away before anything is computed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from allmende.engines.flows.attack import attack
from allmende.engines.flows.release import Release, ReleasedTable, ReleaseError, write_release
from tests.engines.flows.attack.releases import PROTECTION, attacks_of, publish, table

ROWS = [("c1", 40), ("c2", 50), ("c3", 60)]


def test_an_unprotected_run_is_refused_and_its_device_files_are_named(tmp_path: Path) -> None:
    told = {b"note": b"unprotected: for evaluation only"}
    stays = pa.table({"device_id": [1, 2], "t0": [0, 0]}).replace_schema_metadata(told)
    presence = pa.table({"cell": [1], "h": [2], "n": [1]}).replace_schema_metadata(told)
    pq.write_table(stays, tmp_path / "stays.parquet")
    pq.write_table(presence, tmp_path / "presence.parquet")
    audit = attack([tmp_path])
    assert not audit.passed
    assert attacks_of(audit) == {"unprotected run"}
    assert {finding.place["file"]: finding.inferred for finding in audit.findings} == {
        "stays.parquet": "each row is one device",
        "presence.parquet": "figures that no protection went over",
    }


def test_a_release_that_says_it_is_not_protected_is_refused(tmp_path: Path) -> None:
    folder = publish(tmp_path / "r", table("presence", ["cell"], ROWS))
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"protected": False}))
    assert attacks_of(attack([folder])) == {"unprotected run"}


@pytest.mark.parametrize(
    "more",
    [
        {"devices": [10, 11, 12]},
        {"people_milli2": [10, 11, 12]},
        {"device_id": [1, 2, 3]},
        {"comment": ["a", "b", "c"]},
        {"token": [f"{number:032x}" for number in (2**127 - 1, 2**120 + 12345, 2**119 + 98765)]},
    ],
)
def test_columns_that_should_not_be_there_are_named(tmp_path: Path, more: dict[str, Any]) -> None:
    [finding] = attack([publish(tmp_path / "r", table("presence", ["cell"], ROWS, more=more))]).findings
    assert finding.attack == "columns that should not be there"
    assert finding.place == {"column": next(iter(more))}


def test_a_hash_among_the_dimensions_is_named(tmp_path: Path) -> None:
    hashes = np.random.default_rng(1).integers(2**60, 2**63 - 1, 40)
    rows = pa.table({"group": pa.array(hashes, pa.int64()), "people": pa.array(range(50, 90), pa.int64())})
    write_release(Release((ReleasedTable("presence", rows, ("group",)),), {}, PROTECTION), tmp_path / "r")
    assert attacks_of(attack([tmp_path / "r"])) == {"columns that should not be there"}


def test_grid_codes_are_no_hashes(tmp_path: Path) -> None:
    rows = [(f"CRS3035RES100mN{3_000_000 + 100 * number}E4000000", 50) for number in range(30)]
    assert attack([publish(tmp_path / "r", table("presence", ["cell"], rows))]).findings == ()


def test_rows_that_repeat_their_dimensions_are_parts_of_figures(tmp_path: Path) -> None:
    [finding] = attack([publish(tmp_path / "r", table("presence", ["cell"], [*ROWS, ("c3", 60)]))]).findings
    assert finding.place == {"rows": "repeated"}


def test_a_file_that_the_manifest_does_not_list_is_named(tmp_path: Path) -> None:
    folder = publish(tmp_path / "r", table("presence", ["cell"], ROWS))
    (folder / "debug.csv").write_text("x")
    [finding] = attack([folder]).findings
    assert finding.place == {"file": "debug.csv"}


@pytest.mark.parametrize("mark", [None, -1, 0])
def test_a_row_for_a_withheld_figure_marks_it(tmp_path: Path, mark: int | None) -> None:
    [finding] = attack([publish(tmp_path / "r", table("presence", ["cell"], [*ROWS, ("c4", mark)]))]).findings
    assert (finding.attack, finding.severity) == ("markers", "leak")


def test_a_column_that_says_withheld_marks_figures(tmp_path: Path) -> None:
    more = {"status": ["", "", "suppressed"]}
    [finding] = attack([publish(tmp_path / "r", table("presence", ["cell"], ROWS, more=more))]).findings
    assert (finding.attack, finding.place) == ("markers", {"column": "status"})


def test_people_as_text_can_mark(tmp_path: Path) -> None:
    rows = pa.table({"cell": ["c1", "c2"], "people": ["40", "<10"]})
    write_release(Release((ReleasedTable("presence", rows, ("cell",)),), {}, PROTECTION), tmp_path / "r")
    assert attacks_of(attack([tmp_path / "r"])) == {"markers"}


def test_a_damaged_release_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    folder = publish(tmp_path / "r", table("presence", ["cell"], ROWS))
    (folder / "tables" / "presence.parquet").write_bytes(b"PAR1")
    with pytest.raises(ReleaseError, match=r"presence\.parquet is missing or was changed"):
        attack([folder])


def test_what_is_no_release_is_an_error_that_says_what_to_name(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"no manifest\.json"):
        attack([tmp_path])
    with pytest.raises(ReleaseError, match="no such folder"):
        attack([tmp_path / "nowhere"])
    with pytest.raises(ReleaseError, match="Name at least one"):
        attack([])
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(ReleaseError, match="cannot be read"):
        attack([tmp_path])


def test_a_table_without_a_dimension_of_its_manifest_is_an_error(tmp_path: Path) -> None:
    rows = pa.table({"cell": ["c1"], "people": [40]})
    write_release(Release((ReleasedTable("presence", rows, ("cell", "hour")),), {}, PROTECTION), tmp_path / "r")
    with pytest.raises(ReleaseError, match="the column hour is missing"):
        attack([tmp_path / "r"])


def test_a_release_without_rows_has_no_findings(tmp_path: Path) -> None:
    assert attack([publish(tmp_path / "r", table("presence", ["cell", "hour"], []))]).findings == ()
