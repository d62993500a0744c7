"""How full places are: by hand-checked little places, and by properties on random ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allmende.engines.crowding import (
    LEAST_KNOWN,
    Hours,
    change_over_year,
    days_of,
    episodes_of,
    gini,
    gini_of_hours,
    high_by_hour,
    imbalances,
    level_of,
    local_hours,
    peak_share,
    presence_by_hour,
    season_spread,
    usual_of,
    worst_hours,
)
from allmende.engines.crowding.simulated import PATTERNS, make

ZONE = "Europe/Paris"
NAN = float("nan")


def number(moment: datetime) -> int:
    return int(moment.timestamp()) // 3600


def place(first: datetime, figures: list[float], capacity: float | None = 100, zone: str = ZONE) -> Hours:
    return Hours(number(first), np.array(figures, dtype=np.float64), zone, capacity)


def weeks(count: int, *, first: date = date(2025, 6, 2), noon: float = 50, night: float = 10) -> Hours:
    """``count`` weeks from a Monday, each hour ``night`` but noon."""
    begin = datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(ZONE))
    figures = np.full(count * 168, night)
    figures[12::24] = noon
    return Hours(number(begin), figures, ZONE, 100)


@pytest.mark.parametrize("zone", ["Europe/Paris", "UTC", "America/St_Johns", "Asia/Kolkata", "Australia/Lord_Howe"])
def test_local_hours_are_those_of_the_clocks_all_year(zone: str) -> None:
    first = number(datetime(2025, 1, 1, tzinfo=UTC))
    local = local_hours(zone, first, 365 * 24)
    for at in range(0, 365 * 24, 5):
        clock = datetime.fromtimestamp((first + at) * 3600, UTC).astimezone(ZoneInfo(zone))
        told = date(1970, 1, 1) + timedelta(days=int(local.day[at]))
        assert (told, local.hour[at], local.weekday[at]) == (clock.date(), clock.hour, clock.weekday())
        assert local.month[at] == clock.month - 1


def test_the_night_that_is_longer_has_its_hour_twice_and_the_shorter_lacks_it() -> None:
    autumn = local_hours(ZONE, number(datetime(2025, 10, 25, 22, tzinfo=UTC)), 25)
    assert autumn.hour.tolist() == [0, 1, 2, 2, *range(3, 24)]
    spring = local_hours(ZONE, number(datetime(2025, 3, 29, 23, tzinfo=UTC)), 23)
    assert spring.hour.tolist() == [0, 1, *range(3, 24)]
    days = days_of(Hours(number(datetime(2025, 10, 25, 22, tzinfo=UTC)), np.ones(25), ZONE))
    assert (days.length.tolist(), days.total.tolist(), days.known.tolist()) == ([25], [25.0], [25])


def test_what_is_usual_needs_eight_weeks() -> None:
    usual = usual_of(weeks(LEAST_KNOWN - 1))
    assert np.isnan(usual.middle).all()
    usual = usual_of(weeks(LEAST_KNOWN))
    june, july = usual.middle[5], usual.middle[6]
    assert (july[12], july[13], june[12]) == (50, 10, 50)
    assert usual.known[6].tolist() == [LEAST_KNOWN] * 168, "June, July and August together"
    assert np.isnan(usual.middle[[0, 1, 2, 3, 4, 7, 8, 9, 10, 11]]).all(), "of May and August too little is known"


@pytest.mark.parametrize("seed", range(20))
def test_quartiles_are_those_of_the_known_hours_alone(seed: int) -> None:
    chance = np.random.default_rng(seed)
    figures = chance.integers(0, 30, 168 * 10).astype(np.float64)
    figures[chance.random(len(figures)) < 0.2] = NAN
    hours = Hours(number(datetime(2025, 6, 1, 22, tzinfo=UTC)), figures, ZONE)
    usual = usual_of(hours)
    for cell in (0, 60, 167):
        of_cell = figures[cell::168]
        known = of_cell[np.isfinite(of_cell)]
        assert usual.known[6, cell] == len(known)
        told = [usual.low[6, cell], usual.middle[6, cell], usual.high[6, cell]]
        if len(known) < LEAST_KNOWN:
            assert np.isnan(told).all()
        else:
            assert told == pytest.approx(np.quantile(known, [0.25, 0.5, 0.75]).tolist(), abs=1e-9)


def test_a_stretch_bridges_one_hour_but_not_two() -> None:
    begin = datetime(2025, 7, 1, 8, tzinfo=UTC)
    hours = place(begin, [10, 90, 95, 40, 99, 40, 40, 88, NAN, 87, NAN, NAN, 86])
    found = episodes_of(hours, usual_of(hours), full_from=0.85)
    first = number(begin)
    assert [(one.first - first, one.until - first, one.hours) for one in found] == [(1, 5, 3), (7, 10, 2), (12, 13, 1)]
    assert [(one.peak_at - first, one.peak, one.pressure) for one in found] == [
        (4, 99, 0.99),
        (7, 88, 0.88),
        (12, 86, 0.86),
    ]
    assert {one.ratio for one in found} == {None}, "too little is known to call it unusual"


def test_without_a_capacity_nothing_is_full() -> None:
    hours = place(datetime(2025, 7, 1, tzinfo=UTC), [900.0] * 24, None)
    usual = usual_of(hours)
    assert episodes_of(hours, usual, full_from=0.85) == []
    assert worst_hours(hours, usual)[0].pressure is None
    assert level_of(None, lively_from=0.5, full_from=0.85) is None


def test_how_unusual_an_hour_is_leaves_itself_out() -> None:
    hours = weeks(11, noon=50)
    hours.figures[3 * 168 + 12] = 100
    usual = usual_of(hours)
    (episode,) = episodes_of(hours, usual, full_from=0.85)
    assert (episode.ratio, episode.percentile) == (2.0, 100.0)
    assert usual.unusual(6 * 168 + 12, 50).percentile == pytest.approx(45.0), "nine alike by half, one higher"
    assert usual.unusual(0, 5).ratio is None, "nothing is known of winter"


def test_nothing_is_usual_where_nobody_comes() -> None:
    hours = weeks(10, night=0)
    hours.figures[3] = 7
    assert usual_of(hours).unusual(6 * 168 + 3, 7).ratio is None


def test_worst_hours_are_of_different_days_and_never_empty_ones() -> None:
    begin = datetime(2025, 7, 1, tzinfo=ZoneInfo(ZONE))
    figures = [0.0] * 72
    figures[10], figures[11], figures[40] = 80, 90, 85
    hours = place(begin, figures)
    found = worst_hours(hours, usual_of(hours))
    assert [(one.hour - number(begin), one.figure) for one in found] == [(11, 90), (40, 85)]
    late = worst_hours(hours, usual_of(hours), since=number(begin) + 24)
    assert [one.figure for one in late] == [85]


def test_a_day_without_figures_has_no_total() -> None:
    begin = datetime(2025, 7, 1, tzinfo=ZoneInfo(ZONE))
    days = days_of(place(begin, [1.0] * 24 + [NAN] * 24 + [NAN] * 12 + [2.0] * 12))
    assert days.known.tolist() == [24, 0, 12]
    assert np.isnan([days.total[1], days.peak[1]]).all()
    assert (days.total[2], days.peak[2]) == (24, 2)
    assert days.is_whole.tolist() == [True, False, False]


def test_days_are_whole_by_the_hours_that_the_place_usually_delivers() -> None:
    begin = datetime(2025, 7, 1, tzinfo=ZoneInfo(ZONE))
    open_hours = [NAN] * 10 + [5.0] * 8 + [NAN] * 6
    half = [NAN] * 10 + [5.0] * 4 + [NAN] * 10
    assert days_of(place(begin, open_hours * 3 + half)).is_whole.tolist() == [True, True, True, False]


def test_months_are_compared_per_day_and_february_is_not_quiet_because_it_is_short() -> None:
    begin = datetime(2025, 1, 1, tzinfo=UTC)
    even = Hours(number(begin), np.ones(365 * 24), "UTC")
    spread = season_spread(days_of(even))
    assert spread.per_day == (24.0,) * 12
    assert (spread.gini, spread.peak_ratio, spread.known_share) == (pytest.approx(0), 1.0, 1.0)
    even.figures[31 * 24 : 59 * 24] = NAN
    spread = season_spread(days_of(even))
    assert (spread.per_day[1], spread.gini, spread.peak_ratio) == (None, None, None)
    assert spread.known_share == pytest.approx(337 / 365)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([1, 1, 1, 1], 0.0), ([0, 0, 0, 1], 0.75), ([1, 2, 3, 4], 0.25), ([1], None), ([0, 0], None), ([-1, 2], None)],
)
def test_gini(values: list[float], expected: float | None) -> None:
    told = gini(np.array([*values, NAN], dtype=np.float64))
    assert told == (None if expected is None else pytest.approx(expected))


@given(st.lists(st.floats(0.1, 1000), min_size=2, max_size=40))
def test_gini_is_half_the_relative_mean_difference(values: list[float]) -> None:
    given_values = np.array(values)
    n = len(values)
    expected = np.abs(given_values[:, None] - given_values[None, :]).sum() / (2 * n * given_values.sum())
    assert gini(given_values) == pytest.approx(expected, abs=1e-9)


def test_peak_share_of_the_busiest_tenth() -> None:
    assert peak_share(np.ones(1000)) == pytest.approx(0.1)
    figures = np.zeros(1000)
    figures[:50] = 3
    assert peak_share(figures) == 1.0
    assert peak_share(np.ones(100)) is None
    assert gini_of_hours(np.ones(100)) is None
    assert peak_share(np.concatenate([np.ones(1000), np.full(1000, NAN)])) == pytest.approx(0.1)


def test_a_silent_counter_is_not_a_quiet_place() -> None:
    full, silent, quiet = np.full(10, 0.9), np.full(10, NAN), np.full(10, 0.1)
    half = np.array([0.1] * 4 + [0.7] * 6)
    found = imbalances(np.array([full, silent, quiet, half]), full_from=np.full(4, 0.85), quiet_below=np.full(4, 0.5))
    assert [(one.full, one.quiet, one.hours, one.of) for one in found] == [(0, 2, 10, 10), (0, 3, 4, 10)]
    assert found[1].share == 0.4


def test_presence_by_hour_and_how_evenly_it_is_spread_over_places() -> None:
    hour = np.arange(48) % 24
    here, there = np.full(48, 30.0), np.full(48, 10.0)
    here[0] = NAN
    means, spread = presence_by_hour(np.array([here, there]), hour)
    assert means[:, 0].tolist() == [30, 10]
    assert spread[5] == pytest.approx(0.25)
    there[:] = NAN
    assert np.isnan(presence_by_hour(np.array([here, there]), hour)[1]).all()


def test_december_and_january_lie_in_one_season() -> None:
    begin = datetime(2025, 12, 1, tzinfo=ZoneInfo(ZONE))
    usual = usual_of(Hours(number(begin), np.full(90 * 24, 7.0), ZONE))
    assert (usual.known[0].min(), usual.known[0].max()) == (12, 13)
    assert usual.known[11].max() <= 9, "November is not known, December and January are"


def test_one_day_in_ten() -> None:
    hour = np.repeat(np.arange(24)[None, :], 11, axis=0).ravel()
    day = np.repeat(np.arange(11), 24)
    high = high_by_hour(np.array([day / 10, np.full(264, NAN)]), hour)
    assert high[0].tolist() == pytest.approx([0.9] * 24)
    chance = np.random.default_rng(5).random((3, 264))
    chance[1, ::5] = NAN
    expected = [[np.nanquantile(row[hour == at], 0.9) for at in range(24)] for row in chance]
    assert high_by_hour(chance, hour) == pytest.approx(np.array(expected))
    assert np.isnan(high[1]).all()


def test_a_year_is_compared_over_the_hours_that_are_known_in_both() -> None:
    figures = np.concatenate([np.full(52 * 168, 10.0), np.full(52 * 168, 12.0)])
    hours = Hours(number(datetime(2024, 1, 1, tzinfo=UTC)), figures, ZONE)
    assert change_over_year(hours).ratio == pytest.approx(1.2)
    figures[: 13 * 168] = NAN
    told = change_over_year(hours)
    assert (told.ratio, told.known_share) == (pytest.approx(1.2), pytest.approx(0.75))
    figures[: 30 * 168] = NAN
    assert change_over_year(hours).ratio is None
    assert change_over_year(Hours(0, figures[1:], ZONE)).ratio is None


def test_simulated_figures_are_the_same_however_much_is_made_at_once() -> None:
    first = number(datetime(2026, 3, 1, 5, tzinfo=UTC))
    told = {"zone": ZONE, "peak": 900.0, "seed": 3, "suppressed_below": 20.0}
    whole = make(PATTERNS["beach"], first=first, length=24 * 600, **told)
    later = make(PATTERNS["beach"], first=first + 24 * 150 + 7, length=40, **told)
    at = slice(24 * 150 + 7, 24 * 150 + 47)
    assert np.array_equal(whole.figures[at], later.figures, equal_nan=True)
    assert whole.quality[at].tolist() == later.quality.tolist()
    assert set(whole.quality.tolist()) == {0, 1, 3, 4, 5}
    assert np.isnan(whole.figures[whole.quality == 4]).all()
    assert float(np.nanmax(whole.figures[whole.quality == 1])) < 1.6 * 900 * 1.7


@pytest.mark.parametrize("name", PATTERNS)
def test_every_pattern_is_whole(name: str) -> None:
    pattern = PATTERNS[name]
    assert (len(pattern.months), len(pattern.weekdays), len(pattern.hours)) == (12, 7, 24)
    assert max(pattern.months) == max(pattern.weekdays) == max(pattern.hours) == 1
