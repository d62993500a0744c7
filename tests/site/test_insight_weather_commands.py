"""``allmende insight weather`` and ``allmende insight holidays`` as a script meets them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.site.conftest import Installation

pytestmark = pytest.mark.once("tests/insight/weather and tests/insight/holidays ask the same on both")

ALL = """
import json
from django.utils import timezone as t
from allmende.partners.actions import found_organisation
from allmende.site.cli import main
found_organisation('Town hall', by=None, now=t.now(), kind='municipality')
for words in {calls!r}:
    print(main(['insight', *words, '--json']))
"""


def answers(installation: Installation, calls: list[list[str]]) -> list[tuple[int, dict[str, Any]]]:
    """Exit code and answer of each call; all in one process, since starting one takes seconds."""
    lines = installation.python(ALL.format(calls=calls)).splitlines()
    told, text = [], ""
    for line in lines:
        if line.isdigit():
            told.append((int(line), json.loads(text)))
            text = ""
        else:
            text += line
    return told


def test_weather_and_holidays_are_previewed_applied_and_known_again(installation: Installation, tmp_path: Path) -> None:
    installation.run("migrate")
    weather, holidays = tmp_path / "w.csv", tmp_path / "h.csv"
    weather.write_text("time,temperature\n2026-06-01T12:00Z,21\n2026-06-01T13:00Z,warm\n")
    holidays.write_text("name,from,to\nSommerferien,2026-07-20,2026-09-01\n")
    owner = ["--organisation", "Town hall"]
    hill = ["weather", str(weather), *owner, "--station", "Hill"]
    summer = ["holidays", str(holidays), *owner]
    told = answers(
        installation,
        [
            [*hill, "--preview"],
            [*hill, "--lon", "6.9", "--lat", "51.4"],
            hill,
            [*summer, "--preview"],
            [*summer, "--subdivision", "DE-NW", "--use", "everyone"],
            ["holidays", str(weather), *owner],
            ["holidays", str(holidays), "--organisation", "Moon"],
            ["weather", "none.csv", *owner],
        ],
    )
    assert [code for code, _ in told] == [1, 1, 1, 1, 0, 2, 2, 2]
    seen, taken, again, without, with_part, no_holidays, no_owner, no_file = (one for _, one in told)
    assert (seen["applied"], seen["created"], seen["problems"][0]["where"]) == (False, 1, "row 3")
    assert (taken["created"], again["created"], again["unchanged"]) == (1, 0, 1)
    assert without["problems"][0]["code"] == "no-country"
    assert (with_part["created"], with_part["periods"][0]["subdivision"]) == (1, "DE-NW")
    assert "No columns hold holidays" in no_holidays["error"]
    assert "There is no organisation" in no_owner["error"]
    assert "There is no file" in no_file["error"]
