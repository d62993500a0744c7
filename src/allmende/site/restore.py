"""Restoring a backup: everything is checked first, the old data are put aside, and the new ones swapped in whole."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
import tarfile
import zlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from django.db import connection, transaction

from allmende.catalogue.queries.originals import ORIGINALS
from allmende.core.content import content_stamp
from allmende.core.models import ContentStamp
from allmende.partners.networks.queries.files import FOLDER
from allmende.site.backup import (
    CHUNK,
    DATABASE_NAMES,
    FORMAT,
    MANIFEST,
    SECRET,
    Manifest,
    dump_database,
    kept_folders,
    read_manifest,
    run_postgres_program,
    scratch_folder,
    sha256_of,
    sqlite_file,
    table_counts,
)
from allmende.site.config import Config
from allmende.site.installation import migrate_if_needed, migrations_on_disk
from allmende.site.terminal import Exit, Failed, Progress

MANIFEST_SIZE = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    manifest: Manifest
    before: dict[str, int]
    after: dict[str, int]
    aside: Path
    """Folder that holds the data as they were."""
    new_secret: bool
    """The running server signs with the old key until it is started again."""


def _damaged(reason: str) -> Failed:
    return Failed(f"This is not a whole backup: {reason}. Nothing was changed.", Exit.UNUSABLE)


def _is_harmless(name: str, database: str) -> bool:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name or name != path.as_posix():
        return False
    return name in {SECRET, DATABASE_NAMES.get(database)} or (
        path.parts[0] in {"media", ORIGINALS, FOLDER} and len(path.parts) > 1
    )


def _check_manifest(manifest: Manifest) -> None:
    if manifest.format != FORMAT:
        raise _damaged(f"its format is {manifest.format}, and this version reads {FORMAT}")
    if manifest.database != connection.vendor:
        raise Failed(
            f"This backup is of a {manifest.database} database and this installation uses {connection.vendor}. "
            "Set DATABASE_URL to match. Nothing was changed.",
            Exit.REFUSED,
        )
    unknown = {(app, name) for app, name in manifest.migrations} - migrations_on_disk()
    if unknown:
        raise Failed(
            f"This backup was made by a newer version ({manifest.version}; it has {'.'.join(min(unknown))}). "
            "Update first. Nothing was changed.",
            Exit.REFUSED,
        )
    names = [member.name for member in manifest.files]
    if len(set(names)) != len(names) or DATABASE_NAMES[manifest.database] not in names:
        raise _damaged("its manifest names files twice or no database")
    for name in names:
        if not _is_harmless(name, manifest.database):
            raise _damaged(f"it holds a file that does not belong into a backup ({name[:80]!r})")


def _first_member(archive: tarfile.TarFile) -> Manifest:
    head = archive.next()
    if head is None or head.name != MANIFEST or not head.isfile() or head.size > MANIFEST_SIZE:
        raise _damaged("it does not begin with its manifest")
    file = archive.extractfile(head)
    try:
        return read_manifest(json.loads(file.read() if file else b""))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise _damaged("its manifest cannot be read") from error


def _extract(archive: tarfile.TarFile, manifest: Manifest, stage: Path, progress: Progress) -> None:
    """Write the members into ``stage``: only those the manifest names, only plain files, only of the named size."""
    wanted = {member.name: member for member in manifest.files}
    number = 0
    while (entry := archive.next()) is not None:
        member = wanted.pop(entry.name, None)
        if member is None or not entry.isfile() or entry.size != member.size:
            raise _damaged(f"{entry.name[:80]!r} is not what the manifest says")
        target = stage / member.name
        target.parent.mkdir(parents=True, exist_ok=True)
        source = archive.extractfile(entry)
        if source is None:
            raise _damaged(f"{entry.name[:80]!r} cannot be read")
        with target.open("xb") as file:
            shutil.copyfileobj(source, file, CHUNK)
        if sha256_of(target) != member.sha256:
            raise _damaged(f"{entry.name[:80]!r} was changed or damaged")
        number += 1
        progress(number, entry.name)
    if wanted:
        raise _damaged(f"{min(wanted)[:80]!r} is missing")


def unpack(path: Path, stage: Path, progress: Progress) -> Manifest:
    """Check the archive at ``path`` and write it to ``stage``; raise :class:`Failed` for anything that is not right."""
    try:
        with tarfile.open(path, "r:gz") as archive:
            manifest = _first_member(archive)
            _check_manifest(manifest)
            _extract(archive, manifest, stage, progress)
    except FileNotFoundError as error:
        raise Failed(f"There is no file {path}.", Exit.UNUSABLE) from error
    except (tarfile.TarError, EOFError, zlib.error, OSError) as error:
        raise _damaged(str(error)[:120] or type(error).__name__) from error
    if manifest.database == "sqlite":
        _check_sqlite(stage / DATABASE_NAMES["sqlite"])
    return manifest


def _check_sqlite(path: Path) -> None:
    try:
        with contextlib.closing(sqlite3.connect(path)) as copy:
            verdict = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.DatabaseError as error:
        verdict = str(error)
    if verdict != "ok":
        raise _damaged(f"its database is broken ({verdict[:80]})")


def _swap_database(stage: Path) -> None:
    """Replace the content of the live database in one transaction; servers that have it open see it at once."""
    if connection.vendor == "postgresql":
        dump = stage / DATABASE_NAMES["postgresql"]
        run_postgres_program(
            "pg_restore", "--clean", "--if-exists", "--single-transaction", "--no-owner", "--no-acl",
            f"--dbname={connection.settings_dict['NAME']}", str(dump),
        )  # fmt: skip
        return
    connection.close()
    source = stage / DATABASE_NAMES["sqlite"]
    with (
        contextlib.closing(sqlite3.connect(source)) as new,
        contextlib.closing(sqlite3.connect(sqlite_file(), timeout=60)) as live,
    ):
        new.backup(live, pages=-1)
        live.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _swap_folders(data: Path, stage: Path, aside: Path) -> None:
    for name, folder in kept_folders(data).items():
        new = stage / name
        new.mkdir(exist_ok=True)
        if folder.is_dir():
            folder.rename(aside / name)
        new.rename(folder)


def _swap_secret(config: Config, stage: Path, aside: Path) -> bool:
    new, live = stage / SECRET, config.data / SECRET
    if not new.is_file() or (live.is_file() and live.read_bytes() == new.read_bytes()):
        return False
    if live.is_file():
        shutil.copy2(live, aside / SECRET)
    os.chmod(new, 0o600)
    new.replace(live)
    return True


def _renew_stamp(before: int) -> None:
    """A stamp that no server has seen: finished pages of the time before must not come back."""
    with transaction.atomic():
        value = max(before, content_stamp()) + 1
        ContentStamp.objects.update_or_create(id=1, defaults={"value": value})


def restore_backup(config: Config, path: Path, *, now: datetime, progress: Progress) -> Restored:
    """Replace this installation's data by the backup at ``path``; the old data stay in a folder beside."""
    with scratch_folder(config.data, "restore") as stage:
        manifest = unpack(path, stage, progress)
        aside = config.data / f"before-restore-{now:%Y%m%dT%H%M%S}"
        aside.mkdir(mode=0o750)
        before, stamp = table_counts(), content_stamp()
        dump_database(aside / DATABASE_NAMES[connection.vendor])
        _swap_database(stage)
        _swap_folders(config.data, stage, aside)
        new_secret = _swap_secret(config, stage, aside)
        migrate_if_needed(config.data, quiet=True)
        _renew_stamp(stamp)
    return Restored(manifest, before, table_counts(), aside, new_secret)
