"""Where a run keeps its work: one file per day of pieces, one folder per month of results; each there whole or not at all.

A file's manifest holds the fingerprint of all that went into it.  What has the same fingerprint is not made again, so a run
that was killed goes on where it stopped, a new day costs a day, and a day that was delivered again replaces its own.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from allmende.engines.flows.days import PIECES, DayQuality

EPOCH = date(1970, 1, 1)


def name_of_day(day: int) -> str:
    """``2026-06-01`` of days since 1970."""
    return str(EPOCH + timedelta(days=day))


def fingerprint(*values: Any) -> str:
    """A short digest of values that JSON can hold."""
    return hashlib.blake2b(json.dumps(values, sort_keys=True, default=str).encode(), digest_size=16).hexdigest()


def file_fingerprint(path: Path) -> str:
    """Changes when a Parquet file changes: size, time of change, and its footer (offsets, sizes and bounds of all columns)."""
    stat = path.stat()
    with path.open("rb") as file:
        file.seek(-min(8, stat.st_size), os.SEEK_END)
        length = int.from_bytes(file.read(4), "little")
        file.seek(-min(8 + length, stat.st_size), os.SEEK_END)
        footer = hashlib.blake2b(file.read(), digest_size=16).hexdigest()
    return fingerprint(stat.st_size, stat.st_mtime_ns, footer)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A place to write to that becomes ``path`` when all went well; a file or a folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".new-", dir=path.parent))
    try:
        inner = work / path.name
        yield inner
        if inner.is_dir() and path.exists():
            old = work / "old"
            path.rename(old)
        inner.replace(path)
    finally:
        shutil.rmtree(work, ignore_errors=True)


class Store:
    """The folder of a run's work.  It holds rows of devices (under keyed hashes) and is for its owner only."""

    def __init__(self, folder: Path, shards: int) -> None:
        self.folder = folder
        self.shards = shards
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
        for left in (*folder.glob("*/.new-*"), *folder.glob(".new-*"), *folder.glob("spool")):
            shutil.rmtree(left, ignore_errors=True)  # of a run that was killed

    # days
    def day_path(self, day: int) -> Path:
        """Where the pieces of a day are."""
        return self.folder / "days" / f"{name_of_day(day)}.arrow"

    def day_key(self, day: int) -> str:
        """The fingerprint of what a day was made of; empty if it is not there."""
        try:
            return str(json.loads(self.day_path(day).with_suffix(".json").read_text("utf-8"))["key"])
        except (OSError, ValueError, KeyError):
            return ""

    def days(self) -> list[int]:
        """The days that are there."""
        found = (date.fromisoformat(path.stem) for path in (self.folder / "days").glob("*.json"))
        return sorted((day - EPOCH).days for day in found)

    def quality(self, day: int) -> DayQuality:
        """What cleaning found on a day."""
        return DayQuality(**json.loads(self.day_path(day).with_suffix(".json").read_text("utf-8"))["quality"])

    def write_day(self, day: int, key: str, batches: list[pa.RecordBatch], quality: DayQuality) -> None:
        """Write the pieces of a day; the manifest comes last and makes them count."""
        path = self.day_path(day)
        path.with_suffix(".json").unlink(missing_ok=True)
        with whole(path) as new, pa.OSFile(str(new), "wb") as sink, pa.ipc.new_file(sink, PIECES) as writer:
            for batch in batches:
                writer.write_batch(batch)
        with whole(path.with_suffix(".json")) as new:
            new.write_text(json.dumps({"key": key, "quality": asdict(quality)}), "utf-8")

    def drop_day(self, day: int) -> None:
        """Forget a day that is no longer delivered."""
        self.day_path(day).with_suffix(".json").unlink(missing_ok=True)
        self.day_path(day).unlink(missing_ok=True)

    def read_shard(self, day: int, shard: int) -> pa.RecordBatch:
        """The pieces of one shard of a day."""
        with pa.memory_map(str(self.day_path(day))) as source:
            return pa.ipc.open_file(source).get_batch(shard)

    # months
    def block_path(self, name: str) -> Path:
        """The folder of a month's results."""
        return self.folder / "months" / name

    def block_key(self, name: str) -> str:
        """The fingerprint of what a month was made of; empty if it is not there."""
        try:
            return str(json.loads((self.block_path(name) / "manifest.json").read_text("utf-8"))["key"])
        except (OSError, ValueError, KeyError):
            return ""

    def write_block(self, name: str, key: str, tables: dict[str, pa.Table], facts: dict[str, Any]) -> None:
        """Write a month's tables; they replace what was there in one step."""
        with whole(self.block_path(name)) as new:
            new.mkdir()
            for table_name, table in tables.items():
                pq.write_table(table, new / f"{table_name}.parquet", compression="zstd", compression_level=1)
            (new / "manifest.json").write_text(json.dumps({"key": key, "facts": facts}, default=str), "utf-8")

    def read_block(self, name: str, table: str) -> pa.Table:
        """One table of a month."""
        return pq.read_table(self.block_path(name) / f"{table}.parquet")

    def block_facts(self, name: str) -> dict[str, Any]:
        """What was noted about a month."""
        facts: dict[str, Any] = json.loads((self.block_path(name) / "manifest.json").read_text("utf-8"))["facts"]
        return facts

    def keep_blocks(self, names: Iterable[str]) -> None:
        """Forget months that are no longer delivered."""
        wanted = set(names)
        for path in (self.folder / "months").glob("[0-9]*"):
            if path.name not in wanted:
                shutil.rmtree(path, ignore_errors=True)
