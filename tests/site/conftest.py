"""A whole installation of its own for tests that run the command as a person does."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.databases import COMMAND, Migrated, ask_server, database_url, on_postgres


@dataclass
class Installation:
    """A data folder, a database, and the command."""

    data: Path
    environment: dict[str, str]
    port: int
    processes: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *args: str, exit_code: int = 0, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run ``allmende`` to its end and expect that exit code."""
        done = subprocess.run(
            [*COMMAND, *args], env=self.environment, input=stdin, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == exit_code, (done.returncode, done.stdout, done.stderr)
        return done

    def json(self, *args: str, exit_code: int = 0) -> Any:
        """Run ``allmende … --json`` and return its one object."""
        return json.loads(self.run(*args, "--json", exit_code=exit_code).stdout)

    def start(self, *args: str) -> subprocess.Popen[str]:
        """Start ``allmende`` and leave it running; the test's end stops it."""
        process = subprocess.Popen(
            [*COMMAND, *args], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.processes.append(process)
        return process

    def python(self, code: str) -> str:
        """Run ``code`` with Django set up on this installation, and return what it prints."""
        head = "from allmende.site.installation import open_installation; open_installation(quiet=True)\n"
        done = subprocess.run(
            [sys.executable, "-c", head + code], env=self.environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def an_installation(folder: Path, migrated: Migrated) -> Iterator[Installation]:
    """An empty installation below ``folder``, on the database that the run is about; its end stops what runs."""
    data = folder / "data"
    port = free_port()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "allmende.site.settings",
        "ALLMENDE_DATA": str(data),
        "ALLMENDE_SECRET_KEY": "",
        "ALLMENDE_WORKERS": "2",
        "PORT": str(port),
        "PYTHONUNBUFFERED": "1",
    }
    shutil.copytree(migrated.data, data)
    database = "site_" + secrets.token_hex(6)
    if on_postgres():
        ask_server(f'CREATE DATABASE "{database}" TEMPLATE "{migrated.database}"')
        environment["DATABASE_URL"] = database_url(database)
    here = Installation(data, environment, port)
    yield here
    for process in here.processes:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
        if process.stdout:
            process.stdout.close()
    if on_postgres():
        ask_server(f'DROP DATABASE "{database}" WITH (FORCE)')


@pytest.fixture
def installation(tmp_path: Path, migrated: Migrated) -> Iterator[Installation]:
    """An empty installation of its own."""
    with an_installation(tmp_path, migrated) as here:
        yield here
