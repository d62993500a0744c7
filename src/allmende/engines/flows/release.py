"""A release: tables that are safe to publish, in one folder with one manifest.

::

    RELEASE/
      manifest.json          what this is, how it was protected, lineage, checks; sizes and digests of the files
      tables/NAME.parquet    one row per figure that may be shown
      hierarchies/NAME.parquet  child, parent: which areas lie in which, which hours in which day

A released table has its dimensions (text, whole numbers or times) and ``people`` (a whole number), and perhaps labels: columns
that say one of its dimensions in other words (the local time beside the name of an hour, see ``periods``).  **A row that is not
there is "fewer than the threshold, or none"**: primary and complementary suppression and empty cells look the same, so that
no marker says "between 1 and 9".  Numbers of devices are never released.

``"*"`` stands for "all" in a dimension: the row with ``visitor_class = "*"`` is the total over the classes.  Which children
make up which parent is in ``hierarchies``; a dimension without one has ``"*"`` as its only parent.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

ALL = "*"
MEASURE = "people"
FORMAT = 1


class ReleaseError(ValueError):
    """A folder is not a release, or a file of it was changed; the message names the file and the remedy."""


@dataclass(frozen=True, slots=True)
class ReleasedTable:
    """One table: its rows, its dimensions, and for each dimension which hierarchy it follows (or none)."""

    name: str
    rows: pa.Table
    dimensions: tuple[str, ...]
    hierarchies: dict[str, str] = field(default_factory=dict)
    additive: bool = True
    """Whether children add up to their parent (classes do); distinct devices over hours or cells only bound it."""
    labels: tuple[str, ...] = ()
    """Columns that follow from a dimension and say it in other words; no dimensions themselves."""


@dataclass(frozen=True, slots=True)
class Release:
    """Tables, hierarchies (name -> table of ``child``, ``parent``), how it was protected, and its lineage."""

    tables: tuple[ReleasedTable, ...]
    hierarchies: dict[str, pa.Table] = field(default_factory=dict)
    protection: dict[str, Any] = field(default_factory=dict)
    """method, threshold (devices), interval (devices: no suppressed figure can be bounded tighter), rounding base, budget …"""
    lineage: dict[str, Any] = field(default_factory=dict)
    """input digests, parameters, versions, checks"""
    timezone: str = ""
    """IANA name of the clock that days and months follow; "" where the release does not say"""

    def table(self, name: str) -> ReleasedTable:
        """The table of that name.

        Raises:
            KeyError: if the release has none of that name.
        """
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(name)


def write_release(release: Release, folder: Path, documents: Mapping[str, str] | None = None) -> None:
    """Write the folder so that it is there whole or not at all; an older release of that name is replaced.

    ``documents``: name -> text of further files (the report's summary) that are published with it.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        files: dict[str, str] = {}
        (work / "tables").mkdir()
        (work / "hierarchies").mkdir()
        for table in release.tables:
            files[f"tables/{table.name}.parquet"] = _write(table.rows, work / "tables" / f"{table.name}.parquet")
        for name, rows in release.hierarchies.items():
            files[f"hierarchies/{name}.parquet"] = _write(rows, work / "hierarchies" / f"{name}.parquet")
        for name, text in (documents or {}).items():
            (work / name).write_text(text, "utf-8")
            files[name] = hashlib.sha256(text.encode()).hexdigest()
        manifest = {
            "allmende_release": FORMAT,
            "protected": True,
            "protection": release.protection,
            "lineage": release.lineage,
            "timezone": release.timezone,
            "tables": {
                table.name: {
                    "dimensions": list(table.dimensions),
                    "hierarchies": table.hierarchies,
                    "additive": table.additive,
                    "labels": list(table.labels),
                    "rows": table.rows.num_rows,
                }
                for table in release.tables
            },
            "hierarchies": sorted(release.hierarchies),
            "sha256": files,
        }
        (work / "manifest.json").write_text(json.dumps(manifest, indent=1, sort_keys=True, default=str) + "\n", "utf-8")
        os.chmod(work, 0o755)  # noqa: S103  # what is published may be read by all
        old = folder.with_name(f".{folder.name}-old")
        shutil.rmtree(old, ignore_errors=True)
        if folder.exists():
            folder.rename(old)
        work.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write(rows: pa.Table, path: Path) -> str:
    pq.write_table(rows, path, compression="zstd")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def read_release(folder: Path) -> Release:
    """Read a release back.

    Raises:
        ReleaseError: if the folder is none, or a file was changed after it was written.
    """
    try:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    except FileNotFoundError:
        raise ReleaseError(
            f"{folder}: no manifest.json. Name the folder that 'allmende flows publish' wrote."
        ) from None
    except ValueError as error:
        raise ReleaseError(f"{folder}/manifest.json cannot be read: {error}. Publish again.") from None
    if manifest.get("allmende_release") != FORMAT:
        raise ReleaseError(f"{folder}/manifest.json is no release of format {FORMAT}. Publish again with this version.")
    for name, digest in manifest["sha256"].items():
        path = folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            raise ReleaseError(f"{path} is missing or was changed after it was published. Publish again.")
    return Release(
        tables=tuple(
            ReleasedTable(
                name,
                pq.read_table(folder / "tables" / f"{name}.parquet"),
                tuple(entry["dimensions"]),
                entry["hierarchies"],
                entry["additive"],
                tuple(entry.get("labels", ())),
            )
            for name, entry in manifest["tables"].items()
        ),
        hierarchies={
            name: pq.read_table(folder / "hierarchies" / f"{name}.parquet") for name in manifest["hierarchies"]
        },
        protection=manifest["protection"],
        lineage=manifest["lineage"],
        timezone=str(manifest.get("timezone", "")),
    )


__all__ = ["ALL", "MEASURE", "Release", "ReleaseError", "ReleasedTable", "read_release", "write_release"]
