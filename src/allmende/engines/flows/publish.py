"""From the counts of a run to a release: which tables are published, on which levels, and how they hang together."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from allmende.engines.flows.cellkeys import COLUMN as CELL_KEY
from allmende.engines.flows.cellmonth import NAME as CELLS_HOUR
from allmende.engines.flows.disclosure import (
    Counts,
    Dimension,
    Disclosure,
    Plan,
    Private,
    Protected,
    TablePlan,
    added_up,
    protect,
    read_record,
    with_totals,
    write_record,
)
from allmende.engines.flows.disclosure.bounds import Checked
from allmende.engines.flows.door import Secret
from allmende.engines.flows.grid import corner, inspire_code
from allmende.engines.flows.memory import give_back
from allmende.engines.flows.months import Areas
from allmende.engines.flows.periods import day_text, hour_text, lies_in, mapped, month_text, with_clock, zone_of
from allmende.engines.flows.release import ALL, Release, read_release, write_release
from allmende.engines.flows.report.summary import NAME as SUMMARY
from allmende.engines.flows.report.summary import read_summary, write_summary
from allmende.engines.flows.words import VisitorClass

PROGRAMS = 20_000
"""Figures left out that linear programs look at, beside the intervals that look at all of them; half a millisecond to one
each, the riskiest first.  A region with 7,000 devices, six weeks and a million figures has 117,000 that are doubtful."""
RECORDS = "records"
RELEASE = "release"


class PublishError(ValueError):
    """Counts cannot be published; the message says why and what would help."""


@dataclass(frozen=True, slots=True)
class Published:
    """What came of it: the release, where it is, and how many figures were shown and left out, by table."""

    release: Release
    folder: Path
    shown: dict[str, int]
    counted: dict[str, int]
    checked: dict[str, Checked] = field(default_factory=dict)
    """Relation -> how many of the figures left out were checked in which way; for the owner, not to be published."""

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "folder": str(self.folder),
            "shown": self.shown,
            "timezone": self.release.timezone,
            "protection": self.release.protection,
            "checked": {name: asdict(one) for name, one in self.checked.items()},
        }


def publish(
    run_folder: Path,
    *,
    wanted: Disclosure | None = None,
    secret: Secret | None = None,
    zone_names: list[str] | None = None,
    zones: Areas | None = None,
    previous: list[Path] | None = None,
    private: Private | None = None,
    now: datetime | None = None,
) -> Published:
    """Protect the counts of a run and write ``RUN/release``; the secret record for the next release goes to ``RUN/records``.

    Days are local days of the run's time zone (``Parameters.timezone``), and each hour lies in one of them; see ``periods``.

    Args:
        zone_names: codes of the zones, in the order of the run's ground.
        zones: the zones, to know in which one the middle of a grid cell lies.
        previous: folders of earlier runs whose releases readers may still hold.

    Raises:
        PublishError: no counts, or counts of an unprotected evaluation.
        DisclosureError: it cannot be released safely as asked.
    """
    summary = read_run(run_folder)
    give_back()  # what the run before it has left
    timezone = str(summary.get("timezone") or "UTC")
    counts, plan = _planned(run_folder / "counts", zone_names, zones, timezone)
    give_back()
    protected = protect(
        counts, plan, wanted or Disclosure(lp_limit=PROGRAMS), secret=secret, previous=_earlier(previous or []), private=private, now=now,
        lineage=summary.get("lineage", {}),
    )  # fmt: skip
    release = with_clock(protected.release, timezone)
    write_release(release, run_folder / RELEASE, {SUMMARY: _told(run_folder)})
    write_record(protected.records, run_folder / RECORDS)
    return Published(
        release,
        run_folder / RELEASE,
        {table.name: table.rows.num_rows for table in protected.release.tables},
        {name: sum(level.num_rows for level in levels) for name, levels in counts.items()},
        protected.checked,
    )


def read_run(run_folder: Path) -> dict[str, Any]:
    """The summary of a run that may be published.

    Raises:
        PublishError: there is none, or it is an evaluation.
    """
    try:
        summary: dict[str, Any] = json.loads((run_folder / "summary.json").read_text("utf-8"))
    except (OSError, ValueError):
        raise PublishError(f"{run_folder}: no summary.json. Name the folder that 'allmende flows run' wrote.") from None
    if summary.get("unprotected"):
        raise PublishError(
            f"{run_folder} is an unprotected evaluation and is never published. Run again without --unprotected."
        )
    return summary


def _told(run_folder: Path) -> str:
    """What readers of the release may know of the run: the fields of the report's summary, and outlines for its map."""
    summary = read_summary(run_folder)
    rings = _outlines(run_folder / "zones.geojson")
    zones = tuple(replace(zone, outline=rings.get(zone.code, ())) for zone in summary.zones)
    with TemporaryDirectory() as folder:
        write_summary(replace(summary, zones=zones), Path(folder))
        return (Path(folder) / SUMMARY).read_text("utf-8")


