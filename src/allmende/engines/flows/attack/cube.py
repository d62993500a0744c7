"""What an outsider lays on the table first: all figures that count the same, as one cube with its areas, hours and classes.

A **cube** holds the published figures of one measure, from one or several tables and releases.  An **axis** is one dimension
with all labels that an outsider can know of, and which label is made up of which.  A **family** is one published parent with
its children along one axis.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allmende.engines.flows.attack.implied import implied_edges
from allmende.engines.flows.release import ALL, MEASURE, ReleasedTable, ReleaseError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mode = Literal["additive", "bounded", "none"]

CLASS_AXES = frozenset({"visitor_class", "class", "klass"})
ORIGIN_AXES = frozenset({"origin", "home", "home_area", "residence"})


@dataclass(frozen=True, slots=True)
class Source:
    """One table of one release."""

    release: int
    folder: str
    table: ReleasedTable
    hierarchies: Mapping[str, pa.Table]

    @property
    def name(self) -> str:
        """As shown: the table, with its release if there are several."""
        return f"{self.folder}/{self.table.name}" if self.folder else self.table.name


@dataclass(frozen=True)
class Axis:
    """One dimension: labels (code 0 is ``*``) and edges from child to parent, both as codes."""

    name: str
    labels: tuple[str, ...]
    edge_child: Ints
    edge_parent: Ints
    closed: bool
    """Whether all children of a parent are known by name."""

    @cached_property
    def children(self) -> tuple[Ints, Ints]:
        """(pointer, codes): the children of code ``p`` are ``codes[pointer[p]:pointer[p + 1]]``."""
        order = np.argsort(self.edge_parent, kind="stable")
        pointer = np.searchsorted(self.edge_parent[order], np.arange(len(self.labels) + 1))
        return pointer.astype(np.int64), self.edge_child[order]

    @cached_property
    def parents(self) -> tuple[Ints, Ints]:
        """(pointer, codes), likewise."""
        order = np.argsort(self.edge_child, kind="stable")
        pointer = np.searchsorted(self.edge_child[order], np.arange(len(self.labels) + 1))
        return pointer.astype(np.int64), self.edge_parent[order]

    @cached_property
    def depth(self) -> Ints:
        """Steps from the top, the longest way."""
        depth = np.zeros(len(self.labels), np.int64)
        for _ in range(12):  # deeper hierarchies than this are circular
            deeper = depth.copy()
            np.maximum.at(deeper, self.edge_child, depth[self.edge_parent] + 1)
            if np.array_equal(deeper, depth):
                break
            depth = deeper
        return depth


@dataclass(frozen=True)
class Families:
    """All families along one axis that have a child: parent's key, sum, number and largest of the published children."""

    axis: int
    parent: Ints
    total: Floats
    count: Ints
    largest: Floats
    value: Floats
    """Of the parent; not a number where it is withheld."""
    possible: Ints
    """Children that there can be."""


