"""One delivered file as a stream of rows of text, numbers and times: CSV, JSON lines, Arrow and Parquet."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from allmende.engines.flows.hashing import silent
from allmende.engines.flows.intake import IntakeError

KINDS = {
    ".parquet": "parquet", ".pq": "parquet",
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".psv": "csv",
    ".jsonl": "json", ".ndjson": "json", ".json": "json",
    ".arrow": "arrow", ".arrows": "arrow", ".feather": "arrow", ".ipc": "arrow",
}  # fmt: skip
PACKED = (".gz", ".zst")
NULLS = "['', 'NA', 'N/A', 'NaN', 'nan', 'null', 'NULL', 'None', '\\N']"
REJECTS = 100_000
"""Lines of a CSV that are remembered as torn; of more it is only known that there are at least so many."""
DELIMITERS = ",;\t|"


def kind_of(path: Path) -> str:
    """``parquet``, ``csv``, ``json`` or ``arrow`` by the end of the name; empty: not read."""
    suffix = path.suffix.lower()
    packed = suffix in PACKED
    kind = KINDS.get(Path(path.stem).suffix.lower() if packed else suffix, "")
    return kind if not packed or kind in ("csv", "json") else ""


def files_at(path: Path) -> list[Path]:
    """The files at ``path`` that can be read: itself, or those below it in order of their names.

    Raises:
        IntakeError: if there are none.
    """
    if path.is_file():
        if not kind_of(path):
            raise IntakeError(f"{path}: this kind of file is not read. Deliver Parquet, CSV, JSON lines or Arrow.")
        return [path]
    found = sorted(
        p
        for p in path.rglob("*")
        if p.is_file() and kind_of(p) and not any(part.startswith(("_", ".")) for part in p.relative_to(path).parts)
    )
    if not found:
        raise IntakeError(f"{path}: no files with events. Deliver Parquet, CSV (also .gz), JSON lines or Arrow.")
    return found


def connect(memory: int, spill: Path, threads: int) -> duckdb.DuckDBPyConnection:
    """DuckDB within a limit of memory, that goes nowhere but to files."""
    return duckdb.connect(
        config={
            "memory_limit": f"{max(memory, 256 << 20)}B",
            "temp_directory": str(spill),
            "threads": threads,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )


def quoted(name: str) -> str:
    """A name as SQL has it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL has it."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class Source:
    """One file that is open: where SQL finds it, its columns with DuckDB's types, and how its rows are counted."""

    sql: str
    types: dict[str, str]
    first_row: int
    """Number of the first row of data: 2 where lines are counted and there is a header, 1 for lines, 0 for rows."""
    decimal_comma: bool = False


def _header(path: Path) -> tuple[list[str], str]:
    with pa.input_stream(path, compression=_compression(path)) as stream:
        head = stream.read(1 << 16).decode("utf-8-sig", errors="replace")
    line = head.splitlines()[0] if head.strip() else ""
    delimiter = max(DELIMITERS, key=line.count)
    names = next(csv.reader([line], delimiter=delimiter), []) if line else []
    names = [name.strip() or f"column{i}" for i, name in enumerate(names)]
    return [name if name not in names[:i] else f"{name}_{i}" for i, name in enumerate(names)], delimiter


def _compression(path: Path) -> str | None:
    return {".gz": "gzip", ".zst": "zstd"}.get(path.suffix.lower())


def _csv(path: Path) -> Source:
    names, delimiter = _header(path)
    if not names:
        raise IntakeError(f"{path}: the file is empty. Deliver it again with a first line that names the columns.")
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    sql = (
        f"read_csv({literal(str(path))}, auto_detect=false, header=true, delim={literal(delimiter)}, quote='\"', "
        f"escape='\"', columns={{{columns}}}, nullstr={NULLS}, null_padding=true, "
        f"store_rejects=true, rejects_limit={REJECTS})"
    )
    return Source(sql, dict.fromkeys(names, "VARCHAR"), 2, delimiter != ",")


def _json(path: Path, con: duckdb.DuckDBPyConnection) -> Source:
    read = f"read_json({literal(str(path))}, format='newline_delimited', ignore_errors=true"
    names = [row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {read}, sample_size=20000)").fetchall()]  # noqa: S608 a path in quotes
    columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in names)
    return Source(f"{read}, columns={{{columns}}})", dict.fromkeys(names, "VARCHAR"), 1)


def _batches(path: Path) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    try:
        file = pa.ipc.open_file(pa.memory_map(str(path)))
        return file.schema, (file.get_batch(i) for i in range(file.num_record_batches))
    except pa.ArrowInvalid:
        stream = pa.ipc.open_stream(pa.memory_map(str(path)))
        return stream.schema, iter(stream)


@contextmanager
def opened(con: duckdb.DuckDBPyConnection, path: Path) -> Iterator[Source]:
    """A file, ready to be asked in SQL once (a stream is used up by that).

    Raises:
        IntakeError: if it cannot be read; names the file and the remedy.
    """
    kind = kind_of(path)
    try:
        if kind == "csv":
            yield _csv(path)
        elif kind == "json":
            yield _json(path, con)
        else:
            if kind == "parquet":
                schema = pq.read_schema(path)
                source = f"read_parquet({literal(str(path))}, hive_partitioning=false)"
            else:
                schema, batches = _batches(path)
                con.register("delivered", pa.RecordBatchReader.from_batches(schema, batches))
                source = "delivered"
            types = {field.name: _type(field.type) for field in schema}
            yield Source(source, types, 0)
            if kind == "arrow":
                con.unregister("delivered")
    except (duckdb.Error, pa.ArrowInvalid, OSError, UnicodeDecodeError) as error:
        raise IntakeError(f"{path}: cannot be read ({silent(error)}). Deliver it again, or leave it out.") from None


def _type(type_: Any) -> str:
    if pa.types.is_dictionary(type_):
        type_ = type_.value_type
    if pa.types.is_timestamp(type_):
        return "TIMESTAMPTZ" if type_.tz else "TIMESTAMP"
    if pa.types.is_integer(type_):
        return "BIGINT"
    if pa.types.is_floating(type_) or pa.types.is_decimal(type_):
        return "DOUBLE"
    if pa.types.is_date(type_):
        return "TIMESTAMP"
    return "VARCHAR"
