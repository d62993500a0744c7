"""How full places are now: what is old, withheld or not over is not taken for now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from allmende.insight.crowding.actions import refresh_summaries
from allmende.insight.crowding.queries import SiteState, state_of, usual_day
from allmende.insight.models import Series, Site
from allmende.insight.values import Quality
from tests.insight.crowding.conftest import NOW, beach_figures, put

HOUR = NOW.replace(minute=0)


def state(series: Series) -> SiteState:
    return state_of([series.site_id], now=NOW)[series.site_id]


def test_now_and_what_is_usual_at_this_hour(beach: Series) -> None:
    refresh_summaries(now=NOW)
    put(beach, [900], first=HOUR)
    told = state(beach)
    assert (told.level, told.pressure, told.figure, told.at) == ("full", 0.9, 900, HOUR)
    assert (told.is_fresh, told.is_sure) == (True, True)
    assert (told.usual_level, told.usual_pressure) == ("quiet", pytest.approx(0.2))


def test_an_old_figure_is_told_but_says_nothing_about_now(make_site: Callable[..., Series]) -> None:
    series = make_site("plage", [900.0], first=HOUR - timedelta(hours=4))
    told = state(series)
    assert (told.level, told.pressure, told.is_fresh, told.is_sure) == (None, 0.9, False, False)
    older = make_site("lac", [900.0], first=HOUR - timedelta(hours=60))
    assert state(older).figure is None


@pytest.mark.parametrize(
    ("measure", "quality", "expected"),
    [
        ("presence", Quality.PROVISIONAL, 700),
        ("entries", Quality.PROVISIONAL, 100),
        ("presence", Quality.DOUBTFUL, 100),
        ("presence", Quality.SUPPRESSED, 100),
        ("presence", Quality.PARTIAL, 700),
    ],
)
def test_an_hour_that_is_not_over_counts_too_few_who_come_but_not_who_is_there(
    make_site: Callable[..., Series], measure: str, quality: int, expected: float
) -> None:
    series = make_site("plage", [100.0], first=HOUR - timedelta(hours=1))
    Series.objects.filter(pk=series.pk).update(measure=measure)
    put(series, [700], first=HOUR, quality=quality)
    told = state(series)
    assert told.figure == expected
    assert told.is_sure is (expected == 100)


def test_without_capacity_or_figures_or_after_its_end_no_word_is_said(make_site: Callable[..., Series]) -> None:
    without = make_site("sentier", [900.0], first=HOUR, capacity=None)
    assert (state(without).level, state(without).figure, state(without).is_sure) == (None, 900, False)
    empty = make_site("vide")
    assert state(empty).at is None
    over = make_site("fini", [900.0], first=HOUR, ended_on=date(2026, 8, 30))
    assert (state(over).level, state(over).is_fresh) == (None, False)
    assert state_of([424242], now=NOW)[424242].level is None


@pytest.mark.parametrize("count", [1, 3])
def test_many_sites_take_as_many_queries_as_one(
    make_site: Callable[..., Series], count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ids = [make_site(f"s{n}", [100.0] * 30, first=HOUR - timedelta(hours=29)).site_id for n in range(count)]
    refresh_summaries(now=NOW)
    with django_assert_num_queries(2):
        found = state_of(ids, now=NOW)
    assert [found[pk].level for pk in ids] == ["quiet"] * count


def test_a_usual_day_has_24_local_hours(beach: Series) -> None:
    refresh_summaries(now=NOW)
    saturday = usual_day(beach.site_id, date(2026, 7, 4))
    assert [hour for hour, _ in saturday] == list(range(24))
    assert [hour for hour, pressure in saturday if pressure == pytest.approx(0.95)] == [12, 13, 14]
    assert usual_day(beach.site_id, date(2026, 7, 5))[12] == (12, pytest.approx(0.2))
    Site.objects.update(capacity=None)
    assert usual_day(beach.site_id, date(2026, 7, 4))[12] == (12, None)
    assert usual_day(424242, date(2026, 7, 4))[0] == (0, None)


def test_too_little_known_is_said(make_site: Callable[..., Series]) -> None:
    series = make_site("neuf", beach_figures(48), first=HOUR - timedelta(hours=47))
    refresh_summaries(now=NOW)
    assert state(series).usual_level is None
    assert {pressure for _, pressure in usual_day(series.site_id, date(2026, 8, 30))} == {None}