MOST_POINTS = 160
"""Points of an outline in the summary: enough for a map of the region."""


def _outlines(path: Path) -> dict[str, tuple[tuple[tuple[float, float], ...], ...]]:
    if not path.is_file():
        return {}
    found = {}
    for feature in json.loads(path.read_text("utf-8"))["features"]:
        geometry = feature["geometry"]
        polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
        rings = []
        for polygon in polygons:
            ring = polygon[0]
            step = max(1, len(ring) // MOST_POINTS)
            rings.append(tuple((round(p[0], 4), round(p[1], 4)) for p in [*ring[:-1:step], ring[-1]]))
        found[str(feature.get("properties", {}).get("code", ""))] = tuple(rings)
    return found


def _earlier(folders: list[Path]) -> list[Protected]:
    found = []
    for folder in folders:
        records = read_record(folder / RECORDS)
        found.append(Protected(read_release(folder / RELEASE), records))
    return found


def _read(folder: Path, name: str) -> pa.Table | None:
    path = folder / f"{name}.parquet"
    return pq.read_table(path) if path.is_file() else None


def _origin(column: pa.ChunkedArray, zone_names: list[str] | None) -> pa.Array:
    def word(code: int) -> str:
        if code >= 1_000_000:
            return f"mcc-{code - 1_000_000}"
        if code < 0:
            return "unknown"
        return zone_names[code] if zone_names else str(code)

    return mapped(column, word)


def _area(column: pa.ChunkedArray, area: str, zone_names: list[str] | None) -> pa.Array:
    if area == "cell":
        return mapped(column, inspire_code)
    if area == "region":
        return pa.array([ALL] * len(column), pa.string())
    return mapped(column, lambda at: zone_names[at] if zone_names else str(at))


PERIOD_TEXT = {"hour": hour_text, "day": day_text, "month": month_text}
SUMS = ("devices", "people_milli", "people_milli2", CELL_KEY)


def _sums(table: pa.Table) -> list[str]:
    return [name for name in SUMS if name in table.column_names]


def _presence(folder: Path, area: str, period: str, zone_names: list[str] | None) -> list[pa.Table]:
    table = _read(folder, f"presence_{area}_{period}")
    if table is None:
        return []
    columns = {"area": _area(table["cell"], area, zone_names), "period": PERIOD_TEXT[period](table["hour"])}
    if period != "month" and area != "cell":
        columns["visitor_class"] = mapped(table["visitor_class"], lambda code: VisitorClass(code).word)
        if area != "cell" and period == "day":
            columns["origin"] = _origin(table["origin"], zone_names)
    columns |= {name: table[name] for name in _sums(table)}
    level = pa.table(columns)
    if area == "region":
        level = level.drop_columns(["area"])
    names = [name for name in level.column_names if name not in SUMS]
    if period != "month":  # what is not told apart is summed up: a device has one class and one origin on a day
        level = added_up(level, names, _sums(level))
    totals = [name for name in ("visitor_class", "origin") if name in level.column_names]
    return with_totals(level, *totals)


def _od(folder: Path, area: str, period: str, zone_names: list[str] | None) -> list[pa.Table]:
    table = _read(folder, f"od_{area}_{period}")
    if table is None:
        return []
    columns = {
        "o": _area(table["o"], area, zone_names),
        "d": _area(table["d"], area, zone_names),
        "period": PERIOD_TEXT[period](table["period"]),
    }
    if period != "month":
        columns["visitor_class"] = mapped(table["visitor_class"], lambda code: VisitorClass(code).word)
    level = pa.table(columns | {name: table[name] for name in _sums(table)})
    return with_totals(level, *(["visitor_class"] if period != "month" else []))


def _laid(folder: Path) -> pa.Table | None:
    """Presence laid on the grid by the plan of cells, by cell and hour: whole devices to be expected there.

    A figure of its own: what is expected on a square need not lie below what was counted at the middles of cells.
    """
    table = _read(folder, CELLS_HOUR)
    if table is None or not table.num_rows:
        return None
    table = added_up(table, ["cell", "hour"], ["devices_milli", "people_milli", "people_milli2"])
    return pa.table(
        {
            "area": mapped(table["cell"], inspire_code),
            "period": hour_text(table["hour"]),
            "devices": pa.array(table["devices_milli"].to_numpy() // 1000),
            "people_milli": table["people_milli"],
            "people_milli2": table["people_milli2"],
        }
    )


def _planned(folder: Path, zone_names: list[str] | None, zones: Areas | None, timezone: str) -> tuple[Counts, Plan]:
    if not folder.is_dir():
        raise PublishError(f"{folder}: no counts. Name the folder that 'allmende flows run' wrote.")
    levels = [(a, p) for a in ("cell", "zone", "region") for p in ("hour", "day", "month")]
    presence = [level for a, p in levels for level in _presence(folder, a, p, zone_names) if level.num_rows]
    sites = [level for p in ("hour", "day") for level in _presence(folder, "site", p, None) if level.num_rows]
    od = [level for p in ("day", "month") for level in _od(folder, "zone", p, zone_names) if level.num_rows]
    if not od:
        od = [level for level in _od(folder, "cell", "day", zone_names) if level.num_rows]
    if not presence:
        raise PublishError(f"{folder}: the counts are empty. Check the area and the days of the run.")
    hierarchies = {"areas": _areas(folder, zone_names, zones), "periods": _periods(folder, timezone)}
    area, period = Dimension("area", "areas", additive=False), Dimension("period", "periods", additive=False)
    code, origin = Dimension("visitor_class"), Dimension("origin")
    tables = [TablePlan("presence", (area, period, code, origin))]
    counts: dict[str, list[pa.Table]] = {"presence": presence}
    if sites:
        tables.append(TablePlan("sites", (Dimension("area", additive=False), period, code, origin), "sites"))
        counts["sites"] = sites
    if od:
        tables.append(
            TablePlan("od", (Dimension("o", additive=False), Dimension("d", additive=False), period, code), "od")
        )
        counts["od"] = od
    laid = _laid(folder)
    if laid is not None:
        tables.append(TablePlan("presence_laid", (Dimension("area", additive=False), period), "laid"))
        counts["presence_laid"] = [laid]
    trips = _read(folder, "trip_counts")
    if trips is not None and trips.num_rows:
        nights = pa.table(
            {"period": month_text(trips["period"]), "nights": mapped(trips["nights"], str)}
            | {n: trips[n] for n in _sums(trips)}
        )
        tables.append(TablePlan("trips", (period, Dimension("nights")), "trips"))
        counts["trips"] = [nights]
    return counts, Plan(tuple(tables), hierarchies)


def _areas(folder: Path, zone_names: list[str] | None, zones: Areas | None) -> pa.Table:
    children: list[str] = []
    parents: list[str] = []
    paths = [folder / f"presence_cell_{period}.parquet" for period in ("hour", "day")]
    found = [pc.unique(pq.read_table(path, columns=["cell"])["cell"]) for path in paths if path.is_file()]
    if found:
        cells = np.unique(np.concatenate([column.to_numpy() for column in found]))
        x, y = corner(cells)
        at = zones.of_points(x + 500, y + 500) if zones is not None else np.full(len(cells), -1)
        for cell, zone in zip(cells.tolist(), at.tolist(), strict=True):
            children.append(inspire_code(cell))
            parents.append(zone_names[zone] if zone_names and zone >= 0 else ALL)
    for name in zone_names or []:
        children.append(name)
        parents.append(ALL)
    return pa.table({"child": pa.array(children, pa.string()), "parent": pa.array(parents, pa.string())})


def _periods(folder: Path, timezone: str) -> pa.Table:
    hours: set[int] = set()
    days: set[int] = set()
    for path in sorted(folder.glob("*_hour.parquet")):
        hours.update(pc.unique(pq.read_table(path, columns=["hour"])["hour"]).to_pylist())
    for path in sorted((*folder.glob("presence_*_day.parquet"), *folder.glob("od_*_day.parquet"))):
        name = "hour" if path.stem.startswith("presence") else "period"
        days.update(pc.unique(pq.read_table(path, columns=[name])[name]).to_pylist())
    return lies_in(sorted(hours), sorted(days), zone_of(timezone))


__all__ = ["PublishError", "Published", "publish", "read_run"]
