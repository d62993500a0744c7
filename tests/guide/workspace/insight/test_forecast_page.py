"""The forecast of a place with its limits, its judgement in words, and only for those who see its figures."""

from __future__ import annotations

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from allmende.insight import store
from allmende.insight.models import Backtest, Forecast, Series, Site
from allmende.partners.models import Organisation
from tests.guide.workspace.conftest import People, words

pytestmark = pytest.mark.django_db

ADDRESS = "/en/workspace/insight/sites/duche/forecast/"
NOW = timezone.now().replace(minute=0, second=0, microsecond=0)
SEEN = {"member": 200, "editor": 200, "manager": 200, "colleague": 404, "operator": 200, "stranger": 302}


@pytest.fixture
def site(people: People) -> Site:
    owner = Organisation.objects.get(name="Ville d’Uzès")
    return Site.objects.create(
        organisation=owner, name="Duché", slug="duche", timezone="Europe/Paris", created_at=NOW, updated_at=NOW
    )


def forecast(site: Site, *, resolution: str = "hour", measure: str = "presence", wape: float = 0.14) -> Series:
    series = Series.objects.create(site=site, measure=measure, resolution=resolution, is_main=resolution == "hour")
    before = store.number_of(resolution, NOW if resolution == "hour" else NOW.date())
    periods = np.arange(before - 48, before, dtype=np.int64)
    store.write_figures(series, periods, np.full(48, 30, "<f4"), np.ones(48, np.uint8), now=NOW)
    table = np.tile(np.array([10, 20, 40, 70, 90], "<f4"), (24, 1))
    table[5] = np.nan
    Forecast.objects.create(
        series=series, made_at=NOW, resolution=resolution, start=store.begin_of(resolution, before), steps=24,
        levels=[0.025, 0.1, 0.5, 0.9, 0.975], quantiles=table.tobytes(), method="trees", inputs={"last": NOW.isoformat()},
    )  # fmt: skip
    naive = "last_week" if resolution == "hour" else "last_season"
    scores = [{"method": "forecast", "wape": wape}, {"method": naive, "wape": 0.19}]
    data = {"scores": scores, "within_80": 0.81, "within_95": 0.94, "figures": 4000}
    Backtest.objects.create(series=series, made_at=NOW, origins=26, data=data)
    return series


def test_who_sees_the_forecast(people: People, site: Site) -> None:
    series = forecast(site)
    assert people.answers(lambda client: client.get(ADDRESS)) == SEEN
    assert people.answers(lambda client: client.get(f"{ADDRESS}{series.pk}.csv")) == SEEN


def test_an_unknown_site_or_series_is_not_found(people: People, site: Site) -> None:
    forecast(site)
    assert people.member.get(ADDRESS.replace("duche", "nowhere")).status_code == 404
    assert people.member.get(f"{ADDRESS}999999.csv").status_code == 404


def test_the_page_says_what_is_expected_and_how_good_that_was(people: People, site: Site) -> None:
    forecast(site)
    page = people.member.get(ADDRESS)
    said = words(page)
    assert "the forecast one week ahead was off by 14 %, last week’s value by 19 %" in said
    assert "81 of 100 figures lay within the 80% band, 94 of 100 within the 95% band." in said
    assert "20–70" in said
    assert "A simpler method" not in said


def test_a_worse_forecast_says_so(people: People, site: Site) -> None:
    forecast(site, wape=0.25)
    assert "A simpler method was closer here" in words(people.member.get(ADDRESS))


def test_without_a_forecast_the_page_says_what_is_needed(people: People, site: Site) -> None:
    assert "No forecast yet" in words(people.member.get(ADDRESS))
    series = Series.objects.create(site=site, measure="presence", resolution="hour", is_main=True)
    Forecast.objects.create(
        series=series, made_at=NOW, resolution="hour", start=NOW, steps=0, quantiles=b"", inputs={"why_not": "3 days"}
    )
    assert "Too few figures" in words(people.member.get(ADDRESS))


def test_one_series_or_three_ask_the_same_number_of_questions(people: People, site: Site) -> None:
    counts = []
    forecast(site)
    for measure in ("", "nights", "arrivals"):
        if measure:
            forecast(site, resolution="month", measure=measure)
        people.member.get(ADDRESS)
        with CaptureQueriesContext(connection) as asked:
            people.member.get(ADDRESS)
        counts.append(len(asked))
    # One question for the figures of each series, as many as a site has.
    assert counts[2] - counts[1] == counts[1] - counts[0] == 1


def test_the_csv_has_no_hour_of_which_nothing_is_known(people: People, site: Site) -> None:
    series = forecast(site)
    answer = people.member.get(f"{ADDRESS}{series.pk}.csv")
    assert answer["Cache-Control"] == "private, no-store"
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) > 24
