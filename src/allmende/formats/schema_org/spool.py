"""What the first walk found, kept for the second one: in memory while small, in a temporary file beyond."""

from __future__ import annotations

import struct
import tempfile
from collections.abc import Iterator
from typing import Final, NamedTuple

_HEADER: Final = struct.Struct("<qqBHHI")
_IN_MEMORY: Final = 8 * 1024 * 1024
_READ: Final = 1024 * 1024


class Kept(NamedTuple):
    """One node: its key, what it is the same as, its bytes, its place, and whether it may refer to others."""

    key: str
    same: int
    body: bytes
    where: str
    context: int
    """Number of the context that holds for it; 0 for none of its own."""
    refers: bool


class Spool:
    """Nodes in the order in which they came."""

    def __init__(self) -> None:
        self._file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed by close()
        self._pending: list[bytes] = []
        self._size = 0

    def add(self, node: Kept) -> None:
        key, where = node.key.encode("utf-8", "replace"), node.where.encode("utf-8", "replace")
        self._pending += (
            _HEADER.pack(node.same, node.context, node.refers, len(key), len(where), len(node.body)),
            key,
            where,
            node.body,
        )
        self._size += len(node.body)
        if self._size > _READ:
            self._flush()

    def _flush(self) -> None:
        self._file.write(b"".join(self._pending))
        self._pending, self._size = [], 0

    def __iter__(self) -> Iterator[Kept]:
        self._flush()
        self._file.seek(0)
        data, at = b"", 0
        while True:
            if len(data) - at < _HEADER.size:
                data, at = data[at:] + self._file.read(_READ), 0
                if not data:
                    return
            same, context, refers, key_size, where_size, body_size = _HEADER.unpack_from(data, at)
            at += _HEADER.size
            whole = key_size + where_size + body_size
            if len(data) - at < whole:
                data, at = data[at:] + self._file.read(max(_READ, whole)), 0
            middle = at + key_size
            body_at = middle + where_size
            yield Kept(
                data[at:middle].decode(),
                same,
                data[body_at : at + whole],
                data[middle:body_at].decode(),
                context,
                refers == 1,
            )
            at += whole

    def close(self) -> None:
        self._file.close()
