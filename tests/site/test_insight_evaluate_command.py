"""``allmende insight evaluate``, as a person and a script call it."""

from __future__ import annotations

import pytest

from tests.conftest import ROOT
from tests.site.conftest import Installation

pytestmark = pytest.mark.once("tests/insight/interventions/test_running.py asks the same on both")

COAST = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.insight.interventions.coast import draft, locked, make_coast
coast = make_coast(comparisons=6)
locked(coast)
draft(coast, title="Only a draft")
"""


def test_an_intervention_is_planned_and_evaluated_by_its_name(installation: Installation) -> None:
    installation.run("migrate")
    installation.python(COAST)
    answer = installation.json("insight", "evaluate", "signs-to-the-south-beach")
    assert answer["verdict"] == "worked"
    assert answer["lock_holds"] is True
    assert answer["percent"][1] < -25 < answer["percent"][2] < 0
    said = installation.run("insight", "evaluate", "signs-to-the-south-beach").stdout
    assert said.startswith("It worked.\nFewer visitors at Nordstrand: −")
    plan = installation.json("insight", "evaluate", "only-a-draft", "--plan")
    assert plan["power"]["detectable"] is not None
    refused = installation.run("insight", "evaluate", "only-a-draft", exit_code=2)
    assert "Lock what you expect first." in refused.stderr
    assert (
        "There is no intervention 'nothing'" in installation.run("insight", "evaluate", "nothing", exit_code=2).stderr
    )
