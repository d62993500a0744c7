"""Hours with a known week, holidays that behave like none of its days, gaps that stay gaps."""

from __future__ import annotations

import numpy as np
import pytest

from allmende.engines.forecast import Days, TooShort, backtest, forecast_hourly

FIRST = 19_723  # Monday, 1 January 2024
WEEK = np.outer([1, 1, 1, 1, 1.2, 2.0, 1.6], 100 * np.exp(-0.5 * ((np.arange(24) - 14) / 4) ** 2))


def calendar(days: int, holidays: tuple[int, ...] = ()) -> Days:
    flags = np.zeros(days, bool)
    flags[list(holidays)] = True
    return Days(FIRST, flags, np.zeros(days, bool), np.zeros((days, 0)))


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
