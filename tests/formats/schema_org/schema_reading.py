"""Short ways to read a delivery in the tests of the schema.org reader."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

from allmende.formats import schema_org
from allmende.formats.records import Problem, RawRecord, ReadOptions, Record

SAMPLES = Path(schema_org.__file__).parent / "samples"
OPTIONS = ReadOptions(language="en", timezone="Europe/Berlin")


def as_bytes(value: Any) -> bytes:
    return (
        value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else json.dumps(value).encode()
    )


def split(value: Any, options: ReadOptions = OPTIONS) -> tuple[list[RawRecord], list[Problem]]:
    found = list(schema_org.split(io.BytesIO(as_bytes(value)), options))
    return [item for item in found if isinstance(item, RawRecord)], [
        item for item in found if isinstance(item, Problem)
    ]


def read(value: Any, options: ReadOptions = OPTIONS) -> tuple[list[Record], list[Problem]]:
    """Records of a delivery and all problems, those of the delivery first."""
    raws, problems = split(value, options)
    records = []
    for raw in raws:
        parsed = schema_org.parse(raw, options)
        problems += parsed.problems
        if parsed.record is not None:
            records.append(parsed.record)
        else:
            assert any(problem.severity == "error" for problem in parsed.problems)
    return records, problems


def read_one(value: Any, options: ReadOptions = OPTIONS) -> Record:
    records, problems = read(value, options)
    assert [problem.code for problem in problems if problem.severity == "error"] == []
    assert len(records) == 1
    return records[0]


def event(**fields: Any) -> dict[str, Any]:
    """A small complete event."""
    return {
        "@context": "https://schema.org",
        "@type": "Event",
        "url": "https://village.example/e/1",
        "name": "Market",
        "startDate": "2026-05-02",
        **fields,
    }


def place(**fields: Any) -> dict[str, Any]:
    return {"@type": "Museum", "@id": "https://village.example/p/1", "name": "Mill Museum", **fields}


def codes(problems: list[Problem]) -> list[str]:
    return [problem.code for problem in problems]
