"""The reader that docs/how-to/add-a-reader.md builds does what the page says."""

from __future__ import annotations

import io
import re
from types import ModuleType
from typing import Any

import pytest

from allmende.formats.records import Address, Contact, Problem, RawRecord, ReadOptions, UnusableInput
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "how-to" / "add-a-reader.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found, f"the page has no {language} block"
    return found[1]


@pytest.fixture(scope="module")
def reader() -> Any:
    module = ModuleType("vcard")
    exec(compile(block("python"), "add-a-reader.md", "exec"), module.__dict__)
    return module


def records(reader: Any, delivery: bytes) -> list[RawRecord | Problem]:
    return list(reader.split(io.BytesIO(delivery), ReadOptions()))


def test_the_sample_becomes_a_place_and_a_named_error(reader: Any) -> None:
    mill, nameless = records(reader, block("vcf").encode())
    parsed = reader.parse(mill, ReadOptions())
    assert parsed.problems == []
    assert parsed.record.kind == "place"
    assert parsed.record.key == "mill-7"
    assert parsed.record.name == {"": "Old mill"}
    assert parsed.record.description == {"": "Grain is ground on Sundays.\nAsk for a tour."}
    assert parsed.record.address == Address("Mühlweg 7", "79400", "Kandern", "", "DE")
    assert parsed.record.contact == Contact(phone="+49 7626 1234")
    assert (parsed.record.lon, parsed.record.lat) == (7.6609, 47.7146)
    assert parsed.record.url == "https://mill.example.org/"
    assert parsed.record.categories == ["Museum"]
    refused = reader.parse(nameless, ReadOptions())
    assert refused.record is None
    assert [(problem.where, problem.code, problem.severity) for problem in refused.problems] == [
        ("line 12", "no-title", "error")
    ]


def test_folded_lines_and_windows_line_ends_are_read(reader: Any) -> None:
    (raw,) = records(reader, b"BEGIN:VCARD\r\nUID:a\r\nFN:Old\r\n  mill\r\nEND:VCARD\r\n")
    assert reader.parse(raw, ReadOptions()).record.name == {"": "Old mill"}


def test_what_is_no_address_book_is_refused_as_a_whole(reader: Any) -> None:
    with pytest.raises(UnusableInput, match="BEGIN:VCARD"):
        records(reader, b"name;street\nOld mill;Weg 7\n")


def test_the_page_names_every_place_where_a_reader_is_registered() -> None:
    for path in ("catalogue/bridges/readers.py", "site/commands/import_.py", "guide/views/workspace/words.py"):
        assert f"`{path}`" in PAGE
        assert '"geojson"' in (ROOT / "src" / "allmende" / path).read_text(encoding="utf-8")
