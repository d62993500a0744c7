"""What is counted of a site is counted when something changed, and only then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from allmende.insight import store
from allmende.insight.crowding.actions import refresh_site, refresh_summaries, stale_sites
from allmende.insight.crowding.jobs import jobs
from allmende.insight.crowding.queries import summary_of
from allmende.insight.models import CrowdingEpisode, Series, Site, SiteSummary
from allmende.insight.summary import Summary
from allmende.insight.values import Quality
from tests.insight.crowding.conftest import FIRST, NOW, beach_figures, later, put


def test_a_beach_that_is_full_on_summer_saturdays(beach: Series) -> None:
    assert refresh_summaries(now=NOW) == 1
    summary = summary_of(beach.site_id)
    assert summary is not None
    assert (summary.capacity, summary.measure, summary.is_stock) == (1000, "presence", True)
    assert summary.counts == {"measured": 104 * 168}
    assert (summary.known_share, summary.year_known_share) == (1.0, 1.0)
    assert summary.full_days == 13, "Saturdays from 6 June to 29 August 2026"
    assert summary.full_hours == 39
    assert [(one.figure, one.pressure) for one in summary.worst] == [(950.0, pytest.approx(0.95))] * 10
    assert summary.worst[0].ratio == 1.0, "on a summer Saturday that is usual"
    assert summary.change == pytest.approx(1.0, abs=0.02)
    assert summary.years == (2026, 2025, 2024)
    assert summary.month_peak_ratio is not None
    assert summary.days_of_year(2026)[date(2026, 8, 29)] == 950
    assert summary.usual_known[6, 5 * 24 + 12] == 26

    episodes = list(CrowdingEpisode.objects.order_by("start"))
    assert len(episodes) == 26
    first = episodes[0]
    assert (first.start, first.end, first.hours) == (
        datetime(2025, 6, 7, 10, tzinfo=UTC),
        datetime(2025, 6, 7, 13, tzinfo=UTC),
        3,
    )
    assert (first.peak, first.pressure, first.unusual) == (950, 0.95, 1.0)
    assert first.percentile == pytest.approx(100 * (10 + 15 / 2) / 25), "fuller than on the ten Saturdays of May"


def test_a_summary_comes_back_from_its_json_as_it_was(beach: Series) -> None:
    refresh_site(beach.site_id, now=NOW)
    told = SiteSummary.objects.get().data
    summary = Summary.from_json(told)
    assert summary.to_json() == told
    assert len(str(told)) < 45_000


def test_only_what_changed_is_counted_again_and_a_reporting_counter_once_an_hour(beach: Series) -> None:
    assert stale_sites(now=NOW) == [beach.site_id]
    refresh_summaries(now=NOW)
    assert stale_sites(now=later(0.5)) == []
    put(beach, [960], first=datetime(2026, 8, 29, 10, tzinfo=UTC), now=later(0.5))
    assert stale_sites(now=later(0.6)) == [], "counted half an hour ago"
    assert refresh_summaries(now=later(1)) == 1
    assert summary_of(beach.site_id).worst[0].figure == 960  # type: ignore[union-attr]
    assert stale_sites(now=later(5)) == []


def test_another_capacity_or_another_program_do_not_rest(beach: Series) -> None:
    refresh_summaries(now=NOW)
    Site.objects.filter(pk=beach.site_id).update(capacity=2000, updated_at=later(0.1))
    assert refresh_summaries(now=later(0.2)) == 1
    summary = summary_of(beach.site_id)
    assert summary is not None
    assert (summary.full_days, CrowdingEpisode.objects.count()) == (0, 0)
    SiteSummary.objects.update(version=0)
    assert summary_of(beach.site_id) is None
    assert stale_sites(now=later(0.3)) == [beach.site_id]


def test_episodes_that_stay_as_they_were_are_not_written_again(beach: Series) -> None:
    refresh_summaries(now=NOW)
    before = set(CrowdingEpisode.objects.values_list("pk", flat=True))
    put(beach, [999], first=datetime(2026, 8, 26, 10, tzinfo=UTC), now=later(1))
    refresh_summaries(now=later(2))
    after = set(CrowdingEpisode.objects.values_list("pk", flat=True))
    assert (len(after), before - after) == (27, set())
    put(beach, [998], first=datetime(2026, 8, 26, 10, tzinfo=UTC), now=later(3))
    refresh_summaries(now=later(4))
    assert CrowdingEpisode.objects.get(peak=998).unusual == pytest.approx(4.99)
    assert CrowdingEpisode.objects.count() == 27


def test_missing_withheld_and_doubtful_hours_are_not_nobody(make_site: Callable[..., Series]) -> None:
    figures = beach_figures()
    quality = np.full(len(figures), Quality.MEASURED, np.uint8)
    quality[0::7], quality[1::7], quality[2::7] = Quality.MISSING, Quality.SUPPRESSED, Quality.DOUBTFUL
    figures[0::7], figures[1::7], figures[2::7] = np.nan, np.nan, 90_000
    series = make_site()
    put(series, figures, quality=quality)
    refresh_summaries(now=NOW)
    summary = summary_of(series.site_id)
    assert summary is not None
    assert summary.known_share == pytest.approx(4 / 7, abs=0.001)
    assert set(summary.counts) == {"missing", "suppressed", "doubtful", "measured"}
    assert max(one.figure for one in summary.worst) == 950
    assert np.nanmin(summary.days_peak) == 20
    assert summary.days_known[1] < 24


def test_a_site_without_capacity_has_figures_but_is_never_full(make_site: Callable[..., Series]) -> None:
    series = make_site("sentier", beach_figures(), capacity=None)
    refresh_summaries(now=NOW)
    summary = summary_of(series.site_id)
    assert summary is not None
    assert (summary.full_hours, summary.full_days, CrowdingEpisode.objects.count()) == (None, None, 0)
    assert summary.worst[0].pressure is None


def test_figures_of_days_make_a_year_but_no_hours(make_site: Callable[..., Series]) -> None:
    series = make_site("musee")
    Series.objects.filter(pk=series.pk).update(resolution="day", measure="tickets")
    series.refresh_from_db()
    put(series, np.arange(400), first=datetime(2025, 7, 1, tzinfo=UTC))
    refresh_summaries(now=NOW)
    summary = summary_of(series.site_id)
    assert summary is not None
    assert (summary.resolution, summary.worst, summary.full_hours) == ("day", (), None)
    assert summary.days_first == date(2025, 7, 1)
    assert summary.days_total[:3].tolist() == [0, 1, 2]
    assert np.isnan(summary.days_peak).all()


def test_who_comes_from_where_and_how_long_they_stay(beach: Series) -> None:
    def other(figures: list[float], quality: int = Quality.MEASURED, **more: str) -> None:
        told = {"measure": "presence", "resolution": "month", **more}
        one = Series.objects.create(site=beach.site, **told)
        put(one, figures, first=datetime(2026, 1, 1, tzinfo=UTC), quality=quality)

    other([100, 50], origin="FR")
    other([10, 5], origin="DE")
    other([0, 0], Quality.SUPPRESSED, origin="BE")
    other([80, 70], visitor_class="resident")
    other([300, 330], measure="nights")
    other([100, 110], measure="arrivals")
    refresh_site(beach.site_id, now=NOW)
    summary = summary_of(beach.site_id)
    assert summary is not None
    assert [(one.key, one.total, one.suppressed) for one in summary.origins] == [
        ("FR", 150, 0),
        ("DE", 15, 0),
        ("BE", 0, 2),
    ]
    assert [(one.key, one.total) for one in summary.classes] == [("resident", 150)]
    assert summary.stay is not None
    assert (summary.stay.nights, summary.stay.arrivals, summary.stay.periods) == (630, 210, 2)


def test_what_was_counted_goes_with_the_figures(beach: Series) -> None:
    refresh_summaries(now=NOW)
    hours = np.arange(store.number_of("hour", FIRST), store.number_of("hour", FIRST) + 104 * 168, dtype=np.int64)
    store.write_figures(beach, hours, np.full(len(hours), np.nan, np.float32), np.zeros(len(hours), np.uint8), now=NOW)
    store.recount_reach(beach, now=later(1))
    refresh_summaries(now=later(2))
    assert (SiteSummary.objects.count(), CrowdingEpisode.objects.count()) == (0, 0)


def test_a_round_stops_when_its_time_is_over(make_site: Callable[..., Series]) -> None:
    for slug in ("a", "b", "c"):
        make_site(slug, [5.0] * 48)
    assert refresh_summaries(now=NOW, seconds=-1) == 0
    assert jobs()["count how full places are"](NOW) == 3


def test_finding_what_is_stale_is_one_query(make_site: Callable[..., Series]) -> None:
    for slug in ("a", "b", "c"):
        make_site(slug, [5.0] * 48)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert len(stale_sites(now=NOW + timedelta(days=1))) == 3
    assert len(asked) == 1
