"""The year by weeks: index, thin weeks, steps of colour."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from allmende.engines.season import THIN, monday_of, season_of, step_of, tally, thin_runs, weeks_from

FRIDAY = date(2026, 11, 27)
MONDAYS = weeks_from(FRIDAY, 6)
counts = st.dictionaries(st.sampled_from(MONDAYS), st.integers(0, 500))


def row(*numbers: int) -> dict[date, int]:
    return dict(zip(MONDAYS, numbers, strict=False))


def test_weeks_begin_on_monday_and_the_running_one_is_the_first() -> None:
    assert MONDAYS[0] == date(2026, 11, 23)
    assert MONDAYS[-1] == date(2026, 12, 28)
    assert monday_of(MONDAYS[0]) == MONDAYS[0]
    assert monday_of(MONDAYS[0] + timedelta(6)) == MONDAYS[0]


def test_the_index_is_per_cent_of_the_median_week() -> None:
    season = season_of("x", row(10, 20, 20, 40, 20, 5), MONDAYS, highest=40)
    assert (season.total, season.median) == (115, 20)
    assert [week.index for week in season.weeks] == [50, 100, 100, 200, 100, 25]
    assert [week.is_thin for week in season.weeks] == [True, False, False, False, False, True]


def test_weeks_that_are_not_known_yet_do_not_make_the_median() -> None:
    season = season_of("x", row(10, 10, 10), MONDAYS, highest=10, known_until=MONDAYS[2])
    assert season.median == 10
    assert season_of("x", row(10, 10, 10), MONDAYS, highest=10).median == 5


def test_a_row_with_next_to_nothing_has_no_index() -> None:
    season = season_of("x", row(1, 1, 0, 1, 1, 3), MONDAYS, highest=3)
    assert {week.index for week in season.weeks} == {None}
    assert thin_runs(season) == []


def test_thin_weeks_that_follow_one_another_are_one_stretch() -> None:
    season = season_of("x", row(5, 5, 20, 20, 20, 4), MONDAYS, highest=20)
    assert [[week.monday for week in run] for run in thin_runs(season)] == [MONDAYS[:2], [MONDAYS[5]]]
    assert [len(run) for run in thin_runs(season, until=MONDAYS[3])] == [2]


@given(counts, st.integers(1, 500))
def test_a_week_is_thin_only_below_the_ordinary_one(numbers: dict[date, int], highest: int) -> None:
    season = season_of("x", numbers, MONDAYS, highest=highest)
    assert season.total == sum(numbers.values())
    for run in thin_runs(season):
        assert all(week.n < season.median and (week.index or 0) <= THIN for week in run)


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(1, 1000))
def test_more_is_never_paler(one: int, other: int, highest: int) -> None:
    low, high = sorted((one, other))
    assert step_of(low, highest) <= step_of(high, highest) <= 5
    assert (step_of(one, highest) == 0) == (one == 0)


def test_the_fullest_week_has_the_darkest_step() -> None:
    assert [step_of(n, 100) for n in (0, 1, 4, 16, 36, 64, 100)] == [0, 1, 1, 2, 3, 4, 5]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 9)), max_size=30))
def test_a_tally_is_the_sum_by_hand(rows: list[tuple[int, int, int]]) -> None:
    one, other, n = (np.array([row[place] for row in rows], dtype=np.int64) for place in range(3))
    (first, second), (total,) = tally([one, other], [n])
    by_hand: dict[tuple[int, int], int] = {}
    for a, b, value in rows:
        by_hand[a, b] = by_hand.get((a, b), 0) + value
    assert dict(zip(zip(first.tolist(), second.tolist(), strict=True), total.tolist(), strict=True)) == by_hand