@dataclass(frozen=True)
class Cube:
    """Published figures of one measure, each key once, in order of the keys."""

    measure: str
    axes: tuple[Axis, ...]
    names: tuple[tuple[str, ...], ...]
    """For each source: what its table calls the axes."""
    sources: tuple[Source, ...]
    strides: Ints
    keys: Ints
    values: Floats
    source: Ints
    """Of each key: position in ``sources``."""
    all_keys: Ints
    all_values: Floats
    all_source: Ints
    declared_additive: bool
    extra: dict[str, object] = field(default_factory=dict)

    @property
    def several(self) -> bool:
        """Whether figures of several releases are set against each other."""
        return len({source.release for source in self.sources}) > 1

    def codes(self, keys: Ints, axis: int) -> Ints:
        """The code on one axis of each key."""
        coded: Ints = keys // self.strides[axis] % len(self.axes[axis].labels)
        return coded

    def move(self, keys: Ints, axis: int, codes: Ints) -> Ints:
        """The keys with another code on one axis."""
        moved: Ints = keys + (codes - self.codes(keys, axis)) * self.strides[axis]
        return moved

    def find(self, keys: Ints) -> tuple[Ints, npt.NDArray[np.bool_]]:
        """Position of each key among the published ones, and whether it is there."""
        if not len(self.keys):
            return np.zeros(len(keys), np.int64), np.zeros(len(keys), np.bool_)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return at, self.keys[at] == keys

    def place(self, key: int, source: int | None = None) -> dict[str, str]:
        """A key in words, under the names that its table gives the dimensions; ``*`` only where it tells something."""
        found = {}
        names = self.names[self.source_near(key) if source is None else source]
        for position, axis in enumerate(self.axes):
            label = axis.labels[int(key // self.strides[position] % len(axis.labels))]
            if label != ALL or names[position]:
                found[names[position] or axis.name] = label
        return found

    def dimension(self, position: int, key: int) -> str:
        """What the table of a key calls an axis."""
        return self.names[self.source_near(key)][position] or self.axes[position].name

    def source_near(self, key: int) -> int:
        """The source that publishes the key, or one that publishes figures of the same kind."""
        if not len(self.keys):
            return 0
        at = min(int(np.searchsorted(self.keys, key)), len(self.keys) - 1)
        if self.keys[at] == key:
            return int(self.source[at])
        kind = self.kind(np.array([key], np.int64))[0]
        return self.source_of_kind.get(int(kind), int(self.source[at]))

    def kind(self, keys: Ints) -> Ints:
        """A number for the levels on all axes: figures of one kind are the cells of one cross table."""
        number = np.zeros(len(keys), np.int64)
        for position, axis in enumerate(self.axes):
            number = number * 16 + np.minimum(axis.depth[self.codes(keys, position)], 15)
        return number

    @cached_property
    def source_of_kind(self) -> dict[int, int]:
        """Kind -> a source that publishes it."""
        kinds, first = np.unique(self.kind(self.keys), return_index=True)
        return {int(kind): int(self.source[at]) for kind, at in zip(kinds, first, strict=True)}

    def table_name(self, key: int) -> str:
        """The table to which a figure belongs."""
        return self.sources[self.source_near(key)].name

    def families(self, axis: int, keys: Ints | None = None, values: Floats | None = None) -> Families:
        """All families along one axis with at least one child among ``keys`` (default: what is published)."""
        keys = self.keys if keys is None else keys
        values = self.values if values is None else values
        one = self.axes[axis]
        pointer, parents = one.parents
        codes = self.codes(keys, axis)
        counts = pointer[codes + 1] - pointer[codes]
        row = np.repeat(np.arange(len(keys)), counts)
        within = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts)
        parent_key = self.move(keys[row], axis, parents[pointer[codes[row]] + within])
        order = np.argsort(parent_key, kind="stable")
        parent_key, child_value = parent_key[order], values[row][order]
        starts = np.flatnonzero(np.diff(parent_key, prepend=-1)) if len(parent_key) else np.zeros(0, np.int64)
        unique = parent_key[starts]
        count = np.diff(np.append(starts, len(parent_key)))
        value = np.full(len(unique), np.nan)
        if len(keys):
            at = np.minimum(np.searchsorted(keys, unique), len(keys) - 1)
            value = np.where(keys[at] == unique, values[at], np.nan)
        child_pointer, _ = one.children
        code = self.codes(unique, axis)
        return Families(
            axis,
            unique,
            np.add.reduceat(child_value, starts) if len(starts) else np.zeros(0),
            count.astype(np.int64),
            np.maximum.reduceat(child_value, starts) if len(starts) else np.zeros(0),
            value,
            child_pointer[code + 1] - child_pointer[code],
        )


def measure_of(name: str, measures: Mapping[str, str]) -> str:
    """What a table counts: as told, otherwise its name up to the first ``_`` or ``-``."""
    return measures.get(name) or re.split(r"[_-]", name)[0]


def _texts(column: pa.ChunkedArray) -> tuple[list[str], Ints]:
    if pa.types.is_dictionary(column.type):
        column = pc.cast(column, column.type.value_type)
    encoded = pc.fill_null(pc.cast(column, pa.string()), "").combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    return encoded.dictionary.to_pylist(), encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)


def _axis_ids(table: ReleasedTable) -> dict[str, str]:
    """Dimension -> the axis it lies on: its hierarchy if no other dimension follows it, otherwise its name."""
    used = list(table.hierarchies.values())
    ids = {}
    for dimension in table.dimensions:
        hierarchy = table.hierarchies.get(dimension, "")
        ids[dimension] = hierarchy if hierarchy and used.count(hierarchy) == 1 else dimension
    return ids


@dataclass
class _Draft:
    codes: dict[str, int] = field(default_factory=lambda: {ALL: 0})
    edges: dict[tuple[str, str], None] = field(default_factory=dict)
    sets: dict[str, frozenset[str]] = field(default_factory=dict)
    told: bool = False

    def code(self, label: str) -> int:
        return self.codes.setdefault(label, len(self.codes))


def _tell(draft: _Draft, rows: pa.Table, folder: str) -> dict[str, str]:
    """Take over a hierarchy; a parent that is made up of something else than in an earlier release becomes another one."""
    draft.told = True
    children: dict[str, set[str]] = {}
    child_names, child_codes = _texts(rows["child"])
    parent_names, parent_codes = _texts(rows["parent"])
    for child, parent in zip(child_codes.tolist(), parent_codes.tolist(), strict=True):
        if child_names[child] != parent_names[parent]:
            children.setdefault(parent_names[parent], set()).add(child_names[child])
    renamed: dict[str, str] = {}
    for parent, found in children.items():
        known = draft.sets.setdefault(parent, frozenset(found))
        if known != frozenset(found) and parent != ALL:
            renamed[parent] = f"{parent} ({folder})"
    for parent, found in children.items():
        for child in sorted(found):
            draft.edges[renamed.get(child, child), renamed.get(parent, parent)] = None
    return renamed


