"""An organisation shows its shared figures to everybody when a manager says so; and one's own figures stand on a card."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from allmende.core.content import content_stamp
from allmende.core.models import AuditEntry, User
from allmende.insight.indicators.actions import Entry, save_figures, share_figures, undo_batch
from allmende.insight.indicators.groups import refresh_groups
from allmende.insight.models import PublicFigures
from allmende.partners.actions import found_organisation
from allmende.partners.models import Organisation, Territory
from tests.guide.workspace.conftest import NOW, People, note_of, words

YEAR = NOW.year - 1
HOME = "/en/workspace/insight/indicators/"


@pytest.fixture
def house(people: People) -> Organisation:
    """The colleague's museum."""
    return Organisation.objects.get(name="Musée de Nîmes")


def fill(organisation: Organisation, figures: dict[str, float], **more: Any) -> None:
    entries = [Entry(code, date(YEAR, 1, 1), value, **more) for code, value in figures.items()]
    save_figures(organisation, entries, by=None, now=NOW, trusted=True)


def test_everybody_sees_the_shared_figures_once_a_manager_says_so(people: People, house: Organisation) -> None:
    fill(house, {"museum_visits": 4321.0, "museum_own_income": 555.0}, is_shared=True, source="Till")
    fill(house, {"museum_expenditure": 98765.0})
    path = f"/en/figures/{house.pk}/"
    assert Client().get(path).status_code == 404  # shared in the workspace is not public
    for client in (people.member, people.editor, people.manager):
        assert client.post(f"{HOME}{house.pk}/publish/", {"do": "publish"}).status_code == 404
    answer = people.colleague.post(f"{HOME}{house.pk}/publish/", {"do": "publish"})
    assert note_of(answer) == ["Everybody sees the shared figures now."]
    assert AuditEntry.objects.filter(action="insight.publish_figures").count() == 1
    page = words(Client().get(path))
    assert "4,321" in page
    assert "Till, as of" in page
    assert "98,765" not in page
    assert "Cost per visit" not in page  # it would tell the expenditure
    assert "anonymous group" not in page
    sheet = load_workbook(io.BytesIO(Client().get(f"{path}figures.xlsx").content)).active
    assert [row[1] for row in sheet.iter_rows(2, values_only=True)] == ["museum_visits", "museum_own_income"]
    assert Client().get(f"{path}figures.pdf").content.startswith(b"%PDF")
    assert Client().get(f"{path}figures.exe").status_code == 404
    assert f'href="/en/figures/{house.pk}/"' in words(Client().get(f"/en/organisations/{house.slug}-{house.pk}/"))
    people.colleague.post(f"{HOME}{house.pk}/publish/", {"do": "hide"})
    assert Client().get(path).status_code == 404


def test_what_others_keep_of_the_area_is_not_shown_with_it(people: People) -> None:
    town = Organisation.objects.get(name="Ville d’Uzès")
    other = found_organisation("Office de tourisme", by=None, now=NOW, kind="dmo")
    area = Territory.objects.create(country="FR", level="municipality", code="30334", name="Uzès", slug="uzes")
    Organisation.objects.filter(pk__in=[town.pk, other.pk]).update(municipality=area)
    Organisation.objects.filter(pk=town.pk).update(kind="municipality")
    other.refresh_from_db()
    fill(other, {"beds": 777.0}, is_shared=True)
    PublicFigures.objects.create(organisation=town, published_at=NOW)
    assert Client().get(f"/en/figures/{town.pk}/").status_code == 404
    PublicFigures.objects.create(organisation=other, published_at=NOW)
    assert "777" in words(Client().get(f"/en/figures/{other.pk}/"))


def test_a_card_shows_own_figures_beside_the_group_and_the_next_step(people: People, house: Organisation) -> None:
    assert "There are no figures of" in words(people.colleague.get(HOME))
    fill(house, {"museum_visits": 990.0})
    for number in range(6):
        other = found_organisation(f"Maison {number}", by=None, now=NOW, kind="museum")
        fill(other, {"museum_visits": 1000.0 + number})
    refresh_groups(now=NOW)
    page = words(people.colleague.get(HOME))
    assert f"Musée de Nîmes: own figures of {YEAR}" in page
    assert "990 visits" in page
    assert "Half of the group: 1,000" in page
    assert "1 of 11 filled in · Next:" in page
    assert f"{HOME}{house.pk}/{YEAR}/?list=museum#r-museum_visits_under18" in page
    assert "990" not in words(people.member.get(HOME))


def test_the_card_and_the_public_page_ask_a_fixed_number_of_questions(
    people: People, house: Organisation, django_assert_max_num_queries: Any
) -> None:
    counts: dict[str, list[int]] = {}
    PublicFigures.objects.create(organisation=house, published_at=NOW)
    for figures in ({"museum_visits": 10.0}, {"museum_volunteers": 3.0, "museum_paid_fte": 2.0}):
        fill(house, figures, is_shared=True)
        for who, path in ((people.colleague, HOME), (Client(), f"/en/figures/{house.pk}/")):
            with django_assert_max_num_queries(50) as asked:
                who.get(path)
            # Sessions, accounts and the look of the site are read as their caches say.
            own = [one for one in asked.captured_queries if "insight_" in one["sql"] or "partners_o" in one["sql"]]
            counts.setdefault(path, []).append(len(own))
    assert all(len(set(told)) == 1 for told in counts.values()), counts


def test_publishing_twice_is_noted_once(people: People, house: Organisation) -> None:
    for _ in range(2):
        people.colleague.post(f"{HOME}{house.pk}/publish/", {"do": "publish"})
    assert AuditEntry.objects.filter(action="insight.publish_figures").count() == 1


def test_a_figure_that_is_no_longer_shared_leaves_the_public_page_at_once(people: People, house: Organisation) -> None:
    fill(house, {"museum_visits": 4321.0}, is_shared=True, source="Till")
    before = content_stamp()
    fill(house, {"museum_visits": 4322.0}, is_shared=True, source="Till")
    assert content_stamp() == before  # nobody sees them
    people.colleague.post(f"{HOME}{house.pk}/publish/", {"do": "publish"})
    shown = content_stamp()
    saved = share_figures(house, year=None, is_shared=False, by=_colleague(), now=NOW)
    hidden = content_stamp()
    undo_batch(house, saved.batch_id or 0, by=_colleague(), now=NOW)
    assert before < shown < hidden < content_stamp()


def _colleague() -> User:
    return User.objects.get(email__startswith="colleague")
