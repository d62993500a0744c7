"""Pages of indicators: who sees what, filling in by form and by table, comparison, report, season."""

from __future__ import annotations

import io
import json
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from allmende.insight.indicators.actions import Entry, save_figures
from allmende.insight.indicators.groups import refresh_groups
from allmende.insight.models import IndicatorValue, PurposeStatement
from allmende.partners.actions import found_organisation
from allmende.partners.models import Organisation
from tests.guide.workspace.conftest import NOW, People, note_of, words

YEAR = NOW.year - 1
HOME = "/en/workspace/insight/indicators/"
ALL = ("member", "editor", "manager", "colleague", "operator", "stranger")


@pytest.fixture
def house(people: People) -> Organisation:
    """The colleague's museum."""
    return Organisation.objects.get(name="Musée de Nîmes")


@pytest.fixture
def town(people: People) -> Organisation:
    return Organisation.objects.get(name="Ville d’Uzès")


def fill(organisation: Organisation, figures: dict[str, float], **more: Any) -> None:
    entries = [Entry(code, date(YEAR, 1, 1), value, **more) for code, value in figures.items()]
    save_figures(organisation, entries, by=None, now=NOW, trusted=True)


def stored() -> dict[str, float]:
    return dict(IndicatorValue.objects.values_list("indicator__code", "value"))


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("{home}{pk}/", "404 404 404 200 200 302"),
        ("{home}{pk}/{year}/", "404 404 404 200 200 302"),
        ("{home}{pk}/purpose/", "404 404 404 200 200 302"),
        ("{home}{pk}/compare/museum_visits/", "404 404 404 200 200 302"),
        ("{home}{pk}/{year}/figures.csv", "404 404 404 200 200 302"),
        ("{home}{pk}/{year}/figures.xlsx", "404 404 404 200 200 302"),
        ("{home}report/organisation/{pk}/", "404 404 404 200 200 302"),
        ("{home}report/organisation/{pk}/report.pdf", "404 404 404 200 200 302"),
        ("{home}report/organisation/{pk}/report.xlsx", "404 404 404 200 200 302"),
        ("{home}report/nonsense/{pk}/", "404 404 404 404 404 302"),
        ("{home}definitions/", "200 200 200 200 200 302"),
        ("{home}definitions/new/", "404 404 404 404 404 302"),
        ("/en/workspace/insight/season/", "200 200 200 200 200 302"),
        ("/en/workspace/insight/season/season.csv", "200 200 200 200 200 302"),
    ],
)
def test_private_figures_are_for_their_house(people: People, house: Organisation, path: str, statuses: str) -> None:
    fill(house, {"museum_visits": 4000.0})
    address = path.format(home=HOME, pk=house.pk, year=YEAR)
    answers = people.answers(lambda client: client.get(address))
    assert " ".join(str(answers[name]) for name in ALL) == statuses


def test_shared_figures_are_seen_by_others_but_not_filled_in(people: People, house: Organisation) -> None:
    fill(house, {"museum_visits": 4321.0}, is_shared=True)
    fill(house, {"museum_expenditure": 98765.0})
    page = words(people.member.get(f"{HOME}{house.pk}/"))
    assert "4,321" in page
    assert "98,765" not in page
    assert "Cost per visit" not in page
    for client in (people.member, people.manager):
        assert client.get(f"{HOME}{house.pk}/{YEAR}/").status_code == 404
        for path in ("share/", "undo/", "upload/", f"{YEAR}/", "purpose/"):
            assert client.post(f"{HOME}{house.pk}/{path}").status_code == 404


def test_the_form_stores_what_is_typed_and_keeps_what_is_wrong(people: People, house: Organisation) -> None:
    path = f"{HOME}{house.pk}/{YEAR}/"
    answer = people.colleague.post(
        path,
        {
            "all.source": "Caisse",
            "museum_visits.value": "12,345",
            "museum_visits.shared": "1",
            "museum_volunteers.value": "a dozen",
            "museum_opening_days.value": "-3",
        },
    )
    page = words(answer)
    assert answer.status_code == 422
    assert "2 fields need another look." in page
    assert "1 figure is saved already." in page
    assert 'value="a dozen"' in page
    row = IndicatorValue.objects.get()
    assert (row.value, row.source, row.is_shared, row.start) == (12345, "Caisse", True, date(YEAR, 1, 1))
    answer = people.colleague.post(path, {"museum_visits.value": "12,345", "museum_visits.source": "Caisse"})
    assert note_of(answer) == ["1 figure saved."]  # the tick was taken off
    assert not IndicatorValue.objects.get().is_shared


