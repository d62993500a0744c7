"""Waiting readings added to the figures: by hours, once more whenever one comes late, safe to repeat and to run twice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np
from django.db import transaction
from django.db.models import Max

from allmende.insight import store
from allmende.insight.models import Counter, Reading, Series
from allmende.insight.values import READINGS_KEPT, STOCKS, Measure, Quality, Resolution

AT_ONCE: Final = 20_000
"""Readings that are added up in one transaction, so that those who send wait no longer than a moment."""


def add_readings(now: datetime) -> int:
    """Add what waits to its series; return how many readings that were."""
    done = 0
    waiting = Reading.objects.filter(is_folded=False).order_by().values_list("counter__series", flat=True).distinct()
    for series_id in sorted(set(waiting)):
        done += _add_to(series_id, now)
    return done


def _add_to(series_id: int, now: datetime) -> int:
    with transaction.atomic():
        series = Series.objects.select_for_update().filter(pk=series_id, resolution=Resolution.HOUR).first()
        if series is None:
            return 0
        counters = list(Counter.objects.filter(series=series))
        # Locked: a reading that is replaced meanwhile waits for us, and then waits here again.
        mine = Reading.objects.select_for_update().filter(counter__in=counters, is_folded=False).order_by("start", "pk")
        waiting = list(mine.values_list("pk", "start")[:AT_ONCE])
        hours = sorted({store.number_of(Resolution.HOUR, start) for _, start in waiting})
        if not hours:
            return 0
        _write(series, counters, hours, now)
        over = store.number_of(Resolution.HOUR, now)
        # Those of an hour that is not over wait on, so that its figure is settled when it is.
        settled = [pk for pk, start in waiting if store.number_of(Resolution.HOUR, start) < over]
        for begin in range(0, len(settled), 500):
            Reading.objects.filter(pk__in=settled[begin : begin + 500]).update(is_folded=True)
        _note_last(counters)
    return len(waiting)


def _write(series: Series, counters: Sequence[Counter], hours: Sequence[int], now: datetime) -> None:
    begin, end = (store.begin_of(Resolution.HOUR, number) for number in (hours[0], hours[-1] + 1))
    values: dict[tuple[int, int], list[float]] = defaultdict(list)
    wanted = set(hours)
    for counter_id, start, value in Reading.objects.filter(
        counter__in=list(counters), start__gte=begin, start__lt=end
    ).values_list("counter_id", "start", "value"):
        hour = store.number_of(Resolution.HOUR, start)
        if hour in wanted:
            values[hour, counter_id].append(value)
    before = store.read_stretch(series, begin, end)
    running = store.number_of(Resolution.HOUR, now)
    periods, figures, quality = [], [], []
    for hour in hours:
        if before.quality[hour - before.first] == Quality.CORRECTED:
            continue  # a person put it right
        figure, kind = _hour(series, counters, hour, values)
        periods.append(hour)
        figures.append(figure)
        quality.append(Quality.PROVISIONAL if hour >= running else kind)
    if periods:
        store.write_figures(
            series,
            np.array(periods, np.int64),
            np.array(figures, "<f4"),
            np.array(quality, np.uint8),
            now=now,
        )


def _hour(
    series: Series, counters: Sequence[Counter], hour: int, values: dict[tuple[int, int], list[float]]
) -> tuple[float, Quality]:
    """Figure of one hour over all counters of the series: flows are added up; of stocks each counter's mean is."""
    is_stock = Measure(series.measure) in STOCKS
    begin = store.begin_of(Resolution.HOUR, hour)
    total, is_whole = 0.0, True
    for counter in counters:
        found = values.get((hour, counter.pk), [])
        expected = max(1, 60 // counter.minutes)
        if len(found) < expected and (found or _was_counting(counter, begin)):
            is_whole = False
        if found:
            total += (sum(found) / len(found) if is_stock else sum(found)) * counter.factor
    if series.most_plausible is not None and total > series.most_plausible:
        return total, Quality.DOUBTFUL
    return total, Quality.MEASURED if is_whole else Quality.PARTIAL


def _was_counting(counter: Counter, begin: datetime) -> bool:
    return not counter.is_paused and counter.created_at <= begin


def _note_last(counters: Sequence[Counter]) -> None:
    """When each counter was last heard of; here and not with each reading, which would write twice."""
    ids = [counter.pk for counter in counters]
    latest = (
        Reading.objects.filter(counter__in=ids)
        .order_by()
        .values("counter")
        .annotate(a=Max("start"), b=Max("received_at"))
    )
    for row in latest:
        Counter.objects.filter(pk=row["counter"]).update(last_period=row["a"], last_seen=row["b"])


def forget_readings(now: datetime) -> int:
    """Delete readings that were added up and have been kept long enough; return how many."""
    old = Reading.objects.filter(received_at__lt=now - READINGS_KEPT, is_folded=True).order_by("received_at")
    ids = list(old.values_list("pk", flat=True)[:5000])
    for begin in range(0, len(ids), 500):
        Reading.objects.filter(pk__in=ids[begin : begin + 500]).delete()
    return len(ids)
