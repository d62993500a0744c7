"""Query strings to filters and back."""

from __future__ import annotations

from datetime import date

import pytest
from django.http import QueryDict
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from allmende.catalogue.queries import Filters
from allmende.guide.filters import ORDER, Asked, day_range, read_filters
from allmende.guide.page import Page, new_page
from tests.guide.conftest import Region


@pytest.fixture
def page(region: Region, rf: RequestFactory) -> Page:
    request = rf.get("/events/")
    request.LANGUAGE_CODE = "en"
    return new_page(request)


def read(query: str, page: Page) -> Asked:
    return read_filters(QueryDict(query), page)


@pytest.mark.parametrize(
    ("when", "today", "expected"),
    [
        ("today", date(2026, 11, 23), (date(2026, 11, 23), date(2026, 11, 23))),
        ("tomorrow", date(2026, 12, 31), (date(2027, 1, 1), date(2027, 1, 1))),
        ("weekend", date(2026, 11, 23), (date(2026, 11, 28), date(2026, 11, 29))),
        ("weekend", date(2026, 11, 28), (date(2026, 11, 28), date(2026, 11, 29))),
        ("weekend", date(2026, 11, 29), (date(2026, 11, 29), date(2026, 11, 29))),
        ("week", date(2026, 11, 25), (date(2026, 11, 25), date(2026, 11, 29))),
        ("month", date(2026, 2, 3), (date(2026, 2, 3), date(2026, 2, 28))),
        ("month", date(2026, 12, 31), (date(2026, 12, 31), date(2026, 12, 31))),
    ],
)
def test_quick_times_are_whole_days(when: str, today: date, expected: tuple[date, date]) -> None:
    assert day_range(when, today) == expected


def test_the_order_of_an_address_does_not_matter(page: Page) -> None:
    one = read("free=1&category=music&category=film&q=Bach&to=2027-01-31&from=2027-01-01", page)
    two = read("from=2027-01-01&to=2027-01-31&q=%20Bach%20&category=music&category=film&free=on", page)
    assert one.query == two.query == "q=Bach&category=music&category=film&free=1&from=2027-01-01&to=2027-01-31"
    assert one.filters == two.filters
    assert one.filters == Filters(
        q="Bach", category=("music", "film"), free=True, since=date(2027, 1, 1), until=date(2027, 1, 31)
    )


def test_what_is_read_can_be_written_and_read_again(page: Page, region: Region) -> None:
    query = f"municipality=30334&department=30&audience=families&access=step_free&near=44.05,4.42&radius=5&place={region.museum.pk}"
    once = read(query, page)
    again = read(once.query, page)
    assert once.notices == ()
    assert (again.filters, again.query) == (once.filters, once.query)
    assert once.filters.near == (4.42, 44.05)
    assert once.filters.radius_km == 5.0


def test_days_win_over_a_quick_time(page: Page) -> None:
    asked = read("when=today&from=2027-01-01", page)
    assert (asked.when, asked.filters.since, asked.filters.until) == ("", date(2027, 1, 1), None)


def test_choosing_a_time_takes_the_place_of_another(page: Page) -> None:
    asked = read("q=Bach&from=2027-01-01&to=2027-01-02", page)
    assert asked.with_("when", "today") == "q=Bach&when=today"
    assert asked.without("from") == "q=Bach&to=2027-01-02"


def test_leaving_a_place_leaves_its_radius(page: Page) -> None:
    assert read("near=44.05,4.42&radius=5&free=1", page).without("near") == "free=1"


def test_a_municipality_is_known_by_its_code_with_or_without_its_name(page: Page) -> None:
    assert read("municipality=30334-uzes", page).query == read("municipality=30334", page).query == "municipality=30334"
    assert read("municipality=30334", page).title == "Uzès"


# The fixture's rows are only read, so that the examples may share them.
@pytest.mark.django_db
def test_no_query_string_breaks_the_reading(page: Page) -> None:
    @given(st.lists(st.tuples(st.sampled_from([*ORDER, "kind", "after", "x"]), st.text(max_size=60)), max_size=12))
    def check(pairs: list[tuple[str, str]]) -> None:
        asked = QueryDict(mutable=True)
        for name, value in pairs:
            asked.appendlist(name, value)
        once = read_filters(asked, page)
        assert read(once.query, page).query == once.query

    check()
