"""Documents that are made once and kept in the data folder until something changes.

While a document is made it flows to the one who asked first, and into a file beside; the next one gets the file.  A
document that is not read to its end is thrown away.  Several processes may make the same one; the last wins.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

MOST_BYTES: Final = 2 * 2**30
"""The folder is kept below this; the files unused for longest go first."""
LEFT_OVER_SECONDS: Final = 6 * 3600
"""An unfinished file older than this was left by a process that died."""
_PIECE: Final = 1 << 17


def file_for(folder: Path, name: str, stamp: str) -> Path:
    """Where the document ``name`` of that state is kept, whether it is there or not."""
    return folder / f"{stamp}~{name}"


def keeping(pieces: Iterable[bytes], path: Path) -> Iterator[bytes]:
    """The pieces, while they are kept at ``path``; where they cannot be kept they flow all the same."""
    unfinished = ""
    target = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        handle, unfinished = tempfile.mkstemp(prefix="unfinished-", dir=path.parent)
        target = os.fdopen(handle, "wb")
    except OSError:
        target = None
    is_whole = False
    try:
        for piece in pieces:
            if target is not None:
                try:
                    target.write(piece)
                except OSError:  # the disk is full: what is asked for goes out, only nothing is kept
                    target.close()
                    target = None
            yield piece
        is_whole = target is not None
    finally:
        with contextlib.suppress(OSError):
            if target is not None:
                target.close()
            if is_whole:
                os.replace(unfinished, path)
                _sweep(path)
            elif unfinished:
                os.unlink(unfinished)


def read(path: Path) -> Iterator[bytes]:
    """A kept file, piece by piece."""
    with path.open("rb") as file:
        with contextlib.suppress(OSError):
            os.utime(path, (time.time(), path.stat().st_mtime))  # used now, made then
        while piece := file.read(_PIECE):
            yield piece


def packed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The pieces as a gzip stream; fast rather than small."""
    packer = zlib.compressobj(level=3, wbits=31)
    for piece in pieces:
        if found := packer.compress(piece):
            yield found
    yield packer.flush()


def _sweep(newest: Path) -> None:
    """Remove older states of the same document, what was left unfinished, and what is too much."""
    name = newest.name.partition("~")[2]
    kept: list[tuple[float, int, Path]] = []
    for path in newest.parent.iterdir():
        with contextlib.suppress(OSError):
            facts = path.stat()
            is_old = path != newest and path.name.partition("~")[2] == name
            is_left = path.name.startswith("unfinished-") and time.time() - facts.st_mtime > LEFT_OVER_SECONDS
            if is_old or is_left:
                path.unlink()
            elif not path.name.startswith("unfinished-"):
                kept.append((facts.st_atime, facts.st_size, path))
    size = sum(entry[1] for entry in kept)
    for _, bytes_, path in sorted(kept, key=lambda entry: entry[0]):
        if size <= MOST_BYTES or path == newest:
            break
        with contextlib.suppress(OSError):
            path.unlink()
        size -= bytes_
