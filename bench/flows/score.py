"""How near what an engine found is to the truth of a simulation.  The definitions are those with which other engines were measured.

* **recall**: of the true stays of at least 20 minutes, those of which half the time is covered by stays found within 500 m.
* **precision**: of the stays found, those of which half the time is covered by true ones within 500 m.
* **home**: of the residents' homes that were named, those within 1 km of the true one.
* **presence**: WAPE, sum |found - true| / sum true over cells of 1 km and hours.
* **OD**: CPC, the common part of commuters, 2 sum min / (sum + sum), over pairs of cells.
* **class**: of the device-days that are truly of a class *and on which the device was sighted in the area*, those that were
  given it (``right``); the same of all, sighted or not (``of_all``); and of those given it, those that are truly of it
  (``precision``).
* **nights**, **trips**: found against true, relative error.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from allmende.engines.flows.areas import Zones
from allmende.engines.flows.grid import project
from allmende.engines.flows.months import Ground
from allmende.engines.flows.words import VisitorClass

SHORTEST = 1200
NEAR = 500
DAY = 86_400


class Truth:
    """A connection that knows a simulation's truth and what an engine found."""

    def __init__(self, data: Path, out: Path) -> None:
        self.data, self.out = data, out
        self.db = duckdb.connect()
        self.db.execute("set TimeZone = 'UTC'; set threads = 2")
        self.db.execute(f"create view devices as from '{data}/truth_devices.parquet'")
        self.db.execute(
            f"""create macro cell(x, y) as floor(x / 1000)::bigint * 100000 + floor(y / 1000)::bigint;
            create table true_stays as select row_number() over () k, device_id, x, y, epoch(t0) t0, epoch(t1) t1
              from '{data}/truth_stays.parquet' where epoch(t1) - epoch(t0) >= {SHORTEST};
            create table found_stays as select row_number() over () k, device_id, x, y, t0, t1 from '{out}/stays.parquet';
            create table shared_time as select s.k s, f.k f, least(s.t1, f.t1) - greatest(s.t0, f.t0) ov
              from true_stays s join found_stays f on s.device_id = f.device_id and s.t0 < f.t1 and f.t0 < s.t1
              where sqrt((s.x - f.x) ** 2 + (s.y - f.y) ** 2) < {NEAR}"""
        )

    def one(self, sql: str) -> Any:
        """The first row."""
        return self.db.execute(sql).fetchone()


