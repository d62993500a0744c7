"""GeoJSON features with a mapping for their properties."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from allmende.formats import geojson
from allmende.formats.records import ReadOptions, UnusableInput
from tests.formats.tabular_help import read_all, split_all

MAPPING: dict[str, Any] = {"kind": "place", "key": "id", "fields": {"name": "properties.n"}}
SAMPLES = Path(geojson.__file__).parent / "samples"


def feature(geometry: Any, number: int = 1) -> dict[str, Any]:
    return {"type": "Feature", "id": number, "geometry": geometry, "properties": {"n": "Mühle"}}


def collection(*features: Any, **more: Any) -> bytes:
    return json.dumps({"type": "FeatureCollection", **more, "features": features}).encode()


def position(geometry: Any) -> tuple[float | None, float | None]:
    parsed, _ = read_all(geojson, collection(feature(geometry)), MAPPING)
    record = parsed[0].record
    assert record is not None, parsed[0].problems
    return record.lat, record.lon


def test_a_point_and_the_middle_of_everything_else() -> None:
    square = [[7.0, 47.0], [7.0, 48.0], [8.0, 48.0], [8.0, 47.0], [7.0, 47.0]]
    assert position({"type": "Point", "coordinates": [7.66, 47.7]}) == (47.7, 7.66)
    assert position({"type": "Polygon", "coordinates": [square]}) == (47.5, 7.5)
    assert position({"type": "MultiPoint", "coordinates": [[7.0, 47.0]]}) == (47.0, 7.0)
    assert position(None) == (None, None)


def test_the_middle_of_a_bent_shape_lies_within_it() -> None:
    bent = [[0.0, 0.0], [4.0, 0.0], [4.0, 1.0], [1.0, 1.0], [1.0, 4.0], [0.0, 4.0], [0.0, 0.0]]
    lat, lon = position({"type": "Polygon", "coordinates": [bent]})
    assert lat is not None
    assert lon is not None
    assert min(lat, lon) <= 1


@pytest.mark.parametrize(
    "geometry",
    [
        {"type": "Point"},
        {"type": "Point", "coordinates": []},
        {"type": "Point", "coordinates": ["7", "47"]},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
        {"type": "Polygon", "coordinates": "x"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Nonsense", "coordinates": [1, 2]},
        {"type": "GeometryCollection", "geometries": []},
        {"coordinates": [1, 2]},
        [1, 2],
    ],
)
def test_a_geometry_that_is_none_leaves_no_position(geometry: Any) -> None:
    assert position(geometry) == (None, None)


@pytest.mark.parametrize(
    ("coordinates", "code"), [([47.7, 120.0], "swapped-position"), ([3414000, 5283000], "bad-position")]
)
def test_a_position_outside_the_world_refuses_the_feature_with_the_remedy(coordinates: list[float], code: str) -> None:
    parsed, _ = read_all(geojson, collection(feature({"type": "Point", "coordinates": coordinates})), MAPPING)
    assert (parsed[0].record, [problem.code for problem in parsed[0].problems]) == (None, [code])


def test_collections_single_features_and_features_by_line() -> None:
    one, two = feature(None, 1), feature(None, 2)
    lines = json.dumps(one) + "\n" + json.dumps(two)
    for data, keys in (
        (collection(one, two), ["1", "2"]),
        (json.dumps(one).encode(), ["1"]),
        (lines.encode(), ["1", "2"]),
    ):
        assert [raw.key for raw in split_all(geojson, data, MAPPING)[0]] == keys


def test_what_is_no_feature_is_left_out_with_its_place() -> None:
    records, problems = split_all(geojson, collection(feature(None), {"type": "Point"}, 3), MAPPING)
    assert len(records) == 1
    assert [problem.code for problem in problems] == ["not-a-feature", "not-a-feature"]


def crs(name: str) -> dict[str, Any]:
    return {"type": "name", "properties": {"name": name}}


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"])
def test_the_old_member_that_names_wgs_84_is_accepted(name: str) -> None:
    assert len(split_all(geojson, collection(feature(None), crs=crs(name)), MAPPING)[0]) == 1


def test_other_systems_of_coordinates_are_refused_with_the_remedy() -> None:
    with pytest.raises(UnusableInput, match=r"EPSG::25832.*ogr2ogr"):
        split_all(geojson, collection(feature(None), crs=crs("urn:ogc:def:crs:EPSG::25832")), MAPPING)
    late = json.dumps(
        {"type": "FeatureCollection", "features": [feature(None)] * 2000, "crs": crs("EPSG:2154")}
    ).encode()
    with pytest.raises(UnusableInput, match="EPSG:2154"):
        split_all(geojson, late, MAPPING)


def test_a_sample_is_read_without_any_help() -> None:
    data = (SAMPLES / "piemonte_4.geojson").read_bytes()
    mapping = geojson.resolve_mapping(io.BytesIO(data), ReadOptions())
    assert mapping == {
        "kind": "place",
        "fields": {
            "name": "properties.name", "street": "properties.address", "locality": "properties.city",
            "region": "properties.province", "categories": "properties.category",
        },
    }  # fmt: skip
    parsed, problems = read_all(geojson, data, mapping)
    assert next((one.record.lat, one.record.lon) for one in parsed if one.record) == (44.96548843, 7.84122896)
    assert (len(parsed), [problem.code for problem in problems]) == (4, ["no-key"])


def test_sniff() -> None:
    assert geojson.sniff(b'{"type": "FeatureCollection", "features": []}', "x.json") == 0.95
    assert geojson.sniff(b'{"name": "x"}', "x.geojson") == 0.5
    assert geojson.sniff(b"[1]", "x.geojson") == 0.0
