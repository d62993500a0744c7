"""What is to be released: tables, their dimensions, and how the levels of a dimension lie in each other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pyarrow as pa

from allmende.engines.flows.door import CELL_KEY_MASK
from allmende.engines.flows.release import ALL

Words = Literal["", "class", "hour", "day"]


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension of a table.

    ``hierarchy`` names the table of ``child`` and ``parent`` that says what lies in what (none: all lies in ``"*"``).
    ``additive``: whether *devices* add up to the parent.  Classes and origins do (a device has one of each on a day); hours
    to days and cells to municipalities do not, because a device is in several: they only bound the parent.
    ``words`` says how whole numbers are written: as a visitor class, as hours or as days since 1970.
    """

    name: str
    hierarchy: str = ""
    additive: bool = True
    words: Words = ""


@dataclass(frozen=True, slots=True)
class TablePlan:
    """One table of the release.  Tables with the same ``relation`` count the same thing and are protected together.

    ``domain`` is for differential privacy only: the public list of rows of each level, whether anybody was there or not.
    """

    name: str
    dimensions: tuple[Dimension, ...]
    relation: str = "presence"
    domain: tuple[pa.Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The tables of a release and the hierarchies they use: name -> table of ``child``, ``parent`` (text).

    A child may lie in several parents (zones that overlap, shifted windows).
    """

    tables: tuple[TablePlan, ...]
    hierarchies: Mapping[str, pa.Table] = field(default_factory=dict)


Counts = Mapping[str, Sequence[pa.Table]]
"""Table's name -> its levels.  A level is a table of some of the dimensions (the others are ``"*"``), ``devices`` and
``people_milli``; as it likes also ``people_milli2`` (sum of squared weights) and ``cell_key``.  Distinct devices do not add
up over hours or cells, so each level that is to be released is counted, and given, by itself."""


def hierarchy(pairs: Iterable[tuple[str, str]]) -> pa.Table:
    """A hierarchy from pairs of child and parent."""
    children, parents = zip(*pairs, strict=True) if (pairs := list(pairs)) else ((), ())
    return pa.table({"child": pa.array(children, pa.string()), "parent": pa.array(parents, pa.string())})


def with_totals(level: pa.Table, *dimensions: str) -> list[pa.Table]:
    """The level itself and its sums over each set of the given additive dimensions: 2 ** n levels.

    Sums are right for dimensions of which a device has one value at a time (class, origin), and for no others.
    """
    counted = [name for name in ("devices", "people_milli", "people_milli2", "cell_key") if name in level.column_names]
    levels = [level]
    for dimension in dimensions:
        for one in list(levels):
            others = [n for n in one.column_names if n not in (*counted, dimension, "moves")]
            levels.append(added_up(one, others, counted))
    return levels


def added_up(level: pa.Table, names: list[str], counted: Sequence[str]) -> pa.Table:
    """The level summed over all dimensions but ``names``; cell keys modulo 2**63, as they are defined."""
    summed = level.group_by(names).aggregate([(name, "sum") for name in counted])
    summed = summed.rename_columns([n.removesuffix("_sum") for n in summed.column_names])
    if "cell_key" in counted:
        at = summed.column_names.index("cell_key")
        summed = summed.set_column(at, "cell_key", pa.array(summed["cell_key"].to_numpy() & CELL_KEY_MASK))
    return summed


__all__ = ["ALL", "Counts", "Dimension", "Plan", "TablePlan", "added_up", "hierarchy", "with_totals"]
