"""Areas: municipalities, sites and any other polygons; which of them holds a point, and what share of a grid cell.

Areas come from GeoJSON in degrees (EPSG:4326) or metres (EPSG:3035) and are kept in metres (EPSG:3035).  A point on an
outline lies in the areas of both sides; where one answer is wanted, the area that comes first has it.  The answers are
those of an exact test (GEOS); ``raster`` only spares it for most points.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import shapely
from scipy import sparse
from shapely.geometry import shape

from allmende.engines.flows.grid import Floats, Ints, corner, project
from allmende.engines.flows.raster import Edges, Numbers, Raster, fitting_size, rasterise
from allmende.engines.flows.tables import Violation

POLYGONS = (3, 6)
"""Polygon and multipolygon, as GEOS numbers types."""
CODES = ("code", "insee_com", "ags", "ars", "nuts_id", "gisco_id", "lau_id", "nis", "kommunekode", "lau2", "id")
NAMES = ("name", "nom", "gen", "lau_name", "label", "nombre", "naam", "navn", "namn", "denominazione")
POPULATIONS = ("population", "pop", "ewz", "einwohner", "inhabitants", "residents", "poblacion", "invanare")
"""Properties that are looked for when none is named, in this order, in any case."""
LONGEST_EDGE = 0.05
"""Degrees: longer edges are divided before they are projected, since a straight line does not stay one."""
MOST_CELLS = 50_000_000
"""A table of cells larger than this is not built; the cells that are asked for are then met one by one."""
POINTS_AT_ONCE = 1_000_000
OUTSIDE = "outside"
"""The parent of what lies in no area."""


class AreasError(ValueError):
    """No areas can be read; the message names the place and the remedy."""


class Zones:
    """Areas in a fixed order; all answers are positions in it.

    ``codes``, ``names``; ``population`` (people; NaN where unknown); ``shapes`` (EPSG:3035);
    ``violations``: features that were left out, joined or repaired.
    """

    def __init__(
        self,
        codes: Sequence[str],
        shapes: Sequence[Any],
        names: Sequence[str] | None = None,
        population: Sequence[float] | None = None,
        violations: Iterable[Violation] = (),
    ) -> None:
        self.codes = tuple(codes)
        self.names = tuple(names) if names is not None else self.codes
        self.population: Floats = (
            np.full(len(self.codes), np.nan) if population is None else np.array(population, float)
        )
        self.violations = tuple(violations)
        self.shapes = np.empty(len(self.codes), dtype=object)
        self.shapes[:] = list(shapes)
        shapely.prepare(self.shapes)
        self._edges = _edges(self.shapes)
        self._rasters: dict[int, Raster] = {}

    def __len__(self) -> int:
        return len(self.codes)

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        shapely.prepare(self.shapes)  # what makes the exact test fast does not travel to another process

    def raster(self, size: int | None = None) -> Raster:
        """The areas on cells of ``size`` metres; by default as fine as memory allows.  Built once."""
        size = size or fitting_size(self._edges, float(shapely.area(self.shapes).sum()))
        if size not in self._rasters:
            self._rasters[size] = rasterise(self._edges, size)
        return self._rasters[size]

    def of_points(self, x: Floats, y: Floats) -> Numbers:
        """For each point (metres, EPSG:3035) the position of the first area that holds it; -1 outside of all."""
        x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
        found = np.empty(len(x), np.int32)
        raster = self.raster()
        for start in range(0, len(x), POINTS_AT_ONCE):
            part = slice(start, start + POINTS_AT_ONCE)
            values = raster.find(x[part], y[part])
            hard = np.flatnonzero(values < -1)
            point, zone = self._pairs(raster, values[hard], x[part][hard], y[part][hard])
            first = np.full(len(hard), len(self), np.int32)
            np.minimum.at(first, point, zone)
            values[hard] = np.where(first < len(self), first, -1)
            found[part] = values
        return found

    def sites_of_points(self, x: Floats, y: Floats) -> tuple[Ints, Numbers]:
        """All pairs (position of the point, position of an area that holds it), by point and area; areas may overlap."""
        x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
        raster = self.raster()
        points, zones = [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
        for start in range(0, len(x), POINTS_AT_ONCE):
            part = slice(start, start + POINTS_AT_ONCE)
            values = raster.find(x[part], y[part])
            some = np.flatnonzero(values != -1)
            point, zone = self._pairs(raster, values[some], x[part][some], y[part][some])
            points.append(some[point] + start)
            zones.append(zone)
        point, zone = np.concatenate(points), np.concatenate(zones)
        order = np.lexsort((zone, point))
        return point[order], zone[order]

    def _pairs(self, raster: Raster, values: Numbers, x: Floats, y: Floats) -> tuple[Ints, Numbers]:
        point, zone, whole = raster.entries(values)
        asked = np.flatnonzero(~whole)
        asked = asked[np.argsort(zone[asked], kind="stable")]  # one area after the other: its edges stay in the cache
        keep = whole.copy()
        keep[asked] = shapely.intersects_xy(self.shapes[zone[asked]], x[point[asked]], y[point[asked]])
        return point[keep], zone[keep]

    def cells(self, size: int = 1000) -> tuple[Numbers, Ints, Floats]:
        """Every cell that an area covers in part: (position of the area, cell as in ``grid``, share of the cell)."""
        raster = self.raster(size)
        occupied = np.flatnonzero(raster.table != -1)
        place, zone, whole = raster.entries(raster.table[occupied])
        x, y = raster.corner(occupied[place])
        share = np.where(whole, 1.0, 0.0)
        cut = np.flatnonzero(~whole)
        share[cut] = self._cut(zone[cut], x[cut], y[cut], size)
        some = np.flatnonzero(share > 0)
        some = some[np.lexsort((y[some], x[some], zone[some]))]
        return zone[some], _cell(x[some], y[some], size), share[some]

    def of_cells(self, cells: Ints, size: int = 1000) -> sparse.csr_array:
        """Share of each cell's surface (rows, in the given order) that lies in each area (columns), 0 to 1.

        With it figures by cell are allocated to areas: ``figures @ shares``.  Where areas do not overlap a row adds up
        to at most 1; what is missing lies outside.
        """
        x, y = corner(np.asarray(cells, np.int64), size)
        if len(cells) and self._table_cells(size) <= MOST_CELLS:
            raster = self.raster(size)
            row, zone, whole = raster.entries(raster.find(x + size / 2, y + size / 2))
        else:
            tree = shapely.STRtree(self.shapes)
            row, zone = tree.query(shapely.box(x, y, x + size, y + size), predicate="intersects")
            whole = np.zeros(len(row), np.bool_)
        share = np.ones(len(row))
        cut = ~whole
        share[cut] = self._cut(zone[cut], x[row[cut]], y[row[cut]], size)
        some = share > 0
        return sparse.csr_array((share[some], (row[some], zone[some])), shape=(len(x), len(self)))

    def _table_cells(self, size: int) -> float:
        if not len(self._edges.x0):
            return 0.0
        return float(np.ptp(self._edges.x0) / size + 3) * float(np.ptp(self._edges.y0) / size + 3)

    def _cut(self, zone: Numbers, x: Floats, y: Floats, size: int) -> Floats:
        boxes = shapely.box(x, y, x + size, y + size)
        surface: Floats = shapely.area(shapely.intersection(self.shapes[zone], boxes))
        return np.minimum(surface / float(size) ** 2, 1.0)

    def spread(self) -> tuple[Floats, Floats, Floats]:
        """Where someone in an area is, all places being alike: x and y of the centroid, and the radius (metres) around it
        that holds 68 % of a disc with the same moment of inertia (exact for a disc)."""
        centre = shapely.centroid(self.shapes)
        x, y = shapely.get_x(centre), shapely.get_y(centre)
        edges = _edges(shapely.orient_polygons(self.shapes))
        x0, x1 = edges.x0 - x[edges.area], edges.x1 - x[edges.area]
        y0, y1 = edges.y0 - y[edges.area], edges.y1 - y[edges.area]
        cross = x0 * y1 - x1 * y0
        moment = cross * (x0 * x0 + x0 * x1 + x1 * x1 + y0 * y0 + y0 * y1 + y1 * y1) / 12
        second = np.bincount(edges.area, moment, len(self)) / np.maximum(shapely.area(self.shapes), 1e-9)
        return x, y, np.sqrt(2 * 0.68 * np.maximum(second, 0.0))

    def positions(self, codes: Iterable[str]) -> Numbers:
        """The positions of codes; -1 for a code that no area has."""
        of = {code: position for position, code in enumerate(self.codes)}
        return np.array([of.get(code, -1) for code in codes], np.int32)

    def within(self, larger: Zones) -> Numbers:
        """For each area the position of the larger area that holds most of it; -1 if none touches it."""
        tree = shapely.STRtree(larger.shapes)
        small, large = tree.query(self.shapes, predicate="intersects")
        surface = shapely.area(shapely.intersection(self.shapes[small], larger.shapes[large]))
        return _largest(sparse.csr_array((surface, (small, large)), shape=(len(self), len(larger))))


def cells_to_zones(cells: Ints, zones: Zones, size: int = 1000) -> Numbers:
    """For each cell the position of the area with the largest share of it (the first of equals); -1 if none has any."""
    return _largest(zones.of_cells(cells, size))


def hierarchy(cells: Ints, zones: Zones, regions: Zones | None = None, size: int = 1000) -> pa.Table:
    """Which cell lies in which area, and which area in which region: ``child``, ``parent``, as a release wants it.

    Both are texts: a cell is its number in digits, an area its code.  Each child has one parent; what lies in no area has
    the parent ``OUTSIDE``.
    """
    codes = np.array([*zones.codes, OUTSIDE], dtype=object)
    different = np.unique(np.asarray(cells, np.int64))
    children: list[Any] = [str(cell) for cell in different.tolist()]
    parents: list[Any] = codes[cells_to_zones(different, zones, size)].tolist()
    if regions is not None:
        children += zones.codes
        parents += np.array([*regions.codes, OUTSIDE], dtype=object)[zones.within(regions)].tolist()
    return pa.table({"child": pa.array(children, pa.string()), "parent": pa.array(parents, pa.string())})


def from_wkt(codes: Sequence[str], texts: Sequence[str], table: str = "cell_plan", column: str = "coverage") -> Zones:
    """Areas from WKT in degrees, one for each code; what cannot be read is left out and named by its row."""
    kept, shapes, violations = [], [], []
    for row, (code, text) in enumerate(zip(codes, texts, strict=True)):
        try:
            found, repaired = _sound(shapely.from_wkt(text))
            area = _in_metres(found, 4326)
        except (ValueError, TypeError, shapely.errors.GEOSException) as error:
            remedy = "Deliver a POLYGON or MULTIPOLYGON in degrees, longitude first."
            violations.append(Violation(table, column, f"the area cannot be read ({error})", remedy, (row,), 1))
            continue
        if repaired:
            violations.append(
                Violation(table, column, "the outline crosses itself", "It was repaired; look at it.", (row,), 1)
            )
        kept.append(code)
        shapes.append(area)
    return Zones(kept, shapes, violations=violations)


def read_zones(
    source: Path | Mapping[str, Any],
    *,
    code: str | None = None,
    name: str | None = None,
    population: str | None = None,
) -> Zones:
    """Areas from a GeoJSON FeatureCollection; ``code``, ``name``, ``population`` name the properties (else: found).

    Features that cannot be used are left out, outlines that cross themselves are repaired, parts with the same code are
    joined; ``violations`` says so, with the number of the feature from 0.

    Raises:
        AreasError: if the file is no FeatureCollection, a named property is in no feature, or no feature can be used.
    """
    where, features, epsg = _features(source)
    properties = [dict(feature.get("properties") or {}) for feature in features]
    code = _property(where, properties, code, CODES, "code")
    name = _property(where, properties, name, NAMES, "name") or code
    population = _property(where, properties, population, POPULATIONS, "population")
    parts: dict[str, list[int]] = {}
    shapes: dict[int, Any] = {}
    violations: list[Violation] = []
    for row, (feature, known) in enumerate(zip(features, properties, strict=True)):
        identifier = known.get(code) if code else feature.get("id")
        label = f"feature {row} ({known.get(name) or identifier})" if name or identifier else f"feature {row}"
        if identifier is None or not str(identifier).strip():
            remedy = f"Give it a {code or 'code'}, or name the property that holds the code."
            violations.append(Violation(where, code or "code", f"{label} has no code", remedy, (row,), 1))
            continue
        try:
            area, repaired = _sound(shape(feature["geometry"]))
            shapes[row] = _in_metres(area, epsg)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.errors.GEOSException) as error:
            remedy = "Deliver a Polygon or MultiPolygon in degrees (EPSG:4326), longitude first; it is left out."
            problem = f"the outline of {label} cannot be used ({error or 'no geometry'})"
            violations.append(Violation(where, "geometry", problem, remedy, (row,), 1))
            continue
        if repaired:
            problem = f"the outline of {label} crosses itself or is not closed"
            violations.append(Violation(where, "geometry", problem, "It was repaired; look at it.", (row,), 1))
        parts.setdefault(str(identifier).strip(), []).append(row)
    if not parts:
        first = f" {violations[0]}" if violations else ""
        raise AreasError(f"{where}: no feature is an area with a code.{first}")
    for identifier, rows in parts.items():
        if len(rows) > 1:
            problem, remedy = f"{len(rows)} features have the code {identifier}", "They were joined into one area."
            violations.append(Violation(where, code or "id", problem, remedy, tuple(rows[:5]), len(rows)))
    firsts = [properties[rows[0]] for rows in parts.values()]
    return Zones(
        list(parts),
        [
            shapes[rows[0]] if len(rows) == 1 else shapely.union_all([shapes[r] for r in rows])
            for rows in parts.values()
        ],
        [
            str(known.get(name) or identifier) if name else identifier
            for known, identifier in zip(firsts, parts, strict=True)
        ],
        [_people(known.get(population)) if population else np.nan for known in firsts],
        violations,
    )


def _features(source: Path | Mapping[str, Any]) -> tuple[str, list[Mapping[str, Any]], int]:
    where, content = "areas", source
    if isinstance(source, Path):
        where = source.name
        try:
            content = json.loads(source.read_bytes())
        except OSError as error:
            raise AreasError(f"{where} cannot be opened: {error.strerror}. Name a GeoJSON file.") from None
        except (ValueError, RecursionError) as error:
            raise AreasError(f"{where} is no JSON: {error}. Export the areas as GeoJSON.") from None
    features = content.get("features") if isinstance(content, Mapping) else None
    if not isinstance(features, list) or not all(isinstance(feature, Mapping) for feature in features):
        raise AreasError(f"{where} is no FeatureCollection. Export the areas as a GeoJSON FeatureCollection.")
    assert isinstance(content, Mapping)
    crs = str(content.get("crs") or "CRS84").upper()
    if "CRS84" in crs or "4326" in crs:
        return where, features, 4326
    if "3035" in crs:
        return where, features, 3035
    raise AreasError(f"{where}: the coordinates are in {crs}. Export in EPSG:4326 (degrees) or EPSG:3035.")


def _property(
    where: str, properties: list[dict[str, Any]], given: str | None, usual: tuple[str, ...], role: str
) -> str | None:
    present = {key for known in properties for key in known}
    if given is not None:
        if given not in present:
            raise AreasError(
                f"{where}: no feature has the property {given!r} ({role}). There are: {', '.join(sorted(present))}."
            )
        return given
    by_lower = {key.lower(): key for key in sorted(present, reverse=True)}
    return next((by_lower[key] for key in usual if key in by_lower), None)


def _people(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return float("nan")
    return number if 0 <= number < float("inf") else float("nan")


def _sound(found: Any) -> tuple[Any, bool]:
    """A valid area and whether it had to be repaired."""
    if found is None:
        raise ValueError("no geometry")
    found = shapely.force_2d(found)
    repaired = not shapely.is_valid(found)
    if repaired:
        found = shapely.make_valid(found, method="structure", keep_collapsed=False)
    if found.geom_type == "GeometryCollection":
        found = shapely.union_all([part for part in found.geoms if shapely.get_type_id(part) in POLYGONS])
    if shapely.is_empty(found) or shapely.get_type_id(found) not in POLYGONS:
        raise ValueError(f"{found.geom_type}, no area")
    return found, repaired


def _in_metres(found: Any, epsg: int) -> Any:
    west, south, east, north = shapely.bounds(found).tolist()
    if epsg == 3035:
        return found
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise ValueError(f"coordinates such as {west:.0f}, {south:.0f} are no degrees")
    divided = shapely.segmentize(found, LONGEST_EDGE)
    moved = shapely.transform(divided, lambda points: np.column_stack(project(points[:, 0], points[:, 1])))
    if not np.isfinite(shapely.bounds(moved)).all():
        raise ValueError("it lies on the other side of the earth")
    return moved if shapely.is_valid(moved) else _sound(moved)[0]


def _edges(shapes: Any) -> Edges:
    parts, area_of_part = shapely.get_parts(shapes, return_index=True)
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    points, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    area = area_of_part[part_of_ring[ring[:-1][same]]].astype(np.int32) if len(points) else np.zeros(0, np.int32)
    start, end = points[:-1][same], points[1:][same]
    return Edges(start[:, 0].copy(), start[:, 1].copy(), end[:, 0].copy(), end[:, 1].copy(), area)


def _cell(x: Floats, y: Floats, size: int) -> Ints:
    base = 100_000_000 // size
    return np.rint(x / size).astype(np.int64) * base + np.rint(y / size).astype(np.int64)


def _largest(shares: sparse.csr_array) -> Numbers:
    found = np.full(shares.shape[0], -1, np.int32)
    row, zone = shares.nonzero()
    order = np.lexsort((-zone, shares.data, row))  # the last of a row is its largest, of equals the first area
    found[row[order]] = zone[order]
    return found
