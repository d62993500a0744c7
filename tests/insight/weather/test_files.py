"""Files of weather as services deliver them: which hour, which unit, which station."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from allmende.insight.bridges.tables import UnusableInput
from allmende.insight.bridges.weather import VARIABLES, read_weather
from allmende.insight.deliveries.weather_options import WeatherOptions
from allmende.insight.deliveries.weather_reading import WeatherUnderstood, understand
from allmende.insight.weather.store import at

NOW = datetime(2026, 6, 1, 6, tzinfo=UTC)


def read(
    tmp_path: Path, text: str, *, declared: bool = False, name: str = "w.csv", **told: object
) -> WeatherUnderstood:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    table = read_weather(path, declared=declared)
    assert table is not None
    return understand(table, WeatherOptions(**told), now=NOW)  # type: ignore[arg-type]


def hours(found: WeatherUnderstood, station: int = 0, stretch: int = 0) -> dict[str, dict[str, float]]:
    """What is known, by hour and variable."""
    _, numbers, values = found.stations[station].stretches[stretch]
    return {
        at(int(hour)).strftime("%d %H"): {
            name: round(float(value), 2) for name, value in zip(VARIABLES, row, strict=True) if not np.isnan(value)
        }
        for hour, row in zip(numbers, values, strict=True)
    }


def test_german_weather_service_counts_rain_for_the_hour_that_ends(tmp_path: Path) -> None:
    told = "STATIONS_ID;MESS_DATUM;QN_8;  R1;RS_IND;WRTR;eor\n       1303;2026050107;    3;   1.2;   1;-999;eor\n       1303;2026050108;    3;-999;   0;-999;eor\n"
    found = read(tmp_path, told)
    assert (found.service, found.stations[0].key, found.stations[0].lon) == ("dwd", "dwd:1303", None)
    assert hours(found) == {"01 06": {"precipitation": 1.2}}
    assert [one["code"] for one in found.problems.found] == ["no-position"]


def test_german_weather_service_counts_cloud_in_eighths_and_minus_one_as_not_seen(tmp_path: Path) -> None:
    told = "STATIONS_ID;MESS_DATUM;QN_8;V_N_I; V_N;eor\n1303;2026050107;3;P;   4;eor\n1303;2026050108;3;P;  -1;eor\n"
    found = read(tmp_path, told, lon=6.97, lat=51.4, station="Essen-Bredeney")
    assert (hours(found), found.failed, found.stations[0].name) == ({"01 07": {"cloud": 50.0}}, 0, "Essen-Bredeney")


def test_open_meteo_json_is_observed_until_now_and_a_forecast_from_then_on(tmp_path: Path) -> None:
    told = {
        "latitude": 43.4, "longitude": 3.7, "utc_offset_seconds": 7200, "timezone": "Europe/Paris",
        "hourly_units": {"time": "iso8601", "temperature_2m": "°C", "sunshine_duration": "s", "wind_speed_10m": "km/h"},
        "hourly": {
            "time": ["2026-06-01T07:00", "2026-06-01T08:00", "2026-06-01T09:00"],
            "temperature_2m": [18.2, 19.0, None],
            "sunshine_duration": [0, 1800, 3600],
            "wind_speed_10m": [3.6, 7.2, 36.0],
        },
    }  # fmt: skip
    found = read(tmp_path, json.dumps(told), name="w.json")
    station = found.stations[0]
    assert (station.key, station.lat, station.lon) == ("open-meteo:43.400,3.700", 43.4, 3.7)
    assert [issued for issued, _, _ in station.stretches] == [None, NOW]
    assert hours(found) == {"01 04": {"sunshine": 0.0}, "01 05": {"temperature": 18.2, "wind": 1.0}}
    assert hours(found, stretch=1) == {
        "01 05": {"sunshine": 30.0},
        "01 06": {"temperature": 19.0, "wind": 2.0, "sunshine": 60.0},
        "01 07": {"wind": 10.0},
    }


def test_open_meteo_csv_has_its_place_before_the_table(tmp_path: Path) -> None:
    told = (
        "latitude,longitude,elevation,utc_offset_seconds,timezone,timezone_abbreviation\n43.4,3.7,4.0,0,GMT,GMT\n\n"
        "time,temperature_2m (°F),precipitation (inch),cloud_cover (%)\n2026-05-01T12:00,68.0,0.10,25\n"
    )
    found = read(tmp_path, told)
    assert hours(found) == {"01 11": {"precipitation": 2.54}, "01 12": {"temperature": 20.0, "cloud": 25.0}}


def test_smhi_says_the_last_position_of_a_station_that_moved(tmp_path: Path) -> None:
    told = (
        "Stationsnamn;Stationsnummer;Stationsnät;Mäthöjd (meter över marken)\nÖrebro;95160;SMHIs stationsnät;2.0\n\n"
        "Tidsperiod (fr.o.m);Tidsperiod (t.o.m);Höjd;Latitud (decimalgrader);Longitud (decimalgrader)\n"
        "1858-12-01;1988-03-31;31.0;59.2448;15.2854\n1988-05-01;2026-05-30;35.0;59.2782;15.1574\n\n"
        "Datum;Tid (UTC);Lufttemperatur;Kvalitet;;Tidsutsnitt:\n2026-05-01;07:00:00;0.2;G;;Kvalitetskontrollerade\n"
        "2026-05-01;13:00:00;1.0;G;;Tidsperiod\n"
    )
    found = read(tmp_path, told)
    station = found.stations[0]
    assert (station.key, station.name, station.lat) == ("smhi:95160", "Örebro", 59.2782)
    assert hours(found) == {"01 07": {"temperature": 0.2}, "01 13": {"temperature": 1.0}}


def test_meteostat_has_day_and_hour_apart_and_wind_in_kilometres(tmp_path: Path) -> None:
    told = "year,month,day,hour,temp,rhum,prcp,wspd,tsun\n2026,5,1,0,8.1,80,0.3,36,\n2026,5,1,1,7.9,81,,18,\n"
    found = read(tmp_path, told, station="Sète")
    assert hours(found) == {
        "30 23": {"precipitation": 0.3},
        "01 00": {"temperature": 8.1, "wind": 10.0},
        "01 01": {"temperature": 7.9, "wind": 5.0},
    }


DECLARED = "station;time;temperature (°C);rain;sunshine\nhill;{};12,5;0;30\n"


def test_our_own_table_counts_only_where_somebody_says_that_it_is_weather(tmp_path: Path) -> None:
    path = tmp_path / "w.csv"
    path.write_text(DECLARED.format("2026-05-01T12:00Z"))
    assert read_weather(path, declared=False) is None
    found = read(tmp_path, DECLARED.format("2026-05-01T12:00Z"), declared=True)
    assert hours(found) == {"01 12": {"temperature": 12.5, "precipitation": 0.0, "sunshine": 30.0}}


def test_a_time_without_a_zone_is_read_in_the_one_that_was_told(tmp_path: Path) -> None:
    found = read(tmp_path, DECLARED.format("2026-05-01 12:00"), declared=True, timezone="Europe/Berlin")
    assert list(hours(found)) == ["01 10"]


def test_bad_values_stay_out_beside_good_ones_with_their_row_and_remedy(tmp_path: Path) -> None:
    told = (
        "station,time,temperature,sunshine\nhill,2026-05-01T12:00Z,99,30\nhill,2026-05-01T13:30Z,10,0\n"
        "hill,soon,10,0\nhill,2026-05-01T14:00Z,warm,61\n"
    )
    found = read(tmp_path, told, declared=True)
    assert hours(found) == {"01 12": {"sunshine": 30.0}}
    assert found.failed == 5
    assert [(one["where"], one["code"]) for one in found.problems.found if one["severity"] == "error"] == [
        ("row 4", "bad-time"),
        ("row 3", "not-hourly"),
        ("row 5", "bad-value"),
        ("row 2", "impossible"),
        ("row 5", "impossible"),
    ]
    assert all(one["remedy"] for one in found.problems.found)


def test_a_forecast_says_when_it_was_issued(tmp_path: Path) -> None:
    told = "station,issued_at,time,temperature\nhill,2026-05-01T06:00Z,2026-05-01T12:00Z,20\nhill,2026-05-01T06:00Z,2026-05-01T13:00Z,21\nhill,,2026-05-01T05:00Z,9\n"
    found = read(tmp_path, told, declared=True)
    assert [issued for issued, _, _ in found.stations[0].stretches] == [None, datetime(2026, 5, 1, 6, tzinfo=UTC)]


@pytest.mark.parametrize("told", ["time,temperature_2m,bicycles", "time,temp,rhum,wspd,bicycles"])
def test_counts_with_a_column_for_the_temperature_stay_counts(tmp_path: Path, told: str) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(f"{told}\n2026-05-01T12:00Z,20,50,3,4\n")
    assert read_weather(path, declared=False) is None


@pytest.mark.parametrize(
    "told",
    [
        "time,temperature\n2026-05-01T12:00Z,20\n",
        "[{}, {}]",
        '{"hourly": {}}',
        "a,b\n1,2\n",
        "time,people\n2026-05-01,1\n",
    ],
)
def test_what_is_no_weather_says_what_would_help(tmp_path: Path, told: str) -> None:
    with pytest.raises(UnusableInput, match=r"\."):
        read(tmp_path, told, declared=True, name="w.txt")
