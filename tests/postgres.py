"""A real PostgreSQL for the tests, started from the installed binaries and thrown away afterwards.

server = start_postgres()
os.environ["DATABASE_URL"] = server.url
...
server.stop()
"""

from __future__ import annotations

import atexit
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

_SETTINGS = {
    "listen_addresses": "",  # a socket in a folder of our own: no port to be taken by somebody else
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "log_min_messages": "fatal",
}


class NoPostgres(Exception):
    """The PostgreSQL binaries are not installed, or the server does not start; the message says what to do."""


@dataclass
class PostgresServer:
    """A running server; ``url`` is for ``DATABASE_URL``."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """Shut the server down at once and delete its data; may be called twice."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)  # "immediate": nothing here is worth a checkpoint
            self.process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.stop)


def binaries() -> Path | None:
    """The folder with ``initdb`` and ``postgres``, the newest version if there are several."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    if shutil.which("pg_config"):
        answer = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True)
        folders.insert(0, Path(answer.stdout.strip()))
    if found := shutil.which("initdb"):
        folders.append(Path(found).parent)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def _version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0.0


def _account() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: who it runs as, for ``subprocess``."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            account = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    raise NoPostgres("PostgreSQL does not run as root, and there is no account postgres or nobody to run it as.")


def start_postgres() -> PostgresServer:
    """Start a server on a socket in a temporary folder, with an empty database ``allmende``."""
    programs = binaries()
    if programs is None:
        raise NoPostgres(
            "Install PostgreSQL (Debian: apt install postgresql); its programs initdb and postgres are needed."
        )
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="allmende-pg-"))
    if account:
        os.chown(folder, account["user"], account["group"])
    initdb = [programs / "initdb", "--pgdata", folder / "data", "--username=allmende", "--auth=trust"]
    options = ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    made = subprocess.run([*initdb, *options], cwd=folder, capture_output=True, text=True, **account)
    if made.returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        raise NoPostgres(f"initdb failed: {made.stderr.strip()[-500:]}")
    settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", "-k", folder, *settings],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the tests; they stop the server
            **account,
        )
    server = PostgresServer(f"postgres://allmende@{quote(str(folder), safe='')}/allmende", folder, process)
    atexit.register(server.stop)
    _wait_and_create(server, programs)
    return server


def _wait_and_create(server: PostgresServer, programs: Path) -> None:
    createdb = [programs / "createdb", "--host", server.folder, "--username=allmende", "--maintenance-db=template1"]
    problem = ""
    for _ in range(150):
        made = subprocess.run([*createdb, "allmende"], cwd=server.folder, capture_output=True, text=True)
        if made.returncode == 0:
            return
        problem = made.stderr.strip()
        if server.process.poll() is not None:
            problem = (server.folder / "log").read_text(errors="replace")
            break
        time.sleep(0.1)
    server.stop()
    raise NoPostgres(f"PostgreSQL did not start: {problem[-500:]}")
