"""The page on which municipalities become part of others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.models import Organisation, Territory, TerritoryChange
from tests.guide.workspace.conftest import NOW, note_of, signed_in, words

pytestmark = pytest.mark.django_db
HERE = "/en/workspace/territories/"
TODAY = NOW.date().isoformat()


def municipality(number: int) -> Territory:
    return Territory.objects.create(
        country="DK", level="municipality", code=str(number), name=f"Town {number}", slug=f"t{number}", population=1000
    )


@pytest.fixture
def rita() -> Client:
    """A manager of the region."""
    user, client = signed_in("rita@example.org")
    join_organisation(user, found_organisation("Region", kind="region", by=None, now=NOW), "manager", by=None, now=NOW)
    return client


def test_one_looks_first_then_it_is_done_and_taken_back(rita: Client) -> None:
    one, two = municipality(1), municipality(2)
    for name in ("Museum", "Mill"):
        found_organisation(name, by=None, now=NOW, municipality=one)
    wish: dict[str, Any] = {"part": [one.pk, two.pk], "into": "new", "code": "9", "name": "Newtown", "on": TODAY}
    ahead = words(rita.post(HERE, wish))
    assert "“Town 1 and Town 2” become part of “Newtown”?" in ahead
    assert "<dd>2</dd><dt>Organisations</dt>" in ahead
    assert "<dd>2,000</dd><dt>Inhabitants</dt>" in ahead
    assert TerritoryChange.objects.count() == 0
    done = rita.post(HERE, wish | {"sure": "1", "note": "Law of 2026"})
    assert (done.status_code, note_of(done)[0][:5]) == (303, "Done.")
    assert set(Organisation.objects.exclude(kind="region").values_list("municipality__name", flat=True)) == {"Newtown"}
    page = words(rita.get(HERE))
    assert "“Town 1” (1) is part of “Newtown” (9)" in page
    assert "Law of 2026" in page
    assert page.count("/take-back/") == 1, "the last one comes first"
    last = TerritoryChange.objects.latest("pk")
    taken = rita.post(f"{HERE}{last.pk}/take-back/")
    assert note_of(taken)[-1] == "Taken back. Everything is where it was."
    too_early = rita.post(f"{HERE}{last.pk}/take-back/")
    assert "can no longer be taken back" in note_of(too_early)[-1]


def test_a_day_that_comes_is_planned(rita: Client) -> None:
    one, two = municipality(1), municipality(2)
    day = (NOW + timedelta(days=40)).date().isoformat()
    wish = {"part": [one.pk], "into": two.pk, "on": day, "sure": "1"}
    assert note_of(rita.post(HERE, wish))[0].startswith("Planned: on ")
    assert TerritoryChange.objects.get().state == "planned"


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"part": ["1"], "into": "2"},
        {"part": ["x"], "into": "new", "code": "9", "name": "N", "on": TODAY},
        {"part": ["99999999999999999999"], "into": "new", "code": "9", "name": "N", "on": TODAY},
    ],
)
def test_what_is_wrong_is_said_and_nothing_happens(rita: Client, wish: dict[str, Any]) -> None:
    municipality(1)
    for sure in ({}, {"sure": "1"}):
        assert rita.post(HERE, wish | sure).status_code == 422
    assert TerritoryChange.objects.count() == 0


def test_managers_of_others_members_and_strangers_find_no_such_page(rita: Client) -> None:
    one, two = municipality(1), municipality(2)
    rita.post(HERE, {"part": [one.pk], "into": two.pk, "on": TODAY, "sure": "1"})
    change = TerritoryChange.objects.get()
    for number, kind in enumerate(("dmo", "municipality", "museum")):
        user, client = signed_in(f"m{number}@example.org")
        join_organisation(user, found_organisation(kind, kind=kind, by=None, now=NOW), "manager", by=None, now=NOW)
        assert client.get(HERE).status_code == 404
        assert client.post(f"{HERE}{change.pk}/take-back/").status_code == 404
        assert 'href="/en/workspace/territories/"' not in words(client.get("/en/workspace/"))
    assert 'href="/en/workspace/territories/"' in words(rita.get("/en/workspace/"))
    assert Client().get(HERE).status_code == 302


def test_the_page_costs_the_same_however_long_its_history(rita: Client) -> None:
    into, costs = municipality(100), []
    for n in (1, 3):
        for number in range(TerritoryChange.objects.count(), n):
            rita.post(HERE, {"part": [municipality(number).pk], "into": into.pk, "on": TODAY, "sure": "1"})
        rita.get(HERE)
        with CaptureQueriesContext(connection) as caught:
            assert words(rita.get(HERE)).count("is part of “Town 100”") == n
        costs.append(len(caught))
    assert costs[0] == costs[1]
