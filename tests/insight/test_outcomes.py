"""Hours become days in the time of the place, over nights on which clocks change, and never over a gap."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pytest

from allmende.insight.models import Series, Site
from allmende.insight.outcomes import Window, read_months, read_outcomes
from allmende.partners.models import Organisation
from tests.insight.interventions.coast import NOW, fill_days, fill_hours

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(db: None) -> Site:
    owner = Organisation.objects.create(name="Stadt", slug="stadt", name_key="stadt", created_at=NOW, updated_at=NOW)
    return Site.objects.create(
        organisation=owner, name="Platz", slug="platz", timezone="Europe/Berlin", created_at=NOW, updated_at=NOW
    )


def of(series: Series, window: Window) -> list[float]:
    return read_outcomes([Series.objects.select_related("site").get(pk=series.pk)], window)[series.pk].tolist()


def test_a_day_begins_at_local_midnight(place: Site) -> None:
    series = fill_hours(place, datetime(2026, 6, 30, 22, tzinfo=UTC), [1.0] * 24 + [2.0] * 24)
    assert of(series, Window(date(2026, 7, 1), date(2026, 7, 2))) == [24.0, 48.0]


def test_the_day_on_which_clocks_go_forward_is_whole_with_23_hours_and_back_with_25(place: Site) -> None:
    series = fill_hours(place, datetime(2026, 3, 28, 23, tzinfo=UTC), [1.0] * 23)
    assert of(series, Window(date(2026, 3, 29), date(2026, 3, 29))) == [23.0]
    series = fill_hours(place, datetime(2026, 10, 24, 22, tzinfo=UTC), [1.0] * 25)
    assert of(series, Window(date(2026, 10, 25), date(2026, 10, 25))) == [25.0]


def test_one_missing_hour_among_the_chosen_makes_the_day_a_gap(place: Site) -> None:
    figures = [1.0] * 24
    figures[15] = float("nan")
    series = fill_hours(place, datetime(2026, 6, 30, 22, tzinfo=UTC), figures)
    assert np.isnan(of(series, Window(date(2026, 7, 1), date(2026, 7, 1)))).all()
    assert of(series, Window(date(2026, 7, 1), date(2026, 7, 1), hours=(10, 11, 12))) == [3.0]
    assert np.isnan(of(series, Window(date(2026, 7, 1), date(2026, 7, 1), hours=(14, 15)))).all()


def test_people_present_are_averaged_not_added_up(place: Site) -> None:
    series = fill_hours(place, datetime(2026, 6, 30, 22, tzinfo=UTC), [10.0, 30.0] * 12, measure="presence")
    assert of(series, Window(date(2026, 7, 1), date(2026, 7, 1))) == [20.0]


def test_only_the_chosen_weekdays_are_there(place: Site) -> None:
    window = Window(date(2026, 7, 1), date(2026, 7, 14), weekdays=(5, 6))
    series = fill_days(place, date(2026, 7, 1), [float(day) for day in range(1, 15)])
    assert of(series, window) == [4.0, 5.0, 11.0, 12.0]


def test_days_have_no_hours_to_choose_from(place: Site) -> None:
    series = fill_days(place, date(2026, 7, 1), [5.0])
    assert np.isnan(of(series, Window(date(2026, 7, 1), date(2026, 7, 1), hours=(12,)))).all()


def test_what_reaches_over_the_figures_is_a_gap(place: Site) -> None:
    series = fill_days(place, date(2026, 7, 2), [5.0])
    found = of(series, Window(date(2026, 7, 1), date(2026, 7, 3)))
    assert found[1] == 5.0
    assert np.isnan([found[0], found[2]]).all()


def test_months_are_told_by_their_first_day(place: Site) -> None:
    series = Series.objects.create(site=place, measure="nights", resolution="month", is_main=True)
    months, figures = read_months([series], date(2026, 11, 15), date(2027, 1, 3))
    assert months == [date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)]
    assert np.isnan(figures[series.pk]).all()
