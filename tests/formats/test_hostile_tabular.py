"""Deliveries that mean harm, or look like it: each ends in records, problems or a clear refusal, soon and in little memory."""

from __future__ import annotations

import contextlib
import importlib
import io
import resource
from pathlib import Path
from typing import Any

import pytest

from allmende.formats.records import Parsed, Problem, RawRecord, ReadOptions, Record, UnusableInput
from tests.formats.hostile_tabular import LARGE
from tests.formats.tabular_help import ROOT

CORPUS = ROOT / "tests/corpora/hostile/tabular"
READERS = {"csv": "csv_table", "json": "plain_json", "geojson": "geojson", "xlsx": "xlsx_table"}
FIELDS = {
    "name": "properties.name|name|title",
    "description": "description",
    "start": "start",
    "url": "url",
    "email": "email",
    "image": "image",
    "categories": "categories",
    "lat": "lat",
    "lon": "lon",
    "organiser_url": "organiser",
}
MAX_MEMORY = 300 * 1024


def reader_for(name: str) -> Any:
    return importlib.import_module(f"allmende.formats.{READERS[name]}")


def read(reader: Any, data: bytes, kind: str) -> tuple[list[Record], list[Problem], str]:
    """What is understood, the problems, and the reason if the whole is refused."""
    mapping = {"kind": kind, "key": "id", "fields": FIELDS}
    options = ReadOptions(mapping=mapping)
    records: list[Record] = []
    problems: list[Problem] = []
    try:
        for item in reader.split(io.BytesIO(data), options):
            found = reader.parse(item, options) if isinstance(item, RawRecord) else Parsed(None, [item])
            problems += found.problems
            records += [found.record] if found.record else []
    except UnusableInput as refusal:
        return records, problems, str(refusal)
    return records, problems, ""


def texts_of(record: Record) -> list[str]:
    return [*record.name.values(), *record.description.values(), *record.categories, record.url, record.organiser.url,
            record.contact.email, *(item.url for item in record.media)]  # fmt: skip


@pytest.mark.parametrize(
    "path", sorted(path for path in CORPUS.iterdir() if path.suffix != ".md"), ids=lambda path: path.name
)
@pytest.mark.parametrize("kind", ["event", "place"])
def test_hostile_files_yield_nothing_that_runs(path: Path, kind: str) -> None:
    records, problems, refusal = read(reader_for(path.suffix[1:]), path.read_bytes(), kind)
    assert records or problems or refusal
    for text in (text for record in records for text in texts_of(record)):
        assert "<script" not in text.lower()
        assert "\0" not in text
        assert "\u202e" not in text
    for record in records:
        assert all(not url or url.startswith(("http://", "https://")) for url in (record.url, record.organiser.url))
        assert all(item.url.startswith(("http://", "https://")) for item in record.media)
    assert all(len(problem.message) < 400 for problem in problems)


def test_formulas_stay_words_and_links_to_scripts_are_dropped() -> None:
    records, problems, _ = read(reader_for("csv"), (CORPUS / "scripts.csv").read_bytes(), "event")
    assert [record.name[""] for record in records] == [
        "=cmd|' /C calc'!A0", "Konzert", "Lesung", "@SUM(1+1)*cmd", "evil", "Fest",
    ]  # fmt: skip
    assert [record.url for record in records] == [""] * 6
    assert {problem.code for problem in problems} == {"bad-url", "bad-email"}


@pytest.mark.parametrize("name", LARGE)
def test_large_and_odd_deliveries_end_in_little_memory(name: str) -> None:
    reader, make = LARGE[name]
    data = make()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    records, problems, refusal = read(reader_for(reader), data, "place")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert records or problems or refusal
    assert grown < MAX_MEMORY
    assert all(len(text) <= 100_000 for record in records for text in texts_of(record))


@pytest.mark.parametrize("name", LARGE)
def test_proposals_survive_them_too(name: str) -> None:
    reader, make = LARGE[name]
    stream = io.BytesIO(make())
    with contextlib.suppress(UnusableInput):
        mapping = reader_for(reader).resolve_mapping(stream, ReadOptions())
        assert set(mapping) <= {"kind", "fields", "key", "records", "day_first"}
    assert stream.tell() == 0
