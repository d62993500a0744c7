"""Packed bodies, unpacked no further than the bounds."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from allmende.core.fetch.values import Bounds, FetchFailed

STEP = 256 * 1024
RATIO_FROM = 2**20
GZIP = 31
"""zlib's window for gzip with its header."""


def bounded(chunks: Iterable[bytes], bounds: Bounds, name: str) -> Iterator[bytes]:
    """``chunks`` until they are more than the bounds allow."""
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > bounds.size:
            raise FetchFailed(f"{name} is larger than {megabytes(bounds.size)}. Split it, or import it as a file.")
        yield chunk


def megabytes(size: int) -> str:
    """A size as a person reads it."""
    return f"{size // 2**20} MB" if size >= 2**20 else f"{size // 2**10} kB"


def gunzip(chunks: Iterable[bytes], bounds: Bounds, name: str) -> Iterator[bytes]:
    """Unpack gzip (one member after the other) in steps of bounded size; raise :class:`FetchFailed` for bombs."""
    packed = unpacked = 0
    inside = zlib.decompressobj(GZIP)
    started = False
    try:
        for chunk in chunks:
            packed += len(chunk)
            waiting = chunk
            while waiting:
                if inside.eof:
                    inside = zlib.decompressobj(GZIP)
                piece = inside.decompress(waiting, STEP)
                started = True
                waiting = inside.unused_data if inside.eof else inside.unconsumed_tail
                unpacked += len(piece)
                if unpacked > RATIO_FROM and unpacked > bounds.ratio * (packed - len(waiting)):
                    raise FetchFailed(
                        f"{name} unpacks to more than {bounds.ratio} times its size; it was not read further."
                    )
                if piece:
                    yield piece
    except zlib.error as error:
        raise FetchFailed(f"{name} is packed in a way that cannot be read.") from error
    if started and not inside.eof:
        raise FetchFailed(f"{name} breaks off in the middle.")
