"""Backups: one archive that holds the database, the pictures and the secret key, with a manifest that proves it whole.

The archive is a gzipped tar file.  Its first member, ``manifest.json``, names every other member with size and SHA-256.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection

from allmende import __version__
from allmende.catalogue.queries.originals import ORIGINALS
from allmende.core.assets import PACKAGE
from allmende.partners.networks.queries.files import FOLDER
from allmende.site.config import Config
from allmende.site.installation import migrations_applied
from allmende.site.terminal import Exit, Failed, Progress

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE_NAMES = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
SECRET = "secret-key"  # noqa: S105  a file name
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Member:
    """One file of the archive."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says about itself."""

    format: int
    version: str
    database: str
    """Vendor: sqlite or postgresql."""
    made_at: str
    migrations: list[list[str]]
    counts: dict[str, int]
    files: list[Member]


def table_counts() -> dict[str, int]:
    """Rows of each table that belongs to the platform."""
    counts = {}
    with connection.cursor() as cursor:
        for model in apps.get_models():
            if not model.__module__.startswith(PACKAGE.name):
                continue
            table = model._meta.db_table
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608  names from models
            counts[table] = int(cursor.fetchone()[0])
    return counts


def sqlite_file() -> Path:
    """The live database file."""
    return Path(connection.settings_dict["NAME"])


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a live database in one read transaction: writers go on, the copy is of one moment."""
    with contextlib.closing(sqlite3.connect(source)) as live, contextlib.closing(sqlite3.connect(target)) as copy:
        live.backup(copy, pages=-1)


def sha256_of(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def postgres_environment() -> dict[str, str]:
    """How the PostgreSQL programs reach our database; a password in the environment is not seen in the process list."""
    here = connection.settings_dict
    wanted = {
        "PGHOST": here["HOST"],
        "PGPORT": here["PORT"],
        "PGUSER": here["USER"],
        "PGPASSWORD": here["PASSWORD"],
        "PGDATABASE": here["NAME"],
    }
    return {**os.environ, **{name: str(value) for name, value in wanted.items() if value}}


def run_postgres_program(*command: str) -> None:
    """Run ``pg_dump`` or ``pg_restore``; say what to install if it is missing, and what it said if it fails."""
    if not shutil.which(command[0]):
        raise Failed(f"{command[0]} is missing. Install PostgreSQL's client programs (Debian: postgresql-client).")
    done = subprocess.run(command, env=postgres_environment(), capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        raise Failed(f"{command[0]} failed: {lines[-1]}")


def dump_database(target: Path) -> None:
    """A copy of the database as it is at one moment."""
    if connection.vendor == "postgresql":
        name = str(connection.settings_dict["NAME"])
        run_postgres_program("pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--file={target}", name)
    else:
        copy_sqlite(sqlite_file(), target)


def _stage(source: Path, target: Path) -> None:
    """Put ``source`` at ``target`` as it is now.  Files are replaced whole here, so a link keeps the old content."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def kept_folders(data: Path) -> dict[str, Path]:
    """Folders that belong to the data, by their name in a backup: pictures, their originals, and the files of networks."""
    return {"media": Path(settings.MEDIA_ROOT), ORIGINALS: data / ORIGINALS, FOLDER: data / FOLDER}


def _stage_files(config: Config, stage: Path) -> None:
    dump_database(stage / DATABASE_NAMES[connection.vendor])
    for name, folder in kept_folders(config.data).items():
        for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
            if path.is_file() and not path.is_symlink():
                with contextlib.suppress(FileNotFoundError):  # deleted since we looked
                    _stage(path, stage / name / path.relative_to(folder))
    if (config.data / SECRET).is_file():
        shutil.copyfile(config.data / SECRET, stage / SECRET)


@contextlib.contextmanager
def scratch_folder(data: Path, purpose: str) -> Iterator[Path]:
    """A folder beside the live files, so that moving into place is one step; gone afterwards."""
    (data / "tmp").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{purpose}-", dir=data / "tmp") as folder:
        yield Path(folder)


def _write_archive(stage: Path, manifest: Manifest, target: Path, progress: Progress) -> None:
    part = target.with_name(target.name + ".part")
    text = json.dumps(asdict(manifest), indent=1).encode()
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=5, format=tarfile.PAX_FORMAT) as archive:
                head = tarfile.TarInfo(MANIFEST)
                head.size, head.mtime = len(text), int(datetime.fromisoformat(manifest.made_at).timestamp())
                archive.addfile(head, io.BytesIO(text))
                for number, member in enumerate(manifest.files, start=1):
                    archive.add(stage / member.name, arcname=member.name, recursive=False)
                    progress(number, member.name)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except OSError as error:
        raise Failed(f"The backup cannot be written: {error}.") from error
    finally:
        part.unlink(missing_ok=True)


def make_backup(config: Config, target: Path, *, now: datetime, progress: Progress) -> Manifest:
    """Write a backup of the whole installation to ``target``, all or nothing, while it serves."""
    if not target.parent.is_dir():
        raise Failed(f"There is no folder {target.parent}.", Exit.UNUSABLE)
    with scratch_folder(config.data, "backup") as stage:
        _stage_files(config, stage)
        files = [
            Member(path.relative_to(stage).as_posix(), path.stat().st_size, sha256_of(path))
            for path in sorted(stage.rglob("*"))
            if path.is_file()
        ]
        manifest = Manifest(
            FORMAT,
            __version__,
            connection.vendor,
            now.isoformat(),
            sorted([app, name] for app, name in migrations_applied()),
            _counts_of(stage),
            files,
        )
        _write_archive(stage, manifest, target, progress)
    return manifest


def _counts_of(stage: Path) -> dict[str, int]:
    """Rows in the copy itself where it can be asked; the live tables may have grown since."""
    if connection.vendor != "sqlite":
        return table_counts()
    with contextlib.closing(sqlite3.connect(stage / DATABASE_NAMES["sqlite"])) as copy:
        return {
            table: copy.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]  # noqa: S608  names from models
            for table in table_counts()
        }


def read_manifest(values: Mapping[str, Any]) -> Manifest:
    """A manifest from its JSON; raises KeyError, TypeError or ValueError if it is none."""
    files = [Member(str(f["name"]), int(f["size"]), str(f["sha256"])) for f in values["files"]]
    return Manifest(
        int(values["format"]),
        str(values["version"]),
        str(values["database"]),
        str(values["made_at"]),
        [[str(app), str(name)] for app, name in values["migrations"]],
        {str(table): int(count) for table, count in values["counts"].items()},
        files,
    )
