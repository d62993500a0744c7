"""All calendars of three libraries: what came out was looked through once, and must stay so.

After a change that is meant, this writes the table anew:
``python tests/formats/ical/ical_corpus.py tests/corpora/ics --write tests/formats/ical/corpus_expected.json``
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from allmende.formats import ical
from allmende.formats.records import Problem, ReadOptions
from tests.formats.ical.ical_corpus import MEBIBYTES, SECONDS, outcome

HERE = Path(__file__).parent
CORPUS = HERE.parents[1] / "corpora" / "ics"
SAMPLES = Path(ical.__file__).parent / "samples"
EXPECTED: dict[str, Any] = json.loads((HERE / "corpus_expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """What a separate process, held to its limits, makes of the whole corpus."""
    program = [sys.executable, "-W", "error", str(HERE / "ical_corpus.py"), str(CORPUS)]
    ended = subprocess.run(program, capture_output=True, check=False, timeout=300)
    last = ended.stderr.decode().strip().rpartition("\n")[2]
    assert ended.returncode == 0, f"ended at {last}: over {SECONDS} seconds or {MEBIBYTES} MiB, or an error"
    result: dict[str, Any] = json.loads(ended.stdout)
    return result


def test_the_corpus_is_whole() -> None:
    files = {path.relative_to(CORPUS).as_posix() for path in CORPUS.rglob("*.ics")}
    assert files == set(EXPECTED)
    assert len(files) == 310


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_calendar_reads_as_expected(name: str, found: dict[str, Any]) -> None:
    assert found[name] == EXPECTED[name]


def test_every_event_with_title_and_start_goes_in() -> None:
    lost = {name: entry.get("errors") for name, entry in EXPECTED.items() if entry.get("refused")}
    reasons = {line.partition(": ")[2] for lines in lost.values() for line in lines}
    assert reasons == {"no-title", "no-start", "bad-date"}


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.ics")), ids=lambda path: path.stem)
def test_the_samples_read_without_error(path: Path) -> None:
    read = outcome(path.read_bytes(), ReadOptions())
    assert read["events"] > 0
    assert read["refused"] == 0


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.ics")), ids=lambda path: path.stem)
def test_a_second_delivery_with_new_stamps_and_line_ends_is_the_same(path: Path) -> None:
    first = path.read_bytes()
    lines = first.replace(b"\r\n", b"\n").split(b"\n")
    stamped = [b"DTSTAMP:20300101T000000Z" if line.startswith(b"DTSTAMP") else line for line in lines]
    with path.open("rb") as stream:
        before = [item for item in ical.split(stream, ReadOptions()) if not isinstance(item, Problem)]
    after = [
        item for item in ical.split(io.BytesIO(b"\n".join(stamped)), ReadOptions()) if not isinstance(item, Problem)
    ]
    assert after == before
