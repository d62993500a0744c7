"""One installation for a whole run of the tests: migrated once, and copied wherever a test needs an empty one.

``allmende migrate`` takes longer than most tests.  The first worker of a run lets the command do it, and the others wait;
the database of each worker, and every installation that a test starts, is a copy (on PostgreSQL: of a template).
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

COMMAND = [sys.executable, "-m", "allmende.site"]


@dataclass(frozen=True)
class Migrated:
    """An installation of this version without any content: made once, copied by each test."""

    data: Path
    database: str
    """Name of the template on PostgreSQL."""


def on_postgres() -> bool:
    """Whether the tests run on the server that DATABASE_URL names."""
    return os.environ.get("DATABASE_URL", "").startswith("postgres")


def ask_server(statement: str) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(statement.encode())


def database_url(name: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def migrated_once() -> Migrated:
    """The run's migrated installation, made by whoever asks first.  It lies where all workers of the run look."""
    shared = _shared()
    told = shared / "migrated.json"
    with (shared / "migrated.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not told.exists():
            here = _migrate(shared / "migrated")
            told.write_text(json.dumps([str(here.data), here.database]))
    data, database = json.loads(told.read_text())
    return Migrated(Path(data), database)


def forget_migrated() -> None:
    """Drop the template, when the run ends; the folder goes with everything else of the run."""
    told = _shared() / "migrated.json"
    if told.exists() and (database := json.loads(told.read_text())[1]):
        ask_server(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def _shared() -> Path:
    return Path(os.environ["ALLMENDE_DATA"])


def _migrate(data: Path) -> Migrated:
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "allmende.site.settings",
        "ALLMENDE_DATA": str(data),
        "ALLMENDE_SECRET_KEY": "",
    }
    database = "template_" + secrets.token_hex(6) if on_postgres() else ""
    if database:
        ask_server(f'CREATE DATABASE "{database}"')
        environment["DATABASE_URL"] = database_url(database)
    else:
        environment["DATABASE_URL"] = ""
    subprocess.run([*COMMAND, "migrate"], env=environment, check=True, capture_output=True)
    return Migrated(data, database)


@contextmanager
def own_database(migrated: Migrated) -> Iterator[None]:
    """Point Django's connection at a copy of the migrated database, for as long as this process tests."""
    from django.db import connection  # Django must be set up first

    on_server = connection.vendor == "postgresql"
    if on_server:
        name = "test_" + secrets.token_hex(6)
        ask_server(f'CREATE DATABASE "{name}" TEMPLATE "{migrated.database}"')
    else:
        name = str(connection.settings_dict["TEST"]["NAME"])
        shutil.copyfile(migrated.data / "allmende.sqlite3", name)
    connection.close()
    before = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = name  # the dictionary is that of settings.DATABASES itself
    yield
    connection.close()
    connection.settings_dict["NAME"] = before
    if on_server:
        ask_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    else:
        for tail in ("", "-wal", "-shm"):
            Path(name + tail).unlink(missing_ok=True)
