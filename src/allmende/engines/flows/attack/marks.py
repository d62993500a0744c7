"""What a folder gives away before anything is computed: unprotected runs, device-level rows, columns too many, markers.

Direct identifiers, hashes of them and counts of devices have no place in a release (Eurostat, Guidelines on the use of mobile
phone data, 2020; Y.-A. de Montjoye et al., Unique in the Crowd, Scientific Reports 3:1376, 2013: four points single out 95 %).
A marker for "withheld", or a row of nobody, tells a withheld figure from an empty one: then it is between 1 and k - 1
(A. Hundepool et al., Statistical Disclosure Control, 2012, ch. 4).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from allmende.engines.flows.attack.cube import Source
from allmende.engines.flows.attack.findings import Finding
from allmende.engines.flows.attack.labels import harmless
from allmende.engines.flows.release import MEASURE, Release

UNPROTECTED = "unprotected run"
COLUMNS = "columns that should not be there"
MARKERS = "markers"
DEVICE_TABLES = frozenset({"events", "cell_events", "stays", "places", "home", "homes", "device_days", "trips"})
_DEVICE_COLUMN = re.compile(
    r"(^|_)(devices?|imsi|imei|msisdn|subscribers?|pseudonym|hash|user_?id|uid|person)(_|$)", re.I
)
_DEVICE_COUNT = re.compile(r"^(n_)?devices(_|$)|_milli2?$", re.I)
_MARK_COLUMN = re.compile(r"flag|status|suppress|secret|quality|marker|withheld|confiden", re.I)
_HASH = re.compile(r"[0-9a-fA-F]{16,128}|[A-Za-z0-9+/_-]{22,88}={0,2}")
_REMEDY_COLUMN = "Leave the column out: a released table has its dimensions and people."


def unprotected_files(folder: Path) -> list[tuple[str, bool]] | None:
    """(file, whether its rows are single devices) of a folder that no protection went over; ``None`` if it is a release."""
    manifest = folder / "manifest.json"
    try:
        content = json.loads(manifest.read_text("utf-8")) if manifest.is_file() else {}
    except ValueError:
        return None  # a damaged release, which reading it names
    if "allmende_release" in content and content.get("protected") is True:
        return None
    files = sorted(path for path in folder.rglob("*.parquet") if path.is_file())
    marked = content.get("protected") is False or content.get("unprotected") is True
    marked = marked or any("unprotected" in path.name.lower() for path in folder.iterdir())
    found = []
    for path in files:
        schema = _schema(path)
        if schema is None:
            continue
        words = b" ".join(part for pair in (schema.metadata or {}).items() for part in pair)
        marked = marked or b"unprotected" in words.lower()
        single = path.stem in DEVICE_TABLES or any(
            _DEVICE_COLUMN.search(name) and not _DEVICE_COUNT.search(name) for name in schema.names
        )
        found.append((path.relative_to(folder).as_posix(), single))
    return found if marked or any(single for _, single in found) else None


def _schema(path: Path) -> pa.Schema | None:
    try:
        return pq.read_schema(path)
    except (pa.ArrowInvalid, OSError):
        return None


def refuse(folder: Path, files: list[tuple[str, bool]]) -> Iterator[Finding]:
    """An unprotected run is for evaluation only: each file by name."""
    remedy = "Keep it where the events are kept. Publish with 'allmende flows publish'."
    for name, single in files or [("", False)]:
        yield Finding(
            UNPROTECTED,
            folder.name,
            {"file": name} if name else {},
            "each row is one device" if single else "figures that no protection went over",
            "The folder is no protected release.",
            "leak",
            remedy,
        )


def stray_files(folder: Path, release: Release) -> Iterator[Finding]:
    """Files in the folder that the manifest does not list."""
    listed = {f"tables/{table.name}.parquet" for table in release.tables}
    listed |= {f"hierarchies/{name}.parquet" for name in release.hierarchies} | {"manifest.json"}
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    if "summary.json" in manifest["sha256"]:
        listed.add("summary.json")  # what the report tells: text and sums over the whole, no table
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        if name not in listed:
            yield Finding(
                COLUMNS,
                folder.name,
                {"file": name},
                "a file that the manifest does not list would be published with the release",
                "Found in the folder.",
                "leak",
                "Remove it.",
            )


def columns(source: Source) -> Iterator[Finding]:
    """Columns beyond dimensions and people, dimensions that name devices, and rows that repeat their dimensions."""
    table, rows = source.table, source.table.rows
    for name in rows.column_names:
        if name == MEASURE:
            continue
        if _DEVICE_COUNT.search(name):
            what = "numbers of devices, or what they follow from, are shown"
        elif _DEVICE_COLUMN.search(name) or _is_hash(rows[name]):
            what = "the values look like identifiers of devices, or hashes of them"
        elif name in table.dimensions or harmless(table, name):
            continue
        elif not _MARK_COLUMN.search(name):
            what = "the column is no dimension"
        else:
            continue
        yield Finding(COLUMNS, source.name, {"column": name}, what, "Read from the table.", "leak", _REMEDY_COLUMN)
    if table.dimensions and rows.num_rows:
        different = rows.group_by(list(table.dimensions)).aggregate([]).num_rows
        if different < rows.num_rows:
            yield Finding(
                COLUMNS,
                source.name,
                {"rows": "repeated"},
                f"{rows.num_rows - different} rows repeat the dimensions of another row: they are parts of figures, or single devices",
                "Rows counted by their dimensions.",
                "leak",
                "Add the rows up before the threshold is applied.",
            )


def _is_hash(column: pa.ChunkedArray) -> bool:
    if pa.types.is_integer(column.type):
        numbers = np.abs(pc.drop_null(column).to_numpy()[:10_000].astype(np.float64))
        return bool(len(numbers) > 20 and np.median(numbers) > 1e16)
    if not (
        pa.types.is_string(column.type) or pa.types.is_large_string(column.type) or pa.types.is_binary(column.type)
    ):
        return False
    if pa.types.is_binary(column.type):
        return True
    values = [value for value in pc.unique(column).to_pylist()[:2000] if value]
    # A grid code is long, too; a hash is all digits and letters without a word in it.
    like = [value for value in values if _HASH.fullmatch(value) and not value.startswith(("CRS", "http"))]
    mixed = [value for value in like if sum(letter.isdigit() for letter in value) >= len(value) / 8]
    return len(mixed) >= max(3, len(values) / 2)


def markers(source: Source, noisy: bool = False) -> Iterator[Finding]:
    """Rows that say "withheld" in some way, so that an absent row says "nobody", or the other way round.

    Where noise is declared, a figure of nobody or less is noise.
    """
    rows = source.table.rows
    people = rows[MEASURE]
    remedy = "Leave the rows out: a row that is not there is fewer than the threshold, or none."
    threshold = "between 1 and the threshold"
    for name in rows.column_names:
        if name not in source.table.dimensions and name != MEASURE and _MARK_COLUMN.search(name):
            yield Finding(
                MARKERS,
                source.name,
                {"column": name},
                f"it tells withheld figures from empty ones: they are {threshold}",
                "A column besides dimensions and people.",
                "leak",
                remedy,
            )
    if not (pa.types.is_integer(people.type) or pa.types.is_floating(people.type)):
        yield Finding(
            MARKERS, source.name, {"column": MEASURE}, "people are no numbers", "A text can mark.", "leak", remedy
        )
        return
    number = people.to_numpy().astype(np.float64)
    for marks, what in (
        (~np.isfinite(number), f"rows without a number mark figures {threshold}"),
        ((number < 0) & (not noisy), f"negative numbers mark figures {threshold}"),
        ((number == 0) & (not noisy), f"rows of nobody are shown, so a row that is not there is {threshold}"),
    ):
        if marks.any():
            yield Finding(
                MARKERS,
                source.name,
                {"rows": str(int(marks.sum()))},
                what,
                "Read from the table.",
                "leak",
                remedy,
                1.0,
            )
