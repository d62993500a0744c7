"""Every sample is read by the reader it is for: none steals the files of another."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

from allmende.catalogue.bridges.readers import READERS, UnusableInput, choose_reader, reader_named
from tests.conftest import ROOT, SHARED_DATA

FORMATS = ROOT / "src" / "allmende" / "formats"
CORPORA = ROOT / "tests" / "corpora"
FOLDERS = {module.rpartition(".")[2]: name for name, module in READERS.items()}
ALSO_DATATOURISME = ("datatourisme-exhibition.json", "datatourisme-sample.json")
"""Both readers understand them, and the one of their own is surer."""
SAMPLES = sorted(
    path for folder in FOLDERS for path in (FORMATS / folder / "samples").iterdir() if path.suffix != ".md"
)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.parent.name}/{path.name}")
def test_a_sample_is_for_its_reader(path: Path) -> None:
    expected = "datatourisme" if path.name in ALSO_DATATOURISME else FOLDERS[path.parent.parent.name]
    assert expected == choose_reader(path).NAME


@pytest.mark.parametrize("name", READERS)
def test_a_reader_is_called_as_it_is_listed(name: str) -> None:
    assert name == reader_named(name).NAME


def test_every_calendar_of_the_corpus_is_for_the_calendar_reader() -> None:
    calendars = [path for path in (CORPORA / "ics").rglob("*.ics") if path.read_bytes().strip()]
    assert len(calendars) > 200
    wrong = {str(path): chosen for path in calendars if (chosen := choose_reader(path).NAME) != "ical"}
    assert wrong == {}


def test_hostile_files_stay_with_their_readers() -> None:
    mine = {"ical": {"ical"}, "schema_org": {"schema-org"}, "tabular": {"csv", "json", "geojson", "xlsx"}}
    for folder, names in mine.items():
        for path in (CORPORA / "hostile" / folder).iterdir():
            if path.suffix == ".md":
                continue
            try:
                chosen = choose_reader(path).NAME
            except UnusableInput:
                continue
            new = set(READERS) - {"ical", "schema-org", "csv", "json", "geojson", "xlsx"}
            assert chosen not in new, (path, names)


EXAMPLES = [path for path in sorted((ROOT / "examples").rglob("*.*json")) if path.parent.name != "mappings"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_files_of_the_demo_regions_keep_their_readers(path: Path) -> None:
    expected = "datatourisme" if path.stem == "datatourisme" else "geojson" if path.suffix == ".geojson" else "json"
    assert expected == choose_reader(path).NAME


def test_json_of_another_interface_is_taken_by_none_of_them(tmp_path: Path) -> None:
    path = tmp_path / "drupal.json"
    path.write_text('{"jsonapi":{"version":"1.0"},"data":[{"type":"node--event","id":"1","attributes":{"title":"A"}}]}')
    assert choose_reader(path).NAME == "json"


def test_other_xml_is_for_nobody(tmp_path: Path) -> None:
    path = tmp_path / "map.xml"
    path.write_text('<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document/></kml>')
    with pytest.raises(UnusableInput, match="not recognised"):
        choose_reader(path)


SHARED = [
    *((path, "datatourisme") for path in sorted((SHARED_DATA / "datatourisme" / "data").glob("*.json"))),
    *(
        (path, "uitdatabank")
        for folder in ("features/data/events", "features/data/places", "tests/EventExport/samples")
        for path in sorted((SHARED_DATA / "uitdatabank" / folder).rglob("*.json"))
        if not path.name.startswith(("calendar-", "create-place-missing", "event-missing"))
    ),
]


def test_what_may_not_ship_is_recognised_too() -> None:
    if not SHARED:
        pytest.skip("DATAtourisme and the UiTdatabank may not ship as a whole; set ALLMENDE_SHARED_DATA")
    wrong = {str(path): chosen for path, name in SHARED if (chosen := choose_reader(path).NAME) != name}
    assert wrong == {}


def test_the_command_and_the_workspace_know_every_reader() -> None:
    commands = import_module("allmende.site.commands.import_")
    words = import_module("allmende.guide.views.workspace.words")
    assert set(commands.FORMATS) == set(READERS) == set(words.FORMATS)