def test_what_somebody_else_stored_meanwhile_is_not_overwritten(people: People, house: Organisation) -> None:
    path = f"{HOME}{house.pk}/{YEAR}/"
    page = words(people.colleague.get(path))
    seen = page.split('name="seen" value="')[1].split('"')[0].replace("&#34;", '"')
    fill(house, {"museum_visits": 700.0})
    answer = people.colleague.post(path, {"museum_visits.value": "900", "seen": seen})
    assert answer.status_code == 422
    assert "Somebody else stored another figure meanwhile." in words(answer)
    assert stored() == {"museum_visits": 700}
    assert people.colleague.post(path, {"museum_volunteers.value": "5", "seen": seen}).status_code == 303
    assert stored() == {"museum_visits": 700, "museum_volunteers": 5}  # what one left alone stays


def test_an_upload_is_looked_at_first_and_taken_back_after(people: People, house: Organisation) -> None:
    table = f"code;period;value;source\nmuseum_visits;{YEAR};5,000;Till\nmuseum_cats;{YEAR};3;\nmuseum_paid_fte;{YEAR};2.5;\n"
    file = SimpleUploadedFile("figures.csv", table.encode())
    page = words(people.colleague.post(f"{HOME}{house.pk}/upload/", {"file": file}))
    assert "There is no indicator “museum_cats” for you to fill in." in page
    assert "Store 2 figures" in page
    assert stored() == {}
    told = page.split('name="told" value="')[1].split('"')[0]
    answer = people.colleague.post(f"{HOME}{house.pk}/upload/", {"told": told})
    assert note_of(answer) == ["2 figures saved."]
    assert stored() == {"museum_visits": 5000, "museum_paid_fte": 2.5}
    assert people.colleague.post(f"{HOME}{house.pk}/upload/", {"told": told[:-4] + "AAAA"}).status_code == 303
    page = words(people.colleague.get(f"{HOME}{house.pk}/{YEAR}/"))
    batch = page.split('name="batch" value="')[1].split('"')[0]
    answer = people.colleague.post(f"{HOME}{house.pk}/undo/", {"batch": batch, "year": str(YEAR)})
    assert note_of(answer) == ["Taken back: 2 figures are as they were."]
    assert stored() == {}


def test_what_was_looked_at_for_one_house_is_not_stored_for_another(
    people: People, house: Organisation, town: Organisation
) -> None:
    table = SimpleUploadedFile("t.csv", f"code;period;value\nmuseum_visits;{YEAR};5\n".encode())
    page = words(people.colleague.post(f"{HOME}{house.pk}/upload/", {"file": table}))
    told = page.split('name="told" value="')[1].split('"')[0]
    assert people.editor.post(f"{HOME}{town.pk}/upload/", {"told": told}).status_code == 404


def test_the_table_comes_back_as_it_went_out(people: People, house: Organisation) -> None:
    fill(house, {"museum_visits": 1234.5, "museum_paid_fte": 2.5}, source="=HYPERLINK(1)", note="so")
    for suffix in ("csv", "xlsx"):
        answer = people.colleague.get(f"{HOME}{house.pk}/{YEAR}/figures.{suffix}")
        assert b"\n=HYPER" not in answer.content
        file = SimpleUploadedFile(f"figures.{suffix}", answer.content)
        page = words(people.colleague.post(f"{HOME}{house.pk}/upload/", {"file": file}))
        assert "Nothing: what is understood of the table is stored already." in page, suffix


@pytest.mark.parametrize("content", [b"", b"a;b\n1;2\n", b"PK\x03\x04nonsense", b"%PDF-1.7 nothing"])
def test_what_is_no_table_of_figures_is_refused_with_a_word(
    people: People, house: Organisation, content: bytes
) -> None:
    answer = people.colleague.post(f"{HOME}{house.pk}/upload/", {"file": SimpleUploadedFile("x.csv", content)})
    assert answer.status_code == 303
    assert len(note_of(answer)) == 1


