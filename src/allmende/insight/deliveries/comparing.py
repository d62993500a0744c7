"""What a delivery would change, told before it does: counts for each series, and the first changes as they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

import numpy as np

from allmende.insight import store
from allmende.insight.deliveries.checks import mark_doubtful, say_gaps
from allmende.insight.deliveries.figures import Understood
from allmende.insight.deliveries.values import KnownSite, Progress, SeriesFigures, SeriesKey, untold
from allmende.insight.models import Series
from allmende.insight.values import Quality, Resolution

READ_TOGETHER: Final = 50
"""Series whose figures are read in one question."""
CHANGES: Final = 60
SERIES_SHOWN: Final = 200


def series_there(site_ids: Iterable[int]) -> dict[SeriesKey, Series]:
    """The series of some sites."""
    found = Series.objects.filter(site__in=list(site_ids))
    return {SeriesKey(one.site_id, one.measure, one.visitor_class, one.origin, one.resolution): one for one in found}


def judge(understood: Understood, there: dict[SeriesKey, Series], sites: Sequence[KnownSite]) -> tuple[int, int]:
    """Mark what cannot be right and say what is missing; how many figures are doubtful, and how many periods missing."""
    names = {site.id: site.name for site in sites}
    doubtful = gaps = 0
    for one in understood.series:
        series = there.get(one.key)
        limit = series.most_plausible if series else None
        doubtful += mark_doubtful(one, names[one.key.site_id], limit, understood.problems)
        gaps += say_gaps(one, names[one.key.site_id], understood.problems)
    return doubtful, gaps


def preview_of(understood: Understood, sites: Sequence[KnownSite], progress: Progress = untold) -> dict[str, Any]:
    """What applying would do, as JSON."""
    there = series_there({one.key.site_id for one in understood.series})
    doubtful, gaps = judge(understood, there, sites)
    named = {site.id: site for site in sites}
    rows: list[dict[str, Any]] = []
    changes: list[dict[str, Any]] = []
    for one, before in _beside(understood.series, there):
        progress("comparing", len(rows), len(understood.series))
        rows.append(_compared(one, before, named[one.key.site_id], changes))
    totals = {name: sum(row[name] for row in rows) for name in ("created", "changed", "unchanged", "suppressed")}
    return {
        **totals,
        "read": understood.read,
        "failed": understood.failed,
        "repeated": understood.repeated,
        "doubtful": doubtful,
        "gaps": gaps,
        "series": rows[:SERIES_SHOWN],
        "series_total": len(rows),
        "changes": changes,
        "unknown": understood.unknown,
    }


def _beside(
    found: list[SeriesFigures], there: dict[SeriesKey, Series]
) -> Iterable[tuple[SeriesFigures, store.Stretch | None]]:
    """Each series with what is kept of it in that time, read fifty at a time."""
    for resolution in Resolution:
        those = [one for one in found if one.key.resolution == resolution and len(one.periods)]
        for begin in range(0, len(those), READ_TOGETHER):
            part = those[begin : begin + READ_TOGETHER]
            known = [there[one.key] for one in part if one.key in there]
            first = min(int(one.periods[0]) for one in part)
            last = max(int(one.periods[-1]) for one in part)
            moments = store.begin_of(resolution, first), store.begin_of(resolution, last + 1)
            kept = store.read_many(known, *moments) if known else {}
            for one in part:
                series = there.get(one.key)
                yield one, kept.get(series.pk) if series else None


def _compared(
    one: SeriesFigures, before: store.Stretch | None, site: KnownSite, changes: list[dict[str, Any]]
) -> dict[str, Any]:
    n = len(one.periods)
    if before is None:
        created, changed, unchanged = n, 0, 0
    else:
        at = one.periods - before.first
        was, kind = before.figures[at], before.quality[at]
        same = (kind == one.quality) & ((was == one.figures) | (np.isnan(was) & np.isnan(one.figures)))
        is_new = (kind == Quality.MISSING) & ~same
        created, unchanged = int(is_new.sum()), int(same.sum())
        changed = n - created - unchanged
        for place in np.flatnonzero(~same & ~is_new)[: max(0, CHANGES - len(changes))].tolist():
            changes.append(
                {
                    "site": site.name,
                    "period": _period(one.key.resolution, int(one.periods[place])),
                    "before": _figure(float(was[place]), int(kind[place])),
                    "after": _figure(float(one.figures[place]), int(one.quality[place])),
                }
            )
    return {
        "site": site.name,
        "slug": site.slug,
        "measure": one.key.measure,
        "visitor_class": one.key.visitor_class,
        "origin": one.key.origin,
        "resolution": one.key.resolution,
        "from": _period(one.key.resolution, int(one.periods[0])) if n else "",
        "until": _period(one.key.resolution, int(one.periods[-1])) if n else "",
        "created": created,
        "changed": changed,
        "unchanged": unchanged,
        "suppressed": int((one.quality == Quality.SUPPRESSED).sum()),
        "doubtful": int((one.quality == Quality.DOUBTFUL).sum()),
    }


def _period(resolution: str, number: int) -> str:
    begin = store.begin_of(resolution, number).isoformat()
    return begin[: {Resolution.HOUR: 16, Resolution.DAY: 10, Resolution.MONTH: 7}[Resolution(resolution)]]


def _figure(value: float, kind: int) -> dict[str, Any]:
    return {"figure": None if np.isnan(value) else round(value, 2), "quality": Quality(kind).name.lower()}
