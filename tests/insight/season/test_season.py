"""Demand and offer by week: nothing is filled in, nobody sees what is not theirs, and the right weeks are named."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from allmende.catalogue.models import SeasonCount
from allmende.core.models import User
from allmende.guide.views.insight.trend import in_group, trend
from allmende.insight import store
from allmende.insight.bridges.season import open_weeks, weeks_from
from allmende.insight.indicators.actions import Entry, save_figures
from allmende.insight.models import Series, Site
from allmende.insight.season import queries
from allmende.partners.actions import found_organisation, join_organisation
from allmende.partners.models import Organisation, Territory

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = NOW.date()
MONDAYS = weeks_from(TODAY, 53)
EVERY_DAY = {"days": [0, 1, 2, 3, 4, 5, 6], "opens": "10:00", "closes": "17:00"}


def test_a_place_without_seasons_is_open_in_every_week() -> None:
    assert open_weeks([EVERY_DAY], MONDAYS) == (True,) * 53
    assert open_weeks([{**EVERY_DAY, "days": [5]}], MONDAYS) == (True,) * 53


def test_a_season_opens_its_weeks_only() -> None:
    season = {**EVERY_DAY, "valid_from": "2026-05-06", "valid_through": "2026-05-20"}
    opened = [monday for monday, is_open in zip(MONDAYS, open_weeks([season], MONDAYS), strict=True) if is_open]
    assert opened == [date(2026, 5, 4), date(2026, 5, 11), date(2026, 5, 18)]


@pytest.fixture
def town(db: None) -> Organisation:
    area = Territory.objects.create(country="DE", level="municipality", code="1", name="Stadt", slug="stadt")
    town = found_organisation("Stadt", by=None, now=NOW, kind="municipality")
    town.municipality = area
    town.save()
    return town


@pytest.fixture
def anna(town: Organisation) -> User:
    user = User.objects.create_user("anna@example.org", "a long enough password", name="Anna")
    join_organisation(user, town, "editor", by=None, now=NOW)
    return user


def counted(town: Organisation, name: str, figures: list[float], **more: Any) -> Series:
    """A site with daily tickets from the week a year before on."""
    site = Site.objects.create(
        organisation=town, name=name, slug=name, territory=town.municipality, created_at=NOW, updated_at=NOW, **more
    )
    series = Series.objects.create(site=site, measure="tickets", resolution="day")
    first = store.number_of("day", MONDAYS[0] - queries.YEAR)
    values = np.array(figures, "<f4")
    kinds = np.where(np.isnan(values), 0, 1).astype(np.uint8)
    store.write_figures(series, np.arange(first, first + len(values), dtype=np.int64), values, kinds, now=NOW)
    return series


def picture(user: User | None) -> queries.SeasonPicture:
    return queries.picture("category", None, user=user, today=TODAY, language="en")


def test_a_week_without_figures_is_a_gap_and_not_zero(town: Organisation, anna: User) -> None:
    figures = [100.0] * (53 * 7)
    figures[7:14] = [float("nan")] * 7
    figures[14:16] = [float("nan")] * 2  # two days of a week: the mean of the other five
    counted(town, "a", figures)
    visits = picture(anna).visits
    assert visits.values[:3] == (100.0, None, 100.0)
    assert visits.index[:3] == (100.0, None, 100.0)
    assert (visits.sites, visits.names) == (1, ("a",))


def test_visits_of_others_are_seen_when_they_are_shared(town: Organisation, anna: User) -> None:
    counted(town, "own", [10.0] * 371)
    bob = User.objects.create_user("bob@example.org", "a long enough password", name="Bob")
    join_organisation(bob, found_organisation("Dorf", by=None, now=NOW, kind="museum"), "manager", by=None, now=NOW)
    assert picture(anna).visits.sites == 1
    assert picture(bob).visits.sites == 0
    Site.objects.update(sharing="public")
    assert picture(bob).visits.sites == 1


def test_a_site_counted_in_few_weeks_leaves_no_holes_in_the_others(town: Organisation, anna: User) -> None:
    counted(town, "whole", [10.0] * 371)
    counted(town, "short", [5.0] * 100)
    assert picture(anna).visits.names == ("whole",)


def test_nights_are_those_per_day_of_their_month(town: Organisation, anna: User) -> None:
    entries = [Entry("nights", date(2025, month, 1), 310.0) for month in range(1, 13)]
    save_figures(town, entries, by=None, now=NOW, trusted=True)
    nights = picture(anna).nights
    assert nights.values[0] == pytest.approx(10.0)  # a week of March 2025
    assert nights.values[5] == pytest.approx(310 / 30)  # of April
    assert nights.values[-1] is None  # March 2026 is not known
    assert picture(None).nights.sites == 0  # private


def test_thin_weeks_with_guests_come_first(town: Organisation, anna: User) -> None:
    for number, monday in enumerate(MONDAYS):
        n = 5 if number in {4, 5, 12} else 40
        SeasonCount.objects.create(axis="all", value="", by="", by_value="", week=monday, n=n, begins=n)
    figures = [100.0] * 371
    figures[12 * 7 : 13 * 7] = [400.0] * 7
    figures[4 * 7 : 6 * 7] = [20.0] * 14
    counted(town, "a", figures)
    found = picture(anna).help
    assert [(one.monday, one.why, one.demand, one.weeks) for one in found] == [
        (MONDAYS[12], "guests", 400, 1),
        (MONDAYS[4], "thin", 20, 2),
    ]
    assert found[1].events == 10
    assert found[1].last_day == MONDAYS[5] + timedelta(days=6)


def test_small_pictures_leave_gaps_and_need_two_figures() -> None:
    assert trend([None, 5.0, None]) == ""
    assert str(trend([1.0, None, 3.0])).count("M") == 2
    assert str(trend([1.0, 2.0, 3.0])).count("M") == 1
    assert 'class="own"' not in in_group(1.0, 2.0, 3.0, None)
    assert 'class="own"' in in_group(0.0, 0.0, 0.0, 0.0)
