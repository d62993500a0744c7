"""Small releases put together by hand, for the tests of the auditor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from allmende.engines.flows.attack import Audit
from allmende.engines.flows.release import Release, ReleasedTable, write_release

Row = tuple[Any, ...]
PROTECTION = {"method": "suppression", "threshold": 10, "interval": 10}


def table(
    name: str,
    dimensions: Sequence[str],
    rows: Iterable[Row],
    hierarchies: Mapping[str, str] | None = None,
    additive: bool = True,
    more: Mapping[str, Sequence[Any]] | None = None,
) -> ReleasedTable:
    """Rows are the dimensions as text and, last, the people."""
    listed = list(rows)
    columns: dict[str, Any] = {
        dimension: pa.array([str(row[at]) for row in listed], pa.string()) for at, dimension in enumerate(dimensions)
    }
    columns["people"] = pa.array([row[-1] for row in listed], pa.int64())
    columns |= {key: pa.array(values) for key, values in (more or {}).items()}
    return ReleasedTable(name, pa.table(columns), tuple(dimensions), dict(hierarchies or {}), additive)


def publish(
    folder: Path,
    *tables: ReleasedTable,
    hierarchies: Mapping[str, Mapping[str, Sequence[str]]] | None = None,
    protection: Mapping[str, Any] = PROTECTION,
) -> Path:
    """Write a release; hierarchies are name -> parent -> children."""
    written = {
        name: pa.table(
            {
                "child": [child for children in parents.values() for child in children],
                "parent": [parent for parent, children in parents.items() for _ in children],
            }
        )
        for name, parents in (hierarchies or {}).items()
    }
    write_release(Release(tuple(tables), written, dict(protection)), folder)
    return folder


def attacks_of(audit: Audit) -> set[str]:
    """The attacks that found something."""
    return set(audit.counts)
