"""``allmende flows`` as a person meets it: from a simulated region to a release that gives nothing away."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from allmende.site import cli
from allmende.site.commands.flows.shared import timezone_of
from tests.engines.flows.world import deliver, resident


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All steps of the tutorial on a small region."""
    folder = tmp_path_factory.mktemp("flows")
    sim, run = str(folder / "sim"), str(folder / "run")
    assert (
        cli.main(["flows", "simulate", "--out", sim, "--devices", "500", "--days", "7", "--start", "2026-06-01"]) == 0
    )
    count = ["flows", "run", "--events", f"{sim}/events", "--zones", f"{sim}/zones.geojson", "--out", run]
    assert cli.main([*count, "--timezone", "Europe/Copenhagen"]) == 0
    assert cli.main(["flows", "publish", run, "--programs", "500"]) == 0
    return folder


def test_nothing_can_be_inferred_from_our_own_release(steps: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["flows", "attack", str(steps / "run" / "release"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [f for f in told["findings"] if f["severity"] == "leak"] == []
    assert pq.read_table(steps / "run" / "release" / "tables" / "presence.parquet").num_rows > 100


def test_a_planted_leak_is_found(steps: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from allmende.engines.flows.release import Release, ReleasedTable, read_release, write_release

    release = read_release(steps / "run" / "release")
    table = release.table("presence")
    rows = table.rows.append_column("devices", table.rows["people"])
    write_release(
        Release((ReleasedTable("presence", rows, table.dimensions, table.hierarchies, table.additive),), release.hierarchies,
                release.protection, release.lineage),
        tmp_path / "release",
    )  # fmt: skip
    assert cli.main(["flows", "attack", str(tmp_path / "release")]) == 3
    assert "devices" in capsys.readouterr().out


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_report_is_a_page_and_a_pdf(steps: Path, tmp_path: Path, language: str) -> None:
    assert cli.main(["flows", "report", str(steps / "run"), "--out", str(tmp_path), "--language", language]) == 0
    page = (tmp_path / f"report.{language}.html").read_text(encoding="utf-8")
    assert f'lang="{language}"' in page
    assert "<svg" in page
    assert (tmp_path / f"report.{language}.pdf").read_bytes().startswith(b"%PDF")


def test_the_plan_is_shown_and_nothing_is_done(steps: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    events = str(steps / "sim" / "events")
    assert cli.main(["flows", "run", "--events", events, "--out", str(out), "--explain", "--json"]) == 0
    plan = json.loads(capsys.readouterr().out)
    assert plan["events"] > 10_000
    assert plan["estimated_cpu_seconds"] > 0
    assert not (out / "counts").exists()


def test_the_clock_is_the_one_named_or_that_of_the_zones(tmp_path: Path) -> None:
    zones = tmp_path / "zones.geojson"
    zones.write_text('{"type": "FeatureCollection", "timezone": "Europe/Berlin", "features": []}', "utf-8")
    assert timezone_of("", str(zones)) == "Europe/Berlin"
    assert timezone_of("Europe/Madrid", str(zones)) == "Europe/Madrid"
    assert timezone_of("", "") == "UTC"


def test_an_evaluation_is_never_published(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deliver(tmp_path / "in", resident(1))
    out = str(tmp_path / "out")
    assert cli.main(["flows", "run", "--events", str(tmp_path / "in"), "--out", out, "--unprotected"]) == 0
    assert cli.main(["flows", "publish", out]) == 2
    assert "never published" in capsys.readouterr().err
    assert cli.main(["flows", "attack", out]) == 3


def test_the_secret_is_kept_by_its_owner_and_never_shown(steps: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = steps / "run" / "work" / "secret"
    assert path.stat().st_mode & 0o077 == 0
    secret = path.read_text(encoding="utf-8").strip()
    for file in (steps / "run").rglob("*"):
        if file.is_file() and file != path:
            assert secret.encode() not in file.read_bytes()


def counts_of(run: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((run / "counts").iterdir())}


def test_the_second_engine_writes_the_same_counts(tmp_path: Path) -> None:
    pytest.importorskip("pysail", reason="the second engine is an extra")
    deliver(tmp_path / "in", resident(1), resident(2, home=(3000, 0)))
    (tmp_path / "secret").write_text("a secret of this test alone", encoding="utf-8")
    (tmp_path / "secret").chmod(0o600)
    square = [[[8.0, 48.0], [14.0, 48.0], [14.0, 58.0], [8.0, 58.0], [8.0, 48.0]]]
    land = {"type": "Feature", "properties": {"code": "A", "name": "A", "population": 50},
            "geometry": {"type": "Polygon", "coordinates": square}}  # fmt: skip
    (tmp_path / "zones.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [land]}), encoding="utf-8"
    )
    for out, engine in (("a", []), ("b", ["--engine", "spark", "--master", "sail"])):
        args = ["--events", str(tmp_path / "in"), "--out", str(tmp_path / out), "--secret", str(tmp_path / "secret")]
        args += ["--zones", str(tmp_path / "zones.geojson")]
        assert cli.main(["flows", "run", *args, *engine]) == 0
    assert counts_of(tmp_path / "a") == counts_of(tmp_path / "b")
    assert pq.read_table(tmp_path / "a" / "counts" / "presence_zone_month.parquet")["people_milli"].to_pylist() == [
        50_000
    ]


def test_events_may_name_cells_of_a_plan(steps: Path, tmp_path: Path) -> None:
    events, cells = str(steps / "sim" / "events"), str(steps / "sim" / "cells.parquet")
    asked = ["flows", "run", "--events", events, "--out", str(tmp_path), "--presence", "cells"]
    assert cli.main(asked) == 2
    assert cli.main([*asked, "--cells", cells]) in {0, 1}
    assert pq.read_table(tmp_path / "counts" / "presence_region_day.parquet").num_rows > 0
    assert cli.main(["flows", "publish", str(tmp_path), "--programs", "100"]) == 0
    laid = pq.read_table(tmp_path / "release" / "tables" / "presence_laid.parquet")
    assert laid.column_names == ["area", "period", "starts", "local", "people"]
    assert cli.main(["flows", "attack", str(tmp_path / "release")]) == 0


def test_good_rows_of_a_table_go_in_beside_bad_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "x.csv"
    rows = [
        "device,timestamp,lon,lat",
        "1,yesterday,12,55",
        "2,2026-06-01T10:00:00,abc,55",
        "3,2026-06-01T10:00:00,12.1,55.1",
    ]
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    assert cli.main(["flows", "check", "--events", str(table)]) == 1
    told = capsys.readouterr().out
    assert "row 2" in told
    assert "row 3" in told
    assert cli.main(["flows", "run", "--events", str(table), "--out", str(tmp_path / "run"), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["quality"]["kept"] == 1


def test_devices_of_two_periods_cannot_be_linked(tmp_path: Path) -> None:
    deliver(tmp_path / "in", resident(1), resident(2, home=(3000, 0)))
    (tmp_path / "secret").write_text("a secret of this test alone", encoding="utf-8")
    (tmp_path / "secret").chmod(0o600)
    found = []
    for out, period in (("a", "2026"), ("b", "2026"), ("c", "2027")):
        secret = ["--secret", str(tmp_path / "secret"), "--period", period]
        assert cli.main(["flows", "run", "--events", str(tmp_path / "in"), "--out", str(tmp_path / out), *secret]) == 0
        stays = pq.read_table(tmp_path / out / "work" / "months" / "2026-06" / "stays.parquet")
        found.append(set(stays["device"].to_pylist()))
    assert found[0] == found[1]
    assert not found[0] & found[2]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["run", "--events", "nowhere", "--out", "x"], "nowhere"),
        (["publish", "nowhere"], "summary.json"),
        (["attack", "nowhere"], "nowhere: no such folder"),
        (["report", "nowhere", "--out", "x"], "release"),
        (["publish", "nowhere", "--threshold", "3"], "threshold"),
        (["run", "--events", "x", "--out", "x", "--zones", "nowhere.geojson"], "nowhere.geojson"),
    ],
)
def test_what_cannot_be_done_is_one_line_with_the_remedy(
    args: list[str], words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["flows", *args]) == 2
    err = capsys.readouterr().err
    assert words in err
    assert "Traceback" not in err


def test_cell_keys_are_counted_when_asked_for(steps: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["flows", "publish", str(steps / "run"), "--method", "cell_key"]) == 2
    assert "cell_key" in capsys.readouterr().err
    out = str(tmp_path / "run")
    count = ["flows", "run", "--events", str(steps / "sim" / "events"), "--out", out, "--cell-keys"]
    assert cli.main([*count, "--engine", "spark"]) == 2
    assert "--cell-keys" in capsys.readouterr().err
    assert cli.main(count) == 0
    assert cli.main(["flows", "publish", out, "--method", "cell_key", "--programs", "100"]) == 0
    capsys.readouterr()
    assert cli.main(["flows", "attack", f"{out}/release", "--json"]) == 0
    assert [f for f in json.loads(capsys.readouterr().out)["findings"] if f["severity"] == "leak"] == []


def test_private_totals_cost_a_budget_that_is_kept_on_record(
    steps: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ledger = str(tmp_path / "ledger.jsonl")
    ask = ["flows", "publish", str(steps / "run"), "--method", "dp", "--ledger", ledger]
    assert cli.main(ask) == 2
    assert "--budget" in capsys.readouterr().err
    assert cli.main([*ask, "--budget", "5", "--cost", "3"]) == 0
    assert "2 epsilon of 5 are left" in capsys.readouterr().out
    table = pq.read_table(steps / "run" / "release-private" / "tables" / "visitors.parquet")
    assert set(table.column_names) == {"period", "starts", "local", "visitor_class", "people"}
    assert 0 < table.num_rows <= 9 * 7
    assert cli.main([*ask, "--budget", "5", "--cost", "3"]) == 2
    assert "2 of 5 is left" in capsys.readouterr().err
    assert [json.loads(line).get("spent") for line in Path(ledger).read_text().splitlines()] == [None, 3.0]


def test_what_is_known_of_the_operator_goes_into_the_weights(
    steps: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    zones = steps / "sim" / "zones.geojson"
    code = json.loads(zones.read_text())["features"][0]["properties"]["code"]
    (tmp_path / "roaming.csv").write_text("mcc,share\n262,0.01\n", encoding="utf-8")
    (tmp_path / "shares.csv").write_text(f"zone,market_share\n{code},0.9\nnowhere,0.9\n", encoding="utf-8")
    count = ["flows", "run", "--events", str(steps / "sim" / "events"), "--out", str(tmp_path / "run")]
    assert cli.main([*count, "--roaming", str(tmp_path / "roaming.csv")]) == 2
    assert "--zones" in capsys.readouterr().err
    count += ["--zones", str(zones), "--timezone", "Europe/Copenhagen"]
    assert cli.main([*count, "--market-shares", str(tmp_path / "shares.csv")]) == 2
    assert "line 3: zone nowhere is not among the zones" in capsys.readouterr().err
    assert not (tmp_path / "run" / "counts").exists()
    assert cli.main([*count, "--roaming", str(tmp_path / "roaming.csv")]) == 0
    people = [
        pc.sum(pq.read_table(run / "counts" / "presence_region_day.parquet")["people_milli"]).as_py()
        for run in (steps / "run", tmp_path / "run")
    ]
    assert people[1] > people[0]
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert summary["uncertainty"]["weight_cv2"] > 0
