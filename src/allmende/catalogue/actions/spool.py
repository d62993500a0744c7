"""A delivery's walk on disk: which keys were seen, and the bytes of what is new or changed.

It lives in a temporary SQLite file, so memory stays flat however long the delivery is.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from allmende.catalogue.bridges.readers import RawRecord

LEFTOVER_SECONDS = 24 * 3600


def _clear_leftovers(folder: Path) -> None:
    """Remove what imports that were killed left behind more than a day ago."""
    for left in folder.glob("allmende-import-*"):
        with suppress(OSError):
            if left.stat().st_mtime < time.time() - LEFTOVER_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


class Spool:
    """Seen keys and waiting records of one delivery.  Use as a context manager."""

    def __init__(self, folder: Path | None = None) -> None:
        if folder:
            folder.mkdir(parents=True, exist_ok=True)
            _clear_leftovers(folder)
        self._folder = tempfile.TemporaryDirectory(prefix="allmende-import-", dir=folder)
        self._db = sqlite3.connect(Path(self._folder.name) / "spool.sqlite3", isolation_level=None)
        self._db.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-16384;"
            "CREATE TABLE seen (key TEXT PRIMARY KEY) WITHOUT ROWID;"
            "CREATE TABLE waiting (id INTEGER PRIMARY KEY, key TEXT, fingerprint TEXT, raw BLOB, place TEXT);"
            "BEGIN;"
        )

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.close()
        self._folder.cleanup()

    def note_seen(self, raws: Sequence[RawRecord]) -> list[RawRecord]:
        """Remember the keys; return those records whose key was seen before in this delivery."""
        fresh = {
            key
            for (key,) in self._db.execute(
                "INSERT OR IGNORE INTO seen VALUES " + ",".join(["(?)"] * len(raws)) + " RETURNING key",  # noqa: S608
                [raw.key for raw in raws],
            )
        }
        if len(fresh) == len(raws):
            return []
        repeated = []
        for raw in raws:
            if raw.key in fresh:
                fresh.discard(raw.key)
            else:
                repeated.append(raw)
        return repeated

    def put(self, rows: Sequence[tuple[str, str, bytes, str]]) -> None:
        """Keep (key, fingerprint, raw, place) for the second pass."""
        self._db.executemany("INSERT INTO waiting (key, fingerprint, raw, place) VALUES (?, ?, ?, ?)", rows)

    def waiting(self, size: int) -> Iterator[list[tuple[str, str, bytes, str]]]:
        """What was put, in order, in batches."""
        last = 0
        while rows := self._db.execute(
            "SELECT id, key, fingerprint, raw, place FROM waiting WHERE id > ? ORDER BY id LIMIT ?", (last, size)
        ).fetchall():
            last = rows[-1][0]
            yield [tuple(row[1:]) for row in rows]

    def missing(self, keys: Sequence[str]) -> list[str]:
        """Those of ``keys`` that were not seen."""
        marks = ",".join("?" * len(keys))
        seen = {
            key
            for (key,) in self._db.execute(f"SELECT key FROM seen WHERE key IN ({marks})", list(keys))  # noqa: S608
        }
        return [key for key in keys if key not in seen]
