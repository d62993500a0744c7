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
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, timedelta
from itertools import chain
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


WORKED = {"compression": "lz4", "use_dictionary": False}
"""How tables of the work are written: four times as fast as for good, and a third larger; they are read once or twice."""


def _write_table(table: pa.Table | Iterable[pa.Table], path: Path) -> None:
    if isinstance(table, pa.Table):
        pq.write_table(table, path, **WORKED)
        return
    parts = iter(table)
    first = next(parts)
    with pq.ParquetWriter(path, first.schema, **WORKED) as writer:
        for part in chain((first,), parts):
            writer.write_table(part)


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
        self.drop_day(day)
        self.write_pieces(day, batches)
        self.confirm_day(day, key, quality)

    def write_pieces(self, day: int, batches: list[pa.RecordBatch], block: int = 0, blocks: int = 1) -> None:
        """Write the shards of one block of a day (``shards_of``); nothing counts before ``confirm_day``."""
        with (
            whole(self._block_of_day(day, block, blocks)) as new,
            pa.OSFile(str(new), "wb") as sink,
            pa.ipc.new_file(sink, PIECES) as writer,
        ):
            for batch in batches:
                writer.write_batch(batch)

    def confirm_day(self, day: int, key: str, quality: DayQuality, blocks: int = 1) -> None:
        """Write the manifest of a day whose blocks are all there."""
        with whole(self.day_path(day).with_suffix(".json")) as new:
            new.write_text(json.dumps({"key": key, "quality": asdict(quality), "blocks": blocks}), "utf-8")

    def shards_of(self, block: int, blocks: int) -> range:
        """The shards that one of a day's blocks holds; blocks are there for days that are more than one task can hold."""
        return range(-(-block * self.shards // blocks), -(-(block + 1) * self.shards // blocks))

    def _block_of_day(self, day: int, block: int, blocks: int) -> Path:
        path = self.day_path(day)
        return path if blocks == 1 else path.with_suffix("") / f"{block}.arrow"

    def drop_day(self, day: int) -> None:
        """Forget a day: it is no longer delivered, or made again."""
        path = self.day_path(day)
        path.with_suffix(".json").unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        shutil.rmtree(path.with_suffix(""), ignore_errors=True)

    def read_shard(self, day: int, shard: int) -> pa.RecordBatch:
        """The pieces of one shard of a day."""
        path, at = self.day_path(day), shard
        if not path.exists():
            blocks = int(json.loads(path.with_suffix(".json").read_text("utf-8"))["blocks"])
            block = shard * blocks // self.shards
            path, at = self._block_of_day(day, block, blocks), shard - self.shards_of(block, blocks).start
        with pa.memory_map(str(path)) as source:
            return pa.ipc.open_file(source).get_batch(at)

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

    def write_block(
        self, name: str, key: str, tables: Mapping[str, pa.Table | Iterable[pa.Table]], facts: dict[str, Any]
    ) -> None:
        """Write a month's tables (whole, or bit by bit); they replace what was there in one step."""
        with whole(self.block_path(name)) as new:
            new.mkdir()
            for table_name, table in tables.items():
                _write_table(table, new / f"{table_name}.parquet")
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
