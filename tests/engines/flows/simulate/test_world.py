"""The ground, the network, the market, and what happens in the region."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import shapely

from allmende.engines.flows import tables
from allmende.engines.flows.grid import project
from allmende.engines.flows.simulate import Intervention, benchmark, region
from allmende.engines.flows.words import VisitorClass

from .conftest import Make, Written, columns, positions


def zones_of(world: Written) -> list[dict[str, object]]:
    read = json.loads((world.folder / "zones.geojson").read_text(encoding="utf-8"))
    return [
        feature["properties"] | {"shape": shapely.from_geojson(json.dumps(feature))} for feature in read["features"]
    ]


@pytest.mark.parametrize(("name", "inside", "around"), [("bench", 20, 0), ("summer", 20, 13)])
def test_municipalities_tile_the_area(
    name: str, inside: int, around: int, request: pytest.FixtureRequest
) -> None:  # fmt: skip
    zones = zones_of(request.getfixturevalue(name))
    assert [zone["inside"] for zone in zones] == [True] * inside + [False] * around
    assert len({zone["code"] for zone in zones}) == len({zone["name"] for zone in zones}) == inside + around
    assert all(zone["population"] > 0 for zone in zones if zone["inside"])  # type: ignore[operator]
    shapes = [shapely.transform(zone["shape"], project, interleaved=False) for zone in zones]
    for zone, shape in zip(zones, shapes, strict=True):
        assert shape.is_valid
        assert shape.exterior.is_ccw
        assert shape.area / 1e6 == pytest.approx(zone["area_km2"], rel=1e-4)
    whole = shapely.union_all(shapes)
    assert whole.area == pytest.approx(14_400e6, rel=1e-5)
    assert sum(shape.area for shape in shapes) == pytest.approx(whole.area, rel=1e-5)


def test_homes_lie_in_the_zone_that_is_told(summer: Written) -> None:
    zones = {zone["code"]: zone for zone in zones_of(summer)}
    devices = [row for row in summer.table("truth_devices").to_pylist() if row["zone"]]
    assert len(devices) > 200
    for row in devices[::7]:
        shape = shapely.transform(zones[row["zone"]]["shape"], project, interleaved=False)
        assert shape.distance(shapely.Point(row["home_x"], row["home_y"])) < 1
        assert zones[row["zone"]]["inside"] == (row["role"] == "resident")


def test_population_devices_and_shares_fit_together(written: Make) -> None:
    world = written("many", benchmark(devices=4000, days=1, events_per_day=1, sites=50, share_bias=0.3))
    market = [row for row in world.table("market").to_pylist() if row["zone"].startswith("M")]
    assert len({row["share"] for row in market}) > 15
    residents = pc.sum(pc.equal(world.table("truth_devices")["klass"], "resident")).as_py()
    expected = sum(row["population"] * row["share"] for row in market)
    assert expected == pytest.approx(residents, rel=0.05)
    people = columns(world.table("truth_devices"))
    own = people["klass"] == "resident"
    assert people["people"][own].sum() == pytest.approx(sum(row["population"] for row in market), rel=0.05)


@pytest.mark.parametrize(("name", "cells"), [("bench", 2500), ("summer", 618)])
def test_the_cell_plan_keeps_to_its_schema(name: str, cells: int, request: pytest.FixtureRequest) -> None:
    plan = request.getfixturevalue(name).table("cells")
    assert tables.check(plan, tables.CELL_PLAN) == []
    assert plan.num_rows == cells


def test_some_cells_are_replaced_in_the_middle_and_seen_only_while_they_are_valid(summer: Written) -> None:
    plan = summer.table("cells").to_pylist()
    old = {row["cell_id"] for row in plan if row["valid_until"] == date(2026, 8, 9)}
    new = {row["cell_id"] for row in plan if row["valid_from"] == date(2026, 8, 10)}
    assert (len(old), len(new)) == (18, 18)
    days = summer.days()
    before = set(pa.concat_tables(days[:7])["cell_id"].to_pylist())
    after = set(pa.concat_tables(days[7:])["cell_id"].to_pylist())
    assert old & before
    assert new & after
    assert not old & after
    assert not new & before


def test_devices_are_seen_by_cells_in_whose_reach_and_sector_they_are(summer: Written) -> None:
    plan, events = columns(summer.table("cells")), summer.days()[2]
    x, y = positions(events)
    cell = events["cell_id"].to_numpy()
    dx, dy = x - plan["x"][cell], y - plan["y"][cell]
    assert (np.hypot(dx, dy) <= plan["range_m"][cell]).mean() > 0.999
    far = np.hypot(dx, dy) > 1000  # close to the mast the map's pixels are coarse
    turn = (np.degrees(np.arctan2(dx, dy)) - plan["azimuth"][cell] + 180) % 360 - 180
    assert (np.abs(turn[far]) <= plan["beam"][cell][far] / 2 + 12).mean() > 0.999


def test_nobody_is_seen_across_the_border_but_commuters_come_from_there(summer: Written) -> None:
    events = summer.events()
    assert positions(events)[0].min() >= 4_500_000 - 1
    assert columns(summer.table("truth_stays"))["x"].min() >= 4_500_000
    who = summer.table("truth_devices").to_pylist()
    inward = {row["device_id"] for row in who if row["role"] == "commuter" and row["mcc"] == 238}
    outward = {row["device_id"] for row in who if row["role"] == "resident" and row["work_x"] and row["work_x"] < 4.5e6}
    assert len(inward) == 10
    assert len(outward) > 3
    stays = summer.table("truth_stays").to_pylist()
    at_work = [row for row in stays if row["device_id"] in inward and row["kind"] == "work"]
    assert len(at_work) > 60
    assert not [row for row in stays if row["device_id"] in inward and row["kind"] == "home"]
    assert not [row for row in stays if row["device_id"] in outward and row["kind"] == "work"]


def test_the_festival_draws_a_crowd_for_three_days(summer: Written) -> None:
    assert summer.profile.festival is not None
    stays = summer.table("truth_stays").to_pylist()
    by_day = [0] * 14
    for row in stays:
        if row["place_id"] == 60:
            by_day[(row["t0"].date() - date(2026, 8, 3)).days] += 1
    first = summer.profile.festival.first_day
    assert first == 11
    assert sum(by_day[:first]) == 0
    assert all(30 < n < 90 for n in by_day[first:])
    places = summer.table("places").to_pylist()
    assert (places[60]["kind"], places[0]["kind"], len(places)) == ("festival", "attraction", 61)


def test_seasons_weekends_and_second_homes_show(year: Written) -> None:
    rows = year.table("truth_classes").to_pylist()
    visitors = [row for row in rows if 2 <= row["visitor_class"] <= 5]
    july = sum(row["day"].month == 7 for row in visitors)
    january = sum(row["day"].month == 1 for row in visitors)
    assert july > 2 * january
    same_day = [row["day"].weekday() for row in visitors if row["visitor_class"] in (2, 4)]
    assert same_day.count(5) > 1.3 * same_day.count(1)
    who = {row["device_id"]: row["role"] for row in year.table("truth_devices").to_pylist()}
    nights = [row["day"] for row in visitors if who[row["device_id"]] == "second_home" and row["night"]]
    winter = [day.weekday() for day in nights if day.month in (1, 2, 11)]
    assert set(winter) <= {4, 5}
    assert sum(day.month in (7, 8) for day in nights) > len(nights) / 4
    working = [row["day"].weekday() for row in rows if row["visitor_class"] == VisitorClass.COMMUTER]
    assert working.count(2) > 5 * working.count(6)


def test_official_nights_are_those_in_lodgings_scaled_to_people(year: Written) -> None:
    devices = {row["device_id"]: row for row in year.table("truth_devices").to_pylist()}
    trips = year.table("truth_trips").to_pylist()
    lodged = [row for row in trips if devices[row["device_id"]]["role"] in ("guest", "festival")]
    people = sum(row["nights"] * devices[row["device_id"]]["people"] for row in lodged)
    official = year.table("accommodation").to_pylist()
    assert len(official) == 20 * 12
    assert sum(row["nights"] for row in official) == pytest.approx(people, rel=0.02)
    assert 0 < sum(row["nights_inbound"] for row in official) < sum(row["nights"] for row in official)


def test_the_intervention_moves_visits_from_the_crowded_to_the_quiet_place(written: Make) -> None:
    plain = benchmark(devices=2000, days=4, events_per_day=0.1, sites=50, intervention=None)
    moved = replace(plain, intervention=Intervention(first_day=2, share=1.0))
    counts = {}
    for name, profile in (("plain", plain), ("moved", moved)):
        visits = [row for row in written(name, profile).table("truth_stays").to_pylist() if row["place_id"] in (0, 9)]
        # Whoever comes to a place from noon to half past two set out between half past nine and half past two.
        noon = [row for row in visits if 12 <= row["t0"].hour + row["t0"].minute / 60 < 14.5]
        for late in (False, True):
            places = [row["place_id"] for row in noon if (row["t0"].date() >= date(2026, 6, 3)) == late]
            counts[name, late] = (places.count(0), places.count(9))
    assert counts["moved", False] == counts["plain", False]
    assert counts["moved", True][0] == 0
    assert counts["plain", True][0] > 15
    assert counts["moved", True][1] > counts["plain", True][1] + 10


def test_the_night_of_the_clock_change_has_no_hour_twice_or_missing(dirty: Written) -> None:
    zone = ZoneInfo("Europe/Copenhagen")
    assert json.loads((dirty.folder / "meta.json").read_text())["clock_changes"] == ["2026-03-29"]
    presence = columns(dirty.table("truth_presence"))
    first = int(datetime(2026, 3, 26, tzinfo=zone).timestamp())
    last = int(datetime(2026, 3, 31, tzinfo=zone).timestamp())
    assert last - first == (5 * 24 - 1) * 3600
    assert sorted(set(presence["hour"].tolist())) == list(range(first, last, 3600))
    # Residents leave home for work at about half past seven by the clock on the wall, before the change and after.
    stays = [row for row in dirty.table("truth_stays").to_pylist() if row["kind"] == "work"]
    arrivals = {}
    for row in stays:
        local = row["t0"].astimezone(zone)
        arrivals.setdefault(local.date(), []).append(local.hour + local.minute / 60)
    assert set(arrivals) == {date(2026, 3, 26), date(2026, 3, 27), date(2026, 3, 30)}
    for hours in arrivals.values():
        assert np.median(hours) == pytest.approx(8.0, abs=0.35)


def test_the_region_of_an_autumn_night_has_25_hours(written: Make) -> None:
    world = written("autumn", region(devices=40, days=2, start=date(2026, 10, 24), sites=50))
    hours = set(columns(world.table("truth_presence"))["hour"].tolist())
    assert len(hours) == 49
