"""Hours with a known week, holidays that behave like none of its days, gaps that stay gaps."""

from __future__ import annotations

import numpy as np
import pytest

from allmende.engines.forecast import Case, Days, TooShort, backtest, forecast_hourly, forecast_together
from allmende.engines.forecast.hourly_past import Around, Past

FIRST = 19_723  # Monday, 1 January 2024
WEEK = np.outer([1, 1, 1, 1, 1.2, 2.0, 1.6], 100 * np.exp(-0.5 * ((np.arange(24) - 14) / 4) ** 2))


def calendar(days: int, holidays: tuple[int, ...] = ()) -> Days:
    flags = np.zeros(days, bool)
    flags[list(holidays)] = True
    return Days(FIRST, flags, np.zeros(days, bool), np.zeros((days, 0)))


def with_columns(days: int, more: np.ndarray) -> Days:
    return Days(FIRST, np.zeros(days, bool), np.zeros(days, bool), more)


def weeks(days: int, noise: float = 0.05, seed: int = 4) -> np.ndarray:
    chance = np.random.default_rng(seed)
    return WEEK[np.arange(days) % 7] * np.exp(noise * chance.standard_normal((days, 24)))


def test_the_week_goes_on_within_limits_that_hold() -> None:
    y = weeks(400)
    prediction, judgement = forecast_hourly(y[:386], calendar(400))
    middle = prediction.median.reshape(14, 24)
    busy = WEEK[np.arange(386, 400) % 7] > 20
    assert np.abs(middle / WEEK[np.arange(386, 400) % 7] - 1)[busy].mean() < 0.05
    came = y[386:].ravel()
    assert 0.7 <= np.mean((came >= prediction.quantiles[:, 1]) & (came <= prediction.quantiles[:, 3])) <= 0.92
    assert judgement.origins > 20
    assert 0.75 <= judgement.within_80 <= 0.85
    assert 0.9 <= judgement.within_95 <= 0.98
    assert {score.method for score in judgement.scores} == {"forecast", "last_week", "eight_week_median"}


def test_a_holiday_is_learned_from_other_holidays() -> None:
    holidays = tuple(range(30, 760, 24))
    y = weeks(770)
    y[list(holidays)] *= 0.3
    ahead = next(day for day in holidays if 750 <= day < 764)
    prediction, _ = forecast_hourly(y[:750], calendar(764, holidays))
    expected = prediction.median.reshape(14, 24)[ahead - 750]
    plain = WEEK[ahead % 7]
    assert 0.2 < (expected.sum() / plain.sum()) < 0.6


def test_a_closed_hour_of_the_week_stays_unknown_and_gaps_do_not_pull_down() -> None:
    y = weeks(200)
    y[:, :6] = np.nan
    y[150:153] = np.nan
    prediction, _ = forecast_hourly(y, calendar(214))
    table = prediction.median.reshape(14, 24)
    assert np.isnan(table[:, :6]).all()
    assert not np.isnan(table[:, 6:]).any()
    day = np.arange(200, 214) % 7
    assert np.abs(table[:, 12:17] / WEEK[day][:, 12:17] - 1).max() < 0.15


def test_a_street_that_changed_three_weeks_ago_is_forecast_as_it_is_now() -> None:
    y = weeks(400)
    y[365:] *= np.where(np.arange(24) >= 18, 3.0, 1.0)
    prediction, judgement = forecast_hourly(y[:386], calendar(400))
    made = prediction.median.reshape(14, 24)[:7, 18:22].sum()
    plain = WEEK[np.arange(386, 393) % 7][:, 18:22].sum()
    assert 2.2 < made / plain < 3.2
    assert judgement.origins > 20


def test_limits_remember_the_restless_half_of_the_year() -> None:
    calm, restless = weeks(700, 0.05), weeks(700, 0.05)
    restless[350:490] = weeks(700, 0.4)[350:490]
    narrow, wide = (forecast_hourly(y[:686], calendar(700))[0].quantiles for y in (calm, restless))
    noon = np.arange(14) * 24 + 14
    width = [(q[noon, 3] - q[noon, 1]).mean() for q in (narrow, wide)]
    assert width[1] > 1.3 * width[0]


