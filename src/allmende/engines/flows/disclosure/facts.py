"""Counts as one system of facts and relations: what a reader of all tables together could set against each other.

A **fact** is one figure (all tables of a relation that show it show the same).  A **bond** ties a parent to its children
along one dimension: an equation, parent = sum of children, where devices add up, and else the bounds
largest child <= parent <= sum of children.  Bonds are kept as rows of a sparse matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from allmende.engines.flows.disclosure.parameters import DisclosureError
from allmende.engines.flows.disclosure.plan import Counts, Dimension, Plan, TablePlan
from allmende.engines.flows.memory import give_back
from allmende.engines.flows.release import ALL
from allmende.engines.flows.words import VisitorClass

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
_MOST_KEYS = 1 << 62


@dataclass(slots=True)
class Bonds:
    """Bond r: parent ``parent[r]``, children ``child[start[r]:start[r + 1]]``, along dimension ``dim[r]``."""

    parent: Ints
    start: Ints
    child: Ints
    additive: Bools
    dim: Ints

    @property
    def size(self) -> Ints:
        """Number of children of each bond."""
        return np.diff(self.start)

    def bond_of_child(self) -> Ints:
        """For each entry of ``child`` the number of its bond."""
        return np.repeat(np.arange(len(self.parent)), self.size)


@dataclass(slots=True)
class Facts:
    """All facts of one relation, sorted by ``key``; the last ``hidden`` ones stand for what no table shows."""

    relation: str
    dimensions: tuple[Dimension, ...]
    words: list[pa.Array]
    """For each dimension its values as text; codes are positions in it, 0 is ``"*"``."""
    codes: npt.NDArray[np.int32]
    """Dimensions x facts."""
    key: Ints
    devices: Ints
    milli: Ints
    milli2: Ints
    cell_key: Ints | None
    members: dict[str, Ints]
    """Table -> its facts."""
    bonds: Bonds
    hidden: int = 0

    def __len__(self) -> int:
        return len(self.devices)

    def text(self, dimension: str, rows: Ints) -> pa.Array:
        """The values of a dimension in the given facts, as text."""
        at = [d.name for d in self.dimensions].index(dimension)
        return self.words[at].take(pa.array(self.codes[at, rows]))

    def named(self, fact: int) -> str:
        """A fact in words: ``cell=…, hour=*``."""
        parts = (f"{d.name}={self.words[i][int(self.codes[i, fact])]}" for i, d in enumerate(self.dimensions))
        return ", ".join(parts)


def as_words(values: pa.Array, words: str) -> pa.Array:
    """Values of a dimension as text; whole numbers as the dimension says."""
    if pa.types.is_string(values.type):
        return values
    if pa.types.is_integer(values.type):
        if words == "class":
            return pa.array([VisitorClass(value).word for value in values.to_pylist()], pa.string())
        if words == "hour":
            seconds = pc.multiply(values.cast(pa.int64()), 3600)
            return pc.strftime(seconds.cast(pa.timestamp("s")), format="%Y-%m-%dT%HZ")
        if words == "day":
            return values.cast(pa.int32()).cast(pa.date32()).cast(pa.string())
    if pa.types.is_timestamp(values.type):
        return pc.strftime(values.cast(pa.timestamp("s", tz=values.type.tz), safe=False), format="%Y-%m-%dT%HZ")
    return values.cast(pa.string())


def _merge(tables: Sequence[TablePlan]) -> tuple[Dimension, ...]:
    merged: dict[str, Dimension] = {}
    for table in tables:
        for dimension in table.dimensions:
            known = merged.setdefault(dimension.name, dimension)
            if known != dimension:
                raise DisclosureError(
                    f"Table {table.name}: dimension {dimension.name} is declared differently from another table of "
                    f"{table.relation!r}. Declare it the same everywhere, or give the tables different relations."
                )
    return tuple(merged.values())


def _encoded(
    levels: Sequence[tuple[str, pa.Table]], dimension: Dimension, tree: pa.Table | None
) -> tuple[pa.Array, list[Ints | None]]:
    """The values of a dimension over all levels, and each level's codes (``None``: all of it is ``"*"``)."""
    dictionaries: list[pa.Array] = []
    indices: list[Ints | None] = []
    for name, level in levels:
        if dimension.name not in level.column_names:
            indices.append(None)
            continue
        column = level[dimension.name]
        if column.null_count:
            raise DisclosureError(
                f"Table {name}: {dimension.name} is missing in {column.null_count} rows. Give it a value (unknown, say)."
            )
        column = column.combine_chunks()
        if not pa.types.is_dictionary(column.type):
            column = pc.dictionary_encode(column)
        dictionaries.append(as_words(column.dictionary, dimension.words))
        indices.append(column.indices.to_numpy(zero_copy_only=False).astype(np.int64))
    extra = [tree["child"].combine_chunks(), tree["parent"].combine_chunks()] if tree is not None else []
    first = pa.array([ALL], pa.string())
    found = pc.unique(pa.chunked_array([*dictionaries, *(e.cast(pa.string()) for e in extra)], pa.string()))
    # in their own order, so that nothing depends on the order of the rows
    words = pa.concat_arrays([first, found.filter(pc.not_equal(found, ALL)).sort()])
    mapped = iter(pc.index_in(d, value_set=words).to_numpy(zero_copy_only=False).astype(np.int64) for d in dictionaries)
    return words, [None if i is None else next(mapped)[i] for i in indices]


