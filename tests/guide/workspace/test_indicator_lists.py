"""The form of a year with many lists: one is open, and none that needs a look is folded away."""

from __future__ import annotations

import json
import re

import pytest

from allmende.partners.models import Organisation, Territory
from tests.guide.workspace.conftest import NOW, People, words

YEAR = NOW.year - 1


@pytest.fixture
def path(people: People) -> str:
    """The form of a destination organisation."""
    town = Organisation.objects.get(name="Ville d’Uzès")
    town.municipality = Territory.objects.create(
        country="FR", level="municipality", code="30334", name="Uzès", slug="uzes", population=8000
    )
    town.save()
    return f"/en/workspace/insight/indicators/{town.pk}/{YEAR}/"


def lists(page: str) -> dict[str, bool]:
    """Name of each list, and whether it is open."""
    found = re.findall(r'<details class="panel ind-list"( open)?><summary><h2[^>]*>(.*?)</h2>', page)
    return {name: bool(is_open) for is_open, name in found}


def test_a_destination_sees_its_lists_folded_but_the_first(people: People, path: str) -> None:
    page = words(people.editor.get(path))
    assert lists(page) == {
        "Tourism": True,
        "Managing the destination (after ETIS)": False,
        "Economic value (after ETIS)": False,
        "Society and culture (after ETIS)": False,
        "Travel and climate (after ETIS)": False,
        "Waste, water, energy and nature (after ETIS)": False,
        "What residents say": False,
    }
    assert "0 of 3 filled in" in page


def test_a_museum_has_one_list_and_nothing_of_the_destination(people: People) -> None:
    museum = Organisation.objects.get(name="Musée de Nîmes")
    page = words(people.colleague.get(f"/en/workspace/insight/indicators/{museum.pk}/{YEAR}/"))
    assert lists(page) == {"Museums": True}
    assert "waste_tourist" not in page


def test_a_list_with_an_error_stands_open(people: People, path: str) -> None:
    answer = people.editor.post(path, {"waste_tourist.value": "much", "women_lead.value": "31.5"})
    page = words(answer)
    assert answer.status_code == 422
    assert "1 figure is saved already." in page
    assert [name for name, is_open in lists(page).items() if is_open] == [
        "Waste, water, energy and nature (after ETIS)"
    ]
    assert "1 of 9 filled in" in page


def test_a_list_in_which_something_is_not_saved_stands_open(people: People, path: str) -> None:
    told = {"tab": "0123456789", "number": 5, "typed": {"travel_carbon.value": ["41"]}, "seen": {}}
    assert people.editor.put(f"{path}typed/", data=json.dumps(told), content_type="application/json").status_code == 200
    page = words(people.editor.get(f"{path}?typed=0123456789"))
    assert [name for name, is_open in lists(page).items() if is_open] == ["Travel and climate (after ETIS)"]
    assert 'value="41"' in page


def test_the_way_to_the_next_figure_leads_into_an_open_list(people: People, path: str) -> None:
    page = words(people.editor.get(f"{path}?list=etis_travel"))
    assert [name for name, is_open in lists(page).items() if is_open] == ["Travel and climate (after ETIS)"]
    assert lists(words(people.editor.get(f"{path}?list=unheard")))["Tourism"]
    home = words(people.editor.get("/en/workspace/insight/indicators/"))
    assert f'href="{path}?list=tourism#r-nights"' in home
