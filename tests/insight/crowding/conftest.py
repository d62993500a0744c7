"""A beach with two years of hours, which is full on Saturdays at noon in summer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from allmende.insight import store
from allmende.insight.models import Series, Site
from allmende.insight.values import Quality
from allmende.partners.models import Organisation

NOW = datetime(2026, 8, 30, 10, 20, tzinfo=UTC)
"""A Sunday, 12:20 in Paris."""
WEEKS = 104
FIRST = datetime(2024, 9, 1, 22, tzinfo=UTC)
"""Monday, midnight in Paris."""


def beach_figures(hours: int = WEEKS * 168) -> NDArray[np.float32]:
    """20 people at every hour; in June, July and August 200, and on Saturdays from 12 to 14 there 950."""
    from allmende.engines.crowding import local_hours  # the fixture is made by the clocks of the place

    local = local_hours("Europe/Paris", store.number_of("hour", FIRST), hours)
    figures = np.where(np.isin(local.month, (5, 6, 7)), 200.0, 20.0)
    figures[np.isin(local.month, (5, 6, 7)) & (local.weekday == 5) & (local.hour >= 12) & (local.hour < 15)] = 950.0
    return figures.astype(np.float32)


def put(
    series: Series,
    figures: Any,
    *,
    first: datetime = FIRST,
    quality: int | NDArray[np.uint8] = Quality.MEASURED,
    now: datetime = NOW,
) -> None:
    """Write consecutive figures."""
    begin = store.number_of(series.resolution, first)
    figures = np.array(figures, np.float32)
    kinds = np.full(len(figures), quality, np.uint8) if isinstance(quality, int) else quality
    store.write_figures(series, np.arange(begin, begin + len(figures), dtype=np.int64), figures, kinds, now=now)


@pytest.fixture
def owner(db: None) -> Organisation:
    return Organisation.objects.create(
        name="Ville", slug="ville", name_key="ville", kind="municipality", created_at=NOW, updated_at=NOW
    )


@pytest.fixture
def make_site(owner: Organisation) -> Callable[..., Series]:
    """A site with its main series, and figures if there are any."""

    def make(slug: str = "plage", figures: Any = None, *, first: datetime = FIRST, **more: Any) -> Series:
        told = {"name": slug.title(), "kind": "beach", "timezone": "Europe/Paris", "capacity": 1000, **more}
        site = Site.objects.create(organisation=owner, slug=slug, created_at=NOW, updated_at=NOW, **told)
        series = Series.objects.create(site=site, measure="presence", resolution="hour", is_main=True)
        if figures is not None:
            put(series, figures, first=first)
        return series

    return make


@pytest.fixture
def beach(make_site: Callable[..., Series]) -> Series:
    return make_site("plage", beach_figures())


def later(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)