def build_cube(measure: str, sources: list[Source]) -> Cube:
    """Set the tables of one measure side by side.

    Raises:
        ReleaseError: if a table lacks a column that the manifest names, or has more combinations than can be numbered.
    """
    drafts: dict[str, _Draft] = {}
    coded: list[tuple[dict[str, Ints], Floats]] = []
    names: list[dict[str, str]] = []
    told: dict[tuple[int, str], dict[str, str]] = {}
    for source in sources:
        ids = _axis_ids(source.table)
        names.append({axis: dimension for dimension, axis in ids.items()})
        columns: dict[str, Ints] = {}
        for dimension, axis in ids.items():
            draft = drafts.setdefault(axis, _Draft())
            hierarchy = source.table.hierarchies.get(dimension)
            if hierarchy and (source.release, axis) not in told:
                if hierarchy not in source.hierarchies:
                    raise ReleaseError(f"{source.name}: the hierarchy {hierarchy} is missing. Publish again.")
                told[source.release, axis] = _tell(draft, source.hierarchies[hierarchy], source.folder)
            renamed = told.get((source.release, axis), {})
            labels, indices = _texts(source.table.rows[dimension])
            lookup = np.array([draft.code(renamed.get(label, label)) for label in labels], np.int64)
            columns[axis] = lookup[indices] if len(lookup) else indices
        people = pc.cast(source.table.rows[MEASURE], pa.float64())
        coded.append((columns, people.to_numpy(zero_copy_only=False).astype(np.float64)))
    axes = tuple(_finish(name, draft) for name, draft in drafts.items())
    sizes = [len(axis.labels) for axis in axes]
    if np.prod([float(size) for size in sizes]) > 2**61:
        raise ReleaseError(f"{measure}: more combinations of labels than can be numbered. Audit its tables one by one.")
    strides = np.array(
        [int(np.prod(sizes[position + 1 :], dtype=np.int64)) for position in range(len(sizes))], np.int64
    )
    keys, values, origin = [], [], []
    for number, (columns, people) in enumerate(coded):
        key = np.zeros(len(people), np.int64)
        for position, axis_name in enumerate(drafts):
            if axis_name in columns:
                key += columns[axis_name] * strides[position]
        shown = np.isfinite(people)
        keys.append(key[shown])
        values.append(people[shown])
        origin.append(np.full(int(shown.sum()), number, np.int64))
    all_keys = np.concatenate(keys) if keys else np.zeros(0, np.int64)
    all_values = np.concatenate(values) if values else np.zeros(0)
    all_source = np.concatenate(origin) if origin else np.zeros(0, np.int64)
    unique, first = np.unique(all_keys, return_index=True)
    return Cube(
        measure,
        axes,
        tuple(tuple(named.get(axis.name, "") for axis in axes) for named in names),
        tuple(sources),
        strides,
        unique,
        all_values[first],
        all_source[first],
        all_keys,
        all_values,
        all_source,
        all(source.table.additive for source in sources),
    )


def _finish(name: str, draft: _Draft) -> Axis:
    edges = list(draft.edges)
    if not edges:
        edges = implied_edges(draft.codes)
        days = any(len(child) == 10 and "/" in parent for child, parent in edges)
    else:
        days = False
    for child, parent in edges:
        draft.code(child)
        draft.code(parent)
    has_parent = {child for child, _ in edges}
    if not any(parent == ALL for _, parent in edges):
        roots = [label for label in draft.codes if label not in has_parent and label != ALL]
        edges += [(label, ALL) for label in _disjoint(roots, edges)]
    return Axis(
        name,
        tuple(draft.codes),
        np.array([draft.codes[child] for child, _ in edges], np.int64),
        np.array([draft.codes[parent] for _, parent in edges], np.int64),
        draft.told or days,
    )


def _disjoint(roots: list[str], edges: list[tuple[str, str]]) -> list[str]:
    """The roots that share nothing, the largest first: sites drawn across the municipalities do not add up with them."""
    children: dict[str, list[str]] = {}
    for child, parent in edges:
        children.setdefault(parent, []).append(child)

    def below(label: str) -> set[str]:
        found, waiting = {label}, [label]
        while waiting:
            for child in children.get(waiting.pop(), ()):
                if child not in found:
                    found.add(child)
                    waiting.append(child)
        return found

    sets = {root: below(root) for root in roots if root in children}
    taken: set[str] = set()
    kept = []
    for root in sorted(roots, key=lambda label: -len(sets.get(label, ()))):
        members = sets.get(root, {root})
        if taken.isdisjoint(members):
            taken |= members
            kept.append(root)
    return sorted(kept, key=roots.index) if len(kept) < 2000 else kept


def cubes_of(sources: list[Source], measures: Mapping[str, str]) -> Iterator[Cube]:
    """One cube for each measure and release, and one over the releases where several tell of the same measure."""
    groups: dict[str, list[Source]] = {}
    for source in sources:
        groups.setdefault(measure_of(source.table.name, measures), []).append(source)
    for measure, group in groups.items():
        releases = sorted({source.release for source in group})
        for release in releases:
            yield build_cube(measure, [source for source in group if source.release == release])
        if len(releases) > 1:
            yield build_cube(measure, group)