def score(data: Path, out: Path, ground: Ground | None = None) -> dict[str, Any]:
    """Stays, home, presence and OD of all devices, as ``score.py`` of the comparison with other engines has them.

    With a ``ground`` presence and OD are those of the cells of which the middle lies in the area.
    """
    truth = Truth(data, out)
    cells = truth.db.sql(
        f"select distinct grid1km c from '{data}/truth_presence.parquet' union select distinct grid1km from '{out}/presence.parquet'"
    ).to_arrow_table()
    if ground is not None:
        code = cells["c"].to_numpy()
        zone = ground.zone_of(code // 100_000 * 1000.0 + 500, code % 100_000 * 1000.0 + 500)
        cells = cells.filter(pa.array(ground.within(zone)))
    truth.db.register("cells", cells)
    found: dict[str, Any] = dict(zip(("true_stays", "recall"), truth.one(_by_time("true_stays", "s")), strict=True))
    found |= dict(zip(("stays", "precision"), truth.one(_by_time("found_stays", "f")), strict=True))
    n, named, near = truth.one(
        f"""select count(*), count(x), count(*) filter (sqrt((x - home_x) ** 2 + (y - home_y) ** 2) < 1000)
        from devices left join '{out}/home.parquet' using (device_id) where klass = 'resident'"""
    )
    found |= {"home_found": named / n if n else None, "home_within_1km": near / named if named else None}
    found["presence_wape"] = truth.one(
        f"""select sum(abs(coalesce(t.n, 0) - coalesce(p.n, 0))) / sum(t.n)
        from (select grid1km, epoch(hour)::bigint // 3600 h, n from '{data}/truth_presence.parquet'
            where grid1km in (from cells)) t
        full join (select grid1km, h::bigint h, n from '{out}/presence.parquet'
            where grid1km in (from cells)) p using (grid1km, h)"""
    )[0]
    found["od_cpc"], found["true_moves"], found["moves"] = truth.one(
        f"""with t as (select o, d, count(*) n from (select cell(x, y) d,
            lag(cell(x, y)) over (partition by device_id order by t0) o from true_stays) where o <> d
            and o in (from cells) and d in (from cells) group by all),
        p as (select o, d, sum(n) n from '{out}/od.parquet' where o in (from cells) and d in (from cells) group by all)
        select 2 * sum(least(coalesce(t.n, 0), coalesce(p.n, 0))) / (sum(coalesce(t.n, 0)) + sum(coalesce(p.n, 0))),
            sum(t.n)::bigint, sum(p.n)::bigint from t full join p using (o, d)"""
    )
    return _rounded(found)


def _by_time(table: str, side: str) -> str:
    return f"""select count(*), avg((coalesce(ov, 0) >= 0.5 * (t1 - t0))::int) from {table}
        left join (select {side}, sum(ov) ov from shared_time group by 1) o on o.{side} = {table}.k"""


def by_kind(data: Path, out: Path) -> dict[str, dict[str, float]]:
    """Recall, precision and presence by what the devices are (``klass`` and, in a region, ``role``)."""
    truth = Truth(data, out)
    truth.db.execute(
        """create table kinds as select device_id,
          case when role in ('resident', 'commuter') then role else klass || ', ' || role end kind from devices"""
    )
    found: dict[str, dict[str, float]] = {}
    for name, table, side in (("recall", "true_stays", "s"), ("precision", "found_stays", "f")):
        for kind, n, share in truth.db.execute(
            f"""select kind, count(*), avg((coalesce(ov, 0) >= 0.5 * (t1 - t0))::int) from {table} join kinds using (device_id)
            left join (select {side}, sum(ov) ov from shared_time group by 1) o on o.{side} = {table}.k group by 1 order by 1"""
        ).fetchall():
            found.setdefault(kind, {})[name] = share
            found[kind]["true_stays" if side == "s" else "stays"] = n
    hours = """select kind, cell(x, y) c, h, count(distinct device_id) n from (select device_id, x, y, unnest(range(
        floor(t0 / 3600)::bigint, greatest(ceil(t1 / 3600)::bigint, floor(t0 / 3600)::bigint + 1))) h from {})
        join kinds using (device_id) group by all"""
    for kind, wape in truth.db.execute(
        f"""with t as ({hours.format("true_stays")}), p as ({hours.format("found_stays")})
        select kind, sum(abs(coalesce(t.n, 0) - coalesce(p.n, 0))) / sum(t.n) from t full join p using (kind, c, h)
        group by 1 order by 1"""
    ).fetchall():
        found.setdefault(kind, {})["presence_wape"] = wape
    return {kind: _rounded(values) for kind, values in found.items()}


def sightings(data: Path, ground: Ground, timezone: str) -> pa.Table:
    """The local days on which each device was sighted in the area: device_id, day (since 1970)."""
    assert isinstance(ground.zones, Zones)
    db = duckdb.connect()
    db.execute(f"set TimeZone = '{timezone}'; set threads = 2; create macro days(t) as (t::date - '1970-01-01'::date)")
    files = f"{data}/events/*/*.parquet" if (data / "events").is_dir() else f"{data}/events_flat.parquet"
    batches = db.sql(f"select device_id, days(ts)::int as d, lon, lat from '{files}'").to_arrow_reader(1_000_000)
    kept = []
    for batch in batches:
        x, y = project(batch.column(2).to_numpy(), batch.column(3).to_numpy())
        inside = ground.within(ground.zone_of(x, y))
        rows = pa.table({"device_id": batch.column(0), "day": batch.column(1)}).filter(pa.array(inside))
        kept.append(rows.group_by(["device_id", "day"]).aggregate([]))
    return pa.concat_tables(kept).group_by(["device_id", "day"]).aggregate([])


def classes(data: Path, out: Path, seen: pa.Table) -> dict[str, Any]:
    """Visitor classes by day, and nights and trips."""
    truth = Truth(data, out)
    truth.db.register("seen_rows", seen)
    truth.db.execute(
        f"""create table day_rows as select device_id, d, t.visitor_class t, f.visitor_class f, t.night tn, f.night fn, s.device_id is not null seen
        from (select device_id, day - '1970-01-01'::date as d, visitor_class, night from '{data}/truth_classes.parquet') t
        full join (select device_id, day d, visitor_class, night from '{out}/device_days.parquet') f using (device_id, d)
        left join (select device_id, day d from seen_rows) s using (device_id, d)"""
    )
    per_class: dict[str, dict[str, Any]] = {}
    for klass in VisitorClass:
        n, right, of_all, precision = truth.one(
            f"""select count(*) filter (t = {int(klass)}), avg((coalesce(f, -1) = t)::int) filter (t = {int(klass)} and seen),
            avg((coalesce(f, -1) = t)::int) filter (t = {int(klass)}),
            avg((coalesce(t, -1) = f)::int) filter (f = {int(klass)}) from day_rows"""
        )
        per_class[klass.word] = {"device_days": n} | _rounded(
            {"right": right, "of_all": of_all, "precision": precision}
        )
    confusion = np.zeros((len(VisitorClass) + 1, len(VisitorClass) + 1), int)
    for t, f, n in truth.db.execute(
        "select coalesce(t, 7), coalesce(f, 7), count(*) from day_rows group by all"
    ).fetchall():
        confusion[t, f] = n
    touring = f"between {int(VisitorClass.DOMESTIC_SAME_DAY)} and {int(VisitorClass.INBOUND_OVERNIGHT)}"
    nights, found_nights, visits, found_visits = truth.one(
        f"""select count(*) filter (tn and t {touring}), count(*) filter (fn and f {touring}),
        count(*) filter (t {touring}), count(*) filter (f {touring}) from day_rows"""
    )
    trips = truth.one(f"select count(*), avg(nights) from '{data}/truth_trips.parquet'")
    result: dict[str, Any] = {
        "classes": per_class, "confusion": confusion.tolist(), "nights": nights, "nights_found": found_nights,
        "visitor_days": visits, "visitor_days_found": found_visits, "trips": trips[0], "nights_a_trip": round(trips[1], 3),
    }  # fmt: skip
    blocks = list((out / "work" / "months").glob("*/trips.parquet"))
    if blocks:
        files = [str(path) for path in blocks]
        n, mean = truth.one(f"select count(*), avg(nights) from read_parquet({files})")
        result |= {"trips_found": n, "nights_a_trip_found": round(mean, 3)}
    return result


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in values.items()}
