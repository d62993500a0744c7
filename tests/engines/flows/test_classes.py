"""What a device is to the area: homes and second homes, nights between sightings, rest between sightings, commuters."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from allmende.engines.flows.months import Clock, Ground, months_of
from allmende.engines.flows.parameters import Parameters
from allmende.engines.flows.run import run
from allmende.engines.flows.words import VisitorClass
from tests.engines.flows.world import MONDAY, X0, deliver, events

HOME_COUNTRY = 240
SMALL = Parameters(shards=2, home_mcc=(HOME_COUNTRY,))
Visit = tuple[float, float, float, float]


class Half:
    """The area is everything east of the corner of the world."""

    def of_points(self, x: Any, y: Any) -> Any:
        return np.where(x > X0 - 500, 0, -1).astype(np.int32)


def classes_of(folder: Path, *visits: Visit, mcc: int = HOME_COUNTRY, every: int = 1200) -> dict[int, str]:
    """Day (from Monday) -> class, of one device among the other's that keep the data going for 42 days."""
    steady = events((0, 42 * 24, 0, 90_000), device=2, every=3600)
    deliver(folder / "in", events(*visits, mcc=mcc, every=every), steady)
    run(folder / "in", folder / "out", unprotected=True, parameters=SMALL, ground=Ground(zones=Half()))
    rows = pq.read_table(folder / "out" / "device_days.parquet").to_pylist()
    return {r["day"] - MONDAY: VisitorClass(r["visitor_class"]).word for r in rows if r["device_id"] == 1}


def nights(first: int, last: int) -> Visit:
    """At one place of the area from the afternoon of a day to the morning of another."""
    return (first * 24 + 16, last * 24 + 10, 5000, 5000)


def test_who_is_away_for_one_long_holiday_lives_here(tmp_path: Path) -> None:
    found = classes_of(tmp_path, (0, 14 * 24, 5000, 5000), (28 * 24, 42 * 24, 5000, 5000))
    assert set(found.values()) == {"resident"}


def test_who_comes_for_three_weeks_and_for_weekends_has_a_second_home(tmp_path: Path) -> None:
    found = classes_of(tmp_path, nights(4, 6), nights(11, 32), nights(39, 41))
    assert found[20] == "domestic_overnight"
    assert set(found.values()) == {"domestic_overnight"}


def test_a_foreign_network_does_not_live_here_after_three_weeks(tmp_path: Path) -> None:
    found = classes_of(tmp_path, nights(0, 22), mcc=262)
    assert set(found.values()) == {"inbound_overnight"}


@pytest.mark.parametrize(("mcc", "word"), [(HOME_COUNTRY, "domestic_overnight"), (262, "inbound_overnight")])
def test_sightings_in_the_evening_and_the_morning_tell_of_a_night(tmp_path: Path, mcc: int, word: str) -> None:
    found = classes_of(tmp_path, (14, 20, 5000, 5000), (33, 36, 25_000, 5000), mcc=mcc)
    assert found == {0: word, 1: word}


def test_time_left_between_two_sightings_tells_rest_from_passing(tmp_path: Path) -> None:
    rests = classes_of(tmp_path / "rests", (10, 10.05, 5000, 0), (12.5, 12.55, 30_000, 0), every=600)
    passes = classes_of(tmp_path / "passes", (10, 10.05, 5000, 0), (10.6, 10.65, 35_000, 0), every=600)
    assert (rests, passes) == ({0: "domestic_same_day"}, {0: "transit"})


def test_who_works_here_and_sleeps_beyond_the_border_commutes(tmp_path: Path) -> None:
    """Nothing is seen beyond the border: the last sighting is in the evening, the next in the morning."""
    week = [(day * 24 + 8.0, day * 24 + 17.5, 5000.0, 5000.0) for day in range(42) if day % 7 < 5]
    way_home = [(day * 24 + 18.0, day * 24 + 18.1, 200.0, 5000.0) for day in range(42) if day % 7 < 5]
    found = classes_of(tmp_path, *sorted(week + way_home), mcc=262)
    assert set(found.values()) == {"commuter"}


def test_data_that_end_before_midnight_make_no_further_day(tmp_path: Path) -> None:
    deliver(tmp_path / "in", events((0, 7 * 24 - 2, 0, 0), every=1200))
    local = Parameters(shards=2, timezone="Europe/Copenhagen")  # two hours ahead: the delivery ends at its midnight
    run(tmp_path / "in", tmp_path / "out", unprotected=True, parameters=local)
    days = pq.read_table(tmp_path / "out" / "device_days.parquet")["day"].to_pylist()
    assert max(days) - MONDAY == 6


@pytest.mark.parametrize(("days", "seen"), [(range(20_638, 20_680), 42), (range(20_638, 20_760), 56)])
def test_the_first_month_looks_ahead_as_far_as_a_home_needs(days: range, seen: int) -> None:
    clock = Clock.of("UTC", days[0], days[-1])
    first = months_of(list(days), clock, Parameters(), (days[0] * 86_400, (days[-1] + 1) * 86_400))[0]
    assert (first.name, len(first.days)) == ("2026-07", seen)
    assert first.days[0] == days[0]