def _parents(words: pa.Array, tree: pa.Table | None, name: str) -> list[Ints]:
    """For each code its parent's code; as many arrays as the most parents of any. ``"*"`` has none (-1)."""
    count = len(words)
    base = np.zeros(count, np.int64)
    base[0] = -1
    if tree is None or tree.num_rows == 0:
        return [base]
    child = pc.index_in(tree["child"].cast(pa.string()), value_set=words).to_numpy().astype(np.int64)
    parent = pc.index_in(tree["parent"].cast(pa.string()), value_set=words).to_numpy().astype(np.int64)
    pairs = np.unique(np.column_stack([child, parent])[child != 0], axis=0)
    first = np.r_[True, pairs[1:, 0] != pairs[:-1, 0]]
    starts = np.flatnonzero(first)
    rank = np.arange(len(pairs)) - np.repeat(starts, np.diff(np.r_[starts, len(pairs)]))
    ranked: list[Ints] = []
    for r in range(int(rank.max()) + 1):
        up = base.copy() if r == 0 else ranked[0].copy()
        up[pairs[rank == r, 0]] = pairs[rank == r, 1]
        ranked.append(up)
    climb, steps = ranked[0].copy(), 0
    while (climb > 0).any():
        climb = np.where(climb > 0, ranked[0][climb], climb)
        steps += 1
        if steps > count:
            raise DisclosureError(f"Hierarchy {name}: an area lies in itself by way of others. Mend the pairs.")
    return ranked


def _combine(levels: Sequence[tuple[str, pa.Table]], column: str) -> Ints | None:
    parts = []
    for name, level in levels:
        if column not in level.column_names:
            return None
        values = level[column]
        if values.null_count:
            raise DisclosureError(f"Table {name}: {column} is missing in {values.null_count} rows. Leave them out.")
        parts.append(values.to_numpy().astype(np.int64))
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def build(plan: Plan, counts: Counts, relation: str, *, lenient: bool = False) -> Facts:
    """The facts and bonds of one relation.  ``lenient``: totals of an earlier release need not fit the parts of now.

    Raises:
        DisclosureError: if a table has no counts, a level has other columns, two tables disagree on one figure, or parts
            that should add up are more than their total.
    """
    facts, multipliers, ups = _gathered(plan, counts, relation)
    give_back()
    facts.bonds = _bonds(facts, multipliers, ups)
    _hide_rests(facts, lenient)
    return facts


