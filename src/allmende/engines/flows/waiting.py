"""Events that wait until their day is complete."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from allmende.engines.flows.door import Key
from allmende.engines.flows.hashing import through
from allmende.engines.flows.intake import Chunk

Array = npt.NDArray[Any]


class Waiting:
    """Events that wait until their day is complete; on disk when there are too many for the memory.

    On disk they lie under keyed hashes (``key``: of the door).
    """

    ARRAYS: ClassVar[dict[str, type]] = {
        "key": np.uint64,
        "t": np.int32,
        "lon": np.int32,
        "lat": np.int32,
        "mcc": np.int16,
    }

    def __init__(self, folder: Path, limit: int, key: Key | None = None) -> None:
        self.folder, self.limit, self.bytes, self.key = folder, limit, 0, key
        self.chunks: dict[int, list[Chunk]] = {}
        self.spilled: dict[int, list[tuple[int, int]]] = {}
        """Day -> (number of the file, events) in the order in which they lie on disk."""

    def add(self, split: dict[int, Chunk]) -> None:
        for day, chunk in split.items():
            self.chunks.setdefault(day, []).append(chunk)
            self.bytes += chunk.bytes
        if self.bytes > self.limit:
            self._spill()

    def _spill(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for day, chunks in self.chunks.items():
            for name in self.ARRAYS:
                with (self.folder / f"{day}.{name}").open("ab") as file:
                    for chunk in chunks:
                        values = getattr(chunk, name)
                        np.ascontiguousarray(through(values, self.key) if name == "key" else values).tofile(file)
            self.spilled.setdefault(day, []).extend((chunk.file, len(chunk.key)) for chunk in chunks)
        self.chunks.clear()
        self.bytes = 0

    def take(self, day: int) -> tuple[list[Chunk], Key | None]:
        """All events of a day, which then no longer wait; and the key under which they have yet to be hashed."""
        chunks = self.chunks.pop(day, [])
        self.bytes -= sum(chunk.bytes for chunk in chunks)
        if day in self.spilled:
            columns: list[Array] = []
            for name, kind in self.ARRAYS.items():
                path = self.folder / f"{day}.{name}"
                columns.append(np.fromfile(path, kind))
                path.unlink()
            on_disk, start = [], 0
            for file, n in self.spilled.pop(day):
                on_disk.append(Chunk.of((column[start : start + n] for column in columns), file))
                start += n
            hashed = [Chunk(through(c.key, self.key), c.t, c.lon, c.lat, c.mcc, c.file) for c in chunks]
            return on_disk + hashed, None
        return chunks, self.key
