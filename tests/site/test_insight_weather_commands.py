"""``allmende insight weather`` and ``allmende insight holidays`` as a script meets them."""

from __future__ import annotations

from pathlib import Path

from tests.site.conftest import Installation

MAKE = (
    "from django.utils import timezone as t; from allmende.partners.actions import found_organisation\n"
    "found_organisation('Town hall', by=None, now=t.now(), kind='municipality')"
)


def test_weather_and_holidays_are_previewed_applied_and_known_again(installation: Installation, tmp_path: Path) -> None:
    installation.run("migrate")
    installation.python(MAKE)
    weather, holidays = tmp_path / "w.csv", tmp_path / "h.csv"
    weather.write_text("time,temperature\n2026-06-01T12:00Z,21\n2026-06-01T13:00Z,warm\n")
    holidays.write_text("name,from,to\nSommerferien,2026-07-20,2026-09-01\n")
    told = ("insight", "weather", str(weather), "--organisation", "Town hall", "--station", "Hill")
    answer = installation.json(*told, "--preview", exit_code=1)
    assert (answer["applied"], answer["created"], answer["failed"]) == (False, 1, 1)
    assert answer["problems"][0]["where"] == "row 3"
    assert installation.json(*told, "--lon", "6.9", "--lat", "51.4", exit_code=1)["created"] == 1
    assert installation.json(*told, exit_code=1)["unchanged"] == 1
    told = ("insight", "holidays", str(holidays), "--organisation", "Town hall")
    assert "no-country" in str(installation.json(*told, "--preview", exit_code=1)["problems"])
    answer = installation.json(*told, "--subdivision", "DE-NW", "--use", "everyone")
    assert (answer["created"], answer["periods"][0]["subdivision"]) == (1, "DE-NW")
    refused = installation.run("insight", "holidays", str(weather), "--organisation", "Town hall", exit_code=2).stderr
    assert "No columns hold holidays" in refused
    assert "There is no organisation" in installation.run(*told[:3], "--organisation", "Moon", exit_code=2).stderr
