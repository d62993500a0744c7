"""Areas against plain shapely, on made-up outlines and on the real communes of Occitanie."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from allmende.engines.flows.areas import (
    OUTSIDE,
    AreasError,
    Zones,
    cells_to_zones,
    from_wkt,
    hierarchy,
    read_zones,
)
from allmende.engines.flows.grid import cell_1km, project

OUTLINES = Path(__file__).resolve().parents[3] / "examples" / "outlines"
WIDE = 3000.0


@pytest.fixture(scope="module")
def departements() -> Zones:
    return read_zones(OUTLINES / "fr_occitanie_departements.geojson")


@pytest.fixture(scope="module")
def communes() -> Zones:
    """The communes of the Ariège, the first of the 13 departments."""
    content = json.loads((OUTLINES / "fr_occitanie_communes.geojson").read_text("utf-8"))
    content["features"] = [f for f in content["features"] if f["properties"]["code"].startswith("09")]
    return read_zones(content)


def first_of(shapes: Any, x: Any, y: Any) -> list[int]:
    tree = shapely.STRtree(shapes)
    point, area = tree.query(shapely.points(x, y), predicate="intersects")
    found = np.full(len(x), len(shapes))
    np.minimum.at(found, point, area)
    return np.where(found == len(shapes), -1, found).tolist()


steps = st.integers(0, 60).map(lambda step: step * 50.0)  # many corners and points lie on lines of the grid
corners = st.tuples(steps | st.floats(0, WIDE), steps | st.floats(0, WIDE))


@st.composite
def polygons(draw: st.DrawFn) -> Any:
    shape = shapely.make_valid(shapely.Polygon(draw(st.lists(corners, min_size=3, max_size=8))), method="structure")
    return shape if shapely.get_type_id(shape) in (3, 6) and shape.area > 1 else shapely.box(0, 0, 500, 500)


@settings(max_examples=60, deadline=None)
@given(shapes=st.lists(polygons(), min_size=1, max_size=4), points=st.lists(corners, min_size=1, max_size=30))
def test_points_are_where_plain_shapely_finds_them(shapes: list[Any], points: list[tuple[float, float]]) -> None:
    zones = Zones([str(i) for i in range(len(shapes))], shapes)
    # corners and middles of the outlines as well: the places where a table goes wrong
    outline = shapely.get_coordinates(zones.shapes)
    x, y = np.concatenate([np.array(points), outline, (outline[1:] + outline[:-1]) / 2]).T
    assert zones.of_points(x, y).tolist() == first_of(zones.shapes, x, y)
    point, area = zones.sites_of_points(x, y)
    expected = shapely.STRtree(zones.shapes).query(shapely.points(x, y), predicate="intersects")
    assert sorted(zip(point.tolist(), area.tolist(), strict=True)) == sorted(zip(*expected.tolist(), strict=True))


@settings(max_examples=40, deadline=None)
@given(shapes=st.lists(polygons(), min_size=1, max_size=3))
def test_the_shares_of_all_cells_are_the_surface_of_the_areas(shapes: list[Any]) -> None:
    zones = Zones([str(i) for i in range(len(shapes))], shapes)
    area, cells, share = zones.cells(100)
    np.testing.assert_allclose(
        np.bincount(area, share, len(shapes)) * 100 * 100, shapely.area(zones.shapes), rtol=1e-6, atol=0.1
    )
    different = np.unique(cells)
    same = zones.of_cells(different, 100).toarray()
    np.testing.assert_allclose(same[np.searchsorted(different, cells), area], share, atol=1e-9)


def test_real_communes_hold_the_points_that_plain_shapely_gives_them(communes: Zones) -> None:
    rng = np.random.default_rng(5)
    west, south, east, north = shapely.total_bounds(communes.shapes)
    x, y = rng.uniform(west, east, 20_000), rng.uniform(south, north, 20_000)
    found = communes.of_points(x, y)
    assert found.dtype == np.int32
    assert found.tolist() == first_of(communes.shapes, x, y)
    assert 0.3 < (found >= 0).mean() < 0.7


def test_real_communes_lie_in_the_department_of_their_code(communes: Zones, departements: Zones) -> None:
    assert len(communes) == 331
    assert {departements.codes[at] for at in communes.within(departements)} == {"09"}
    assert communes.names[communes.codes.index("09122")] == "Foix"


def test_areas_travel_to_another_process(departements: Zones) -> None:
    moved = pickle.loads(pickle.dumps(departements))
    x, y, _ = departements.spread()
    assert moved.codes == departements.codes
    assert moved.of_points(x, y).tolist() == departements.of_points(x, y).tolist()
    assert shapely.is_prepared(moved.shapes).all()


def test_a_known_place_is_found(departements: Zones) -> None:
    x, y = project(np.array([1.444]), np.array([43.604]))  # Toulouse, the Capitole
    assert departements.names[departements.of_points(x, y)[0]] == "Haute-Garonne"


def test_cells_go_to_the_area_with_the_largest_share(communes: Zones, departements: Zones) -> None:
    x, y, _ = communes.spread()
    cells = np.unique(np.append(cell_1km(x, y), 100_000))
    owner = cells_to_zones(cells, communes)
    shares = communes.of_cells(cells).toarray()
    assert owner[0] == -1
    assert (owner[1:] == shares[1:].argmax(axis=1)).all()
    table = hierarchy(cells, communes, departements)
    assert table.column_names == ["child", "parent"]
    parents = dict(zip(table["child"].to_pylist(), table["parent"].to_pylist(), strict=True))
    assert len(parents) == table.num_rows == len(cells) + len(communes)
    assert parents["100000"] == OUTSIDE
    assert parents["09122"] == "09"
    assert parents[str(cells[5])] == communes.codes[owner[5]]


def test_shares_are_the_same_without_a_table(communes: Zones, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = np.unique(cell_1km(*communes.spread()[:2]))
    with_table = communes.of_cells(cells).toarray()
    monkeypatch.setattr("allmende.engines.flows.areas.MOST_CELLS", 1)
    np.testing.assert_allclose(communes.of_cells(cells).toarray(), with_table, atol=1e-9)


def test_the_spread_of_a_disc_holds_68_percent() -> None:
    disc = Zones(["a", "b"], [shapely.Point(5000, 7000).buffer(1000, 64), shapely.box(0, 0, 10, 10)])
    x, y, radius = disc.spread()
    assert (x[0], y[0]) == (pytest.approx(5000), pytest.approx(7000))
    assert radius[0] == pytest.approx(1000 * np.sqrt(0.68), rel=1e-3)
    hole = Zones(["ring"], [shapely.Point(0, 0).buffer(1000, 64) - shapely.Point(0, 0).buffer(900, 64)])
    assert hole.spread()[2][0] > 1000  # all are far from the middle


def feature(code: Any, coordinates: Any, kind: str = "Polygon", **more: Any) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": code, "name": f"Ort {code}", **more},
        "geometry": {"type": kind, "coordinates": coordinates},
    }


def ring(lon: float, lat: float, side: float = 0.1) -> list[list[list[float]]]:
    return [[[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side], [lon, lat]]]


def collection(*features: Any, **more: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **more}


def test_good_features_come_in_beside_bad_ones() -> None:
    bow_tie = [[[9.0, 50.0], [9.1, 50.1], [9.1, 50.0], [9.0, 50.1], [9.0, 50.0]]]
    zones = read_zones(
        collection(
            feature("A", ring(9, 50), population=120),
            feature("B", bow_tie, population="many"),
            feature(None, ring(9, 51)),
            feature("D", [9.0, 50.0], "Point"),
            feature("E", ring(4_300_000, 3_000_000, 900)),
            feature("F", [[[9.0, 50.0]]]),
            {"type": "Feature", "properties": {"code": "G"}, "geometry": None},
            feature("A", ring(9.2, 50)),
        )
    )
    assert zones.codes == ("A", "B")
    assert zones.names == ("Ort A", "Ort B")
    assert zones.population[0] == 120
    assert np.isnan(zones.population[1])
    said = {violation.rows: str(violation) for violation in zones.violations}
    assert set(said) == {(1,), (2,), (3,), (4,), (5,), (6,), (0, 7)}
    assert "feature 1 (Ort B) crosses itself" in said[(1,)]
    assert "no degrees" in said[(4,)]
    assert "joined into one area" in said[(0, 7)]
    x, y = project(np.array([9.25, 9.05]), np.array([50.05, 50.07]))
    assert zones.of_points(x, y).tolist() == [0, 0]


def test_areas_in_metres_are_taken_as_they_are() -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3035"}}
    zones = read_zones(collection(feature("A", ring(4_300_000, 3_000_000, 1000)), crs=crs))
    assert shapely.area(zones.shapes[0]) == pytest.approx(1e6)


def test_long_edges_follow_their_parallel() -> None:
    zones = read_zones(collection(feature("A", ring(-5, 40, 10))))
    x, y = project(np.array([0.0, 0.0]), np.array([40.001, 39.999]))
    assert zones.of_points(x, y).tolist() == [0, -1]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"type": "Polygon"}, "FeatureCollection"),
        ({"features": "none"}, "FeatureCollection"),
        ({"features": [3]}, "FeatureCollection"),
        (collection(), "no feature is an area"),
        (collection(feature("A", ring(9, 50)), crs={"properties": {"name": "EPSG:25832"}}), "EPSG:25832"),
        (collection(feature(None, ring(9, 50))), "has no code"),
    ],
)
def test_what_is_no_collection_of_areas_is_refused_with_the_remedy(content: Any, said: str) -> None:
    with pytest.raises(AreasError, match=said):
        read_zones(content)


def test_named_properties_must_be_there() -> None:
    with pytest.raises(AreasError, match=r"'AGS' .*There are: code, name"):
        read_zones(collection(feature("A", ring(9, 50))), code="AGS")


@pytest.mark.parametrize("text", [b"", b"{", b"\xff\xfe\x00", b"[" * 5000])
def test_a_broken_file_is_named(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "areas.geojson"
    path.write_bytes(text)
    with pytest.raises(AreasError, match=r"areas\.geojson"):
        read_zones(path)
    with pytest.raises(AreasError, match="cannot be opened"):
        read_zones(tmp_path / "none.geojson")


def test_coverage_that_cannot_be_read_is_named_by_its_row() -> None:
    zones = from_wkt(["1", "2", "3"], ["POLYGON((9 50,9.1 50,9.1 50.1,9 50))", "POLYGON((", "POINT(9 50)"])
    assert zones.codes == ("1",)
    assert [violation.rows for violation in zones.violations] == [(1,), (2,)]


def test_no_areas_hold_no_points() -> None:
    zones = Zones([], [])
    assert zones.of_points(np.array([1.0]), np.array([1.0])).tolist() == [-1]
    assert zones.of_cells(np.array([4300003000])).shape == (1, 0)
    assert zones.cells()[0].tolist() == []
