"""An effect written into simulated figures, so that a demonstration has something to find.  Never into measured ones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from allmende.insight.models import Series, Site
from allmende.insight.store import Stretch, read_stretch, write_figures
from allmende.insight.values import Resolution

ONE_DAY: Final = timedelta(days=1)


Figures = NDArray[np.float32]


def simulate_effect(
    treated: Site,
    neighbour: Site | None,
    first: date,
    until: date,
    *,
    share: float,
    to_neighbour: float,
    now: datetime,
) -> None:
    """``share`` of the visitors of ``treated`` stay away from ``first`` to ``until``; ``to_neighbour`` of them go next door.

    Both are counted by the hour.  Raises ``ValueError`` for a site whose figures are not simulated.
    """
    if not treated.is_demo or (neighbour is not None and not neighbour.is_demo):
        raise ValueError("Only simulated figures are changed.")
    lost = np.float32(share) * _figures(treated, first, until)
    _add(treated, first, until, -lost, now)
    if neighbour is not None:
        _add(neighbour, first, until, np.float32(to_neighbour) * lost, now)


def _stretch(site: Site, first: date, until: date) -> tuple[Series, Stretch]:
    series = Series.objects.get(site=site, is_main=True, resolution=Resolution.HOUR)
    begin, end = (datetime.combine(day, datetime.min.time(), UTC) for day in (first, until + ONE_DAY))
    return series, read_stretch(series, begin, end)


def _figures(site: Site, first: date, until: date) -> Figures:
    """Figures of the hours, zero where there is none."""
    return np.nan_to_num(_stretch(site, first, until)[1].figures, nan=0.0)


def _add(site: Site, first: date, until: date, change: Figures, now: datetime) -> None:
    """Add to each figure that is there; a gap stays a gap."""
    series, stretch = _stretch(site, first, until)
    there = np.isfinite(stretch.figures)
    figures = np.maximum(np.round(stretch.figures + change), 0)
    periods = np.arange(stretch.first, stretch.first + len(stretch), dtype=np.int64)
    write_figures(series, periods[there], figures[there], stretch.quality[there], now=now)
