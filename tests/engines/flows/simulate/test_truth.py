"""The truth fits the events, and its tables fit each other."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from allmende.engines.flows.grid import cell_1km, unproject
from allmende.engines.flows.simulate.events import degrees
from allmende.engines.flows.words import VisitorClass

from .conftest import Written, columns, positions, stay_of_each


def test_degrees_by_polynomial_agree_with_the_projection() -> None:
    rng = np.random.default_rng(3)
    x, y = 4_480_000 + rng.uniform(-30e3, 150e3, 5000), 3_600_000 + rng.uniform(-30e3, 150e3, 5000)
    for fast, exact in zip(degrees(x, y), unproject(x, y), strict=True):
        np.testing.assert_allclose(fast, exact, atol=6e-7)  # rounded to six decimals, and a centimetre


@pytest.mark.parametrize("name", ["bench", "summer"])
def test_events_lie_where_the_device_truly_is(name: str, request: pytest.FixtureRequest) -> None:
    world: Written = request.getfixturevalue(name)
    events, stays = world.events(), world.table("truth_stays")
    row = stay_of_each(events, stays)
    x, y = positions(events)
    at_rest = row >= 0
    assert at_rest.mean() > 0.85
    distance = np.hypot(
        x[at_rest] - stays["x"].to_numpy()[row[at_rest]], y[at_rest] - stays["y"].to_numpy()[row[at_rest]]
    )
    off = distance > 6 * world.profile.noise_m + 1
    jumps = world.profile.dirt.jumps
    # Six deviations are passed by chance about once in fifty million times (Rayleigh distribution).
    assert off.mean() == pytest.approx(jumps, abs=0.001)
    assert distance[~off].mean() == pytest.approx(world.profile.noise_m * np.sqrt(np.pi / 2), rel=0.03)
    if jumps:
        assert distance[off].min() > 7000
        assert distance[off].max() < 31_000


@pytest.mark.parametrize("name", ["bench", "summer", "dirty"])
def test_presence_counted_from_the_stays_is_the_true_presence(name: str, request: pytest.FixtureRequest) -> None:
    world: Written = request.getfixturevalue(name)
    stays, given = columns(world.table("truth_stays")), columns(world.table("truth_presence"))
    counted: dict[tuple[int, int], set[int]] = {}
    cells = cell_1km(stays["x"], stays["y"])
    for device, cell, t0, t1 in zip(stays["device_id"], cells, stays["t0"], stays["t1"], strict=True):
        first = int(t0 // 3600)
        for hour in range(first, max(int(-(-t1 // 3600)), first + 1)):
            counted.setdefault((int(cell), hour), set()).add(device)
    told = {
        (int(cell), int(hour // 3600)): int(n)
        for cell, hour, n in zip(given["grid1km"], given["hour"], given["n"], strict=True)
    }
    assert len(told) == len(given["n"]) > 1000
    assert told == {key: len(devices) for key, devices in counted.items()}


@pytest.mark.parametrize("name", ["bench", "dirty"])
def test_moves_counted_from_the_stays_are_the_true_moves(name: str, request: pytest.FixtureRequest) -> None:
    world: Written = request.getfixturevalue(name)
    stays = columns(world.table("truth_stays"))
    order = np.lexsort((stays["t0"], stays["device_id"]))
    device, cell = stays["device_id"][order], cell_1km(stays["x"], stays["y"])[order]
    moved = (device[1:] == device[:-1]) & (cell[1:] != cell[:-1])
    pairs, n = np.unique(np.c_[cell[:-1][moved], cell[1:][moved]], axis=0, return_counts=True)
    given = columns(world.table("truth_od"))
    told: dict[tuple[int, int], int] = {}
    for o, d, count in zip(given["o_grid1km"], given["d_grid1km"], given["n"], strict=True):
        told[int(o), int(d)] = told.get((int(o), int(d)), 0) + int(count)
    assert told == {(int(o), int(d)): int(count) for (o, d), count in zip(pairs, n, strict=True)}
    assert given["day"].min() == 0
    assert given["day"].max() == world.profile.days - 1


def test_stays_of_a_device_do_not_overlap_and_run_over_midnight(summer: Written) -> None:
    stays = columns(summer.table("truth_stays"))
    order = np.lexsort((stays["t0"], stays["device_id"]))
    same = np.diff(stays["device_id"][order]) == 0
    assert (stays["t0"][order][1:][same] >= stays["t1"][order][:-1][same]).all()
    assert (stays["t1"] > stays["t0"]).all()
    # Local midnight in August is 22:00 UTC; only the night before the period is cut there.
    starts = np.sum(stays["t0"] % 86400 == 22 * 3600)
    assert starts == np.sum(stays["t0"] == stays["t0"].min())


def _days(world: Written) -> list[dict[str, object]]:
    who = {row["device_id"]: row for row in world.table("truth_devices").to_pylist()}
    rows: list[dict[str, object]] = world.table("truth_classes").to_pylist()
    return [row | {"role": who[row["device_id"]]["role"], "mcc": who[row["device_id"]]["mcc"]} for row in rows]


def test_classes_follow_from_home_work_and_nights(summer: Written, year: Written) -> None:
    for world in (summer, year):
        rows = _days(world)
        seen = {VisitorClass(row["visitor_class"]) for row in rows}  # type: ignore[arg-type]
        assert seen == set(VisitorClass)
        for row in rows:
            kind = VisitorClass(row["visitor_class"])  # type: ignore[arg-type]
            assert (row["role"] == "resident") == (kind == VisitorClass.RESIDENT)
            assert (row["role"] == "commuter") == (kind == VisitorClass.COMMUTER)
            if row["role"] == "transit":
                assert kind == VisitorClass.TRANSIT
            if kind in (VisitorClass.DOMESTIC_SAME_DAY, VisitorClass.INBOUND_SAME_DAY, VisitorClass.TRANSIT):
                assert not row["night"]
            if "INBOUND" in kind.name:
                assert row["mcc"] != 240
                assert row["origin"] == 1_000_000 + row["mcc"]  # type: ignore[operator]
            if "DOMESTIC" in kind.name:
                assert row["mcc"] == 240


def test_nights_of_the_classes_are_nights_of_the_stays(summer: Written) -> None:
    """Who spends a night in the area has a stay in it at the midnight that ends the day, and the other way round."""
    stays = columns(summer.table("truth_stays"))
    classes = summer.table("truth_classes").to_pylist()
    inside = (
        (stays["x"] >= 4_500_000) & (stays["x"] <= 4_580_000) & (stays["y"] >= 3_620_000) & (stays["y"] <= 3_700_000)
    )
    for day in (date(2026, 8, 5), date(2026, 8, 8)):
        midnight = (day.toordinal() + 1 - date(1970, 1, 1).toordinal()) * 86400 - 7200
        there = inside & (stays["t0"] <= midnight) & (stays["t1"] >= midnight)
        told = {row["device_id"] for row in classes if row["day"] == day and row["night"]}
        assert told == set(stays["device_id"][there].tolist())
        assert len(told) > 150


def test_transit_devices_have_no_stay_of_twenty_minutes(summer: Written) -> None:
    passing = {row["device_id"] for row in _days(summer) if row["visitor_class"] == VisitorClass.TRANSIT}
    stays = columns(summer.table("truth_stays"))
    own = np.isin(stays["device_id"], list(passing))
    assert len(passing) > 10
    assert (stays["t1"] - stays["t0"])[own].max() < 1200
    assert len(passing & set(summer.events()["device_id"].to_pylist())) > len(passing) / 2


def test_trips_have_the_nights_of_their_days(summer: Written, year: Written) -> None:
    for world in (summer, year):
        trips = world.table("truth_trips").to_pylist()
        assert len(trips) == world.summary.trips > 20
        last = date.fromordinal(world.profile.start.toordinal() + world.profile.days - 1)
        for trip in trips:
            length = (trip["last_day"] - trip["first_day"]).days
            # A trip that goes on when the period ends has one more night than days passed.
            assert trip["nights"] == length or (trip["nights"] == length + 1 and trip["last_day"] == last)
            assert trip["stays"] >= 1
        nights = sum(row["night"] for row in _days(world) if 2 <= row["visitor_class"] <= 5)  # type: ignore[operator,misc]
        assert sum(trip["nights"] for trip in trips) == nights


def test_ids_say_nothing_about_who_lives_there(bench: Written) -> None:
    devices = columns(bench.table("truth_devices"))
    regular = np.isin(devices["klass"], ["resident", "commuter"])
    ids = devices["device_id"]
    assert len(np.unique(ids)) == len(ids)
    rank = np.argsort(np.argsort(ids)) / len(ids)
    assert abs(rank[regular].mean() - rank[~regular].mean()) < 0.25
    assert bench.table("truth_devices")["device_id"].type == pa.int64()
