"""Making forecasts anew: every night by the hour for the main series, and by the month when figures came."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import groupby
from time import monotonic
from typing import Final

from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Mod

from allmende.insight import store
from allmende.insight.bridges import forecast as bridge
from allmende.insight.bridges.forecast_together import hourly_together
from allmende.insight.forecasts.inputs import hourly_case
from allmende.insight.models import Backtest, Forecast, Series
from allmende.insight.values import Resolution

log = logging.getLogger("allmende.insight")

YEARS: Final = 5
REST: Final = timedelta(hours=20)
"""An hourly forecast is made anew each day."""
SILENT: Final = timedelta(days=35)
"""A series whose last figure is older is not forecast: nobody knows whether it is still counted."""
MONTHLY_SILENT: Final = timedelta(days=400)
SECONDS: Final = 40.0
AT_ONCE: Final = 2
"""Lots computed side by side; the kernels let go of Python's lock."""
NOT_COMPUTED: Final = "it could not be computed"
TOGETHER: Final = 8
"""Series of a lot, which learn from each other."""


def stale_hourly(*, now: datetime) -> QuerySet[Series]:
    """Main hourly series still counted whose forecast is of yesterday, is older than the program, or was never made."""
    due = Q(forecast__isnull=True) | Q(forecast__made_at__lte=now - REST) | ~Q(forecast__inputs__version=bridge.VERSION)
    rows = Series.objects.filter(due, is_main=True, resolution=Resolution.HOUR, last__gte=now - SILENT)
    rows = rows.filter(site__ended_on__isnull=True).select_related("site__territory")
    # Those of one owner learn together; what was a lot last night is one again.
    return rows.order_by(F("forecast__made_at").asc(nulls_first=True), "site__organisation", "pk")


def stale_monthly(*, now: datetime) -> QuerySet[Series]:
    """Monthly series of everyone whose figures changed since their forecast was made."""
    due = (
        Q(forecast__isnull=True)
        | Q(changed_at__gt=F("forecast__made_at"))
        | ~Q(forecast__inputs__version=bridge.VERSION)
    )
    rows = Series.objects.filter(due, resolution=Resolution.MONTH, last__gte=now - MONTHLY_SILENT)
    rows = rows.filter(site__ended_on__isnull=True).select_related("site__territory")
    return rows.order_by(F("forecast__made_at").asc(nulls_first=True), "pk")


def refresh_forecasts(*, now: datetime, budget_seconds: float = SECONDS, part: int = 0, of: int = 1) -> int:
    """Make stale forecasts anew while there is time, and say how many; the rest follows in the next round.

    Each is kept as soon as it is made, so that whoever goes on after a kill does nothing twice.  Too few figures: that is
    kept as a forecast without periods, with the reason.  Several processes share the work: each does its ``part`` ``of`` it.
    """
    begun, done = monotonic(), 0
    waiting = list(share(stale_hourly(now=now), part, of))
    at_once = AT_ONCE if of == 1 else 1
    with ThreadPoolExecutor(at_once) as pool:
        for at in range(0, len(waiting), at_once * TOGETHER):
            if monotonic() - begun > budget_seconds:
                return done
            done += _hourly(waiting[at : at + at_once * TOGETHER], pool, now=now)
    for series in stale_monthly(now=now) if part == 0 else ():  # families are not divided
        if monotonic() - begun > budget_seconds:
            return done
        # One of a family may have been made with its parts a moment ago.
        if Forecast.objects.filter(series=series, made_at=now).exists():
            continue
        done += _monthly(series, now=now)
    return done


def share(rows: QuerySet[Series], part: int, of: int) -> QuerySet[Series]:
    """The ``part`` (from 0) of the series that one of several processes does."""
    return rows if of == 1 else rows.annotate(turn=Mod(F("pk"), Value(of))).filter(turn=part)


def _hourly(rows: Sequence[Series], pool: ThreadPoolExecutor, *, now: datetime) -> int:
    stretches = store.read_many(rows, now - timedelta(days=366 * YEARS), now)
    cases: list[tuple[Series, bridge.HourlyCase | str]] = []
    for series in rows:
        try:
            cases.append((series, hourly_case(series, _trimmed(stretches[series.pk]), now=now)))
        except bridge.TooShort as problem:
            cases.append((series, str(problem)))
        except Exception:  # the same as in ``_tried``: the night's other forecasts must not wait for this one
            log.exception("What a forecast learns from could not be read")
            cases.append((series, NOT_COMPUTED))
    # What one owner's places tell is for that owner alone.
    owned = [list(some) for _, some in groupby(cases, key=lambda case: case[0].site.organisation_id)]
    lots = [some[at : at + TOGETHER] for some in owned for at in range(0, len(some), TOGETHER)]
    for lot, answers in zip(lots, pool.map(_made, lots), strict=True):
        for (series, _), made in zip(lot, answers, strict=True):
            _keep(series, made, now=now)
    return len(cases)


