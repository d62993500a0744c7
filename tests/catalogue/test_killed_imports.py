"""An import killed at any moment loses nothing, doubles nothing, and leaves no half record."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import Migrated

RECORDS = 3000
KILLS = 6

MAPPING = {
    "kind": "event",
    "records": "",
    "key": "id",
    "language": "fr",
    "fields": {"name": "title", "start": "start", "rrule": "rule", "lon": "lon", "lat": "lat"},
}


def delivery(path: Path, version: int) -> None:
    rows = [
        {
            "id": f"r{n}",
            "title": f"Concert {n} version {version}",
            "start": f"2030-0{1 + n % 9}-1{n % 10}T19:00",
            "rule": "FREQ=DAILY;COUNT=3",
            "lon": 4.4,
            "lat": 44.0,
        }
        for n in range(RECORDS)
    ]
    path.write_text(json.dumps(rows))


SMALL_TRANSACTIONS = """
import sys
from allmende.site.installation import start_django
start_django()
from allmende.catalogue.actions import imports
imports.TOGETHER = imports.TRANSACTION = 400
from allmende.site.cli import main
sys.exit(main())
"""
"""The ``allmende`` command with transactions so small that most kills fall between two of them."""


def start_import(folder: Path, env: dict[str, str]) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", SMALL_TRANSACTIONS]
    command += ["import", "--source", "agenda", "--format", "json", "--json"]
    return subprocess.Popen(
        [*command, "--mapping", str(folder / "mapping.json"), str(folder / "delivery.json")],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@pytest.fixture
def installation(tmp_path: Path, migrated: Migrated) -> tuple[Path, dict[str, str]]:
    env = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}}
    env["ALLMENDE_DATA"] = str(tmp_path / "data")
    (tmp_path / "mapping.json").write_text(json.dumps(MAPPING))
    delivery(tmp_path / "delivery.json", 1)
    shutil.copytree(migrated.data, tmp_path / "data")
    return tmp_path, env


def violations(database: Path) -> list[str]:
    """What must never be, at any moment."""
    found = []
    with sqlite3.connect(database) as db:
        checks = {
            "a source record without its event": "SELECT count(*) FROM catalogue_sourcerecord r "
            "LEFT JOIN catalogue_event e ON e.id = r.item_id WHERE e.id IS NULL",
            "an event without its source record": "SELECT count(*) FROM catalogue_event e "
            "LEFT JOIN catalogue_sourcerecord r ON r.item_id = e.id WHERE r.id IS NULL",
            "two events for one record": "SELECT count(*) FROM (SELECT item_id FROM catalogue_sourcerecord "
            "GROUP BY item_id HAVING count(*) > 1)",
            "an event without its calendar entry": "SELECT count(*) FROM catalogue_event WHERE vevent = ''",
        }
        for what, sql in checks.items():
            (count,) = db.execute(sql).fetchone()
            if count:
                found.append(f"{what}: {count}")
        if db.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            found.append("the database is damaged")
    return found


@pytest.mark.sqlite  # it reads the database's file
def test_killed_at_random_moments_nothing_is_lost_or_doubled(installation: tuple[Path, dict[str, str]]) -> None:
    folder, env = installation
    database = folder / "data" / "allmende.sqlite3"
    chance = random.Random(7)
    interrupted = 0
    for round_ in range(KILLS):
        delivery(folder / "delivery.json", round_ + 1)
        process = start_import(folder, env)
        try:
            process.wait(timeout=chance.uniform(0.5, 2.5))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            interrupted += 1
        process.communicate()
        assert violations(database) == []
    assert interrupted >= 1, "no run was killed in the middle; the test proves nothing"
    last = start_import(folder, env)
    out, err = last.communicate(timeout=120)
    assert last.returncode == 0, err.decode()
    report = json.loads(out)
    assert report["read"] == RECORDS
    assert violations(database) == []
    with sqlite3.connect(database) as db:
        assert db.execute("SELECT count(*) FROM catalogue_event").fetchone() == (RECORDS,)
        (wrong,) = db.execute(
            "SELECT count(*) FROM catalogue_event WHERE sort_name NOT LIKE ?", (f"%version {KILLS}",)
        ).fetchone()
        assert wrong == 0
    again = start_import(folder, env)
    out, _ = again.communicate(timeout=120)
    assert json.loads(out)["unchanged"] == RECORDS
