"""Visits of a year from tickets: the year begins at midnight of the place, not of Greenwich."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from allmende.insight import store
from allmende.insight.indicators.figures import counted_visits
from allmende.insight.models import Series, Site
from allmende.insight.values import Quality, Resolution
from allmende.partners.actions import found_organisation

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("zone", ["Europe/Copenhagen", "America/New_York"])
def test_tickets_by_the_hour_belong_to_the_local_day(zone: str) -> None:
    owner = found_organisation("Museet", by=None, now=NOW, kind="municipality")
    site = Site.objects.create(
        organisation=owner, name="Museet", slug="museet", kind="museum", timezone=zone, created_at=NOW, updated_at=NOW
    )
    series = Series.objects.create(site=site, measure="tickets", resolution=Resolution.HOUR)
    local = [
        datetime(2024, 12, 31, 23, tzinfo=ZoneInfo(zone)),
        datetime(2025, 1, 1, 0, tzinfo=ZoneInfo(zone)),
        datetime(2025, 1, 1, 23, tzinfo=ZoneInfo(zone)),
        datetime(2025, 12, 31, 23, tzinfo=ZoneInfo(zone)),
        datetime(2026, 1, 1, 0, tzinfo=ZoneInfo(zone)),
    ]
    numbers = np.array([store.number_of(Resolution.HOUR, moment) for moment in local])
    figures = np.array([1, 10, 100, 1000, 10_000], "<f4")
    store.write_figures(series, numbers, figures, np.full(5, Quality.MEASURED, np.uint8), now=NOW)
    counted = counted_visits(owner.pk, 2025)
    assert counted is not None
    assert (counted.visits, counted.days, counted.of_days) == (1110, 2, 365)