def _made(lot: Sequence[tuple[Series, bridge.HourlyCase | str]]) -> list[bridge.Made | str]:
    """Forecasts of a lot, or why there is none."""
    cases = [case for _, case in lot if not isinstance(case, str)]
    ready = iter(_tried(cases))
    answers = [case if isinstance(case, str) else next(ready) for _, case in lot]
    return [str(one) if isinstance(one, bridge.TooShort) else one for one in answers]


def _tried(cases: list[bridge.HourlyCase]) -> Sequence[bridge.Made | bridge.TooShort | str]:
    try:
        return hourly_together(cases)
    except Exception:  # the night's other forecasts must not wait for these, which would be tried first for ever
        log.exception("Forecasts could not be made together")
    return [_alone(case) for case in cases]


def _alone(case: bridge.HourlyCase) -> bridge.Made | bridge.TooShort | str:
    try:
        return hourly_together([case])[0]
    except Exception:  # the same
        log.exception("A forecast could not be made")
        return NOT_COMPUTED


def _trimmed(stretch: store.Stretch) -> store.Stretch:
    """Without the empty time before the first figure."""
    there = stretch.quality.nonzero()[0]
    first = int(there[0]) if len(there) else len(stretch)
    return store.Stretch(stretch.resolution, stretch.first + first, stretch.figures[first:], stretch.quality[first:])


def _monthly(series: Series, *, now: datetime) -> int:
    family = _family(series)
    stretches = store.read_many(family, (now - timedelta(days=366 * 30)).date(), now.date())
    made: list[bridge.Made | str] = []
    for one in family:
        try:
            made.append(bridge.monthly(_trimmed(stretches[one.pk])))
        except bridge.TooShort as problem:
            made.append(str(problem))
    if len(family) > 2 and all(isinstance(one, bridge.Made) for one in made):
        whole, *parts = (stretches[one.pk] for one in family)
        together = bridge.coherent(whole, parts)
        starts = {one.start for one in made if isinstance(one, bridge.Made)}
        if together is not None and len(starts) == 1:
            made = [
                bridge.Made(
                    one.resolution, one.start, quantiles, "median of six, coherent", {**one.notes, "adds_up": True},
                    one.origins, one.backtest,
                )
                for one, quantiles in zip(made, together, strict=True)
                if isinstance(one, bridge.Made)
            ]  # fmt: skip
    for one, answer in zip(family, made, strict=True):
        _keep(one, answer, now=now)
    return len(family)


def _family(series: Series) -> list[Series]:
    """The series of the area above, then those of all areas that lie directly in it; the series alone if there are none.

    Only series of whole areas (sites of the kind "area") that count the same people in the same way belong together.
    """
    site = series.site
    if site.kind != site.Kind.AREA or site.territory is None:
        return [series]
    alike = Series.objects.filter(
        resolution=Resolution.MONTH, measure=series.measure, visitor_class=series.visitor_class, origin=series.origin,
        site__kind=site.Kind.AREA, site__ended_on__isnull=True, site__organisation=site.organisation_id,
    ).select_related("site__territory")  # fmt: skip
    top = site.territory_id
    if not alike.filter(site__territory__parent=top).exists():
        top = site.territory.parent_id
    whole = alike.filter(site__territory=top).first() if top else None
    parts = list(alike.filter(site__territory__parent=top).order_by("pk")) if whole else []
    return [whole, *parts] if whole and series.pk in {whole.pk, *(part.pk for part in parts)} else [series]


@transaction.atomic
def _keep(series: Series, made: bridge.Made | str, *, now: datetime) -> None:
    inputs = {"version": bridge.VERSION, "last": series.last.isoformat() if series.last else None}
    if isinstance(made, str):
        values = {"start": now, "steps": 0, "quantiles": b"", "method": "", "inputs": inputs | {"why_not": made}}
        Forecast.objects.update_or_create(
            series=series,
            defaults={"made_at": now, "resolution": series.resolution, "levels": list(bridge.LEVELS), **values},
        )
        Backtest.objects.filter(series=series).delete()
        return
    Forecast.objects.update_or_create(
        series=series,
        defaults={
            "made_at": now,
            "resolution": made.resolution,
            "start": made.start,
            "steps": len(made.quantiles),
            "levels": list(bridge.LEVELS),
            "quantiles": made.quantiles.tobytes(),
            "method": made.method,
            "inputs": inputs | made.notes,
        },
    )
    Backtest.objects.update_or_create(
        series=series, defaults={"made_at": now, "origins": made.origins, "data": made.backtest}
    )
