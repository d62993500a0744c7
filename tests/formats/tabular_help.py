"""What the tests of the tabular readers share."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from allmende.formats.records import Parsed, Problem, RawRecord, ReadOptions

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"


def split_all(reader: Any, data: bytes, mapping: dict[str, Any] | None = None) -> tuple[list[RawRecord], list[Problem]]:
    """Raw records and problems of a delivery."""
    return sort_out(reader.split(io.BytesIO(data), ReadOptions(mapping=mapping)))


def sort_out(items: Iterable[RawRecord | Problem]) -> tuple[list[RawRecord], list[Problem]]:
    records: list[RawRecord] = []
    problems: list[Problem] = []
    for item in items:
        if isinstance(item, RawRecord):
            records.append(item)
        else:
            problems.append(item)
    return records, problems


def read_all(reader: Any, data: bytes, mapping: dict[str, Any]) -> tuple[list[Parsed], list[Problem]]:
    """Everything parsed, and the problems of splitting."""
    records, problems = split_all(reader, data, mapping)
    options = ReadOptions(mapping=mapping)
    return [reader.parse(raw, options) for raw in records], problems
