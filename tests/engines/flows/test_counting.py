"""Presence and moves, held against counting by hand: sets of devices per area, period, class and origin."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from allmende.engines.flows.counting import Level, _by_move, count_od, count_presence
from allmende.engines.flows.months import Clock, Ground, Month, Shard

ZONE = "Europe/Berlin"
FIRST, LENGTH = 20_544, 3  # 1 April 2026 and two days more
CELLS = np.array([430_003_200, 430_003_201, 430_103_200, 450_003_300], np.int64)


def a_shard(rng: np.random.Generator, devices: int, number: int) -> Shard:
    """Stays that follow each other, some longer than a day, some before or after the month; a class for most days."""
    o: list[list[int]] = []
    xy: list[tuple[float, float]] = []
    stay_starts, day_starts, rows = [0], [0], []
    for _ in range(devices):
        t = (FIRST - 1) * 86_400 + int(rng.integers(0, 90_000))
        while t < (FIRST + LENGTH + 1) * 86_400:
            end = t + int(rng.choice([1_200, 2_400, 7_000, 40_000, 130_000]))
            cell = int(rng.choice(CELLS))
            o.append([t, end, t, end, 0, 0, 2])
            xy.append((cell // 100_000 * 1000.0 + 10, cell % 100_000 * 1000.0 + 10))
            t = end + int(rng.integers(0, 2_000))
        stay_starts.append(len(o))
        rows += [
            (day, rng.integers(0, 3), rng.integers(-1, 2))
            for day in range(FIRST - 1, FIRST + LENGTH)
            if rng.random() < 0.8
        ]
        day_starts.append(len(rows))
    none = np.empty(0, np.int64)
    day, code, origin = (
        np.array([row[i] for row in rows], kind) for i, kind in enumerate((np.int32, np.int8, np.int32))
    )
    return Shard(
        device=np.arange(devices, dtype=np.uint64) + np.uint64(number * 1000), mcc=np.zeros(devices, np.int16),
        stay_starts=np.array(stay_starts), o=np.array(o, np.int64), xy=np.array(xy), zone=np.zeros(len(o), np.int32),
        place_starts=none, p_int=none, p_xy=none, p_kind=none, p_zone=none, home=none, work=none, night=none,
        day_starts=np.array(day_starts), d_day=day, d_class=code, d_night=day, d_origin=origin,
        weights=rng.integers(500, 5_000, devices),
    )  # fmt: skip


def local(t: int) -> int:
    offset = datetime.fromtimestamp(t, UTC).astimezone(ZoneInfo(ZONE)).utcoffset()
    assert offset is not None
    return t + int(offset.total_seconds())


def by_hand(shards: list[Shard], level: Level, by_class: bool) -> dict[tuple[int, ...], tuple[int, int, int]]:
    found: dict[tuple[int, ...], dict[int, int]] = defaultdict(dict)
    begin = next(t for t in range((FIRST - 1) * 86_400, FIRST * 86_400, 3600) if local(t) >= FIRST * 86_400)
    end = next(t for t in range(begin, begin + 9 * 86_400, 3600) if local(t) >= (FIRST + LENGTH) * 86_400)
    for s in shards:
        for d, device in enumerate(s.device.tolist()):
            class_of = {
                int(s.d_day[r]): (int(s.d_class[r]), int(s.d_origin[r])) for r in range(*s.day_starts[d : d + 2])
            }
            for i in range(*s.stay_starts[d : d + 2]):
                cell = int(s.xy[i, 0] // 1000) * 100_000 + int(s.xy[i, 1] // 1000)
                area = cell if level.area == "cell" else 0
                for t in range(max(int(s.o[i, 0]), begin), min(int(s.o[i, 1]), end), 200):
                    period = {"hour": t // 3600, "day": local(t) // 86_400, "month": FIRST}[level.period]
                    at = max(t // 3600 * 3600, int(s.o[i, 0])) if level.period == "hour" else t
                    who = class_of.get(local(at) // 86_400) if by_class else (0, -1)
                    if who is not None:
                        found[area, period, *who][device] = int(s.weights[d])
    return {
        key: (len(people), sum(people.values()), sum(w * w for w in people.values())) for key, people in found.items()
    }


@pytest.fixture(scope="module")
def month() -> tuple[Month, Clock]:
    return Month("2026-04", FIRST, LENGTH, tuple(range(FIRST - 1, FIRST + LENGTH + 1))), Clock.of(
        ZONE, FIRST, FIRST + LENGTH
    )


@pytest.mark.parametrize(
    ("area", "period", "by_class"),
    [
        (area, period, by_class)
        for area, period in (("cell", "hour"), ("cell", "day"), ("region", "hour"), ("region", "month"))
        for by_class in (False, True)
        if not (by_class and period == "month")  # months are counted without classes
    ],
)
def test_presence_is_what_counting_by_hand_finds(
    month: tuple[Month, Clock], area: str, period: str, by_class: bool
) -> None:
    level = Level(area, period)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        # whole multiples of 200 s, so that looking every 200 s by hand misses nothing
        shards = [_on_the_grid(a_shard(rng, 6, i)) for i in range(2)]
        table = count_presence(shards, *month, Ground(), level, CELLS, by_class=by_class)
        rows = [tuple(row.values()) for row in table.to_pylist()]
        assert [row[:4] for row in rows] == sorted(row[:4] for row in rows)
        assert {row[:4]: row[4:] for row in rows} == by_hand(shards, level, by_class)


def _on_the_grid(shard: Shard) -> Shard:
    shard.o[:, :2] = shard.o[:, :2] // 200 * 200
    return shard


def test_a_device_without_a_class_on_any_day_is_in_no_class(month: tuple[Month, Clock]) -> None:
    shard = a_shard(np.random.default_rng(5), 2, 0)
    shard.day_starts = np.array([0, 0, shard.day_starts[2]])  # the second device has all the rows
    both = count_presence([shard], *month, Ground(), Level("region", "day"), CELLS)
    assert set(both["devices"].to_pylist()) == {1}


@pytest.mark.parametrize("period", ["day", "hour"])
def test_a_stay_over_two_midnights_of_a_short_day_has_room_for_three_classes(period: str) -> None:
    first = 20_540  # Saturday, 28 March 2026; clocks go forward on the day after
    clock = Clock.of(ZONE, first, first + 3)
    shard = _on_the_grid(a_shard(np.random.default_rng(8), 1, 0))
    begin = clock.utc_of_local_day(first + 1) - 600
    shard.o = np.array([[begin, clock.utc_of_local_day(first + 2) + 600, begin, begin, 0, 0, 2]])
    assert shard.o[0, 1] - begin < 86_400
    shard.stay_starts, shard.xy, shard.zone = np.array([0, 1]), shard.xy[:1], shard.zone[:1]
    shard.day_starts, shard.d_day = np.array([0, 3]), np.arange(first, first + 3, dtype=np.int32)
    shard.d_class, shard.d_origin = np.array([0, 1, 2], np.int8), np.zeros(3, np.int32)
    cells = np.empty(0, np.int64)
    found = count_presence(
        [shard],
        Month("2026-03", first, 3, tuple(range(first, first + 3))),
        clock,
        Ground(),
        Level("region", period),
        cells,
    )
    assert sorted(set(found["visitor_class"].to_pylist())) == [0, 1, 2]
    assert found.num_rows == {"day": 3, "hour": 25}[period]


def test_moves_are_counted_in_order(month: tuple[Month, Clock]) -> None:
    found = count_od([a_shard(np.random.default_rng(6), 40, 0)], *month, Ground(), "cell", CELLS)
    keys = [tuple(row.values())[:4] for row in found.to_pylist()]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys) > 10


@pytest.mark.parametrize("areas", [3, 100_000_000])
def test_moves_that_are_alike_stay_in_the_order_of_their_devices(areas: int) -> None:
    rng = np.random.default_rng(7)
    day, code = rng.integers(20_000, 20_003, 500).astype(np.int32), rng.integers(0, 2, 500).astype(np.int8)
    o, d = (rng.choice([0, 1, areas - 1], 500) for _ in range(2))
    expected = np.lexsort((np.arange(500), code, d, o, day))
    assert _by_move(day, o, d, code).tolist() == expected.tolist()
