"""Definitions: those of the program are whole in six languages, networks add theirs, and formulas are checked."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from allmende.core.languages import LANGUAGES
from allmende.core.models import User
from allmende.core.text import translated
from allmende.insight.bridges import indicators as engine
from allmende.insight.indicators import queries
from allmende.insight.indicators.actions import DefinitionRefused, FiguresForbidden, define_indicator
from allmende.insight.indicators.definitions import computing_order, write_shipped
from allmende.insight.indicators.vocabulary import SETS, UNIT_NAMES, shipped
from allmende.insight.models import Indicator
from allmende.partners.models import Network, NetworkOrganisation, NetworkPerson, Organisation
from tests.conftest import ROOT
from tests.insight.indicators.conftest import NOW, Fill, person


def test_every_definition_is_whole_in_every_language() -> None:
    for one in shipped():
        assert set(one.name) == set(one.about) == set(LANGUAGES), one.code
        assert all([*one.name.values(), *one.about.values(), one.source, one.unit]), one.code
        assert one.set in SETS
        assert one.unit in engine.UNITS
        assert one.unit in UNIT_NAMES
    assert len({one.code for one in shipped()}) == len(shipped())


def test_names_tell_definitions_apart_in_every_language() -> None:
    for language in LANGUAGES:
        names = [(one.subject, one.name[language]) for one in shipped()]
        assert len(names) == len(set(names)), language


def test_every_formula_is_understood_and_gives_its_unit() -> None:
    units = {one.code: one.unit for one in shipped()}
    periods = {one.code: one.period for one in shipped()}
    for one in shipped():
        if one.formula:
            formula = engine.understood(one.formula)
            assert engine.unit_problem(formula, one.unit, units) == "", one.code
            for code, function in formula.parts():
                assert bool(function) == (periods[code] == "month"), one.code


def test_the_table_holds_what_the_file_says(db: None) -> None:
    assert [row.code for row in queries.definitions("en")] == [one.code for one in shipped()]
    assert write_shipped() == 0
    Indicator.objects.filter(code="museum_visits").update(unit="hours", decimals=7)
    assert write_shipped() == 1
    assert Indicator.objects.get(code="museum_visits").unit == "visits"
    assert len(computing_order(queries.definitions("en"))) == sum(bool(one.formula) for one in shipped())


VALUES: dict[str, Any] = {
    "name": translated({"de": "Besuche mit dem Bus"}, "de"),
    "about": {},
    "formula": "",
    "unit": "visits",
    "decimals": 0,
    "period": "year",
    "subject": "organisation",
    "direction": "up",
    "source": "Busnetz",
}


@pytest.fixture
def network(house: Organisation) -> Network:
    network = Network.objects.create(name="Museen", slug="museen", kind="culture", created_at=NOW, updated_at=NOW)
    NetworkOrganisation.objects.create(network=network, organisation=house, since=NOW)
    return network


@pytest.fixture
def cora(network: Network) -> User:
    """Coordinator of the network."""
    cora = person("cora")
    NetworkPerson.objects.create(network=network, user=cora, role="coordinator", since=NOW)
    return cora


def test_a_network_defines_what_its_members_fill_in(
    network: Network, cora: User, house: Organisation, anna: User, bob: User, fill: Fill
) -> None:
    for other in (anna, bob, None):
        with pytest.raises(FiguresForbidden):
            define_indicator(network.pk, "bus_visits", VALUES, by=other, now=NOW)
    define_indicator(network.pk, "bus_visits", VALUES, by=cora, now=NOW)
    share = {**VALUES, "formula": "100 * bus_visits / museum_visits", "unit": "percent"}
    define_indicator(network.pk, "bus_share", share, by=cora, now=NOW)
    sheet = queries.sheet(house, 2025, user=anna, language="de")
    assert sheet
    assert [row.definition.code for row in dict(sheet.groups)["own"]] == ["bus_visits"]
    assert fill(house, {"bus_visits": 20.0}).created == 1
    theirs = Organisation.objects.get(name="Stadtmuseum")
    assert [one.code for one in fill(theirs, {"bus_visits": 20.0}).refused] == ["bus_visits"]
    with pytest.raises(DefinitionRefused):
        define_indicator(network.pk, "bus_visits", {**VALUES, "unit": "hours"}, by=cora, now=NOW)


@pytest.mark.parametrize(
    ("code", "change", "field"),
    [
        ("Bus", {}, "code"),
        ("9bus", {}, "code"),
        ("", {}, "code"),
        ("museum_visits", {}, "code"),
        ("bus", {"name": {}}, "name"),
        ("bus", {"unit": "furlongs"}, "unit"),
        ("bus", {"formula": "museum_visits +"}, "formula"),
        ("bus", {"formula": "museum_visits + unheard"}, "formula"),
        ("bus", {"formula": "museum_visits + nights_year"}, "formula"),
        ("bus", {"formula": "bus + museum_visits"}, "formula"),
        ("bus", {"formula": "museum_visits / museum_opening_hours"}, "formula"),
        ("bus", {"formula": "sum(museum_visits)"}, "formula"),
    ],
)
def test_a_definition_that_cannot_be_is_refused_by_its_field(
    network: Network, cora: User, code: str, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(DefinitionRefused) as refused:
        define_indicator(network.pk, code, {**VALUES, **change}, by=cora, now=NOW)
    assert refused.value.field == field
    assert not Indicator.objects.filter(network=network).exists()


def test_the_page_of_the_definitions_is_in_step() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "write-indicators"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
