"""DATAtourisme: its archives, its objects, nothing else."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date

import pytest

from allmende.formats import schema_org
from allmende.formats.records import RawRecord, UnusableInput
from tests.conftest import SHARED_DATA
from tests.formats.reading import assert_sound, codes, read, read_one, reader, sample, split

OBJECTS = SHARED_DATA / "datatourisme" / "data"


def test_an_archive_gives_its_objects() -> None:
    records, problems = read("datatourisme", sample("datatourisme", "flux_3.zip"))
    assert codes([problem for problem in problems if problem.severity == "error"]) == []
    assert [(record.kind, record.name["fr"]) for record in records] == [
        ("place", "Abbaye Sainte-Trinité de La Lucerne"),
        ("event", 'EXPOSITION : "ÉMOTIONS ENFOUIES" D\'ANNA-EVA BERGE'),
        ("place", "Escapade Nature Test"),
    ]
    abbey, exhibition, _ = records
    assert abbey.address.municipality_code == "50281"
    assert abbey.machine_translated == ("de", "es", "it", "nl")
    assert exhibition.schedule is not None
    assert exhibition.schedule.start == date(2023, 11, 9)


def test_an_object_is_the_same_record_by_either_reader_and_either_way() -> None:
    """Who changes from the one to the other, or from objects to archives, keeps what was imported."""
    from_archive, _ = split("datatourisme", sample("datatourisme", "flux_3.zip"))
    alone, _ = split("datatourisme", sample("datatourisme", "sample.json"))
    by_schema_org = [
        item
        for item in schema_org.split(io.BytesIO(sample("datatourisme", "sample.json")), None)
        if isinstance(item, RawRecord)
    ]  # type: ignore[arg-type]
    assert (
        from_archive[2].key
        == alone[0].key
        == by_schema_org[0].key
        == "https://data.datatourisme.fr/sample/test-resource"
    )


def test_the_index_alone_is_refused_with_what_to_deliver() -> None:
    with zipfile.ZipFile(io.BytesIO(sample("datatourisme", "flux_3.zip"))) as archive:
        index = archive.read("index.json")
    assert reader("datatourisme").sniff(index, "index.json") > 0.8
    with pytest.raises(UnusableInput, match="whole archive"):
        read("datatourisme", index)


@pytest.mark.parametrize("name", ["index.json", "objects/0/00/a.json", "flux-1-2024/objects/x.json"])
def test_an_archive_is_told_from_a_workbook_by_its_first_member(name: str) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as made:
        made.writestr(name, "{}")
    assert reader("datatourisme").sniff(stream.getvalue(), "flux.zip") > 0.9


def test_all_objects_that_there_are() -> None:
    if not OBJECTS.exists():
        pytest.skip("the objects of DATAtourisme are not part of the project; set ALLMENDE_SHARED_DATA")
    paths = sorted(OBJECTS.glob("*.json"))
    assert len(paths) >= 9
    kinds = []
    for path in paths:
        record = read_one("datatourisme", path.read_bytes())
        assert_sound(record)
        assert record.name["fr"]
        assert record.address.country == "FR" or path.stem == "sample"  # written in an older shape, without a country
        assert record.address.postal_code
        assert record.lon is not None
        kinds.append(record.kind)
    assert (kinds.count("event"), kinds.count("place")) == (1, len(paths) - 1)


def test_an_archive_of_all_objects_gives_what_the_objects_give() -> None:
    if not OBJECTS.exists():
        pytest.skip("the objects of DATAtourisme are not part of the project; set ALLMENDE_SHARED_DATA")
    paths = sorted(OBJECTS.glob("*.json"))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("index.json", json.dumps([{"file": path.name} for path in paths]))
        for path in paths:
            made.writestr(f"objects/{path.name[3]}/{path.name[3:5]}/{path.name}", path.read_bytes())
    assert {record.key: record for record in read("datatourisme", stream.getvalue())[0]} == {
        record.key: record for path in paths for record in [read_one("datatourisme", path.read_bytes())]
    }
