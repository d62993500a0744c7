"""``allmende insight load`` as a script meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.site.conftest import Installation

MAKE = (
    "from django.utils import timezone as t; from allmende.partners.actions import found_organisation\n"
    "from allmende.insight.models import Site\n"
    "o = found_organisation('Town hall', by=None, now=t.now(), kind='municipality')\n"
    "Site.objects.create(organisation=o, name='Beach', slug='beach', timezone='Europe/Berlin', created_at=t.now(), updated_at=t.now())"
)
SHOW = (
    "from allmende.insight.models import Series; print(*Series.objects.values_list('measure', 'resolution', 'first'))"
)


@pytest.fixture
def file(installation: Installation, tmp_path: Path) -> Path:
    installation.run("migrate")
    installation.python(MAKE)
    path = tmp_path / "counts.csv"
    path.write_text("Wann;Wie viele\n2026-06-01 12:00;10\n2026-06-01 13:00;<5\n2026-06-01 14:00;many\n")
    return path


def test_load_previews_applies_and_names_bad_rows(installation: Installation, file: Path) -> None:
    told = ("insight", "load", "--site", "beach", "--columns", "time=Wann,value=Wie viele", "--measure", "entries")
    answer = installation.json(*told, "--preview", str(file), exit_code=1)
    assert (answer["applied"], answer["created"], answer["suppressed"], answer["failed"]) == (False, 2, 1, 1)
    assert answer["problems"][0]["where"] == "row 4"
    assert installation.python(SHOW) == "\n"
    answer = installation.json(*told, str(file), exit_code=1)
    assert answer["applied"] is True
    assert installation.python(SHOW) == "('entries', 'hour', datetime.date(2026, 6, 1))\n"
    again = installation.json(*told, str(file), exit_code=1)
    assert (again["created"], again["unchanged"]) == (0, 2)


def test_load_refuses_what_it_cannot_use(installation: Installation, file: Path) -> None:
    def refusal(*args: str) -> str:
        return installation.run("insight", "load", *args, exit_code=2).stderr

    assert "There is no file" in refusal("none.csv", "--site", "beach")
    assert "There is no place 'moon'" in refusal(str(file), "--site", "moon")
    assert "Say --site or --organisation" in refusal(str(file))
    assert "No column says when" in refusal(str(file), "--site", "beach", "--columns", "value=Wie viele")
    assert "'wann' is none of" in refusal(str(file), "--site", "beach", "--columns", "wann=Wann")
