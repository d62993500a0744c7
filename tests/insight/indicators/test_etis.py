"""The core set of the ETIS: every subject is answered once, by whom is said, and a guest is set beside a resident."""

from __future__ import annotations

import re

import pytest

from allmende.insight.indicators import queries
from allmende.insight.indicators.vocabulary import ETIS, SETS_OF_KIND, shipped
from allmende.partners.actions import found_organisation
from allmende.partners.models import Organisation, Territory
from tests.conftest import ROOT
from tests.insight.indicators.conftest import NOW, Fill, person

PAGE = ROOT / "docs" / "reference" / "indicators.md"
EARLIER_WORDING = 11
"""Definitions whose wording follows a published application of the ETIS."""


def subjects() -> list[list[str]]:
    """Codes that answer each subject, as the page of the indicators says."""
    table = PAGE.read_text(encoding="utf-8").split("| answered by |\n")[1].split("\n\n")[0]
    return [codes for line in table.splitlines() if (codes := re.findall("`([a-z0-9_]+)`", line))]


def test_each_of_the_43_subjects_is_answered_by_definitions_that_exist() -> None:
    told = [code for codes in subjects() for code in codes]
    assert len(subjects()) == 43
    assert len(told) == len(set(told))
    assert set(told) <= {one.code for one in shipped()}
    assert {one.code for one in shipped() if one.set in ETIS} <= set(told)


def test_a_definition_says_where_its_wording_is_from() -> None:
    of_etis = [one for one in shipped() if "ETIS" in one.source]
    ours = [one for one in of_etis if "wording of this program" in one.source]
    assert len(of_etis) - len(ours) == EARLIER_WORDING
    assert all("not compared with its text" in one.source for one in ours)
    assert all(len(one.source) <= 300 for one in of_etis)


def test_only_those_who_answer_for_an_area_are_asked() -> None:
    assert {kind for kind, sets in SETS_OF_KIND.items() if set(ETIS) & set(sets)} == {"municipality", "dmo", "region"}
    assert all(set(ETIS) <= set(SETS_OF_KIND[kind]) for kind in ("municipality", "dmo", "region"))
    assert all(one.subject == "territory" for one in shipped() if one.set in ETIS)


@pytest.fixture
def town(db: None) -> Organisation:
    town = found_organisation("Stadt Kleinstadt", by=None, now=NOW, kind="municipality")
    town.municipality = Territory.objects.create(
        country="DE", level="municipality", code="1", name="Kleinstadt", slug="kleinstadt", population=4000
    )
    town.save()
    return town


def test_a_guest_is_set_beside_a_resident(town: Organisation, fill: Fill) -> None:
    fill(town, {"waste_tourist": 1.8, "waste_resident": 1.2, "water_tourist": 240.0, "energy_tourist": 20.0})
    fill(town, {"energy_resident": 0.0})
    found = queries.sheet(town, 2025, user=person("tove", town), language="en")
    assert found
    now = {row.definition.code: row.now for row in found.computed}
    assert now["waste_ratio"].value == pytest.approx(1.5)
    assert (now["water_ratio"].value, now["water_ratio"].missing) == (None, ("water_resident",))
    assert (now["energy_ratio"].value, now["energy_ratio"].reason) == (None, "zero")
