"""A delivery from standard input, into a file of bounded size."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from allmende.core.fetch import Bounds, FetchFailed

CHUNK = 64 * 1024


def take_in(stream: BinaryIO, target: Path, *, size: int = Bounds().size) -> None:
    """Copy ``stream`` into ``target``; raise :class:`FetchFailed` if it is larger than ``size`` bytes."""
    came = 0
    with target.open("wb") as file:
        while chunk := stream.read(CHUNK):
            came += len(chunk)
            if came > size:
                raise FetchFailed(f"standard input is larger than {size // 2**20} MB. Split it.")
            file.write(chunk)
