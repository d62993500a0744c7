"""Earlier releases: what was shown or left out then decides what may be shown now.

A reader keeps every release.  So a figure that changed because of a few devices keeps its earlier value (the difference
would show them), and what was left out stays out until enough has changed that the new figure says nothing about the old.
For this each release leaves a **record**: the counts behind it and what was shown.  It is as secret as the counts.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from allmende.engines.flows.disclosure.facts import Bonds, Bools, Facts, Ints
from allmende.engines.flows.disclosure.parameters import Disclosure, DisclosureError
from allmende.engines.flows.disclosure.suppress import Shield, complete
from allmende.engines.flows.release import ALL

_MEASURES = ("devices", "people_milli", "people")
LEFT_OUT = -1
"""In a record: this figure was not shown."""


@dataclass(slots=True)
class Past:
    """What earlier releases say about each fact of now: devices then (-1: not known then), people shown then (-1: none)."""

    devices: Ints
    people: Ints


def record_of(facts: Facts, people: Ints, devices: Ints, rows: Ints) -> pa.Table:
    """The record of some facts: their dimensions as text, ``devices``, ``people_milli`` and ``people`` (-1: left out)."""
    columns: dict[str, pa.Array] = {d.name: facts.text(d.name, rows) for d in facts.dimensions}
    columns["devices"] = pa.array(devices[rows])
    columns["people_milli"] = pa.array(facts.milli[rows])
    columns["people"] = pa.array(people[rows])
    return pa.table(columns)


def _locate(facts: Facts, record: pa.Table) -> Ints:
    """For each row of a record the fact that it is about, or -1."""
    shown = len(facts) - facts.hidden
    if record.num_rows == 0 or shown == 0:
        return np.full(record.num_rows, -1, np.int64)
    multipliers = np.cumprod([1, *(len(words) for words in facts.words)])[:-1]
    key = np.zeros(record.num_rows, np.int64)
    known = np.ones(record.num_rows, np.bool_)
    for at, dimension in enumerate(facts.dimensions):
        if dimension.name not in record.column_names:
            continue  # it was "*" throughout
        column = pc.dictionary_encode(record[dimension.name].combine_chunks())
        code = pc.fill_null(pc.index_in(column.dictionary, value_set=facts.words[at]), -1).to_numpy().astype(np.int64)
        code = code[column.indices.to_numpy()]
        known &= code >= 0
        key += code * multipliers[at]
    for name in set(record.column_names) - {d.name for d in facts.dimensions} - set(_MEASURES):
        # a dimension that is not asked for now: only its total is the same figure
        known &= pc.equal(record[name], ALL).to_numpy(zero_copy_only=False)
    at_fact = np.minimum(np.searchsorted(facts.key[:shown], key), shown - 1)
    return np.where(known & (facts.key[at_fact] == key), at_fact, -1)


def look_up(facts: Facts, records: Sequence[pa.Table]) -> Past:
    """What earlier releases say about the facts; ``records`` from the earliest to the latest, the latest counts."""
    past = Past(np.full(len(facts), -1, np.int64), np.full(len(facts), LEFT_OUT, np.int64))
    for record in records:
        fact = _locate(facts, record)
        past.devices[fact[fact >= 0]] = record["devices"].to_numpy()[fact >= 0]
        past.people[fact[fact >= 0]] = record["people"].to_numpy()[fact >= 0]
    return past


def held_back(facts: Facts, past: Past, wanted: Disclosure) -> Bools:
    """Facts that were left out before and have not changed enough to be shown now."""
    held: Bools = (past.devices >= 0) & (past.people < 0) & (np.abs(facts.devices - past.devices) < wanted.threshold)
    return held


def as_before(facts: Facts, past: Past, wanted: Disclosure) -> Bools:
    """Facts that were shown before and whose change, if any, stems from too few devices to be shown."""
    same: Bools = (past.people >= 0) & (np.abs(facts.devices - past.devices) < wanted.threshold)
    return same


def kept_figures(facts: Facts, past: Past, out: Bools, wanted: Disclosure) -> Bools:
    """Facts that keep their earlier figure: changed by too few devices, or a change like that would follow from theirs.

    The changes form a table of their own, with the same bonds; in it a change of 1 to k - 1 devices is left out like a
    figure of so few, and with partners.  What is left out of the changes keeps its figure.
    """
    before = (past.people >= 0) & ~out
    change = np.where(past.people >= 0, np.abs(facts.devices - past.devices), 0)
    # what is left out now has a change that nobody sees, unless it is none
    unseen = (change < wanted.threshold) | out
    state = Shield(change, (change > 0) & unseen, change == 0, _among(facts.bonds, change > 0), wanted.width)
    complete(state)
    return before & (state.out | (change < wanted.threshold))


def unknown_now(facts: Facts, record: pa.Table) -> pa.Table:
    """The rows of a record that are no facts of now (another window, say): they stay what readers have."""
    return record.filter(pa.array(_locate(facts, record) < 0))


def without(record: pa.Table, later: pa.Table) -> pa.Table:
    """The rows of a record that a later record does not tell anew."""
    names = [name for name in record.column_names if name not in _MEASURES]
    if record.num_rows == 0 or set(names) != set(later.column_names) - set(_MEASURES):
        return record
    return record.join(later.select(names), keys=names, join_type="left anti")


def _among(bonds: Bonds, changed: Bools) -> Bonds:
    """The bonds with only those children that changed: the others' change is known to be none."""
    stays = changed[bonds.child]
    size = np.bincount(bonds.bond_of_child()[stays], minlength=len(bonds.parent))
    full = size > 0
    return Bonds(
        bonds.parent[full],
        np.r_[0, np.cumsum(size[full])].astype(np.int64),
        bonds.child[stays],
        # changes of bounded parents may cancel out; taken as sums, more is left out than would have to be
        bonds.additive[full],
        bonds.dim[full],
    )


def write_record(records: dict[str, pa.Table], folder: Path) -> None:
    """Keep the records of a release for the next one.  **Never publish them**: they hold numbers of devices."""
    folder.mkdir(parents=True, exist_ok=True)
    os.chmod(folder, 0o700)
    for relation, record in records.items():
        path = folder / f"{relation}.parquet"
        pq.write_table(record, path.with_suffix(".part"), compression="zstd")
        os.chmod(path.with_suffix(".part"), 0o600)
        path.with_suffix(".part").replace(path)


def read_record(folder: Path) -> dict[str, pa.Table]:
    """The records that ``write_record`` kept.

    Raises:
        DisclosureError: if there are none.
    """
    found = {path.stem: pq.read_table(path) for path in sorted(folder.glob("*.parquet"))}
    if not found:
        raise DisclosureError(f"{folder}: no record of an earlier release. Name the folder that was kept beside it.")
    return found
