"""``allmende export`` as a person and a script meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rdflib import Graph

from allmende.site.commands.export import FORMATS
from tests.site.conftest import Installation

pytestmark = pytest.mark.once("tests/catalogue/export reads and writes every format on both")

CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//test//test//EN
BEGIN:VEVENT
UID:a
SUMMARY:Fête
DTSTART;TZID=Europe/Paris:20301205T193000
DTEND;TZID=Europe/Paris:20301205T220000
LOCATION:Salle des fêtes
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def filled(installation: Installation, tmp_path: Path) -> Installation:
    path = tmp_path / "feed.ics"
    path.write_text(CALENDAR)
    settings = ("--language", "fr", "--timezone", "Europe/Paris", "--organisation", "Ville", "--licence", "CC-BY-4.0")
    installation.run("import", str(path), "--source", "agenda", *settings)
    return installation


def test_every_format_writes_a_file_and_a_summary(filled: Installation, tmp_path: Path) -> None:
    sizes = {}
    for name in FORMATS:
        out = tmp_path / f"out.{name}"
        summary = filled.json("export", "--format", name, "--out", str(out))
        sizes[name] = out.stat().st_size
        assert summary["file"] == str(out)
        assert summary["bytes"] == sizes[name]
        assert summary["records"] == ({} if name in {"rss", "atom", "dcat"} else {"event": 1}), name
    assert min(sizes.values()) > 100
    assert "SUMMARY:Fête" in (tmp_path / "out.ical").read_text()
    assert len(Graph().parse(tmp_path / "out.dcat", format="turtle")) > 50
    assert sorted(path.name for path in tmp_path.glob("*.part")) == []


def test_an_export_goes_in_elsewhere_by_itself(filled: Installation, tmp_path: Path) -> None:
    out = tmp_path / "everything.json"
    filled.run("export", "--format", "json", "--out", str(out))
    report = filled.json("import", str(out), "--source", "moved", "--organisation", "Elsewhere")
    assert (report["created"], report["failed"]) == (1, 0)
    again = filled.json("import", str(out), "--source", "moved")
    assert (again["updated"], again["unchanged"]) == (0, 1)


def test_standard_output(filled: Installation) -> None:
    done = filled.run("export", "--format", "json", "--source", "agenda", "--language", "de", "--out", "-")
    assert [record["name"] for record in json.loads(done.stdout)] == [{"fr": "Fête"}]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--format", "ical", "--kind", "place"), "iCalendar holds event"),
        (("--format", "alpinebits", "--kind", "all"), "AlpineBits holds event or place"),
        (("--format", "csv", "--source", "nobody"), "no source 'nobody'"),
        (("--format", "csv", "--since", "2026-12-02", "--until", "2026-12-01"), "--until lies before --since"),
        (("--format", "rss", "--source", "agenda"), "leave --source out"),
        (("--format", "csv", "--since", "soon"), "write it like 2026-12-01"),
    ],
)
def test_what_cannot_be_is_refused_with_its_remedy(
    filled: Installation, tmp_path: Path, args: tuple[str, ...], words: str
) -> None:
    out = tmp_path / "out"
    done = filled.run("export", *args, "--out", str(out), exit_code=2)
    assert words in done.stderr
    assert not out.exists()


def test_a_file_that_cannot_be_written_changes_nothing(filled: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "out.csv"
    folder.mkdir()
    done = filled.run("export", "--format", "csv", "--out", str(folder), exit_code=2)
    assert "cannot be written" in done.stderr
    assert list(folder.iterdir()) == []
    assert list(tmp_path.glob(".out.csv*")) == []