def _gathered(plan: Plan, counts: Counts, relation: str) -> tuple[Facts, list[int], list[list[Ints]]]:
    """The facts without their bonds.  A function of its own, so that what it needed is gone before the bonds are made."""
    tables = [table for table in plan.tables if table.relation == relation]
    dimensions = _merge(tables)
    names = {d.name for d in dimensions}
    levels: list[tuple[str, pa.Table]] = []
    for table in tables:
        if table.name not in counts:
            raise DisclosureError(f"Table {table.name} is planned, but no counts are given for it.")
        for level in counts[table.name]:
            for column in ("devices", "people_milli"):
                if column not in level.column_names:
                    raise DisclosureError(f"Table {table.name}: a level has no column {column}. Count it.")
            level = level.select([n for n in level.column_names if n in {*names, *_MEASURES}])
            levels.append((table.name, level.filter(pc.not_equal(level["devices"], 0))))
    words: list[pa.Array] = []
    ups: list[list[Ints]] = []
    codes = np.zeros((len(dimensions), sum(level.num_rows for _, level in levels)), np.int32)
    ends = np.cumsum([0, *(level.num_rows for _, level in levels)])
    for at, dimension in enumerate(dimensions):
        if dimension.hierarchy and dimension.hierarchy not in plan.hierarchies:
            raise DisclosureError(f"Dimension {dimension.name}: the plan has no hierarchy {dimension.hierarchy!r}.")
        tree = plan.hierarchies[dimension.hierarchy] if dimension.hierarchy else None
        values, encoded = _encoded(levels, dimension, tree)
        words.append(values)
        ups.append(_parents(values, tree, dimension.hierarchy))
        for number, part in enumerate(encoded):
            if part is not None:
                codes[at, ends[number] : ends[number + 1]] = part
    multipliers = _multipliers([len(w) for w in words], relation)
    key = np.zeros(codes.shape[1], np.int64)
    for at, multiplier in enumerate(multipliers):
        key += codes[at].astype(np.int64) * multiplier
    columns = {name: _combine(levels, name) for name in _MEASURES}
    order = np.argsort(key)
    sorted_key = key[order]
    fresh = np.r_[True, sorted_key[1:] != sorted_key[:-1]] if len(key) else np.empty(0, bool)
    keep = order[fresh]
    position = np.empty(len(key), np.int64)
    position[order] = np.cumsum(fresh) - 1
    devices = columns["devices"]
    assert devices is not None
    wrong = devices != devices[keep][position]
    if wrong.any():
        raise DisclosureError(
            f"Relation {relation!r}: {int(wrong.sum())} figures are given twice with different numbers of devices. "
            "Count once, and give each level once; or give the tables different relations."
        )
    if (devices < 0).any():
        raise DisclosureError(f"Relation {relation!r}: {int((devices < 0).sum())} rows have fewer than 0 devices.")
    position_of: dict[str, list[Ints]] = {}
    for number, (name, _) in enumerate(levels):
        mine = position[ends[number] : ends[number + 1]]
        if len(marked([mine], len(keep))) < len(mine):
            raise DisclosureError(f"Table {name}: a level has several rows for one figure. Add them up, or count anew.")
        position_of.setdefault(name, []).append(mine)
    milli, milli2, cell_key = (columns[n] for n in ("people_milli", "people_milli2", "cell_key"))
    assert milli is not None
    facts = Facts(
        relation,
        dimensions,
        words,
        codes[:, keep],
        sorted_key[fresh],
        devices[keep],
        milli[keep],
        np.zeros(len(keep), np.int64) if milli2 is None else milli2[keep],
        None if cell_key is None else cell_key[keep],
        {name: marked(parts, len(keep)) for name, parts in position_of.items()},
        _EMPTY,
    )
    return facts, multipliers, ups


_MEASURES = ("devices", "people_milli", "people_milli2", "cell_key")
_AT_ONCE = 1 << 17
"""Facts whose ancestors are looked for together: more would only take more memory."""
_NONE = np.empty(0, np.int64)
_EMPTY = Bonds(_NONE, _NONE, _NONE, np.empty(0, np.bool_), _NONE)


def marked(parts: Sequence[Ints], size: int) -> Ints:
    """The different numbers below ``size`` in all parts, in order."""
    mark = np.zeros(size, np.bool_)
    for part in parts:
        mark[part] = True
    return np.flatnonzero(mark)


def _multipliers(sizes: list[int], relation: str) -> list[int]:
    multipliers, product = [], 1
    for size in sizes:
        multipliers.append(product)
        product *= size
    if product >= _MOST_KEYS:
        raise DisclosureError(f"Relation {relation!r} has too many combinations of values. Release it in parts.")
    return multipliers


