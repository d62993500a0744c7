"""Counting anew what pages show of a site, when its figures or its capacity changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from allmende.insight import store
from allmende.insight.bridges import crowding as bridge
from allmende.insight.models import CrowdingEpisode, Series, Site, SiteSummary
from allmende.insight.summary import VERSION

REST: Final = timedelta(hours=1)
"""A site whose counter reports all the time is counted anew no more often."""
OVERLAP: Final = timedelta(minutes=5)
"""Figures that were still being written while a site was counted are counted once more."""
SECONDS: Final = 20.0
"""No site is begun later than this in one round."""


def stale_sites(*, now: datetime) -> list[int]:
    """Sites whose summary is not of their figures, their capacity or this program; those never counted first."""
    main = Series.objects.filter(is_main=True, first__isnull=False)
    changed = Series.objects.filter(
        site=OuterRef("site"), changed_at__gte=OuterRef("site__summary__computed_at") - OVERLAP
    )
    is_counted = Q(site__summary__isnull=False)
    # Whoever sets a capacity waits to see what it means: that does not rest.
    is_other = (
        Q(site__updated_at__gt=F("site__summary__computed_at"))
        | ~Q(site__summary__version=VERSION)
        | ~Q(site__summary__series=F("pk"))
    )
    has_rested = Q(site__summary__computed_at__lte=now - REST)
    rows = main.filter(~is_counted | is_other | (has_rested & Exists(changed)))
    return list(rows.order_by(F("site__summary__computed_at").asc(nulls_first=True)).values_list("site", flat=True))


def refresh_summaries(*, now: datetime, seconds: float = SECONDS, sites: Sequence[int] | None = None) -> int:
    """Count stale sites (or ``sites``) anew while there is time, and say how many; the rest follows in the next round."""
    begun, done = monotonic(), 0
    for pk in stale_sites(now=now) if sites is None else sites:
        if monotonic() - begun > seconds:
            break
        done += refresh_site(pk, now=now)
    if sites is None:
        _forget_orphans()
    return done


def refresh_site(site_id: int, *, now: datetime) -> bool:
    """Count one site anew; False where it has no main series with figures (what was counted of it goes)."""
    every = list(Series.objects.filter(site=site_id).select_related("site"))
    main = next((one for one in every if one.is_main and one.first), None)
    if main is None:
        _forget(site_id)
        return False
    site = main.site
    others = [(one, store.read_all(one)) for one in every if one.pk != main.pk and one.first]
    counted = bridge.count_site(site, main, store.read_all(main), others)
    rows = [
        CrowdingEpisode(
            site=site,
            start=bridge.at(one.first),
            end=bridge.at(one.until),
            peak_at=bridge.at(one.peak_at),
            peak=one.peak,
            pressure=one.pressure,
            unusual=one.ratio,
            percentile=one.percentile,
            hours=one.hours,
        )
        for one in counted.episodes
    ]
    with transaction.atomic():
        # The site is locked, so that two processes do not count it into each other.
        Site.objects.select_for_update().filter(pk=site_id).first()
        _write_episodes(site_id, rows)
        SiteSummary.objects.update_or_create(
            site_id=site_id,
            defaults={
                "series": main,
                "computed_at": now,
                "version": VERSION,
                "usual": counted.usual,
                "data": counted.summary.to_json(),
            },
        )
    return True


def _write_episodes(site_id: int, rows: list[CrowdingEpisode]) -> None:
    """Put the episodes in place of the old ones; most are as they were, and stay."""
    fields = ("start", "end", "peak_at", "peak", "pressure", "unusual", "percentile", "hours")
    kept = {row[0]: row[1:] for row in CrowdingEpisode.objects.filter(site=site_id).values_list(*fields)}
    new = {row.start: row for row in rows}
    gone = [
        start for start, was in kept.items()
        if start not in new or was != tuple(getattr(new[start], name) for name in fields[1:])
    ]  # fmt: skip
    CrowdingEpisode.objects.filter(site=site_id, start__in=gone).delete()
    still = kept.keys() - set(gone)
    CrowdingEpisode.objects.bulk_create([row for start, row in new.items() if start not in still], batch_size=500)


def _forget(site_id: int) -> None:
    SiteSummary.objects.filter(site=site_id).delete()
    CrowdingEpisode.objects.filter(site=site_id).delete()


def _forget_orphans() -> None:
    """What was counted of sites that have no figures any more (a delivery was taken back) goes."""
    main = Series.objects.filter(site=OuterRef("site"), is_main=True, first__isnull=False)
    for site_id in SiteSummary.objects.filter(~Exists(main)).values_list("site", flat=True):
        _forget(site_id)
