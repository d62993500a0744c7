"""The weather at a measured place: the nearest station that may be used, in words, and as columns of its forecast."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from allmende.guide.views.insight.weather_words import day_words, hour_words
from allmende.insight.forecasts.weather import weather_columns
from allmende.insight.models import Site, WeatherStation
from allmende.insight.weather import store
from allmende.insight.weather.days import DayWeather, days_of, usual
from allmende.insight.weather.queries import HourWeather, near, site_weather, weather_of_hours
from allmende.partners.models import Organisation
from tests.insight.conftest import NOW, World, make

UTC_ZONE = ZoneInfo("UTC")


def station(owner: Organisation, name: str, lon: float = 11.0, lat: float = 54.0, **more: object) -> WeatherStation:
    told = {"observed_last": NOW, "updated_at": NOW, "source": "Met", **more}
    return WeatherStation.objects.create(organisation=owner, key=name, name=name, lon=lon, lat=lat, **told)


def beach(world: World, **more: object) -> Site:
    return make(world, lon=11.0, lat=54.0, **{"timezone": "UTC", **more})


def observe(one: WeatherStation, first: int, values: np.ndarray, issued: datetime | None = None) -> None:
    hours = np.arange(first, first + len(values), dtype=np.int64)
    store.write(one, issued, hours, values.astype(np.float32), delivery=None)
    store.note_span(one, now=NOW)


def test_the_nearest_station_counts_up_to_thirty_kilometres(world: World) -> None:
    site = beach(world)
    assert near(site) == (None, None)
    station(world.town, "far", lat=54.3)
    assert near(site)[0] is None, "33 km"
    station(world.town, "hill", lat=54.1)
    station(world.town, "harbour", lat=54.01)
    station(world.town, "model", lat=54.02, observed_last=None, issued_at=NOW)
    observed, forecast = near(site)
    assert observed
    assert (observed.station.name, round(observed.km, 1)) == ("harbour", 1.1)
    assert forecast is not None
    assert forecast.station.name == "model"


def test_a_station_of_others_counts_only_where_it_is_shared(world: World) -> None:
    site = beach(world, network=world.space)
    one = station(world.museum, "pier")
    told = []
    for use, network in (("owner", None), ("network", world.space), ("network", None), ("everyone", None)):
        one.use, one.network = use, network
        one.save()
        told.append(near(site)[0] is not None)
    assert told == [False, True, False, True]


def test_a_place_without_a_position_has_no_weather(world: World) -> None:
    station(world.town, "pier")
    assert near(make(world)) == (None, None)


def test_hours_of_which_nothing_is_known_are_left_out(world: World) -> None:
    one = station(world.town, "pier")
    first = store.hour_of(NOW) - 3
    observe(one, first, np.array([[5, 0, 0, np.nan, 3], [np.nan] * 5, [6, 1, 0, np.nan, 4]]))
    hours = [NOW - timedelta(hours=k) for k in (3, 2, 1)]
    told = weather_of_hours(near(beach(world))[0], hours)
    assert {hour: one.temperature for hour, one in told.items()} == {hours[0]: 5.0, hours[2]: 6.0}
    assert told[hours[0]].cloud is None


def test_today_is_partly_observed_and_tomorrow_expected(world: World) -> None:
    one = station(world.town, "pier")
    site = beach(world)
    midnight = store.hour_of(NOW) - 8
    observe(one, midnight, np.full((8, 5), 10.0))
    observe(one, midnight + 8, np.full((40, 5), 14.0), NOW)
    told = site_weather(site, now=NOW)
    assert told.issued_at == NOW
    assert [(day.weather.low, day.weather.high, day.observed_hours, day.expected_hours) for day in told.days] == [
        (10.0, 14.0, 8, 16),
        (14.0, 14.0, 0, 24),
    ]
    late = site_weather(site, now=NOW + timedelta(days=4))
    assert (late.issued_at, late.days) == (None, ()), "a forecast of last week is none"


@pytest.mark.parametrize(
    ("hour", "clock", "told"),
    [
        (HourWeather(27.2, 0, 55, None, 3), 14, ("sun", "sunny, 27\xa0°C")),
        (HourWeather(-0.3, 0, None, 95, 12), 14, ("cloud", "cloudy, 0\xa0°C, strong wind")),
        (HourWeather(12, 3.4, 0, 100, 3), 14, ("rain", "rain, 12\xa0°C, 3\xa0mm of rain")),
        (HourWeather(12, 0.3, 0, 100, 3), 14, ("rain", "light rain, 12\xa0°C")),
        (HourWeather(-4, 0.3, 0, 100, 3), 14, ("snow", "snow, −4\xa0°C")),
        (HourWeather(9, 0, 0, 10, 3), 2, ("moon", "clear, 9\xa0°C")),
        (HourWeather(9, 0, 0, None, 3), 2, ("degrees", "9\xa0°C")),
        (HourWeather(None, 0, None, None, None), 14, ("degrees", "dry")),
        (HourWeather(None, None, None, None, 4), 14, ("degrees", "4\xa0m/s")),
    ],
)
def test_an_hour_in_words(hour: HourWeather, clock: int, told: tuple[str, str]) -> None:
    found = hour_words(hour, datetime(2026, 7, 1, clock, tzinfo=UTC), "UTC", "en")
    assert (found.icon, found.words) == told


def test_a_day_in_words() -> None:
    told = day_words(DayWeather(14.2, 22.4, 3.1, 5.4, None, 4.0, 15), "en")
    assert (told.icon, told.words) == ("rain", "rain, 14 to 22\xa0°C, 3\xa0mm of rain, 5 h of sunshine")


def test_of_a_day_with_few_known_hours_nothing_is_said() -> None:
    values = store.empty(48)
    values[7:13] = 10.0
    values[24 + 7 : 24 + 16] = 10.0
    first = store.hour_of(datetime(2026, 6, 1, tzinfo=UTC))
    few, enough = days_of(values, first, UTC_ZONE, date(2026, 6, 1), 2)
    assert (few.high, few.hours) == (None, 6)
    assert (enough.high, enough.rain, enough.hours) == (10.0, 150.0, 9), "the sum is that of fifteen hours"


def test_the_usual_day_is_the_mean_of_the_same_week_of_earlier_years() -> None:
    column = np.full(1000, np.nan)
    column[365 - 3 : 365 + 4] = 20.0
    column[:4] = 10.0
    # Two years before day 730 lies day 0: three days of that week are before the first.
    assert usual(column, date(2024, 1, 1), range(730, 731)).tolist() == [pytest.approx((7 * 20 + 4 * 10) / 11)]
    assert np.isnan(usual(column, date(2024, 1, 1), range(500, 501))[0])


def fill(one: WeatherStation, days: int, *, ahead: int = 4) -> tuple[date, int]:
    """Observed days, each as warm as its number, and a forecast of 99 degrees."""
    today = store.hour_of(NOW) - 8
    number = np.repeat(np.arange(days), 24).astype(np.float32)
    values = np.stack([number % 50, number * 0, number * 0 + 30, number * 0, number * 0], axis=1)
    observe(one, today - days * 24, values)
    if ahead:
        told = np.full((ahead * 24, 5), 40.0)
        observe(one, today, told, NOW)
    return NOW.date() - timedelta(days=days), days


def test_a_forecast_gets_the_weather_as_observed_then_as_expected_then_as_usual(world: World) -> None:
    site, one = beach(world), station(world.town, "pier")
    first, past = fill(one, 800)
    found = weather_columns(site, first, past + 14, now=NOW, ahead=14)
    warm, rain, sun = found.columns
    assert warm[[0, 49, 50, 799]].tolist() == [0.0, 49.0, 0.0, 49.0]
    assert warm[800:804].tolist() == [40.0] * 4
    expected = np.concatenate([(np.arange(d - 3, d + 4)) % 50 for d in (804 - 365, 804 - 730)]).mean()
    assert warm[804] == expected, "the same week of two earlier years"
    assert (rain[:800].max(), sun[0]) == (0.0, 7.5)
    told = found.notes["weather"]
    assert (told["columns"], told["days_expected"], told["expected_until"]) == (
        ["temperature", "precipitation", "sunshine"],
        4,
        "2026-12-02",
    )
    assert (told["observed_at"], told["observed_km"], told["days_as_forecast"]) == ("pier", 0.0, 0)


def test_past_days_stand_as_they_were_forecast_where_that_is_kept(world: World) -> None:
    site, one = beach(world), station(world.town, "pier")
    first, past = fill(one, 400)
    before = NOW - timedelta(days=13)
    observe(one, store.hour_of(before), np.full((8 * 24, 5), 33.0), before)
    found = weather_columns(site, first, past + 14, now=NOW, ahead=14)
    assert found.columns[0][past - 11 : past - 8].tolist() == [(past - 11) % 50, 33.0, (past - 9) % 50]
    assert found.notes["weather"]["days_as_forecast"] == 1


@pytest.mark.parametrize(("days", "ahead", "why"), [(0, 0, "none"), (400, 0, "no_forecast"), (100, 4, "too_little")])
def test_too_little_weather_is_left_out_and_the_reason_kept(world: World, days: int, ahead: int, why: str) -> None:
    site = beach(world)
    if days:
        fill(station(world.town, "pier"), days, ahead=ahead)
    found = weather_columns(site, NOW.date() - timedelta(days=400), 414, now=NOW, ahead=14)
    assert (found.columns, found.notes) == ([], {"weather_not": why})
