"""Nightly forecasts: made once a day, kept one by one, with the reason where there are too few figures."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from allmende.insight import store
from allmende.insight.bridges.forecast import VERSION, local_table
from allmende.insight.forecasts import queries
from allmende.insight.forecasts.actions import refresh_forecasts, stale_hourly, stale_monthly
from allmende.insight.models import Backtest, Forecast, Series, Site
from allmende.partners.models import Organisation, Territory

NOW = datetime(2026, 11, 29, 3, 0, tzinfo=UTC)
SHAPE = np.outer([1, 1, 1, 1, 1.2, 2.0, 1.6], 100 * np.exp(-0.5 * ((np.arange(24) - 14) / 4) ** 2)).ravel()


@pytest.fixture
def owner(db: None) -> Organisation:
    return Organisation.objects.create(name="Stadt", slug="stadt", name_key="stadt", created_at=NOW, updated_at=NOW)


def site_of(owner: Organisation, slug: str, **more: object) -> Site:
    values = {"timezone": "Europe/Berlin", "created_at": NOW, "updated_at": NOW} | more
    return Site.objects.create(organisation=owner, name=slug.title(), slug=slug, **values)


def hours(site: Site, days: int) -> Series:
    series = Series.objects.create(site=site, measure="presence", resolution="hour", is_main=True)
    last = store.number_of("hour", NOW)
    periods = np.arange(last - days * 24, last, dtype=np.int64)
    chance = np.random.default_rng(3)
    figures = SHAPE[(periods + 73) % 168] * np.exp(0.05 * chance.standard_normal(len(periods)))
    store.write_figures(series, periods, figures.astype("<f4"), np.ones(len(periods), np.uint8), now=NOW)
    series.refresh_from_db()
    return series


def months(site: Site, scale: float, count: int = 60) -> Series:
    series = Series.objects.create(site=site, measure="nights", resolution="month")
    last = store.number_of("month", NOW)
    periods = np.arange(last - count, last, dtype=np.int64)
    figures = scale * (100 + 40 * np.sin(2 * np.pi * periods / 12))
    store.write_figures(series, periods, figures.astype("<f4"), np.ones(count, np.uint8), now=NOW)
    series.refresh_from_db()
    return series


def test_the_next_fourteen_days_are_forecast_from_local_midnight(owner: Organisation) -> None:
    series = hours(site_of(owner, "strand"), 120)
    assert refresh_forecasts(now=NOW) == 1
    kept = Forecast.objects.get(series=series)
    assert (kept.start, kept.steps) == (datetime(2026, 11, 28, 23, tzinfo=UTC), 336)
    assert kept.inputs["version"] == VERSION
    assert kept.inputs["last"] == "2026-11-29T02:00:00+00:00"
    ahead = queries.expected(series.site_id, NOW, NOW + timedelta(days=3))
    assert [one.at for one in ahead[:2]] == [NOW, NOW + timedelta(hours=1)]
    assert len(ahead) == 72
    assert all(one.low95 <= one.low80 <= one.median <= one.high80 <= one.high95 for one in ahead)
    busiest = max(ahead, key=lambda one: one.median)
    number = store.number_of("hour", busiest.at)
    assert busiest.median == pytest.approx(SHAPE[(number + 73) % 168], rel=0.15)
    judged = queries.backtest_of(series.site_id)
    assert judged is not None
    assert judged.origins == Backtest.objects.get().origins >= 2


@pytest.mark.parametrize("count", [1, 3])
def test_the_series_of_an_owner_learn_together_and_one_with_too_few_days_keeps_its_reason(
    owner: Organisation, count: int
) -> None:
    long = [hours(site_of(owner, f"strand-{number}"), 120) for number in range(count)]
    short = hours(site_of(owner, "steg"), 10)
    assert refresh_forecasts(now=NOW) == count + 1
    for series in long:
        kept = Forecast.objects.get(series=series)
        assert (kept.steps, kept.inputs["together"]) == (336, count)
        assert Backtest.objects.get(series=series).origins >= 2
    assert "at least 28 are needed" in Forecast.objects.get(series=short).inputs["why_not"]


def test_the_series_of_two_owners_do_not_learn_from_each_other(owner: Organisation) -> None:
    other = Organisation.objects.create(name="Insel", slug="insel", name_key="insel", created_at=NOW, updated_at=NOW)
    together = [hours(site_of(one, f"{one.slug}-{n}"), 120) for n in range(2) for one in (owner, other)]
    alone = hours(
        site_of(
            Organisation.objects.create(name="Gut", slug="gut", name_key="gut", created_at=NOW, updated_at=NOW), "gut"
        ),
        120,
    )
    assert refresh_forecasts(now=NOW) == 5
    assert {Forecast.objects.get(series=one).inputs["together"] for one in together} == {2}
    assert Forecast.objects.get(series=alone).inputs["together"] == 1


def test_a_forecast_of_today_is_not_made_again_and_one_of_yesterday_is(owner: Organisation) -> None:
    hours(site_of(owner, "strand"), 60)
    refresh_forecasts(now=NOW)
    assert refresh_forecasts(now=NOW + timedelta(hours=5)) == 0
    assert stale_hourly(now=NOW + timedelta(hours=21)).count() == 1
    # A counter that has been silent for five weeks is left alone.
    assert stale_hourly(now=NOW + timedelta(days=36)).count() == 0


def test_with_no_time_left_nothing_is_begun(owner: Organisation) -> None:
    hours(site_of(owner, "strand"), 60)
    assert refresh_forecasts(now=NOW, budget_seconds=-1) == 0
    assert stale_hourly(now=NOW).count() == 1


def test_too_few_figures_are_kept_as_a_reason_and_not_asked_again(owner: Organisation) -> None:
    series = hours(site_of(owner, "strand"), 10)
    assert refresh_forecasts(now=NOW) == 1
    kept = Forecast.objects.get(series=series)
    assert (kept.steps, bytes(kept.quantiles)) == (0, b"")
    assert "at least 28 are needed" in kept.inputs["why_not"]
    assert queries.expected(series.site_id, NOW, NOW + timedelta(days=3)) == []
    assert queries.backtest_of(series.site_id) is None
    assert refresh_forecasts(now=NOW + timedelta(hours=1)) == 0


def test_months_are_forecast_again_only_when_figures_came(owner: Organisation) -> None:
    series = months(site_of(owner, "hotels"), 1.0)
    assert refresh_forecasts(now=NOW) == 1
    kept = Forecast.objects.get(series=series)
    assert (kept.start.date(), kept.steps) == (date(2026, 11, 1), 24)
    assert stale_monthly(now=NOW + timedelta(days=3)).count() == 0
    store.write_figures(
        series,
        np.array([store.number_of("month", NOW)], np.int64),
        np.array([77.0], "<f4"),
        np.ones(1, np.uint8),
        now=NOW + timedelta(days=2),
    )
    assert stale_monthly(now=NOW + timedelta(days=3)).count() == 1


def test_municipalities_add_up_to_their_department(owner: Organisation) -> None:
    above = Territory.objects.create(country="FR", level="department", code="30", name="Gard", slug="gard")
    whole = months(site_of(owner, "gard", kind="area", territory=above), 3.0)
    for number, scale in (("30334", 1.0), ("30189", 2.0)):
        below = Territory.objects.create(
            country="FR", level="municipality", code=number, name=number, slug=number, parent=above
        )
        months(site_of(owner, f"area-{number}", kind="area", territory=below), scale)
    assert refresh_forecasts(now=NOW) == 3
    kept = {row.series_id: row for row in Forecast.objects.all()}
    assert {row.method for row in kept.values()} == {"median of six, coherent"}
    middles = {pk: np.frombuffer(row.quantiles, "<f4").reshape(-1, 5)[:, 2] for pk, row in kept.items()}
    parts = sum(middle for pk, middle in middles.items() if pk != whole.pk)
    assert middles[whole.pk] == pytest.approx(parts, rel=1e-5)


def test_clock_changes_leave_a_missing_hour_and_do_not_count_one_twice() -> None:
    zone = ZoneInfo("Europe/Berlin")
    for day, missing in ((date(2026, 3, 29), [2]), (date(2026, 10, 25), [])):
        begin = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
        first = store.number_of("hour", begin)
        stretch = store.Stretch(
            store.Resolution.HOUR, first, np.arange(30, dtype="<f4"), np.ones(30, np.uint8)
        )  # fmt: skip
        table, first_day = local_table(stretch, zone, day + timedelta(days=1))
        assert first_day == day
        assert np.flatnonzero(np.isnan(table[0])).tolist() == missing
        assert table[0, 2] == (2 if not missing else pytest.approx(np.nan, nan_ok=True))
