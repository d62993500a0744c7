"""A table of figures that is applied after others changed what it was compared with overwrites nothing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from allmende.insight.indicators.actions import Entry, save_figures
from allmende.insight.models import IndicatorValue
from allmende.partners.models import Organisation
from tests.guide.workspace.conftest import NOW, People, note_of, words

YEAR = NOW.year - 1
HOME = "/en/workspace/insight/indicators/"


@pytest.fixture
def house(people: People) -> Organisation:
    """The colleague's museum."""
    return Organisation.objects.get(name="Musée de Nîmes")


def elsewhere(house: Organisation, value: float | None, code: str = "museum_visits", **more: str) -> None:
    """A colleague stores a figure in another window."""
    entry = Entry(code, date(YEAR, 1, 1), value, **more)  # type: ignore[arg-type]
    save_figures(house, [entry], by=None, now=NOW + timedelta(minutes=5), trusted=True)


def look(people: People, house: Organisation, table: str) -> str:
    """What the page of the table, looked at, sends back."""
    file = SimpleUploadedFile("figures.csv", table.encode())
    page = words(people.colleague.post(f"{HOME}{house.pk}/upload/", {"file": file}))
    return page.split('name="told" value="')[1].split('"')[0]


def stored() -> dict[str, float]:
    return dict(IndicatorValue.objects.values_list("indicator__code", "value"))


def test_what_others_changed_after_the_look_is_shown_with_both_figures_and_a_choice(
    people: People, house: Organisation
) -> None:
    path = f"{HOME}{house.pk}/upload/"
    elsewhere(house, 100.0)
    told = look(people, house, f"code;period;value\nmuseum_visits;{YEAR};900\nmuseum_paid_fte;{YEAR};2.5\n")
    elsewhere(house, 700.0, source="Till")
    answer = people.colleague.post(path, {"told": told})
    page = words(answer)
    assert answer.status_code == 409
    assert "1 figure was changed by somebody else since you looked at your table." in page
    assert "700 visits" in page
    assert "900 visits" in page
    assert stored() == {"museum_visits": 700, "museum_paid_fte": 2.5}  # the good one went in beside it
    again = page.split('name="told" value="')[1].split('"')[0]
    assert people.member.post(path, {"told": again, "chosen": "1", "take.0": "mine"}).status_code == 404
    kept = people.colleague.post(path, {"told": again, "chosen": "1", "take.0": "stored"})
    assert note_of(kept)[-1] == "Nothing was changed."
    assert stored()["museum_visits"] == 700
    taken = people.colleague.post(path, {"told": again, "chosen": "1", "take.0": "mine"})
    assert note_of(taken)[-1] == "1 figure saved."
    assert stored()["museum_visits"] == 900


def test_a_change_while_one_chooses_is_noticed_too(people: People, house: Organisation) -> None:
    path = f"{HOME}{house.pk}/upload/"
    told = look(people, house, f"code;period;value\nmuseum_visits;{YEAR};900\n")
    elsewhere(house, 700.0)
    again = words(people.colleague.post(path, {"told": told})).split('name="told" value="')[1].split('"')[0]
    elsewhere(house, None)
    answer = people.colleague.post(path, {"told": again, "chosen": "1", "take.0": "mine"})
    assert answer.status_code == 409
    assert "Keep what is stored: no figure" in " ".join(
        words(answer).replace("<strong>", "").replace("</strong>", "").split()
    )
    assert stored() == {}


def test_the_same_figure_from_two_sides_is_no_conflict(people: People, house: Organisation) -> None:
    told = look(people, house, f"code;period;value\nmuseum_visits;{YEAR};900\n")
    elsewhere(house, 900.0)
    answer = people.colleague.post(f"{HOME}{house.pk}/upload/", {"told": told})
    assert note_of(answer) == ["Nothing was changed."]


def test_columns_that_a_table_leaves_out_stay_as_they_are_stored(people: People, house: Organisation) -> None:
    elsewhere(house, 100.0, source="Till", note="without schools")
    told = look(people, house, f"code;period;value\nmuseum_visits;{YEAR};900\n")
    people.colleague.post(f"{HOME}{house.pk}/upload/", {"told": told})
    row = IndicatorValue.objects.get()
    assert (row.value, row.source, row.note) == (900, "Till", "without schools")