def test_the_same_figures_give_the_same_forecast() -> None:
    y = weeks(300)
    one, two = (forecast_hourly(y, calendar(314))[0].quantiles for _ in range(2))
    assert (one == two).all()


def test_with_few_weeks_the_median_alone_speaks_and_nothing_is_judged() -> None:
    prediction, judgement = forecast_hourly(weeks(40), calendar(54))
    assert prediction.method == "eight-week median"
    assert judgement.origins == 0


def test_the_refusals_say_what_is_missing() -> None:
    with pytest.raises(TooShort, match="27 days; at least 28"):
        forecast_hourly(weeks(27), calendar(50))
    with pytest.raises(ValueError, match="does not reach"):
        forecast_hourly(weeks(40), calendar(50))
    with pytest.raises(ValueError, match="from 1 to 14"):
        forecast_hourly(weeks(40), calendar(60), days=15)


def test_the_backtest_alone_is_that_of_the_forecast() -> None:
    y = weeks(300)
    assert backtest(y, calendar(314)) == forecast_hourly(y, calendar(314))[1]


def rainy(days: int, seed: int = 8) -> np.ndarray:
    """Millimetres a day, no rain on two days of three; on a wet day half of the visits stay away."""
    chance = np.random.default_rng(seed)
    return np.where(chance.random(days) < 1 / 3, 2.0 + 8.0 * chance.random(days), 0.0)


def test_rain_that_is_known_in_advance_halves_the_visits_that_are_forecast() -> None:
    rain = rainy(714)
    y = weeks(700, 0.1) * np.where(rain[:700] > 0, 0.5, 1.0)[:, None]
    plain = WEEK[np.arange(700, 714) % 7][:, 10:18].sum(axis=1)
    told, _ = forecast_hourly(y, with_columns(714, rain[:, None]))
    share = told.median.reshape(14, 24)[:, 10:18].sum(axis=1) / plain
    wet = rain[700:] > 0
    assert 3 <= wet.sum() <= 11
    assert share[wet] == pytest.approx(0.5, abs=0.15)
    assert share[~wet] == pytest.approx(1.0, abs=0.2)
    assert share[wet].max() < share[~wet].min()


def test_with_the_rain_known_the_forecast_is_closer_in_the_backtest_and_its_limits_are_narrower() -> None:
    rain = rainy(714)
    y = weeks(700, 0.1) * np.where(rain[:700] > 0, 0.5, 1.0)[:, None]
    (without, blind), (told, seeing) = (
        forecast_hourly(y, with_columns(714, more)) for more in (np.zeros((714, 0)), rain[:, None])
    )
    assert seeing.scores[0].wape < 0.6 * blind.scores[0].wape
    noon = np.arange(14) * 24 + 14
    width = [(q[noon, 3] - q[noon, 1]).mean() for q in (told.quantiles, without.quantiles)]
    assert width[0] < 0.7 * width[1]


def test_a_column_that_says_nothing_or_is_not_known_does_no_harm() -> None:
    y = weeks(700, 0.1)
    noise = np.random.default_rng(1).random((714, 1))
    _, plain = forecast_hourly(y, calendar(714))
    for column in (noise, np.full((714, 1), np.nan)):
        _, judgement = forecast_hourly(y, with_columns(714, column))
        assert judgement.scores[0].wape < 1.03 * plain.scores[0].wape


def test_rain_that_nobody_foretells_is_taken_as_usual() -> None:
    rain = rainy(714)
    y = weeks(700, 0.1) * np.where(rain[:700] > 0, 0.5, 1.0)[:, None]
    rain[700:] = np.nan
    told, _ = forecast_hourly(y, with_columns(714, rain[:, None]))
    plain = WEEK[np.arange(700, 714) % 7][:, 10:18].sum(axis=1)
    share = told.median.reshape(14, 24)[:, 10:18].sum(axis=1) / plain
    assert share == pytest.approx(1.0, abs=0.2)