def test_what_is_typed_is_kept_for_its_person(people: People, house: Organisation) -> None:
    path = f"{HOME}{house.pk}/{YEAR}/typed/"
    told = {"tab": "0123456789", "number": 5, "typed": {"museum_visits.value": ["77"]}, "seen": {}}
    sent = {"data": json.dumps(told), "content_type": "application/json"}
    assert people.member.put(path, **sent).status_code == 404
    assert people.colleague.put(path, **sent).status_code == 200
    assert people.colleague.put(path, data="nonsense", content_type="application/json").status_code == 400
    assert "You typed something here on" in words(people.colleague.get(f"{HOME}{house.pk}/{YEAR}/"))
    assert 'value="77"' in words(people.colleague.get(f"{HOME}{house.pk}/{YEAR}/?typed=0123456789"))
    assert people.colleague.post(path, {"tab": "0123456789"}).status_code == 303
    assert "You typed something here on" not in words(people.colleague.get(f"{HOME}{house.pk}/{YEAR}/"))
    assert stored() == {}


def test_purpose_stands_before_figures(people: People, house: Organisation) -> None:
    fill(house, {"museum_visits": 10.0}, is_shared=True)
    answer = people.colleague.post(
        f"{HOME}{house.pk}/purpose/", {"text.en": "To keep what is old.", "text.fr": "Garder.", "original": "fr"}
    )
    assert answer.status_code == 303
    assert PurposeStatement.objects.get().text["original"] == "fr"
    page = words(people.colleague.get(f"{HOME}{house.pk}/"))
    assert page.index("To keep what is old.") < page.index("Last figure")
    assert "To keep what is old." not in words(people.member.get(f"{HOME}{house.pk}/"))  # not public yet
    people.colleague.post(f"{HOME}{house.pk}/purpose/", {"text.en": "To keep what is old.", "public": "1"})
    assert "To keep what is old." in words(people.member.get(f"{HOME}{house.pk}/"))


def others(count: int) -> None:
    for number in range(count):
        fill(
            found_organisation(f"Maison {number}", by=None, now=NOW, kind="museum"), {"museum_visits": 1000.0 + number}
        )


def test_comparison_shows_five_others_and_says_why_not_with_four(people: People, house: Organisation) -> None:
    fill(house, {"museum_visits": 990.0})
    others(4)
    refresh_groups(now=NOW)
    path = f"{HOME}{house.pk}/compare/museum_visits/?year={YEAR}"
    assert "Shown when at least five others have a figure" in words(people.colleague.get(path))
    fill(found_organisation("Maison 9", by=None, now=NOW, kind="museum"), {"museum_visits": 1100.0})
    refresh_groups(now=NOW)
    page = words(people.colleague.get(path))
    assert "Half of 6 lie between" in page
    assert "1,100" not in page  # the largest
    assert "Maison" not in page


def test_reports_hold_sources_and_dates(people: People, house: Organisation) -> None:
    fill(house, {"museum_visits": 4000.0, "museum_expenditure": 50_000.0}, source="Annual accounts")
    path = f"{HOME}report/organisation/{house.pk}/"
    assert "Annual accounts, as of" in words(people.colleague.get(path))
    sheet = load_workbook(io.BytesIO(people.colleague.get(f"{path}report.xlsx").content)).active
    rows = [
        dict(zip([cell.value for cell in sheet[1]], row, strict=True)) for row in sheet.iter_rows(2, values_only=True)
    ]
    assert [(row["code"], row["value"], row["source"]) for row in rows] == [
        ("museum_visits", 4000, "Annual accounts"),
        ("museum_expenditure", 50_000, "Annual accounts"),
        ("museum_cost_per_visit", 12.5, "Annual accounts"),
    ]
    for language in ("en", "fr", "sv"):
        pdf = people.colleague.get(f"{path.replace('/en/', f'/{language}/')}report.pdf")
        assert pdf.content.startswith(b"%PDF")
        assert b"/MarkInfo" in pdf.content or b"StructTreeRoot" in pdf.content


@pytest.mark.parametrize("page", ["", "definitions/", "{pk}/", "{pk}/{year}/", "report/organisation/{pk}/"])
def test_pages_ask_the_same_number_of_questions_whatever_stands_on_them(
    people: People, house: Organisation, page: str, django_assert_max_num_queries: Any
) -> None:
    path = HOME + page.format(pk=house.pk, year=YEAR)
    fill(house, {"museum_visits": 10.0})
    refresh_groups(now=NOW)
    people.colleague.get(path)
    with django_assert_max_num_queries(60) as first:
        people.colleague.get(path)
    fill(house, {"museum_volunteers": 10.0, "museum_paid_fte": 3.0, "museum_expenditure": 5.0})
    refresh_groups(now=NOW)
    with django_assert_max_num_queries(60) as second:
        people.colleague.get(path)
    assert len(second) == len(first)
