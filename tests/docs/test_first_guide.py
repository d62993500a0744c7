"""Following the tutorial and the how-to on territories to the letter gives what they show."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, on_postgres
from tests.site.conftest import Installation, installation

__all__ = ["installation"]

pytestmark = pytest.mark.skipif(on_postgres(), reason="the documents show the embedded database")


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_the_tutorial_shows_what_happens(installation: Installation, tmp_path: Path) -> None:
    (table,) = blocks("tutorials/first-guide.md", "csv")
    first_answer, second_answer = blocks("tutorials/first-guide.md", "text")
    preview, apply, again = [
        shlex.split(line)[1:-1]
        for block in blocks("tutorials/first-guide.md", "sh")
        for line in block.splitlines()
        if line.startswith("allmende import")
    ]
    file = tmp_path / "programme.csv"
    file.write_text(table, encoding="utf-8")
    assert installation.run(*preview, str(file), exit_code=1).stdout == first_answer
    assert installation.json(*apply, str(file), exit_code=1)["created"] == 3
    file.write_text(table.replace(";soon;", ";2027-04-25;").replace("19:30", "20:00"), encoding="utf-8")
    assert installation.run(*again, str(file)).stdout == second_answer
    assert installation.json(*[word for word in again if word != "--preview"], str(file))["created"] == 1
    assert installation.json(*[word for word in again if word != "--preview"], str(file))["unchanged"] == 4


def test_the_territory_script_loads_areas_and_says_what_it_did(installation: Installation, tmp_path: Path) -> None:
    (script,) = blocks("how-to/add-a-territory.md", "python")
    square = {"type": "Polygon", "coordinates": [[[2, 43], [2.1, 43], [2.1, 43.1], [2, 43.1], [2, 43]]]}
    areas = [("81004", "Albi", square), ("81065", "Castres", {"type": "Polygon", "coordinates": []}), ("", "?", square)]
    features = [
        {"type": "Feature", "properties": {"code": code, "nom": name}, "geometry": geometry}
        for code, name, geometry in areas
    ]
    (tmp_path / "municipalities.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    (tmp_path / "load_territory.py").write_text(script, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "load_territory.py"],
        cwd=tmp_path,
        env=installation.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[0] == "2 new, 0 brought up to date"
    assert len(said) == 3
    assert "Castres" in said[1]
    assert said[2].startswith("area 3:")
    found = installation.python(
        "from allmende.partners.models import Territory\n"
        "print([(t.code, t.parent.code if t.parent else '', bool(t.outline)) for t in Territory.objects.order_by('code')])"
    )
    assert found.strip() == "[('81', '', True), ('81004', '81', True), ('81065', '81', False)]"
