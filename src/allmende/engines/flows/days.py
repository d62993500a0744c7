"""One day of events to pieces, dealt into shards of devices: the part of the work that a new day costs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from allmende.engines.flows.door import Key
from allmende.engines.flows.hashing import through
from allmende.engines.flows.intake import Chunk
from allmende.engines.flows.kernels.arrival import deal_files, newest, settle
from allmende.engines.flows.kernels.group import count_into, deal, shard_of
from allmende.engines.flows.kernels.pieces import pieces
from allmende.engines.flows.numbering import numbered
from allmende.engines.flows.parameters import Parameters

Array = npt.NDArray[Any]
AT_ONCE = 4_000_000
"""Events whose pieces are found in one go; bounds the memory for what is written."""

PIECES = pa.schema(
    [
        pa.field("device", pa.uint64(), False),
        pa.field("first", pa.int32(), False, {"unit": "second of the UTC day"}),
        pa.field("last", pa.int32(), False, {"unit": "second of the UTC day"}),
        pa.field("events", pa.int32(), False),
        pa.field("lon", pa.int32(), False, {"unit": "1e-7 degrees"}),
        pa.field("lat", pa.int32(), False, {"unit": "1e-7 degrees"}),
        pa.field("mcc", pa.int16(), False),
    ]
)


@dataclass(frozen=True, slots=True)
class DayQuality:
    """What cleaning found on a day, in events."""

    delivered: int = 0
    duplicates: int = 0
    jumps: int = 0
    kept: int = 0
    devices: int = 0
    pieces: int = 0
    # left out before the device's day is looked at, and not part of ``delivered``
    no_time: int = 0
    no_place: int = 0
    outside: int = 0
    inaccurate: int = 0
    clock: int = 0
    empty_cell: int = 0
    unknown_cell: int = 0
    expired_cell: int = 0
    # part of ``delivered``
    redelivered: int = 0
    """Left out: a newer delivery has a sighting of the device in the same second."""
    ping_pong: int = 0
    """Used, but put to the cell that saw the device most around that time."""
    late: int = 0
    """Used, though delivered in the file of a later day."""


def _delivered_twice(chunks: list[Chunk]) -> bool:
    """Whether files of different deliveries tell of the same hours."""
    spans: dict[int, tuple[int, int]] = {}
    for chunk in chunks:
        if len(chunk.t):
            lo, hi = spans.get(chunk.file, (1 << 30, -1))
            spans[chunk.file] = (min(lo, int(chunk.t.min())), max(hi, int(chunk.t.max())))
    last = -1
    for lo, hi in sorted(spans.values()):
        if lo <= last:
            return True
        last = max(last, hi)
    return False


def pieces_of_day(
    chunks: list[Chunk],
    shards: int,
    parameters: Parameters,
    key: Key | None,
    *,
    by_cells: bool = False,
    lost: dict[str, int] | None = None,
    own: range | None = None,
) -> tuple[list[pa.RecordBatch], DayQuality]:
    """The pieces of one UTC day, one record batch of ``PIECES`` per shard, and what cleaning found.

    The chunks are emptied as they are dealt, so that a day is in memory once.

    Args:
        by_cells: positions are those of cells: ping-pong between neighbouring ones is taken out first.
        lost: reason -> events of the day that were left out before (fields of ``DayQuality``).
        own: the shards that the chunks are of, if not of all; only their batches are made.
    """
    p = parameters
    delivered = sum(len(chunk.key) for chunk in chunks)
    twice = _delivered_twice(chunks)
    index, uniques, mcc = numbered([(chunk.key, chunk.mcc) for chunk in chunks])
    devices = len(uniques)
    hashed = through(uniques, key)
    shard = np.empty(devices, np.int32)
    shard_of(hashed, shards, shard)
    # devices are dealt in the order of their shards, so that pieces come out in it
    order = np.argsort(shard, kind="stable")
    counts = np.zeros(devices, np.int64)
    for out in index:
        count_into(out, counts)
    starts = np.zeros(devices + 1, np.int64)
    np.cumsum(counts[order], out=starts[1:])
    offsets = np.empty(devices, np.int64)
    offsets[order] = starts[:-1]
    at = offsets.copy()
    # side by side: an event then goes to one place in memory instead of three
    events = np.empty((delivered, 3), np.int32)
    t, lon, lat = events[:, 0], events[:, 1], events[:, 2]
    for chunk, out in zip(chunks, index, strict=True):
        deal(out, offsets, chunk.t, chunk.lon, chunk.lat, t, lon, lat)
    redelivered = ping_pong = 0
    if twice:
        file, kept = np.empty(delivered, np.int32), np.empty_like(starts)
        for chunk, out in zip(chunks, index, strict=True):
            deal_files(out, at, chunk.file, file)
        redelivered = newest(starts, t, lon, lat, file, kept)
        starts = kept
    chunks.clear()
    index.clear()
    if by_cells:
        ping_pong = settle(starts, t, lon, lat, p.ping_pong_seconds, p.ping_pong_reach)
    quality = np.zeros(3, np.int64)
    found: list[tuple[Array, ...]] = []
    a = 0
    while a < devices:
        b = max(int(np.searchsorted(starts, starts[a] + AT_ONCE, "right")) - 1, a + 1)
        lo, hi = int(starts[a]), int(starts[b])
        written = [np.empty(hi - lo, np.int32) for _ in range(6)]
        k = pieces(
            starts[a : b + 1] - lo, t[lo:hi], lon[lo:hi], lat[lo:hi],
            p.stay_radius, p.gap_seconds, p.max_speed, p.travel_speed, p.stay_seconds, p.trim, written[0], written[1], written[2],
            written[3], written[4], written[5], quality,
        )  # fmt: skip
        written[0] += a
        found.append(tuple(array[:k].copy() for array in written))
        a = b
    device, first, last, n, plon, plat = (
        np.concatenate([f[i] for f in found]) if found else np.empty(0, np.int32) for i in range(6)
    )
    ends = np.searchsorted(device, np.searchsorted(shard[order], np.arange(shards), "right"))
    columns = [hashed[order][device], first, last, n, plon, plat, mcc[order][device]]
    batches = []
    for number_of_shard in range(shards) if own is None else own:
        begins, until = int(ends[number_of_shard - 1]) if number_of_shard else 0, int(ends[number_of_shard])
        batches.append(pa.record_batch([pa.array(column[begins:until]) for column in columns], schema=PIECES))
    quality_of_day = DayQuality(
        delivered, int(quality[0]), int(quality[1]), int(quality[2]), devices, len(device), redelivered=redelivered,
        ping_pong=ping_pong, **(lost or {}),
    )  # fmt: skip
    return batches, quality_of_day
