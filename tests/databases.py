"""Databases that are made once for a whole run of the tests, and copied wherever a test starts from them.

``allmende migrate`` takes longer than most tests, and so does a small guide with one of everything.  The first worker of a
run that needs one has it made by a process of its own, and the others wait.  Each worker tests on a copy (on PostgreSQL: of a
template), and what a test does there is rolled back; an installation that a test starts is a copy, too.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-m", "allmende.site"]


MIGRATED = "migrated"
CONTENTS = {
    "small_guide": "from tests.guide.conftest import make_small_guide as make",
    "workspace_people": "from tests.guide.workspace.conftest import make_people as make",
    "occitanie": "from tests.catalogue.export.round_trip import make_occitanie as make",
}
"""What a prepared database holds, beside the empty one.  A test gets it by the fixture of that name, in tests/conftest.py."""


@dataclass(frozen=True)
class Migrated:
    """An installation of this version, to be copied."""

    data: Path
    database: str
    """Name of the template on PostgreSQL."""

    @property
    def file(self) -> Path:
        """The database on SQLite."""
        return self.data / "allmende.sqlite3"


def on_postgres() -> bool:
    """Whether the tests run on the server that DATABASE_URL names."""
    return os.environ.get("DATABASE_URL", "").startswith("postgres")


def ask_server(statement: str) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(statement.encode())


def database_url(name: str) -> str:
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


def made_once(name: str = MIGRATED) -> Migrated:
    """The run's installation without any content, or with one of ``CONTENTS``: made by whoever asks first.

    It lies where all workers of the run look, and is of today: what it holds has dates that are counted from the day.
    """
    stem = name if name == MIGRATED else f"{name}-{datetime.now(UTC).date()}"
    told = _shared() / f"{stem}.json"
    with told.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not told.exists():
            here = _make(name, _shared() / stem)
            told.write_text(json.dumps([str(here.data), here.database]))
    data, database = json.loads(told.read_text())
    return Migrated(Path(data), database)


def forget_all() -> None:
    """Drop the templates, when the run ends; the folders go with everything else of the run."""
    for told in _shared().glob("*.json"):
        if database := json.loads(told.read_text())[1]:
            ask_server(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def _shared() -> Path:
    return Path(os.environ["ALLMENDE_DATA"])


def _make(name: str, data: Path) -> Migrated:
    database = "template_" + secrets.token_hex(6) if on_postgres() else ""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "allmende.site.settings",
        "ALLMENDE_DATA": str(data),
        "ALLMENDE_SECRET_KEY": "",
        "DATABASE_URL": database_url(database) if database else "",
    }
    if name == MIGRATED:
        if database:
            ask_server(f'CREATE DATABASE "{database}"')
        command = [*COMMAND, "migrate"]
    else:
        migrated = made_once()
        shutil.copytree(migrated.data, data)
        if database:
            ask_server(f'CREATE DATABASE "{database}" TEMPLATE "{migrated.database}"')
        # With the settings of the tests, as a worker has them, but for the database: that is the one to be filled.
        environment |= {"DJANGO_SETTINGS_MODULE": "allmende.site.settings_test", "PYTEST_XDIST_WORKER": name}
        code = (
            f"import django; django.setup(); {CONTENTS[name]}; make(); from django.db import connection as c; c.close()"
        )
        command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return Migrated(data, database)


class OwnDatabases:
    """The copies that this process tests on, one for each content, and which of them Django's connection has."""

    def __init__(self) -> None:
        self.wanted = MIGRATED
        self.names: dict[str, str] = {}
        self.before = ""

    def want(self, content: str) -> None:
        """From now on tests start from this content."""
        if content != self.wanted:
            self.wanted = content
            if self.before:
                self._connect()

    def open(self) -> None:
        """Leave the database of the settings for one of our own."""
        from django.db import connection  # Django must be set up first

        self.before = str(connection.settings_dict["NAME"])
        self._connect()

    def _connect(self) -> None:
        from django.db import connection  # the same

        if self.wanted not in self.names:
            self.names[self.wanted] = self._copy(made_once(self.wanted))
        connection.close()
        connection.settings_dict["NAME"] = self.names[
            self.wanted
        ]  # the dictionary is that of settings.DATABASES itself

    def _copy(self, made: Migrated) -> str:
        if not on_postgres():
            folder = tempfile.mkdtemp(prefix="own-", dir=_shared())
            return str(shutil.copyfile(made.file, Path(folder) / made.file.name))
        name = "test_" + secrets.token_hex(6)
        ask_server(f'CREATE DATABASE "{name}" TEMPLATE "{made.database}"')
        # Tests that commit are cleaned up with TRUNCATE, which the audit trail refuses; its own test asks for that.
        with psycopg.connect(database_url(name), autocommit=True) as database:
            database.execute("ALTER TABLE core_auditentry DISABLE TRIGGER audit_no_truncate")
        return name

    def close(self) -> None:
        """Back to the database of the settings; the copies are gone."""
        from django.db import connection  # the same

        connection.close()
        connection.settings_dict["NAME"] = self.before
        for name in self.names.values():
            if on_postgres():
                ask_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            else:
                shutil.rmtree(Path(name).parent)
        self.names, self.before = {}, ""
