"""Figures go in and come out as they were, over the edges of blocks, with what was there before."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from allmende.insight import store
from allmende.insight.models import Block, Series, Site
from allmende.insight.values import Quality, Resolution
from allmende.partners.models import Organisation

NOW = datetime(2026, 11, 29, 8, 0, tzinfo=UTC)


@pytest.fixture
def site(db: None) -> Site:
    owner = Organisation.objects.create(name="Stadt", slug="stadt", name_key="stadt", created_at=NOW, updated_at=NOW)
    return Site.objects.create(organisation=owner, name="Strand", slug="strand", created_at=NOW, updated_at=NOW)


def series_of(site: Site, resolution: Resolution) -> Series:
    return Series.objects.create(site=site, measure="presence", resolution=resolution)


def write(
    series: Series, begin: datetime | date, figures: list[float], quality: int = Quality.MEASURED
) -> store.Change:
    first = store.number_of(series.resolution, begin)
    periods = np.arange(first, first + len(figures), dtype=np.int64)
    change, _before = store.write_figures(
        series, periods, np.array(figures, "<f4"), np.full(len(figures), quality, np.uint8), now=NOW
    )
    return change


def test_hours_over_the_end_of_a_month_come_back_as_they_went_in(site: Site) -> None:
    series = series_of(site, Resolution.HOUR)
    begin = datetime(2026, 2, 28, 20, tzinfo=UTC)
    assert write(series, begin, [float(n) for n in range(10)]) == store.Change(10, 0, 0)
    assert [block.start for block in Block.objects.order_by("start")] == [date(2026, 2, 1), date(2026, 3, 1)]
    stretch = store.read_stretch(series, begin - timedelta(hours=1), begin + timedelta(hours=11))
    assert np.isnan(stretch.figures[[0, 11]]).all()
    assert stretch.figures[1:11].tolist() == list(range(10))
    assert stretch.start == begin - timedelta(hours=1)
    series.refresh_from_db()
    assert (series.first, series.last) == (date(2026, 2, 28), begin + timedelta(hours=9))


@pytest.mark.parametrize(
    ("resolution", "begin"),
    [
        (Resolution.DAY, date(2024, 12, 30)),
        (Resolution.MONTH, date(2029, 11, 1)),
        (Resolution.MONTH, date(1969, 12, 1)),
    ],
)
def test_days_and_months_cross_their_blocks_too(site: Site, resolution: Resolution, begin: date) -> None:
    series = series_of(site, resolution)
    write(series, begin, [1.0, 2.0, 3.0, 4.0])
    assert Block.objects.count() == 2
    assert store.read_all(series).figures.tolist() == [1.0, 2.0, 3.0, 4.0]
    assert store.read_all(series).start.date() == begin


def test_the_same_again_changes_nothing(site: Site) -> None:
    series = series_of(site, Resolution.HOUR)
    begin = datetime(2026, 7, 1, tzinfo=UTC)
    write(series, begin, [5.0, float("nan")], Quality.SUPPRESSED)
    changed_at = Series.objects.get().changed_at
    first = store.number_of("hour", begin)
    periods = np.array([first + 1, first], np.int64)
    figures, quality = np.array([np.nan, 5.0], "<f4"), np.full(2, Quality.SUPPRESSED, np.uint8)
    change, before = store.write_figures(series, periods, figures, quality, now=NOW + timedelta(days=1))
    assert change == store.Change(0, 0, 2)
    assert before == []
    assert Series.objects.get().changed_at == changed_at


def test_what_was_written_can_be_taken_back(site: Site) -> None:
    series = series_of(site, Resolution.HOUR)
    begin = datetime(2026, 7, 31, 23, tzinfo=UTC)
    write(series, begin, [5.0])
    first = store.number_of("hour", begin)
    change, before = store.write_figures(
        series, np.array([first, first + 1]), np.array([6.0, 7.0], "<f4"), np.full(2, 1, np.uint8), now=NOW
    )
    assert change == store.Change(1, 1, 0)
    store.put_back(before, now=NOW)
    series.refresh_from_db()
    stretch = store.read_all(series)
    assert [stretch.figures[-1], np.isfinite(stretch.figures).sum()] == [5.0, 1]
    assert series.last == begin
    assert Block.objects.count() == 1


def test_what_cannot_be_right_is_kept_but_not_computed_with(site: Site) -> None:
    series = series_of(site, Resolution.DAY)
    write(series, date(2026, 7, 1), [40.0])
    write(series, date(2026, 7, 2), [9e6], Quality.DOUBTFUL)
    stretch = store.read_all(series)
    assert stretch.figures.tolist() == [40.0, 9e6]
    assert stretch.usable[0] == 40.0
    assert np.isnan(stretch.usable[1])


def test_many_series_are_read_in_one_query(site: Site, django_assert_num_queries: object) -> None:
    several = [
        Series.objects.create(site=site, measure=measure, resolution=Resolution.DAY)
        for measure in ("presence", "entries", "exits")
    ]
    for number, series in enumerate(several):
        write(series, date(2026, 7, 1), [float(number)])
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = store.read_many(several, date(2026, 7, 1), date(2026, 7, 2))
    assert [found[series.pk].figures.tolist() for series in several] == [[0.0], [1.0], [2.0]]


def test_a_period_twice_is_refused(site: Site) -> None:
    series = series_of(site, Resolution.DAY)
    with pytest.raises(ValueError, match="twice"):
        store.write_figures(series, np.array([1, 1]), np.array([1.0, 2.0], "<f4"), np.ones(2, np.uint8), now=NOW)
    assert not Block.objects.exists()
