"""Plain JSON of any shape, with a mapping: a list, lists within objects, one object, newline-delimited objects.

A raw record is one object as delivered.  Where its records lie is said by the mapping's ``records``, or found
(``records_path.py``).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO, Final

from allmende.formats.jsonstream import Element, split_json
from allmende.formats.mapping import Proposal, parse_with_mapping, paths_of, plan_for, propose_mapping
from allmende.formats.mapping.propose import SAMPLE
from allmende.formats.paging import next_page as next_page
from allmende.formats.plain_json.records_path import find_records
from allmende.formats.records import Parsed, Problem, RawRecord, ReadOptions
from allmende.formats.tabular import KeyMaker, with_mapping

NAME: Final = "json"
VERSION: Final = 1


def sniff(head: bytes, filename: str) -> float:
    """How sure it is that these bytes are plain JSON; JSON with a format of its own leaves room for its reader."""
    start = head.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    if start[:1] not in (b"{", b"["):
        return 0.0
    if b'"FeatureCollection"' in head or b'"@context"' in head:
        return 0.3
    return 0.8 if filename.lower().endswith((".json", ".ndjson", ".jsonl")) else 0.6


def split(stream: BinaryIO, options: ReadOptions) -> Iterator[RawRecord | Problem]:
    """Raw records, one for each object; without a mapping in ``options`` one is proposed."""
    if options.mapping is None:
        options = with_mapping(options, propose(stream, options))
    plan = plan_for(options)
    keys = KeyMaker(plan)
    for item in split_json(stream, _records(stream, options)):
        if isinstance(item, Problem):
            yield item
        elif type(item.value) is not dict:
            yield Problem(item.where, "This is no object with named values; it was left out.", "not-an-object")
        elif not plan.is_skipped(item.value):
            yield from keys.record(item.value, item.raw, item.where, item.name)


def parse(raw: RawRecord, options: ReadOptions) -> Parsed:
    """Understand one object by the mapping of ``options``."""
    return parse_with_mapping(raw, options)


def propose(stream: BinaryIO, options: ReadOptions) -> Proposal:
    """A mapping proposed from the first objects; the stream stands at its beginning again."""
    path = find_records(stream)
    try:
        elements = (item for item in split_json(stream, path) if isinstance(item, Element))
        rows: list[Any] = [item.value for item in islice(elements, SAMPLE) if isinstance(item.value, dict)]
    finally:
        stream.seek(0)
    hint = None if options.kind == "event" else options.kind
    proposal = propose_mapping(paths_of(rows), rows, kind_hint=hint)
    proposal.mapping["records"] = path
    return proposal


def resolve_mapping(stream: BinaryIO, options: ReadOptions) -> dict[str, object]:
    """The mapping to read this delivery with: that of ``options``, else a proposed one."""
    return dict(options.mapping) if options.mapping is not None else propose(stream, options).mapping


def _records(stream: BinaryIO, options: ReadOptions) -> str:
    mapping = options.mapping or {}
    return str(mapping["records"]) if "records" in mapping else find_records(stream)