def test_what_other_sites_lived_through_is_known_of_the_one_that_did_not() -> None:
    """A day a year on which all stay away: a site of a year and a half has seen it once, together they have seen it nine times."""
    holidays = (30, 396, 762)
    old = [weeks(750, 0.2, seed) * (1 + seed) for seed in range(4)]
    young = weeks(570, 0.2, 9)
    for y in old:
        y[[30, 396]] *= 0.2
    young[396 - 180] *= 0.2
    flags = calendar(764, holidays)
    late = Days(FIRST + 180, flags.holiday[180:], flags.school[180:], flags.more[180:])
    answers = forecast_together([*(Case(y, flags) for y in old), Case(young, late)])
    assert not any(isinstance(one, TooShort) for one in answers)
    together, alone = (
        answer[0].median.reshape(14, 24)[762 - 750].sum() / WEEK[762 % 7].sum()  # type: ignore[index]
        for answer in (answers[-1], forecast_hourly(young, late))
    )
    assert together < alone
    assert together < 0.75


def test_sites_with_few_days_fall_back_each_by_itself() -> None:
    short, silent, long = weeks(27), np.full((60, 24), np.nan), weeks(400)
    cases = [
        Case(short, calendar(41)),
        Case(silent, calendar(74)),
        Case(long, calendar(414)),
        Case(weeks(40), calendar(54)),
    ]
    none, empty, whole, few = forecast_together(cases)
    assert isinstance(none, TooShort)
    assert isinstance(empty, tuple)
    assert isinstance(whole, tuple)
    assert isinstance(few, tuple)
    assert np.isnan(empty[0].quantiles).all()
    assert whole[0].method == "trees, three-week median and last week"
    assert few[0].method == "eight-week median"
    assert not np.isnan(whole[0].quantiles).any()
    assert forecast_together([]) == []


def test_together_the_same_cases_give_the_same_answers() -> None:
    cases = [Case(weeks(300, 0.2, seed), calendar(314)) for seed in range(3)]
    one, two = (forecast_together(cases) for _ in range(2))
    for first, second in zip(one, two, strict=True):
        assert isinstance(first, tuple)
        assert isinstance(second, tuple)
        assert (first[0].quantiles == second[0].quantiles).all()
        assert first[1] == second[1]


def test_limits_are_never_below_zero() -> None:
    y = np.random.default_rng(2).poisson(0.8, (300, 24)).astype(float)
    prediction, _ = forecast_hourly(y, calendar(314))
    assert prediction.quantiles.min() >= 0
    assert (np.diff(prediction.quantiles, axis=1) >= 0).all()


def test_a_place_that_is_closed_at_night_and_on_days_off_learns_from_the_weather_all_the_same() -> None:
    chance = np.random.default_rng(5)
    sun = chance.random((514, 1))
    opened = np.where((np.arange(24) > 8) & (np.arange(24) < 19), 60.0, 0.0)
    y = chance.poisson(opened * (0.5 + 1.5 * sun[:500])).astype(float)
    y[380:400] = 0.0
    prediction, judgement = forecast_hourly(y, with_columns(514, sun))  # no logarithm of what is below nobody
    assert prediction.notes["columns_used"]
    assert np.isfinite(prediction.quantiles).all()
    assert judgement.scores[0].wape < 0.6 * judgement.scores[2].wape
    assert prediction.median.reshape(14, 24)[:, :9].max() < 3


def test_limits_after_a_closed_season_stay_within_what_can_be() -> None:
    y = weeks(500)
    y[300:420] = 0.0
    prediction, _ = forecast_hourly(y, calendar(514))
    assert prediction.quantiles.max() <= (prediction.median.max() + 3) * np.exp(3.0) - 3


@pytest.mark.parametrize("figure", [0.0, 50.0, np.nan])
def test_figures_that_never_change_or_are_not_there_need_no_column(figure: float) -> None:
    y = np.full((400, 24), figure)
    prediction, _ = forecast_hourly(y, with_columns(414, rainy(414)[:, None]))
    assert not prediction.notes["columns_used"]
    assert np.array_equal(prediction.median, np.full(14 * 24, figure), equal_nan=True)


def test_a_site_without_visitors_tells_nothing_about_the_others() -> None:
    y, silent = weeks(300), weeks(300, seed=5)
    silent[20:] = 0.0
    pasts = [Past(y, calendar(314)), Past(silent, calendar(314))]
    day, lead = np.arange(200, 214), np.arange(1, 15)
    alone, both = (Around(some).by_day(pasts[0], day, lead)[:4] for some in (pasts[:1], pasts))
    assert np.allclose(alone, both, equal_nan=True)
