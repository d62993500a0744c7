"""Events to pieces: each row group is read, hashed at the door and dealt into blocks; each block becomes pieces in the store.

parts --deal--> (day, block) rows of ``blocks.EVENTS`` --shuffle--> pieces --> store, and a row of ``blocks.MADE``
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from allmende.engines.flows.cleaning import begin_of
from allmende.engines.flows.days import DayQuality, pieces_of_day
from allmende.engines.flows.door import Key
from allmende.engines.flows.hashing import through
from allmende.engines.flows.intake import Part, read_part, split_part
from allmende.engines.flows.kernels.group import shard_of
from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.plan import DayPlan, days_of
from allmende.engines.flows.spark.blocks import EVENTS, MADE, Batches, Told, ddl, nothing, packed, together, unpacked
from allmende.engines.flows.store import Store

BLOCK_ROWS = 4_000_000
"""Events that one task makes pieces of; bounds its memory."""
WAVE_ROWS = 4_000_000_000
"""Events that are on their way between the tasks at once (22 bytes each, before compression); bounds the disk, and what is
lost when a run is killed."""


@dataclass(frozen=True, slots=True)
class Wave:
    """Some days of a plan that are made in one go."""

    first: int
    span: int
    """From ``first`` (days since 1970) so many days may occur."""
    days: frozenset[int]
    """Those that are made."""
    parts: list[tuple[int, Part, bool]]
    """Place in the delivery, part, and whether its unusable rows are counted here (a part may lie in two waves)."""
    blocks: int
    expected: dict[int, int]
    """How many parts touch each day; empty if they do not tell."""


def waves_of(plan: DayPlan, shards: int, *, blocks: int | None, wave_rows: int) -> Iterator[Wave]:
    """The days of a plan in waves of about ``wave_rows`` events."""
    if plan.keys is None:
        if plan.wanted:
            parts = [(i, part, True) for i, part in enumerate(plan.parts)]
            most = sum(part.rows for part in plan.parts)
            yield Wave(plan.first, plan.days, frozenset(plan.wanted), parts, blocks or _blocks(most, shards), {})
        return
    touching: dict[int, list[int]] = {}
    rows: dict[int, int] = {}
    for i, part in enumerate(plan.parts):
        span = days_of(part)
        for day in span:
            if day in plan.wanted:
                touching.setdefault(day, []).append(i)
                rows[day] = rows.get(day, 0) + -(-part.rows // len(span))
    counted: set[int] = set()
    days: list[int] = []
    waiting = 0
    last = max(rows, default=0)
    for day in sorted(rows):
        days.append(day)
        waiting += rows[day]
        if waiting < wave_rows and day != last:
            continue
        found = sorted({i for d in days for i in touching[d]})
        yield Wave(
            plan.first, plan.days, frozenset(days), [(i, plan.parts[i], i not in counted) for i in found],
            blocks or _blocks(max(rows[d] for d in days), shards), {d: len(touching[d]) for d in days},
        )  # fmt: skip
        counted.update(found)
        days, waiting = [], 0


def _blocks(rows: int, shards: int) -> int:
    blocks = 1
    while rows / blocks > BLOCK_ROWS and blocks * 2 <= shards:
        blocks *= 2
    return blocks


def deal(
    batches: Batches, *, wave: Wave, shards: int, key: Key | None, located: Callable[[pa.Table], pa.Table] | None,
    max_accuracy: float, timezone: str,
) -> Iterator[pa.RecordBatch]:  # fmt: skip
    """Task: parts (by their ``id``, the place in the wave) to rows of ``EVENTS``.

    Identifiers are hashed here, where a file is read, so that none ever travels.
    """
    for batch in batches:
        for place in batch.column("id").to_pylist():
            seq, part, counts = wave.parts[place]
            split = split_part(
                read_part(part, located=located), wave.first, wave.span, max_accuracy=max_accuracy, part=part,
                late_before=begin_of(part.date, timezone) if part.date is not None else None,
            )  # fmt: skip
            whole = Told(split.lost.unusable, split.lost.outside) if counts else Told()
            days = set(split.chunks) & wave.days
            if wave.expected:
                days = set(days_of(part)) & wave.days
            for day in sorted(days):
                chunk = split.chunks.pop(day, None) or nothing()
                hashed = through(chunk.key, key)
                block = np.zeros(0, np.int32)
                if wave.blocks > 1:
                    shard = np.empty(len(hashed), np.int32)
                    shard_of(hashed, shards, shard)
                    block = (shard.astype(np.int64) * wave.blocks // shards).astype(np.int32)
                known = type(chunk)(hashed, chunk.t, chunk.lon, chunk.lat, chunk.mcc, chunk.file)
                told = replace(whole, lost=json.dumps(split.lost.of_day(day)))
                yield packed(day, seq, told, known, block, wave.blocks)
                whole = Told()
            if whole.unusable:
                yield packed(-1, seq, whole, nothing(), np.zeros(0, np.int32), 1)


def _with_told(batch: pa.RecordBatch, row: int) -> tuple[Told, Any]:
    told = Told(*(batch.column(name)[row].as_py() for name in ("unusable", "outside", "lost")))
    return told, unpacked(batch, row)


def make_pieces(
    batches: Batches, *, store: Store, expected: dict[int, int], blocks: int, p: Parameters, by_cells: bool
) -> Iterator[pa.RecordBatch]:
    """Task: all rows of ``EVENTS`` of a day and block to pieces in the store, and a row of ``MADE``."""
    for (day, block), rows in together(batches, ("day", "block"), lambda d: expected.get(d, 0), _with_told):
        unusable, outside = sum(told.unusable for _, (told, _) in rows), sum(told.outside for _, (told, _) in rows)
        lost: Counter[str] = Counter()
        for _, (told, _) in rows:
            lost.update(json.loads(told.lost))
        chunks = [chunk for _, (_, chunk) in rows if len(chunk.key)]
        del rows
        quality = DayQuality()
        if day >= 0 and (chunks or blocks > 1):
            # the keys are hashed already, and the numbers of devices follow their first sightings as they do in a whole day
            own = store.shards_of(block, blocks)
            made, quality = pieces_of_day(chunks, store.shards, p, None, by_cells=by_cells, lost=dict(lost), own=own)
            store.write_pieces(day, made, block, blocks)
        found = (day, unusable, outside, json.dumps(asdict(quality)))
        yield pa.record_batch([[value] for value in found], schema=MADE)


def make_wave(
    session: Any, wave: Wave, store: Store, key: Key | None, located: Any, p: Parameters, tasks: int
) -> pa.Table:
    """The pieces of a wave's days into the store; rows of ``MADE``."""
    parts = len(wave.parts)
    readers = min(parts, max(2 * tasks, parts // 8))
    groups = len(wave.days) * wave.blocks if wave.expected else wave.blocks
    # a partition for each block, but none that has nothing to do
    rows = sum(part.rows for _, part, _ in wave.parts)
    partitions = min(groups, max(2 * tasks, -(-2 * rows // BLOCK_ROWS)))
    dealt = session.range(0, parts, 1, readers).mapInArrow(
        partial(
            deal,
            wave=wave,
            shards=store.shards,
            key=key,
            located=located,
            max_accuracy=p.max_accuracy,
            timezone=p.timezone,
        ),
        ddl(EVENTS),
    )
    return (
        dealt.repartition(partitions, "day", "block")
        .mapInArrow(
            partial(
                make_pieces, store=store, expected=wave.expected, blocks=wave.blocks, p=p, by_cells=located is not None
            ),
            ddl(MADE),
        )
        .toArrow()
    )