def _bonds(facts: Facts, multipliers: list[int], ups: list[list[Ints]]) -> Bonds:
    parts: list[tuple[Ints, Ints, Ints, bool, int]] = []
    for at, dimension in enumerate(facts.dimensions):
        below = np.flatnonzero(facts.codes[at])
        pairs = [_nearest(facts, below, at, multipliers[at], up, ups[at][0]) for up in ups[at]]
        parent, child = np.concatenate([p for p, _ in pairs]), np.concatenate([c for _, c in pairs])
        if len(pairs) > 1 and len(parent):
            once = np.unique(np.column_stack([parent, child]), axis=0)
            parent, child = once[:, 0], once[:, 1]
        if len(parent) == 0:
            continue
        if (parent[1:] < parent[:-1]).any():
            order = np.argsort(parent)
            parent, child = parent[order], child[order]
        starts = np.flatnonzero(np.r_[True, parent[1:] != parent[:-1]])
        parts.append((parent[starts], np.diff(np.r_[starts, len(parent)]), child, dimension.additive, at))
    if not parts:
        return _EMPTY
    return Bonds(
        np.concatenate([p[0] for p in parts]),
        np.r_[0, np.cumsum(np.concatenate([p[1] for p in parts]))].astype(np.int64),
        np.concatenate([p[2] for p in parts]),
        np.concatenate([np.full(len(p[0]), p[3]) for p in parts]),
        np.concatenate([np.full(len(p[0]), p[4]) for p in parts]),
    )


def _nearest(facts: Facts, below: Ints, at: int, multiplier: int, first: Ints, further: Ints) -> tuple[Ints, Ints]:
    """Each fact's nearest ancestor along a dimension that is a fact, too: (parents, children)."""
    found = [
        _nearest_of(facts, below[begin : begin + _AT_ONCE], at, multiplier, first, further)
        for begin in range(0, len(below), _AT_ONCE)
    ]
    empty = np.empty(0, np.int64)
    return np.concatenate([empty, *(p for p, _ in found)]), np.concatenate([empty, *(c for _, c in found)])


def _nearest_of(facts: Facts, below: Ints, at: int, multiplier: int, first: Ints, further: Ints) -> tuple[Ints, Ints]:
    parents, children = [], []
    own = facts.codes[at, below].astype(np.int64)
    up = first[own]
    while len(below):
        wanted = facts.key[below] + (up - own) * multiplier
        found = np.searchsorted(facts.key, wanted)
        hit = facts.key[np.minimum(found, len(facts.key) - 1)] == wanted
        parents.append(found[hit])
        children.append(below[hit])
        on = ~hit & (up > 0)
        below, own, up = below[on], own[on], further[up[on]]
    empty = np.empty(0, np.int64)
    return np.concatenate([empty, *parents]), np.concatenate([empty, *children])


def _hide_rests(facts: Facts, lenient: bool) -> None:
    """Where the given parts of an additive total are less than it, what is left is a figure, too: one that no table shows."""
    bonds = facts.bonds
    if len(bonds.parent) == 0:
        return
    given = np.add.reduceat(facts.devices[bonds.child], bonds.start[:-1])
    rest = np.where(bonds.additive, facts.devices[bonds.parent] - given, 0)
    if (rest < 0).any() and not lenient:
        worst = int(np.argmin(rest))
        raise DisclosureError(
            f"Relation {facts.relation!r}: along {facts.dimensions[int(bonds.dim[worst])].name} the parts of "
            f"{facts.named(int(bonds.parent[worst]))} are more devices than the total. A device is counted in several: "
            "declare the dimension with additive=False, or count each device once."
        )
    short = np.flatnonzero(rest > 0)
    if len(short) == 0:
        return
    before, facts.hidden = len(facts), len(short)
    facts.codes = np.concatenate([facts.codes, facts.codes[:, bonds.parent[short]]], axis=1)
    nothing = np.zeros(len(short), np.int64)
    facts.devices = np.concatenate([facts.devices, rest[short]])
    facts.milli, facts.milli2 = np.concatenate([facts.milli, nothing]), np.concatenate([facts.milli2, nothing])
    facts.key = np.concatenate([facts.key, np.full(len(short), -1)])
    if facts.cell_key is not None:
        facts.cell_key = np.concatenate([facts.cell_key, nothing])
    bonds.child = np.insert(bonds.child, bonds.start[short + 1], before + np.arange(len(short)))
    more = np.zeros(len(bonds.start), np.int64)
    more[short + 1] = 1
    bonds.start = bonds.start + np.cumsum(more)
